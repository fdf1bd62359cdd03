package desk

import (
	"context"
	"errors"
	"net/http"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ShowForgot answers the form of who has forgotten his password.
func (d *Desk) ShowForgot(_ context.Context, r Request) (Answer, error) {
	return show(views.Entry(d.forgotPage(r, ""))), nil
}

func (d *Desk) forgotPage(r Request, email string) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "account.forgot", "account.forgot-lead")
	page.Fields = []ui.Field{
		{Name: "email", Label: loc.T("account.email"), Type: "email", Value: email, Required: true, Autocomplete: "username"},
	}
	page.Submit = loc.T("account.forgot-do")
	page.Links = []views.NavLink{{Href: page.To("/desk/login"), Name: loc.T("account.sign-in")}}
	return page
}

// Forgot sends a link where the address has an account; the answer is the same
// where it has none.
func (d *Desk) Forgot(ctx context.Context, r Request) (Answer, error) {
	if err := d.auth.Forgot(ctx, r.Form.Get("email"), from(r)); err != nil {
		return d.refuseEntry(r, d.forgotPage(r, r.Form.Get("email")), err, register.Problem{})
	}
	loc := d.loc(r)
	page := d.entry(r, "account.forgot-sent", "account.forgot-sent-lead")
	page.Links = []views.NavLink{{Href: page.To("/desk/login"), Name: loc.T("account.sign-in")}}
	return show(views.Entry(page)), nil
}

// deadLink answers a link that cannot be used (any more).
func (d *Desk) deadLink(r Request, err error) (Answer, error) {
	if !errors.Is(err, auth.ErrLink) {
		return Answer{}, err
	}
	loc := d.loc(r)
	page := d.entry(r, "account.dead-link", "account.dead-link-lead")
	page.Links = []views.NavLink{
		{Href: page.To("/desk/forgot"), Name: loc.T("account.forgot")},
		{Href: page.To("/desk/login"), Name: loc.T("account.sign-in")},
	}
	return Answer{Status: http.StatusGone, Page: views.Entry(page)}, nil
}

// ShowReset answers the form for another password.
func (d *Desk) ShowReset(ctx context.Context, r Request) (Answer, error) {
	opened, err := d.auth.OpenLink(ctx, "reset", r.Params["token"])
	if err != nil {
		return d.deadLink(r, err)
	}
	return show(views.Entry(d.resetPage(r, opened))), nil
}

func (d *Desk) resetPage(r Request, opened auth.Opened) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "account.reset")
	page.Lead = []string{loc.T("account.reset-lead", "email", opened.Email), loc.T("account.reset-tokens")}
	page.Fields = []ui.Field{d.newPasswordField(r)}
	if opened.AsksFactor {
		page.Fields = append(page.Fields, d.codeField(r))
	}
	page.Username = opened.Email
	page.Submit = loc.T("account.reset-do")
	return page
}

// Reset sets another password.
func (d *Desk) Reset(ctx context.Context, r Request) (Answer, error) {
	opened, err := d.auth.OpenLink(ctx, "reset", r.Params["token"])
	if err != nil {
		return d.deadLink(r, err)
	}
	err = d.auth.Reset(ctx, r.Params["token"], r.Form.Get("password"), r.Form.Get("code"), from(r))
	switch {
	case errors.Is(err, auth.ErrLink):
		return d.deadLink(r, err)
	case err != nil:
		return d.refuseEntry(r, d.resetPage(r, opened), err, register.Problem{Field: "code", Key: "problem.code"})
	}
	answer := goTo("/desk/login", "password-reset")
	answer.Session = &NewSession{}
	// Who has the letter and the second factor is let in where others guess, too.
	answer.Known = d.auth.KnownBrowser(opened.Email, r.Known)
	return answer, nil
}

// ShowInvitation answers the form of who was invited.
func (d *Desk) ShowInvitation(ctx context.Context, r Request) (Answer, error) {
	opened, err := d.auth.OpenLink(ctx, "invitation", r.Params["token"])
	if err != nil {
		return d.deadLink(r, err)
	}
	return show(views.Entry(d.invitationPage(r, opened))), nil
}

