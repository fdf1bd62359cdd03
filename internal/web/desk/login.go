package desk

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ShowLogin answers the page to sign in, or its second step.
func (d *Desk) ShowLogin(ctx context.Context, r Request) (Answer, error) {
	to := target(r.Query.Get("to"))
	if !r.Who.IsZero() {
		return Answer{RedirectTo: to}, nil
	}
	s, err := d.own(ctx, r)
	switch {
	case err == nil && s.Stage == auth.StageCode && !r.Query.Has("again"):
		return show(views.Entry(d.codePage(r, to, ""))), nil
	case err != nil && !errors.Is(err, auth.ErrNoSession):
		return Answer{}, err
	}
	return show(views.Entry(d.loginPage(r, "", to, ""))), nil
}

// Login signs in by password, code or passkey, whichever the form holds.
func (d *Desk) Login(ctx context.Context, r Request) (Answer, error) {
	switch {
	case r.Form.Get("answer") != "":
		return d.loginByPasskey(ctx, r)
	case r.Form.Has("code"):
		return d.loginByCode(ctx, r)
	}
	to, resume := target(r.Form.Get("to")), r.Form.Get("resume")
	s, err := d.auth.SignIn(ctx, r.Form.Get("email"), r.Form.Get("password"), from(r), r.Token)
	if err != nil {
		page := d.loginPage(r, r.Form.Get("email"), to, resume)
		return d.refuseEntry(r, page, err, register.Problem{Field: "email", Key: "problem.credentials"})
	}
	return d.entered(ctx, r, s, to, resume)
}

// entered goes on after a step of the sign-in: to the code, to the set-up of a
// second factor, or to where the person wanted to go.
func (d *Desk) entered(ctx context.Context, r Request, s auth.Session, to, resume string) (Answer, error) {
	if s.Stage == auth.StageCode {
		return remember(show(views.Entry(d.codePage(r, to, resume))), s), nil
	}
	if err := d.resume(ctx, s, to, resume); err != nil {
		return Answer{}, err
	}
	if s.Stage == auth.StageEnrol {
		to = "/desk/account/second-factor"
	}
	lang := string(s.Account.Language)
	if d.cfg.Demo { // its accounts are everybody's
		lang = r.Lang
	}
	return remember(Answer{Leave: "/" + lang + to, Known: d.auth.KnownBrowser(s.Account.Email, r.Known)}, s), nil
}

func (d *Desk) loginByCode(ctx context.Context, r Request) (Answer, error) {
	to, resume := target(r.Form.Get("to")), r.Form.Get("resume")
	s, err := d.auth.GiveCode(ctx, r.Token, r.Form.Get("code"), from(r))
	switch {
	case err == nil:
		return d.entered(ctx, r, s, to, resume)
	case errors.Is(err, auth.ErrNoSession): // it took too long
		page := d.loginPage(r, "", to, resume)
		page.Lead = []string{d.loc(r).T("account.session-ended")}
		return Answer{Status: http.StatusUnauthorized, Page: views.Entry(page)}, nil
	}
	page := d.codePage(r, to, resume)
	return d.refuseEntry(r, page, err, register.Problem{Field: "code", Key: "problem.code"})
}

// AskPasskey gives the script a question: to any passkey, or, after the
// password or for a new proof, to those of the account.
func (d *Desk) AskPasskey(ctx context.Context, r Request) (Answer, error) {
	var asked auth.Ceremony
	s, err := d.own(ctx, r)
	switch {
	case errors.Is(err, auth.ErrNoSession) || (err == nil && r.Who.IsZero() && s.Stage != auth.StageCode):
		asked, err = d.auth.AskPasskey(ctx, from(r))
	case err == nil:
		asked, err = d.auth.AskOwnPasskey(ctx, s)
	}
	return d.question(r, asked, err)
}

// question answers the script.
func (d *Desk) question(r Request, asked auth.Ceremony, err error) (Answer, error) {
	if said, ok := d.judge(r, err, register.Problem{Key: "problem.credentials"}); ok {
		return Answer{Status: said.status, Header: said.header, JSON: map[string]string{"error": said.problems[0].Text}}, nil
	}
	if err != nil {
		return d.detour(err, r.Path)
	}
	return Answer{JSON: map[string]any{"ceremony": asked.Token, "options": asked.Options}}, nil
}

func (d *Desk) loginByPasskey(ctx context.Context, r Request) (Answer, error) {
	to, resume := target(r.Form.Get("to")), r.Form.Get("resume")
	ceremony, answer := r.Form.Get("ceremony"), []byte(r.Form.Get("answer"))
	s, err := d.own(ctx, r)
	second := err == nil && s.Stage == auth.StageCode
	switch {
	case second:
		s, err = d.auth.GivePasskey(ctx, s, ceremony, answer)
	case err == nil || errors.Is(err, auth.ErrNoSession):
		s, err = d.auth.SignInByPasskey(ctx, ceremony, answer, from(r), r.Token)
	}
	if err != nil {
		page := d.loginPage(r, "", to, resume)
		if second {
			page = d.codePage(r, to, resume)
		}
		return d.refuseEntry(r, page, err, register.Problem{Key: "problem.passkey"})
	}
	return d.entered(ctx, r, s, to, resume)
}

