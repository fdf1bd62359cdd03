package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/web"
)

// TestAClockThatIsPutBackLocksNobodyOut until it is as late again.
func TestAClockThatIsPutBackLocksNobodyOut(t *testing.T) {
	t.Parallel()
	l := web.NewLimiter(1)
	now := time.Date(2025, 4, 10, 12, 0, 30, 0, time.UTC)
	for i, c := range []struct {
		after time.Duration
		left  int
	}{{0, 0}, {0, -1}, {29 * time.Second, -2}, {time.Second, 0}, {-time.Hour, 0}, {0, -1}} {
		now = now.Add(c.after)
		if left := web.Take(l, "network", now); left != c.left {
			t.Errorf("request %d: %d are left, want %d", i+1, left, c.left)
		}
	}
}

// TestALimiterRemembersSoManyNetworks and no more: all others have one number together.
func TestALimiterRemembersSoManyNetworks(t *testing.T) {
	t.Parallel()
	l := web.NewLimiter(10)
	now := time.Date(2025, 4, 10, 12, 0, 0, 0, time.UTC)
	for n := range web.MostNetworks {
		web.Take(l, fmt.Sprint(n), now)
	}
	for n := range 3 {
		if left := web.Take(l, fmt.Sprint("another ", n), now); left != 9-n {
			t.Errorf("another one, number %d: %d are left, want %d", n+1, left, 9-n)
		}
	}
	if left := web.Take(l, "1", now); left != 8 {
		t.Errorf("one that is remembered: %d are left, want 8", left)
	}
}