func (d *Desk) invitationPage(r Request, opened auth.Opened) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "account.invitation")
	page.Lead = []string{loc.T("account.invitation-lead", "email", opened.Email)}
	page.Fields = []ui.Field{
		{Name: "name", Label: loc.T("account.name"), Value: opened.Name, Required: true, Autocomplete: "name"},
		languageField(loc, string(opened.Lang)), d.newPasswordField(r),
	}
	page.Username = opened.Email
	page.Submit = loc.T("account.invitation-do")
	return page
}

// AcceptInvitation answers an invitation and signs in.
func (d *Desk) AcceptInvitation(ctx context.Context, r Request) (Answer, error) {
	token := r.Params["token"]
	opened, err := d.auth.OpenLink(ctx, "invitation", token)
	if err != nil {
		return d.deadLink(r, err)
	}
	profile := auth.Profile{Name: r.Form.Get("name"), Lang: register.Lang(r.Form.Get("language"))}
	s, err := d.auth.Accept(ctx, token, profile, r.Form.Get("password"), from(r), r.Token)
	if err != nil {
		if errors.Is(err, auth.ErrLink) {
			return d.deadLink(r, err)
		}
		opened.Name, opened.Lang = profile.Name, profile.Lang
		return d.refuseEntry(r, d.invitationPage(r, opened), err, register.Problem{})
	}
	return d.entered(ctx, r, s, "/desk", "")
}

// ShowNewEmail asks whether the address to which a link was sent is to be the
// account's. Only the button changes it: programs that look at mails open links.
func (d *Desk) ShowNewEmail(ctx context.Context, r Request) (Answer, error) {
	opened, err := d.auth.OpenLink(ctx, "email", r.Params["token"])
	if err != nil {
		return d.deadLink(r, err)
	}
	return show(views.Entry(d.newEmailPage(r, opened))), nil
}

func (d *Desk) newEmailPage(r Request, opened auth.Opened) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "account.new-email")
	page.Lead = []string{loc.T("account.new-email-lead", "email", opened.Email)}
	page.Submit = loc.T("account.new-email-do")
	return page
}

// TakeNewEmail changes the address.
func (d *Desk) TakeNewEmail(ctx context.Context, r Request) (Answer, error) {
	opened, err := d.auth.OpenLink(ctx, "email", r.Params["token"])
	if err == nil {
		err = d.auth.TakeEmail(ctx, r.Params["token"])
	}
	switch {
	case errors.Is(err, auth.ErrLink):
		return d.deadLink(r, err)
	case err != nil:
		return d.refuseEntry(r, d.newEmailPage(r, opened), err, register.Problem{})
	}
	return goTo("/desk/login", "email"), nil
}

// ShowSetup answers the form for the first admin, as long as there is none.
func (d *Desk) ShowSetup(ctx context.Context, r Request) (Answer, error) {
	wanted, err := d.auth.SetupWanted(ctx)
	if err != nil {
		return Answer{}, err
	}
	if !wanted {
		return Answer{}, register.ErrNotFound
	}
	return show(views.Entry(d.setupPage(r, auth.Invitation{Lang: register.Lang(r.Lang)}))), nil
}

func (d *Desk) setupPage(r Request, i auth.Invitation) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "account.setup", "account.setup-lead")
	page.Fields = []ui.Field{
		{Name: "code", Label: loc.T("account.setup-code"), Hint: loc.T("account.setup-code-hint"), Required: true, Autocomplete: "off"},
		{Name: "email", Label: loc.T("account.email"), Type: "email", Value: i.Email, Required: true, Autocomplete: "username"},
		{Name: "name", Label: loc.T("account.name"), Value: i.Name, Required: true, Autocomplete: "name"},
		languageField(loc, string(i.Lang)), d.newPasswordField(r),
	}
	page.Submit = loc.T("account.setup-do")
	return page
}

// Setup makes the first admin and signs him in.
func (d *Desk) Setup(ctx context.Context, r Request) (Answer, error) {
	i := auth.Invitation{Email: r.Form.Get("email"), Name: r.Form.Get("name"), Lang: register.Lang(r.Form.Get("language"))}
	s, err := d.auth.Setup(ctx, r.Form.Get("code"), i, r.Form.Get("password"), from(r), r.Token)
	if err != nil {
		return d.refuseEntry(r, d.setupPage(r, i), err, register.Problem{Field: "code", Key: "problem.setup-code"})
	}
	return d.entered(ctx, r, s, "/desk", "")
}
