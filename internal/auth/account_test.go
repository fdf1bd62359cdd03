package auth_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

func tokenIn(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func newcomer() auth.Invitation {
	return auth.Invitation{Email: " New@Example.org ", Name: "Nadia", Role: register.RoleEditor, Lang: register.Arabic}
}

func TestInvitation(t *testing.T) {
	h := newHouse(t)
	link, err := h.Invite(t.Context(), auth.Operator(), newcomer())
	if err != nil || !link.Sent || !strings.HasPrefix(link.Path, "/ar/desk/invitation/") {
		t.Fatalf("%+v, %v", link, err)
	}
	letter, token := h.post.last(t, auth.LetterInvitation), tokenIn(link.Path)
	if letter.To != "new@example.org" || letter.Path != link.Path || letter.Lang != register.Arabic {
		t.Errorf("%+v", letter)
	}
	_, err = h.Invite(t.Context(), auth.Operator(), newcomer())
	wantProblem(t, "twice", err, "problem.email-taken")
	_, err = h.Accept(t.Context(), token, auth.Profile{Name: "Nadia", Lang: register.Arabic}, "trop court", office(), "")
	wantProblem(t, "short password", err, "problem.password-short")
	opened, err := h.OpenLink(t.Context(), "invitation", token)
	if err != nil || opened.Email != "new@example.org" || opened.AsksFactor {
		t.Errorf("%+v, %v", opened, err)
	}
	_, err = h.OpenLink(t.Context(), "reset", token)
	wantIs(t, "for something else", err, auth.ErrLink)
	s, err := h.Accept(t.Context(), token, auth.Profile{Name: "Nadia B.", Lang: register.French}, password, office(), "")
	if err != nil || s.Account.Role != register.RoleEditor || s.Account.Name != "Nadia B." || s.Account.Language != register.French {
		t.Fatalf("%+v, %v", s.Account, err)
	}
	_, err = h.Accept(t.Context(), token, auth.Profile{Name: "Nadia B.", Lang: register.French}, password, office(), "")
	wantIs(t, "again", err, auth.ErrLink)
	h.enter("new@example.org")
}

func TestLinksExpire(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	invited, err := h.Invite(t.Context(), auth.Operator(), newcomer())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Forgot(t.Context(), "here@example.org", office()); err != nil {
		t.Fatal(err)
	}
	reset := h.post.last(t, auth.LetterReset)
	address, err := h.AskEmail(t.Context(), h.enter("here@example.org"), "new@example.org", password, office())
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Hour)
	wantIs(t, "reset", h.Reset(t.Context(), tokenIn(reset.Path), "une autre phrase", "", office()), auth.ErrLink)
	h.clock.Advance(23*time.Hour - time.Second)
	_, err = h.OpenLink(t.Context(), "email", tokenIn(address.Path))
	wantIs(t, "another address, in time", err, nil)
	h.clock.Advance(time.Second)
	wantIs(t, "another address", h.TakeEmail(t.Context(), tokenIn(address.Path)), auth.ErrLink)
	h.clock.Advance(48*time.Hour - time.Second)
	_, err = h.OpenLink(t.Context(), "invitation", tokenIn(invited.Path))
	wantIs(t, "in time", err, nil)
	h.clock.Advance(time.Second)
	_, err = h.OpenLink(t.Context(), "invitation", tokenIn(invited.Path))
	wantIs(t, "late", err, auth.ErrLink)
}

func TestReset(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	shown, s, _ := h.enrol(h.enter("here@example.org"))
	h.clock.Advance(time.Minute)
	if err := h.Forgot(t.Context(), "HERE@example.org", office()); err != nil {
		t.Fatal(err)
	}
	token := tokenIn(h.post.last(t, auth.LetterReset).Path)
	const next = "une tout autre phrase"
	wantIs(t, "without a code", h.Reset(t.Context(), token, next, "", office()), auth.ErrCredentials)
	wantIs(t, "with a code", h.Reset(t.Context(), token, next, auth.CodeAt(shown, h.clock.Now()), office()), nil)
	h.wantNoSession(s.Token)
	wantIs(t, "again", h.Reset(t.Context(), token, next, "", office()), auth.ErrLink)
	_, err := h.SignIn(t.Context(), "here@example.org", password, office(), "")
	wantIs(t, "old password", err, auth.ErrCredentials)
	_, err = h.SignIn(t.Context(), "here@example.org", next, office(), "")
	wantIs(t, "new password", err, nil)
	if done := h.post.last(t, auth.LetterResetDone); done.To != "here@example.org" || done.Path != "/fr/desk/account/tokens" {
		t.Errorf("the letter: %+v", done)
	}
}

