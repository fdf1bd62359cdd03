package auth_test

import (
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// withCode signs in with the password and a code.
func (h *house) withCode(email, code string) error {
	h.t.Helper()
	_, err := h.GiveCode(h.t.Context(), h.enter(email).Token, code, office())
	return err
}

// addKey adds a passkey to a session's account, and returns the codes that came with it.
func (h *house) addKey(s auth.Session) (d *device, next auth.Session, codes []string) {
	h.t.Helper()
	d = newDevice(h.t)
	c, err := h.BeginPasskey(h.t.Context(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	next, codes, err = h.AddPasskey(h.t.Context(), s, c.Token, "Key", d.make(c))
	if err != nil {
		h.t.Fatal(err)
	}
	return d, next, codes
}

// TestFactorsAreOnesOwn: whatever one person does to his factors, those of another are
// as they were, and let nobody else in.
func TestFactorsAreOnesOwn(t *testing.T) {
	const mine, other = "here@example.org", "there@example.org"
	h := newHouse(t)
	h.hire(mine, register.RoleEditor)
	h.hire(other, register.RoleEditor)
	shown, theirs, codes := h.enrol(h.enter(other))
	key, theirs, _ := h.addKey(theirs)
	_, s, _ := h.enrol(h.enter(mine))
	keys, err := h.Passkeys(t.Context(), theirs.Account.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d passkeys, %v", len(keys), err)
	}

	wantIs(t, "the recovery code of another", h.withCode(mine, codes[0]), auth.ErrCredentials)
	wantIs(t, "the passkey of another", h.RemovePasskey(t.Context(), s, keys[0].ID), register.ErrNotFound)
	_, err = h.RenewCodes(t.Context(), s)
	wantIs(t, "other recovery codes", err, nil)
	wantIs(t, "no one-time codes any more", h.RemoveTOTP(t.Context(), s), nil)

	h.clock.Advance(time.Minute)
	wantIs(t, "their code", h.withCode(other, auth.CodeAt(shown, h.clock.Now())), nil)
	wantIs(t, "their recovery code", h.withCode(other, codes[0]), nil)
	wantIs(t, "their passkey", h.byKey(key, office()), nil)
}

// TestRecoveryCodesStayAsLongAsAFactorDoes: those that were written down are good while
// there is something to be recovered, whatever is added to it or taken from it.
func TestRecoveryCodesStayAsLongAsAFactorDoes(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	h.hire(owner, register.RoleEditor)
	_, err := h.RenewCodes(t.Context(), h.enter(owner))
	wantIs(t, "codes for nothing", err, register.ErrNotFound)
	_, s, codes := h.enrol(h.enter(owner))
	_, s, more := h.addKey(s)
	if len(more) != 0 {
		t.Errorf("%d other codes came with the second factor but one", len(more))
	}
	wantIs(t, "after one was added", h.withCode(owner, codes[0]), nil)
	keys, err := h.Passkeys(t.Context(), s.Account.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d passkeys, %v", len(keys), err)
	}
	wantIs(t, "one is removed", h.RemovePasskey(t.Context(), s, keys[0].ID), nil)
	wantIs(t, "after one was removed", h.withCode(owner, codes[1]), nil)
}

// TestClearedFactorsLetNobodyIn: an admin clears them because they were lost, and
// somebody may have found them.
func TestClearedFactorsLetNobodyIn(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	h.hire(owner, register.RoleEditor)
	_, s, _ := h.enrol(h.enter(owner))
	first, s, _ := h.addKey(s)
	second, s, _ := h.addKey(s)
	wantIs(t, "control: the passkey", h.byKey(first, office()), nil)
	wantIs(t, "cleared", h.ClearFactors(t.Context(), auth.Operator(), s.Account.ID), nil)
	for _, key := range []*device{first, second} {
		wantIs(t, "a passkey", h.byKey(key, office()), auth.ErrCredentials)
	}
	if s := h.enter(owner); s.Stage != auth.StageFull || s.HasSecondFactor {
		t.Errorf("stage %q, a second factor: %t", s.Stage, s.HasSecondFactor)
	}
	own, err := h.Own(t.Context(), h.enter(owner))
	if err != nil || own.RecoveryCodes != 0 || own.HasSecondFactor() {
		t.Errorf("%+v, %v", own, err)
	}
}

// TestWhatIsBeingSetUpIsNoFactorYet: until its code was given, the application from
// before is the one that counts; and the code that proved it does not let in as well.
func TestWhatIsBeingSetUpIsNoFactorYet(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	h.hire(owner, register.RoleEditor)
	shown, s, _ := h.enrol(h.enter(owner))
	wantIs(t, "the code of the set-up", h.withCode(owner, auth.CodeAt(shown, h.clock.Now())), auth.ErrCredentials)
	wantIs(t, "begun anew", h.BeginTOTP(t.Context(), s), nil)
	pending, err := h.PendingTOTP(t.Context(), s)
	wantIs(t, "what is set up", err, nil)
	h.clock.Advance(time.Minute)
	wantIs(t, "a code of it", h.withCode(owner, auth.CodeAt(pending.Secret, h.clock.Now())), auth.ErrCredentials)
	wantIs(t, "a code of the one before", h.withCode(owner, auth.CodeAt(shown, h.clock.Now())), nil)
}

// TestHalfASessionChangesNoFactor: who has given the password alone would set up a
// factor of his own in the place of the one that he has not.
func TestHalfASessionChangesNoFactor(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	h.hire(owner, register.RoleEditor)
	_, full, _ := h.enrol(h.enter(owner))
	key, full, _ := h.addKey(full)
	keys, err := h.Passkeys(t.Context(), full.Account.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d passkeys, %v", len(keys), err)
	}
	// What the owner himself has begun is not for the other to end.
	wantIs(t, "begun", h.BeginTOTP(t.Context(), full), nil)
	pending, err := h.PendingTOTP(t.Context(), full)
	wantIs(t, "what is set up", err, nil)
	c, err := h.BeginPasskey(t.Context(), full)
	wantIs(t, "a question", err, nil)
	half := h.enter(owner)
	for name, do := range map[string]func() error{
		"begin codes": func() error { return h.BeginTOTP(t.Context(), half) },
		"see them":    func() error { _, err := h.PendingTOTP(t.Context(), half); return err },
		"confirm them": func() error {
			_, _, err := h.ConfirmTOTP(t.Context(), half, auth.CodeAt(pending.Secret, h.clock.Now()), office())
			return err
		},
		"remove them":     func() error { return h.RemoveTOTP(t.Context(), half) },
		"renew":           func() error { _, err := h.RenewCodes(t.Context(), half); return err },
		"begin a passkey": func() error { _, err := h.BeginPasskey(t.Context(), half); return err },
		"add it": func() error {
			_, _, err := h.AddPasskey(t.Context(), half, c.Token, "Key", newDevice(t).make(c))
			return err
		},
		"remove a passkey": func() error { return h.RemovePasskey(t.Context(), half, keys[0].ID) },
	} {
		wantIs(t, name, do(), auth.ErrNoSession)
	}
	wantIs(t, "the passkey", h.byKey(key, office()), nil)
}

// TestAProofDoesNotProlongASession beyond its end, however often it is given.
func TestAProofDoesNotProlongASession(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	s, begun := h.enter("here@example.org"), h.clock.Now()
	for h.clock.Now().Sub(begun) < 12*time.Hour-25*time.Minute {
		h.clock.Advance(25 * time.Minute)
		var err error
		if s, err = h.Prove(t.Context(), s, password, office()); err != nil {
			t.Fatalf("after %v: %v", h.clock.Now().Sub(begun), err)
		}
	}
	h.clock.Advance(begun.Add(12 * time.Hour).Sub(h.clock.Now()))
	h.wantNoSession(s.Token)
}

// TestACodeAloneIsNoNewProof: it is the second one, after a password.
func TestACodeAloneIsNoNewProof(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	shown, s, _ := h.enrol(h.enter("here@example.org"))
	h.clock.Advance(16 * time.Minute)
	_, err := h.GiveCode(t.Context(), s.Token, auth.CodeAt(shown, h.clock.Now()), office())
	wantIs(t, "a code", err, auth.ErrNoSession)
	wantIs(t, "the proof is as old as it was", h.Fresh(s), auth.ErrProofWanted)
}
