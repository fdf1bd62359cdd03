package auth_test

import (
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// under is the same desk under other keys.
func (h *house) under(key, before string) *house {
	h.t.Helper()
	other := *h
	var err error
	other.Auth, err = auth.New(auth.Config{
		DB: h.store(), Now: h.clock.Now, Secret: key, SecretBefore: before, Origin: "https://desk.example", Post: h.post, Cost: cheap(),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return &other
}

// TestTheSecretKeyIsChanged, with people whose codes are kept under the one before:
// they go on, also when that one is taken away, and after it was brought over only.
func TestTheSecretKeyIsChanged(t *testing.T) {
	const renewed, third = "fedcba9876543210fedcba9876543210", "00000000000000000000000000000000"
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.hire("begun@example.org", register.RoleEditor)
	shown, _, _ := h.enrol(h.enter("here@example.org"))
	begun := h.enter("begun@example.org")
	if err := h.BeginTOTP(t.Context(), begun); err != nil {
		t.Fatal(err)
	}
	browser := h.KnownBrowser("here@example.org", "")
	lets := func(at *house) bool {
		h.clock.Advance(time.Minute)
		_, err := at.GiveCode(t.Context(), at.enter("here@example.org").Token, auth.CodeAt(shown, h.clock.Now()), office())
		return err == nil
	}
	knows := func(at *house) bool { return at.KnowsBrowser("here@example.org", browser) }
	resealed := func(at *house, done, lost int) {
		t.Helper()
		if d, l, err := at.Reseal(t.Context()); d != done || l != lost || err != nil {
			t.Errorf("%d brought over and %d lost, want %d and %d: %v", d, l, done, lost, err)
		}
	}
	changed, alone := h.under(renewed, secret), h.under(renewed, "")
	if lets(alone) || knows(alone) || !lets(changed) || !knows(changed) {
		t.Error("the control: without the key before, nothing is known, and with it all is")
	}
	resealed(alone, 0, 2)
	resealed(changed, 2, 0)
	resealed(changed, 0, 0)
	if !lets(alone) || !lets(changed) || lets(h) {
		t.Error("brought over, a secret is under the new key")
	}
	if _, err := alone.PendingTOTP(t.Context(), begun); err != nil {
		t.Errorf("what is being set up: %v", err)
	}
	resealed(h.under(third, secret), 0, 2)
	if h.audited("reseal-secrets") != 4 {
		t.Errorf("%d are noted", h.audited("reseal-secrets"))
	}
}