// Logout ends the session. The browser forgets the pages that it drew of it,
// also those to which its button leads back.
func (d *Desk) Logout(ctx context.Context, r Request) (Answer, error) {
	if !r.Who.IsZero() && subtle.ConstantTimeCompare([]byte(r.Form.Get("csrf")), []byte(r.Who.CSRF)) != 1 {
		return Answer{}, register.ErrForbidden // another site would sign him out
	}
	if err := d.auth.SignOut(ctx, r.Token); err != nil {
		return Answer{}, err
	}
	return Answer{
		Leave: "/" + r.Lang + "/", Session: &NewSession{}, Header: http.Header{"Clear-Site-Data": {`"cache"`}},
	}, nil
}

// loginPage is the first step. Its form posts to the address of the sign-in,
// also where it stands in the place of another page.
func (d *Desk) loginPage(r Request, email, to, resume string) views.EntryPage {
	r.Path, r.Who = "/desk/login", Who{}
	loc := d.loc(r)
	page := d.entry(r, "account.sign-in")
	page.Fields = []ui.Field{
		{Name: "email", Label: loc.T("account.email"), Type: "email", Value: email, Required: true, Autocomplete: "username webauthn"},
		{Name: "password", Label: loc.T("account.password"), Type: "password", Required: true, Autocomplete: "current-password"},
	}
	page.Hidden = goingOn(to, resume)
	page.Submit = loc.T("account.sign-in-do")
	if d.auth.HasPasskeys() {
		page.Passkey = &views.PasskeyForm{
			Ask: "/desk/login/passkey", Post: "/desk/login", Hidden: page.Hidden, Submit: loc.T("account.sign-in-passkey"),
		}
	}
	page.Links = []views.NavLink{
		{Href: page.To("/desk/forgot"), Name: loc.T("account.forgot")},
		{Href: page.Public, Name: loc.T("account.to-public")},
	}
	return page
}

// codePage is the second step.
func (d *Desk) codePage(r Request, to, resume string) views.EntryPage {
	r.Path, r.Who = "/desk/login", Who{}
	loc := d.loc(r)
	page := d.entry(r, "account.code-title", "account.code-lead")
	page.Fields = []ui.Field{d.codeField(r)}
	page.Hidden = goingOn(to, resume)
	page.Submit = loc.T("account.code-do")
	if d.auth.HasPasskeys() {
		page.Passkey = &views.PasskeyForm{
			Ask: "/desk/login/passkey", Post: "/desk/login", Hidden: page.Hidden, Submit: loc.T("account.code-passkey"),
		}
	}
	page.Links = []views.NavLink{{Href: page.To("/desk/login?again=1"), Name: loc.T("account.other-account")}}
	return page
}

func (d *Desk) codeField(r Request) ui.Field {
	loc := d.loc(r)
	return ui.Field{
		Name: "code", Label: loc.T("account.code"), Hint: loc.T("account.code-hint"), Required: true,
		Autocomplete: "one-time-code", Attrs: map[string]any{"autocapitalize": "off", "spellcheck": "false", "dir": "ltr"},
	}
}

// goingOn are the hidden fields that lead on after the sign-in.
func goingOn(to, resume string) []views.Pair {
	var out []views.Pair
	if to != "/desk" && to != "" {
		out = append(out, views.Pair{Name: "to", Value: to})
	}
	if resume != "" {
		out = append(out, views.Pair{Name: "resume", Value: resume})
	}
	return out
}

// ShowConfirm answers the page on which somebody proves again who he is.
func (d *Desk) ShowConfirm(_ context.Context, r Request) (Answer, error) {
	return show(views.Entry(d.confirmPage(r, target(r.Query.Get("to")), ""))), nil
}

// Confirm takes the proof, and goes on.
func (d *Desk) Confirm(ctx context.Context, r Request) (Answer, error) {
	to, resume := target(r.Form.Get("to")), r.Form.Get("resume")
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, to)
	}
	wrong := register.Problem{Field: "password", Key: "problem.password-wrong"}
	if answer := r.Form.Get("answer"); answer != "" {
		wrong = register.Problem{Key: "problem.passkey"}
		s, err = d.auth.GivePasskey(ctx, s, r.Form.Get("ceremony"), []byte(answer))
	} else {
		s, err = d.auth.Prove(ctx, s, r.Form.Get("password"), from(r))
	}
	if err != nil {
		return d.refuseEntry(r, d.confirmPage(r, to, resume), err, wrong)
	}
	if err := d.resume(ctx, s, to, resume); err != nil {
		return Answer{}, err
	}
	return remember(Answer{RedirectTo: to}, s), nil
}

func (d *Desk) confirmPage(r Request, to, resume string) views.EntryPage {
	r.Path = "/desk/confirm"
	loc := d.loc(r)
	page := d.entry(r, "account.confirm-title", "account.confirm-lead")
	page.Username = r.Who.Email
	page.Fields = []ui.Field{
		{Name: "password", Label: loc.T("account.password"), Type: "password", Required: true, Autocomplete: "current-password"},
	}
	page.Hidden = goingOn(to, resume)
	page.Submit = loc.T("account.confirm-do")
	if d.auth.HasPasskeys() {
		page.Passkey = &views.PasskeyForm{
			Ask: "/desk/login/passkey", Post: "/desk/confirm", Hidden: page.Hidden, Submit: loc.T("account.code-passkey"),
		}
	}
	return page
}
