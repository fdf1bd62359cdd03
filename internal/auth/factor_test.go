package auth_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

func TestCodes(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	shown, _, recovery := h.enrol(h.enter("here@example.org"))
	code := func(offset time.Duration) string { return auth.CodeAt(shown, h.clock.Now().Add(offset)) }
	for _, c := range []struct {
		name string
		code func() string
		want error
	}{
		{"the code of the set-up", func() string { return code(-2 * time.Minute) }, auth.ErrCredentials},
		{"two steps late", func() string { return code(-time.Minute) }, auth.ErrCredentials},
		{"two steps early", func() string { return code(time.Minute) }, auth.ErrCredentials},
		{"one step late", func() string { return code(-30 * time.Second) }, nil},
		{"now, with a space", func() string { c := code(0); return c[:3] + " " + c[3:] }, nil},
		{"one step early, in Arabic digits", func() string { return arabic(code(30 * time.Second)) }, nil},
		{"recovery code", func() string { return recovery[0] }, nil},
		{"the same again", func() string { return recovery[0] }, auth.ErrCredentials},
		{"recovery code in small letters, with spaces", func() string {
			return strings.ToLower(strings.ReplaceAll(recovery[1], "-", " "))
		}, nil},
		{"nothing", func() string { return "" }, auth.ErrCredentials},
	} {
		h.clock.Advance(2 * time.Minute)
		s := h.enter("here@example.org")
		full, err := h.GiveCode(t.Context(), s.Token, c.code(), office())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if (err == nil) != (full.Stage == auth.StageFull) {
			t.Errorf("%s: stage %q with %v", c.name, full.Stage, err)
		}
	}
}

func arabic(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '٠' }, digits)
}