// TestAResetVoidsTokens: who sets a password by a link may have lost control of the
// account, and what was made in its name then. Who changes it keeps his tokens. The
// owner is told of each that is made.
func TestAResetVoidsTokens(t *testing.T) {
	var told []string
	h := newHouse(t, func(c *auth.Config) { c.Failed = func(reason string) { told = append(told, reason) } })
	h.hire("here@example.org", register.RoleEditor)
	h.hire("there@example.org", register.RoleEditor)
	makes := func(s auth.Session, name string) string {
		t.Helper()
		token, err := h.MakeToken(t.Context(), s, auth.NewToken{Name: name, Scopes: []register.Scope{register.ScopeRead}, Days: 30})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	works := func(what, token string, want error) {
		t.Helper()
		_, err := h.Program(t.Context(), token)
		wantIs(t, what, err, want)
	}
	s := h.enter("here@example.org")
	first, other := makes(s, "Outil de veille"), makes(h.enter("there@example.org"), "Autre")
	if l := h.post.last(t, auth.LetterToken); l.To != "there@example.org" || l.Token != "Autre" || l.Lang != register.French || l.Path != "/fr/desk/account/tokens" || !l.At.Equal(h.clock.Now()) {
		t.Errorf("the letter %+v", l)
	}
	s, err := h.ChangePassword(t.Context(), s, password, "une tout autre phrase", office())
	if err != nil {
		t.Fatal(err)
	}
	works("after a change", first, nil)
	h.post.last(t, auth.LetterPassword)
	second := makes(s, "Deuxième")

	if err := h.Forgot(t.Context(), "here@example.org", office()); err != nil {
		t.Fatal(err)
	}
	works("a reset that is asked for", first, nil)
	link := tokenIn(h.post.last(t, auth.LetterReset).Path)
	wantIs(t, "reset", h.Reset(t.Context(), link, "encore une autre phrase", "", office()), nil)
	works("after a reset", first, auth.ErrNoSession)
	works("after a reset, another", second, auth.ErrNoSession)
	works("somebody else's", other, nil)
	// A form that was under way when the session ended makes none.
	_, err = h.MakeToken(t.Context(), s, auth.NewToken{Name: "late", Scopes: []register.Scope{register.ScopeRead}, Days: 30})
	wantIs(t, "late", err, auth.ErrNoSession)
	var noted int
	err = h.db.Desk().QueryRow(t.Context(), `SELECT count(*) FROM desk.audit WHERE action = 'revoke-token' AND detail ->> 'account' = $1`, s.Account.ID).Scan(&noted)
	if err != nil || noted != 2 {
		t.Errorf("%d lines of the audit, %v", noted, err)
	}
	works("none", "", auth.ErrNoSession)
	works("an invented one", auth.TokenPrefix+"invented", auth.ErrNoSession)
	if want := slices.Repeat([]string{"token-refused"}, 4); !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// TestALinkIsUsedOnce uses one link twice at once.
func TestALinkIsUsedOnce(t *testing.T) {
	h := newHouse(t)
	link, err := h.Invite(t.Context(), auth.Operator(), newcomer())
	if err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 2)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			_, errs[i] = h.Accept(t.Context(), tokenIn(link.Path), auth.Profile{Name: "N", Lang: register.French}, password+strings.Repeat("!", i), office(), "")
		})
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), auth.ErrLink) {
		t.Errorf("%v and %v", errs[0], errs[1])
	}
}

func TestChangePassword(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	other, mine := h.enter("here@example.org"), h.enter("here@example.org")
	const next = "une tout autre phrase"
	_, err := h.ChangePassword(t.Context(), mine, "wrong wrong wrong", next, office())
	wantIs(t, "wrong", err, auth.ErrCredentials)
	_, err = h.ChangePassword(t.Context(), mine, password, "motdepasse2026!", office())
	wantProblem(t, "common", err, "problem.password-common")
	mine, err = h.ChangePassword(t.Context(), mine, password, next, office())
	wantIs(t, "right", err, nil)
	h.wantNoSession(other.Token)
	if _, err := h.Session(t.Context(), mine.Token); err != nil {
		t.Error(err)
	}
}

