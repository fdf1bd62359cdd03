package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// about counts the lines of an action on an account, "" for none that is known.
func (h *house) about(action, account string) (n int) {
	h.t.Helper()
	err := h.db.Desk().QueryRow(h.t.Context(), `
		SELECT count(*) FROM desk.audit WHERE action = $1 AND coalesce(account_id::text, '') = $2 AND detail ->> 'network' <> ''`,
		action, account).Scan(&n)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// TestWhoeverCannotProveHimselfIsNoted: each way to fail has its line in the
// audit, with the network, and is told to who counts.
func TestWhoeverCannotProveHimselfIsNoted(t *testing.T) {
	var told []string
	h := newHouse(t, func(c *auth.Config) { c.Failed = func(reason string) { told = append(told, reason) } })
	h.hire("here@example.org", register.RoleAnalyst)
	id := accountID(t, h, "here@example.org")
	s := h.enter("here@example.org")
	_, s, _ = h.enrol(s)
	told = nil

	_, err := h.Prove(t.Context(), s, "wrong wrong wrong", office())
	wantIs(t, "a wrong proof", err, auth.ErrCredentials)
	half, err := h.SignIn(t.Context(), "here@example.org", password, office(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.GiveCode(t.Context(), half.Token, "000000", office())
	wantIs(t, "a wrong code", err, auth.ErrCredentials)
	asked, err := h.AskPasskey(t.Context(), office())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SignInByPasskey(t.Context(), asked.Token, []byte("{}"), office(), "")
	wantIs(t, "a passkey that is none", err, auth.ErrCredentials)
	// Without a question that was asked there is nothing to be noted: else anybody
	// could fill the audit.
	_, err = h.SignInByPasskey(t.Context(), "none", []byte("{}"), office(), "")
	wantIs(t, "an answer to nothing", err, auth.ErrCredentials)

	for action, n := range map[string]int{
		"proof-failed " + id: h.about("proof-failed", id), "code-refused " + id: h.about("code-refused", id),
		"passkey-refused": h.about("passkey-refused", ""),
	} {
		if n != 1 {
			t.Errorf("%s: %d lines", action, n)
		}
	}
	if want := []string{"proof-failed", "code-refused", "passkey-refused"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// TestALockIsNotedOnce for each account and window, with whom it concerns,
// however often somebody tries; and again in the next window.
func TestALockIsNotedOnce(t *testing.T) {
	told := 0
	h := newHouse(t, func(c *auth.Config) {
		c.Failed = func(reason string) {
			if reason == "locked-out" {
				told++
			}
		}
	})
	h.hire("here@example.org", register.RoleAnalyst)
	id := accountID(t, h, "here@example.org")
	try := func(email string) {
		t.Helper()
		for range 13 {
			if _, err := h.SignIn(t.Context(), email, "wrong wrong wrong", office(), ""); err == nil {
				t.Fatal("a wrong password was right")
			}
		}
	}
	try("here@example.org")
	try("nobody@example.org")
	if h.about("locked-out", id) != 1 || h.about("locked-out", "") != 1 || told != 6 {
		t.Errorf("%d lines on the account, %d on nobody, %d told", h.about("locked-out", id), h.about("locked-out", ""), told)
	}
	h.clock.Advance(16 * time.Minute)
	try("here@example.org")
	if n := h.about("locked-out", id); n != 2 {
		t.Errorf("%d lines after the next window", n)
	}
	_, err := h.SignIn(t.Context(), "here@example.org", password, office(), "")
	if throttled, ok := errors.AsType[*auth.ThrottledError](err); !ok || throttled.Wait <= 0 {
		t.Errorf("while it is locked: %v", err)
	}
}
