package web_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/web"
)

// line are those who want to enter a gate, each of whom keeps the place that he gets.
type line struct {
	gate *web.Gate
	mu   sync.Mutex
	in   []func() // who is in, by how he leaves
	errs []error  // of those who are not let in
}

// come has some of a network come.
func (l *line) come(ctx context.Context, n int, network string) {
	for range n {
		go func() {
			leave, err := web.Enter(ctx, l.gate, network)
			l.mu.Lock()
			defer l.mu.Unlock()
			if err != nil {
				l.errs = append(l.errs, err)
				return
			}
			l.in = append(l.in, leave)
		}()
	}
	synctest.Wait()
}

// TestOneNetworkWaitsInHalfOfTheLine: and the rest of it is for the others, who wait though
// one network sends more than can ever be let in.
func TestOneNetworkWaitsInHalfOfTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{gate: web.NewGate(4)} // and 32 wait
		l.come(t.Context(), 100, "flood")
		if len(l.in) != 2 || len(l.errs) != 100-2-16 {
			t.Errorf("of a flood %d are in, and %d turned away", len(l.in), len(l.errs))
		}
		turned := len(l.errs)
		l.come(t.Context(), 3, "other")
		if len(l.in) != 4 || len(l.errs) != turned {
			t.Errorf("with three others %d are in, and %d of them turned away", len(l.in), len(l.errs)-turned)
		}
		l.in[3]() // one of the others, so that the third of them has his turn
		synctest.Wait()
		if len(l.in) != 5 {
			t.Errorf("a place was given back, and %d were let in", len(l.in))
		}
		time.Sleep(time.Minute)
	})
}

// TestWhoLeavesTheLineIsNoMoreInIt: whoever has left is not waited for, and the places for
// which he waited go to those who are there.
func TestWhoLeavesTheLineIsNoMoreInIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{gate: web.NewGate(1)}
		l.come(t.Context(), 1, "first")
		ctx, leave := context.WithCancel(t.Context())
		l.come(ctx, 1, "left")
		leave()
		synctest.Wait()
		if len(l.errs) != 1 || !errors.Is(l.errs[0], context.Canceled) {
			t.Fatalf("who has left: %v", l.errs)
		}
		l.come(t.Context(), 1, "stays")
		l.in[0]()
		synctest.Wait()
		if len(l.in) != 2 {
			t.Error("the place was given to who has left")
		}
	})
}

// TestWhoIsCalledAsHeGivesUpGivesBack the place, for another one.
func TestWhoIsCalledAsHeGivesUpGivesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := web.NewGate(4)
		for round := range 500 {
			var work sync.WaitGroup
			for n := range 8 { // four are in for just as long as the others wait
				work.Go(func() {
					leave, err := web.Enter(t.Context(), gate, fmt.Sprint(n))
					if err != nil {
						return
					}
					time.Sleep(2 * time.Second)
					leave()
				})
			}
			work.Wait()
			l := &line{gate: gate}
			for n := range 4 {
				l.come(t.Context(), 1, fmt.Sprint("last ", n))
			}
			if len(l.in) != 4 {
				t.Fatalf("round %d: %d of 4 places are left", round, len(l.in))
			}
			for _, leave := range l.in {
				leave()
			}
		}
	})
}