func TestChangeEmail(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.hire("taken@example.org", register.RoleEditor)
	s := h.enter("here@example.org")
	_, err := h.AskEmail(t.Context(), s, "new@example.org", "wrong wrong wrong", office())
	wantIs(t, "wrong password", err, auth.ErrCredentials)
	_, err = h.AskEmail(t.Context(), s, "no address", password, office())
	wantProblem(t, "no address", err, "problem.email-invalid")
	taken, err := h.AskEmail(t.Context(), s, "taken@example.org", password, office())
	wantIs(t, "taken, asked", err, nil) // not told before the owner answers
	wantProblem(t, "taken, answered", h.TakeEmail(t.Context(), tokenIn(taken.Path)), "problem.email-taken")
	link, err := h.AskEmail(t.Context(), s, "New@example.org", password, office())
	if err != nil || h.post.last(t, auth.LetterEmail).To != "new@example.org" {
		t.Fatal(err)
	}
	wantIs(t, "answered", h.TakeEmail(t.Context(), tokenIn(link.Path)), nil)
	wantIs(t, "again", h.TakeEmail(t.Context(), tokenIn(link.Path)), auth.ErrLink)
	if h.post.last(t, auth.LetterEmailChanged).To != "here@example.org" {
		t.Error("the old address is not told")
	}
	h.enter("new@example.org")
}

// TestOnlyAdminsLookAfterAccounts tries every act on accounts as every role.
func TestOnlyAdminsLookAfterAccounts(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	id := accountID(t, h, "here@example.org")
	for _, role := range []register.AccountRole{register.RoleViewer, register.RoleAnalyst, register.RoleEditor} {
		actor := register.Actor{ID: id, Role: role}
		for name, do := range map[string]func() error{
			"list":       func() error { _, err := h.Accounts(t.Context(), actor); return err },
			"show":       func() error { _, err := h.Account(t.Context(), actor, id); return err },
			"find":       func() error { _, err := h.AccountByEmail(t.Context(), actor, "here@example.org"); return err },
			"invite":     func() error { _, err := h.Invite(t.Context(), actor, newcomer()); return err },
			"link":       func() error { _, err := h.SendLink(t.Context(), actor, id); return err },
			"role":       func() error { return h.ChangeRole(t.Context(), actor, id, register.RoleAdmin) },
			"deactivate": func() error { return h.Deactivate(t.Context(), actor, id) },
			"reactivate": func() error { return h.Reactivate(t.Context(), actor, id) },
			"factors":    func() error { return h.ClearFactors(t.Context(), actor, id) },
		} {
			wantIs(t, string(role)+" "+name, do(), register.ErrForbidden)
		}
	}
}