// letsInOnce gives a code in two sessions of an account at once.
func (h *house) letsInOnce(email, code string) {
	h.t.Helper()
	sessions := []auth.Session{h.enter(email), h.enter(email)}
	errs := make([]error, len(sessions))
	var group sync.WaitGroup
	for i := range sessions {
		group.Go(func() { _, errs[i] = h.GiveCode(h.t.Context(), sessions[i].Token, code, office()) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		h.t.Fatalf("one code let in: %v and %v", errs[0], errs[1])
	}
}

// TestACodeIsTakenOnce gives one code in two sessions at once, and then again.
func TestACodeIsTakenOnce(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	shown, _, _ := h.enrol(h.enter("here@example.org"))
	for range 5 {
		h.clock.Advance(time.Minute)
		code := auth.CodeAt(shown, h.clock.Now())
		h.letsInOnce("here@example.org", code)
		_, err := h.GiveCode(t.Context(), h.enter("here@example.org").Token, code, office())
		wantIs(t, "replay", err, auth.ErrCredentials)
	}
}

func TestCodesAreThrottled(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	shown, _, _ := h.enrol(h.enter("here@example.org"))
	h.clock.Advance(time.Minute)
	for range 5 {
		// A new session for each guess does not help.
		_, err := h.GiveCode(t.Context(), h.enter("here@example.org").Token, "000000", office())
		wantIs(t, "guess", err, auth.ErrCredentials)
	}
	_, err := h.GiveCode(t.Context(), h.enter("here@example.org").Token, auth.CodeAt(shown, h.clock.Now()), office())
	wantIs(t, "the sixth", err, auth.ErrThrottled)
}

func TestTheSecretIsEncrypted(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.hire("other@example.org", register.RoleEditor)
	s := h.enter("here@example.org")
	if err := h.BeginTOTP(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	other := h.enter("other@example.org")
	_, err := h.db.Owner().Exec(t.Context(), `UPDATE desk.totp_secrets SET account_id = $1`, other.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.PendingTOTP(t.Context(), other); err == nil {
		t.Error("a secret that was moved to another account can be read there")
	}
	if _, err := auth.New(auth.Config{DB: h.store(), Now: h.clock.Now, Secret: "short", Origin: "https://desk.example"}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestSecondFactorIsObligatory(t *testing.T) {
	h := newHouse(t, func(c *auth.Config) { c.SecondFactor = true })
	h.hire("here@example.org", register.RoleEditor)
	s := h.enter("here@example.org")
	if s.Stage != auth.StageEnrol {
		t.Fatalf("stage %q", s.Stage)
	}
	_, full, codes := h.enrol(s)
	if full.Stage != auth.StageFull || len(codes) != 10 {
		t.Fatalf("stage %q, %d codes", full.Stage, len(codes))
	}
	if err := h.RemoveTOTP(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	again, err := h.Session(t.Context(), full.Token)
	if err != nil || again.Stage != auth.StageEnrol {
		t.Errorf("without it: stage %q, %v", again.Stage, err)
	}
	own, err := h.Own(t.Context(), again)
	if err != nil || own.RecoveryCodes != 0 {
		t.Errorf("%d recovery codes for nothing, %v", own.RecoveryCodes, err)
	}
}

func TestANewFactorEndsOtherSessions(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	stolen, mine := h.enter("here@example.org"), h.enter("here@example.org")
	h.enrol(mine)
	h.wantNoSession(stolen.Token)
	if letter := h.post.last(t, auth.LetterFactor); letter.To != "here@example.org" {
		t.Errorf("%+v", letter)
	}
}

func TestRenewedCodesVoidTheOld(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	_, s, old := h.enrol(h.enter("here@example.org"))
	renewed, err := h.RenewCodes(t.Context(), s)
	if err != nil || len(renewed) != 10 {
		t.Fatal(renewed, err)
	}
	_, err = h.GiveCode(t.Context(), h.enter("here@example.org").Token, old[0], office())
	wantIs(t, "old", err, auth.ErrCredentials)
	_, err = h.GiveCode(t.Context(), h.enter("here@example.org").Token, renewed[0], office())
	wantIs(t, "new", err, nil)
}

// TestDangerousThingsWantAFreshProof holds for all that changes how somebody
// signs in.
func TestDangerousThingsWantAFreshProof(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	_, s, _ := h.enrol(h.enter("here@example.org"))
	begun, err := h.BeginPasskey(t.Context(), s)
	wantIs(t, "a question", err, nil)
	h.clock.Advance(15*time.Minute + time.Second)
	for name, do := range map[string]func(s auth.Session) error{
		"begin codes":   func(s auth.Session) error { return h.BeginTOTP(t.Context(), s) },
		"see codes":     func(s auth.Session) error { _, err := h.PendingTOTP(t.Context(), s); return err },
		"confirm codes": func(s auth.Session) error { _, _, err := h.ConfirmTOTP(t.Context(), s, "000000", office()); return err },
		"remove codes":  func(s auth.Session) error { return h.RemoveTOTP(t.Context(), s) },
		"renew":         func(s auth.Session) error { _, err := h.RenewCodes(t.Context(), s); return err },
		"add passkey":   func(s auth.Session) error { _, err := h.BeginPasskey(t.Context(), s); return err },
		"take passkey": func(s auth.Session) error {
			_, _, err := h.AddPasskey(t.Context(), s, begun.Token, "Key", newDevice(t).make(begun))
			return err
		},
		"make a token": func(s auth.Session) error {
			_, err := h.MakeToken(t.Context(), s, auth.NewToken{Name: "Outil", Scopes: []register.Scope{register.ScopeRead}, Days: 7})
			return err
		},
		"remove passkey": func(s auth.Session) error {
			return h.RemovePasskey(t.Context(), s, "00000000-0000-0000-0000-000000000000")
		},
		"publish": h.Fresh,
	} {
		wantIs(t, name, do(s), auth.ErrProofWanted)
	}
	_, err = h.Prove(t.Context(), s, "wrong wrong wrong", office())
	wantIs(t, "wrong password", err, auth.ErrCredentials)
	s, err = h.Prove(t.Context(), s, password, office())
	wantIs(t, "right password", err, nil)
	wantIs(t, "afterwards", h.Fresh(s), nil)
}

func TestPasskeysWantADomain(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://desk.example": true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "http://[::1]:8080": false,
	} {
		h := newHouse(t, func(c *auth.Config) { c.Origin = origin })
		if h.HasPasskeys() != want {
			t.Errorf("%s: %t", origin, !want)
		}
		_, err := h.AskPasskey(t.Context(), office())
		if want == errors.Is(err, auth.ErrNoPasskeys) {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

// TestPasskeyAnswersAreTakenOnce: whatever the answer is, its question is gone. The key
// counts nothing, as those that are kept in step on several devices: its count says of
// no answer that it was given before.
func TestPasskeyAnswersAreTakenOnce(t *testing.T) {
	h := newHouse(t)
	d := h.keyed("here@example.org")
	d.uncounted = true
	_, err := h.db.Owner().Exec(t.Context(), `
		UPDATE desk.passkeys SET credential = jsonb_set(credential, '{authenticator,signCount}', '0')`)
	wantIs(t, "a key that counts nothing", err, nil)
	ask := func() auth.Ceremony {
		t.Helper()
		asked, err := h.AskPasskey(t.Context(), office())
		wantIs(t, "a question", err, nil)
		return asked
	}
	answer := func(asked auth.Ceremony, answer []byte) error {
		_, err := h.SignInByPasskey(t.Context(), asked.Token, answer, office(), "")
		return err
	}
	asked := ask()
	right := d.give(asked)
	wantIs(t, "the answer", answer(asked, right), nil)
	wantIs(t, "the same again", answer(asked, right), auth.ErrCredentials)
	for _, wrong := range []string{"{}", "", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
		asked := ask()
		wantIs(t, wrong, answer(asked, []byte(wrong)), auth.ErrCredentials)
		wantIs(t, wrong+", and then the right one", answer(asked, d.give(asked)), auth.ErrCredentials)
	}
	asked = ask()
	h.clock.Advance(5*time.Minute - time.Second)
	wantIs(t, "just in time", answer(asked, d.give(asked)), nil)
	asked = ask()
	h.clock.Advance(5 * time.Minute)
	wantIs(t, "late", answer(asked, d.give(asked)), auth.ErrCredentials)
}
