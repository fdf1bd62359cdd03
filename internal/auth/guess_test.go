package auth_test

import (
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// TestASlowGuessAtCodesIsCountedForADay: who has the password tries a few codes now and
// then, and that its owner signs in between does not begin the count anew.
func TestASlowGuessAtCodesIsCountedForADay(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	h.hire(owner, register.RoleEditor)
	shown, _, _ := h.enrol(h.enter(owner))
	right := func() error { return h.withCode(owner, auth.CodeAt(shown, h.clock.Now())) }
	for range 5 {
		h.clock.Advance(16 * time.Minute)
		for range 4 {
			wantIs(t, "a guess", h.withCode(owner, "000000"), auth.ErrCredentials)
		}
		if h.clock.Now().Sub(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)) < 70*time.Minute {
			wantIs(t, "its owner", right(), nil)
		}
	}
	h.clock.Advance(16 * time.Minute)
	wantIs(t, "after twenty guesses", right(), auth.ErrThrottled)
	h.clock.Advance(24 * time.Hour)
	wantIs(t, "a day later", right(), nil)
}

// TestASessionIsNoWayToGuess the password, nor a link the code: each way to try is
// counted, and then the right one is refused, too.
func TestASessionIsNoWayToGuess(t *testing.T) {
	const next = "une tout autre phrase"
	for name, c := range map[string]struct {
		allowed int
		// ways tries a password, or a code where it is one that is guessed.
		ways func(t *testing.T, h *house, s auth.Session) func(password, code string) error
	}{
		"a proof": {10, func(t *testing.T, h *house, s auth.Session) func(string, string) error {
			t.Helper()
			return func(password, _ string) error { _, err := h.Prove(t.Context(), s, password, office()); return err }
		}},
		"another password": {10, func(t *testing.T, h *house, s auth.Session) func(string, string) error {
			t.Helper()
			return func(password, _ string) error {
				_, err := h.ChangePassword(t.Context(), s, password, next, office())
				return err
			}
		}},
		"another address": {10, func(t *testing.T, h *house, s auth.Session) func(string, string) error {
			t.Helper()
			return func(password, _ string) error {
				_, err := h.AskEmail(t.Context(), s, "new@example.org", password, office())
				return err
			}
		}},
		"a link": {5, func(t *testing.T, h *house, s auth.Session) func(string, string) error {
			t.Helper()
			if err := h.Forgot(t.Context(), s.Account.Email, office()); err != nil {
				t.Fatal(err)
			}
			link := tokenIn(h.post.last(t, auth.LetterReset).Path)
			return func(_, code string) error { return h.Reset(t.Context(), link, next, code, office()) }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.hire("here@example.org", register.RoleEditor)
			shown, s, _ := h.enrol(h.enter("here@example.org"))
			h.clock.Advance(time.Minute)
			try := c.ways(t, h, s)
			for range c.allowed {
				wantIs(t, "a guess", try("wrong wrong wrong", "000000"), auth.ErrCredentials)
			}
			wantIs(t, "one too many", try(password, auth.CodeAt(shown, h.clock.Now())), auth.ErrThrottled)
		})
	}
}

// TestAResetLetsItsOwnerIn, however somebody has guessed at his account before, in the
// last minutes or for a day.
func TestAResetLetsItsOwnerIn(t *testing.T) {
	const owner, next = "here@example.org", "une tout autre phrase"
	h := newHouse(t)
	h.hire(owner, register.RoleEditor)
	for range 5 {
		h.clock.Advance(16 * time.Minute)
		for range 10 {
			_, err := h.SignIn(t.Context(), owner, "wrong wrong wrong", elsewhere(), "")
			wantIs(t, "a guess", err, auth.ErrCredentials)
		}
	}
	_, err := h.SignIn(t.Context(), owner, password, office(), "")
	wantIs(t, "control: locked", err, auth.ErrThrottled)
	if err := h.Forgot(t.Context(), owner, office()); err != nil {
		t.Fatal(err)
	}
	wantIs(t, "reset", h.Reset(t.Context(), tokenIn(h.post.last(t, auth.LetterReset).Path), next, "", office()), nil)
	_, err = h.SignIn(t.Context(), owner, next, office(), "")
	wantIs(t, "its owner", err, nil)
}

// TestLinksAreVoidedByWhatFollows: another link, another password, the end of the
// account; and those of others are not.
func TestLinksAreVoidedByWhatFollows(t *testing.T) {
	const owner = "here@example.org"
	for name, c := range map[string]struct {
		do   func(t *testing.T, h *house, s auth.Session) error
		want error
	}{
		"nothing, the control": {func(*testing.T, *house, auth.Session) error { return nil }, nil},
		"another link from an admin": {func(t *testing.T, h *house, s auth.Session) error {
			t.Helper()
			_, err := h.SendLink(t.Context(), auth.Operator(), s.Account.ID)
			return err
		}, auth.ErrLink},
		"another password": {func(t *testing.T, h *house, s auth.Session) error {
			t.Helper()
			_, err := h.ChangePassword(t.Context(), s, password, "une tout autre phrase", office())
			return err
		}, auth.ErrLink},
		"deactivated, by hand": {func(t *testing.T, h *house, s auth.Session) error {
			t.Helper()
			_, err := h.db.Owner().Exec(t.Context(), `UPDATE desk.accounts SET deactivated_at = now() WHERE id = $1`, s.Account.ID)
			return err
		}, auth.ErrLink},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.hire(owner, register.RoleEditor)
			h.hire("there@example.org", register.RoleEditor)
			s := h.enter(owner)
			other, err := h.AskEmail(t.Context(), h.enter("there@example.org"), "other@example.org", password, office())
			wantIs(t, "another's", err, nil)
			address, err := h.AskEmail(t.Context(), s, "new@example.org", password, office())
			wantIs(t, "another address", err, nil)
			wantIs(t, "forgot", h.Forgot(t.Context(), owner, office()), nil)
			reset := h.post.last(t, auth.LetterReset)
			wantIs(t, name, c.do(t, h, s), nil)
			_, err = h.OpenLink(t.Context(), "reset", tokenIn(reset.Path))
			wantIs(t, "to set a password", err, c.want)
			_, err = h.OpenLink(t.Context(), "email", tokenIn(address.Path))
			wantIs(t, "to another address", err, c.want)
			_, err = h.OpenLink(t.Context(), "email", tokenIn(other.Path))
			wantIs(t, "another's", err, nil)
		})
	}
}

// TestNoLetterGoesToWhoWasDeactivated: he would set a password for nothing.
func TestNoLetterGoesToWhoWasDeactivated(t *testing.T) {
	h := newHouse(t)
	h.hire("boss@example.org", register.RoleAdmin)
	h.hire("here@example.org", register.RoleEditor)
	wantIs(t, "deactivated", h.Deactivate(t.Context(), auth.Operator(), accountID(t, h, "here@example.org")), nil)
	wantIs(t, "forgot", h.Forgot(t.Context(), "here@example.org", office()), nil)
	if len(h.post.letters) != 0 {
		t.Errorf("%+v", h.post.letters)
	}
}
