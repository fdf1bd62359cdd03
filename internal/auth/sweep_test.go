package auth_test

import (
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// left is how many sessions, ceremonies, links and attempts there are.
func (h *house) left() (counts [4]int) {
	h.t.Helper()
	err := h.db.Owner().QueryRow(h.t.Context(), `
		SELECT (SELECT count(*) FROM desk.sessions), (SELECT count(*) FROM desk.ceremonies),
		       (SELECT count(*) FROM desk.account_links), (SELECT count(*) FROM desk.attempts)`).
		Scan(&counts[0], &counts[1], &counts[2], &counts[3])
	if err != nil {
		h.t.Fatal(err)
	}
	return counts
}

// TestWhatHasRunOutIsSweptAway, each when its time has come and not before; no
// sign-in is needed for that.
func TestWhatHasRunOutIsSweptAway(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	s := h.enter("here@example.org")
	if _, err := h.BeginPasskey(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := h.Forgot(t.Context(), "here@example.org", office()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SignIn(t.Context(), "here@example.org", "wrong", elsewhere(), ""); err == nil {
		t.Fatal("a wrong password was right")
	}
	begun := h.clock.Now()
	before := h.left()
	for _, n := range before {
		if n == 0 {
			t.Fatalf("nothing to sweep: %v", before)
		}
	}
	for _, c := range []struct {
		after time.Duration
		left  [4]int
	}{
		{time.Minute, before},
		{29 * time.Minute, [4]int{before[0], 0, before[2], before[3]}},
		{31 * time.Minute, [4]int{0, 0, before[2], before[3]}},
		{25 * time.Hour, [4]int{0, 0, before[2], 0}},
		{9 * 24 * time.Hour, [4]int{}},
	} {
		if err := auth.Sweep(t.Context(), h.store(), begun.Add(c.after)); err != nil {
			t.Fatal(err)
		}
		if got := h.left(); got != c.left {
			t.Errorf("after %v there are %v, want %v", c.after, got, c.left)
		}
	}
}