func TestTheLastAdminStays(t *testing.T) {
	h := newHouse(t)
	h.hire("one@example.org", register.RoleAdmin)
	one := accountID(t, h, "one@example.org")
	// Who was invited and has not answered looks after nothing.
	invited := newcomer()
	invited.Role = register.RoleAdmin
	if _, err := h.Invite(t.Context(), auth.Operator(), invited); err != nil {
		t.Fatal(err)
	}
	wantIs(t, "deactivate", h.Deactivate(t.Context(), auth.Operator(), one), auth.ErrLastAdmin)
	wantIs(t, "role", h.ChangeRole(t.Context(), auth.Operator(), one, register.RoleEditor), auth.ErrLastAdmin)
	wantIs(t, "the same role", h.ChangeRole(t.Context(), auth.Operator(), one, register.RoleAdmin), nil)

	h.hire("two@example.org", register.RoleAdmin)
	two := accountID(t, h, "two@example.org")
	errs := make([]error, 2)
	var group sync.WaitGroup
	for i, id := range []string{one, two} {
		group.Go(func() { errs[i] = h.Deactivate(t.Context(), auth.Operator(), id) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), auth.ErrLastAdmin) {
		t.Errorf("at once: %v and %v", errs[0], errs[1])
	}
}

func TestReactivate(t *testing.T) {
	h := newHouse(t)
	h.hire("boss@example.org", register.RoleAdmin)
	h.hire("here@example.org", register.RoleEditor)
	id := accountID(t, h, "here@example.org")
	before := h.enter("here@example.org")
	_, err := h.SendLink(t.Context(), auth.Operator(), id)
	wantIs(t, "link", err, nil)
	sent := tokenIn(h.post.last(t, auth.LetterReset).Path)
	wantIs(t, "deactivate", h.Deactivate(t.Context(), auth.Operator(), id), nil)
	_, err = h.SendLink(t.Context(), auth.Operator(), id)
	wantIs(t, "link", err, register.ErrConflict)
	wantIs(t, "reactivate", h.Reactivate(t.Context(), auth.Operator(), id), nil)
	// What was ended does not come back with the account.
	h.wantNoSession(before.Token)
	_, err = h.OpenLink(t.Context(), "reset", sent)
	wantIs(t, "the link from before", err, auth.ErrLink)
	h.enter("here@example.org")
	wantIs(t, "no such", h.Reactivate(t.Context(), auth.Operator(), "x"), register.ErrNotFound)
}

func TestSetup(t *testing.T) {
	h := newHouse(t)
	old, err := h.NewSetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	code, err := h.NewSetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	setup := func(code, password string) error {
		_, err := h.Setup(t.Context(), code, newcomer(), password, office(), "")
		return err
	}
	wantIs(t, "no code", setup("", password), auth.ErrCredentials)
	wantIs(t, "an older code", setup(old, password), auth.ErrCredentials)
	wantProblem(t, "password", setup(code, "new@example.org"), "problem.password-email")
	wantIs(t, "right", setup(code, password), nil)
	wantIs(t, "again", setup(code, password), register.ErrNotFound)
	if s := h.enter("new@example.org"); s.Account.Role != register.RoleAdmin {
		t.Errorf("role %q", s.Account.Role)
	}
}

// TestTheSetUpVoidsTheInvitation of who makes himself the first admin by the code: a
// letter that somebody else may read would set another password.
func TestTheSetUpVoidsTheInvitation(t *testing.T) {
	h := newHouse(t)
	_, err := h.Invite(t.Context(), auth.Operator(), newcomer())
	wantIs(t, "invite", err, nil)
	sent := tokenIn(h.post.last(t, auth.LetterInvitation).Path)
	_, err = h.OpenLink(t.Context(), "invitation", sent)
	wantIs(t, "control: the link works", err, nil)
	code, err := h.NewSetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Setup(t.Context(), code, newcomer(), password, office(), "")
	wantIs(t, "set up", err, nil)
	_, err = h.Accept(t.Context(), sent, auth.Profile{Name: "Another", Lang: register.French}, "une tout autre phrase", elsewhere(), "")
	wantIs(t, "the invitation", err, auth.ErrLink)
	h.enter(newcomer().Email)
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"onze signes":                      "problem.password-short",
		"رمز قصير":                         "problem.password-short",
		"عبارة سرية طويلة":                 "",
		"douze signes":                     "",
		"motdepasse2026!":                  "problem.password-common",
		"Password1234":                     "problem.password-common",
		"1234567890123456":                 "problem.password-common",
		"aaaaaaaaaaaa":                     "problem.password-common",
		"abcabcabcabcabc":                  "problem.password-common",
		"LeaveMeAlone":                     "problem.password-common",
		"qazwsxedcrfv":                     "problem.password-common",
		"ghjcnjgfhjkm":                     "problem.password-common", // a Russian phrase on a Latin keyboard
		"a.exemple@sijil.example":          "problem.password-email",
		"12 a.exemple 34!":                 "problem.password-email",
		strings.Repeat("long enough ", 90): "problem.password-long",
	} {
		err := auth.CheckPassword(password, "a.exemple@sijil.example").OrNil()
		if want == "" && err != nil {
			t.Errorf("%q: %v", password, err)
		} else if want != "" {
			wantProblem(t, password, err, want)
		}
	}
}

// TestLeakedPasswordsAreAList: as many as ASVS asks for and more, each of which could be
// set but for the list, and is refused by it, from the first to the last.
func TestLeakedPasswordsAreAList(t *testing.T) {
	t.Parallel()
	list := auth.Leaked(t)
	if len(list) < 40_000 || !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Errorf("%d passwords, or not each once and in order", len(list))
	}
	for i, password := range list {
		if auth.FoldPassword(password) != password || utf8.RuneCountInString(password) < auth.MinPassword {
			t.Errorf("%q is not folded, or so short that it is refused without the list", password)
		}
		if i%4000 == 0 || i == len(list)-1 {
			wantProblem(t, password, auth.CheckPassword(password, "a.exemple@sijil.example").OrNil(), "problem.password-common")
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=0,t=0,p=0$$")
	f.Fuzz(func(t *testing.T, s string) {
		if auth.ParseHash(s) == nil && !strings.HasPrefix(s, "$argon2id$v=19$m=") {
			t.Errorf("%q was read", s)
		}
	})
}
