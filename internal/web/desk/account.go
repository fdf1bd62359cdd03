package desk

import (
	"context"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ShowAccount answers a person's own account.
func (d *Desk) ShowAccount(ctx context.Context, r Request) (Answer, error) {
	return d.accountPage(ctx, r, auth.Profile{Name: r.Who.Name, Lang: r.Who.Lang}, refused{})
}

// SaveAccount changes a person's own name and language.
func (d *Desk) SaveAccount(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, r.Path)
	}
	profile := auth.Profile{Name: r.Form.Get("name"), Lang: register.Lang(r.Form.Get("language"))}
	if err := d.auth.SetProfile(ctx, s, profile); err != nil {
		said, ok := d.judge(r, err, register.Problem{})
		if !ok {
			return Answer{}, err
		}
		return d.accountPage(ctx, r, profile, said)
	}
	return Answer{Leave: "/" + string(profile.Lang) + "/desk/account?done=profile"}, nil
}

func (d *Desk) accountPage(ctx context.Context, r Request, profile auth.Profile, said refused) (Answer, error) {
	loc := d.loc(r)
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, r.Path)
	}
	staff, err := d.auth.Own(ctx, s)
	if err != nil {
		return Answer{}, err
	}
	page := views.AccountPage{
		Frame: d.frame(r, loc.T("account.title")), Email: staff.Email, Factor: d.factorText(r, staff.HasTOTP, staff.Passkeys),
		Problems: said.problems,
		Fields: []ui.Field{
			{Name: "name", Label: loc.T("account.name"), Value: profile.Name, Required: true, Autocomplete: "name"},
			languageField(loc, string(profile.Lang)),
		},
	}
	said.mark(page.Fields)
	kept, err := d.auth.Sessions(ctx, s.Account.ID)
	if err != nil {
		return Answer{}, err
	}
	for _, k := range kept {
		page.Sessions = append(page.Sessions, views.SessionRow{
			ID: k.ID, Device: auth.DeviceName(k.Device), Network: k.Network, Since: d.moment(r, k.CreatedAt),
			Seen: d.moment(r, k.SeenAt), Current: k.ID == s.ID,
		})
	}
	page.Others = len(kept) > 1
	return Answer{Status: said.status, Page: views.Account(page)}, nil
}

func languageField(loc *i18n.Localizer, value string) ui.Field {
	f := ui.Field{Name: "language", Label: loc.T("account.language"), Hint: loc.T("account.language-hint"), Type: "select", Value: value}
	for _, lang := range i18n.Langs() {
		f.Choices = append(f.Choices, ui.Choice{Value: lang, Label: i18n.SelfName(lang)})
	}
	return f
}

// factorText says how an account's second factor stands.
func (d *Desk) factorText(r Request, totp bool, passkeys int) string {
	loc := d.loc(r)
	switch {
	case totp && passkeys > 0:
		return loc.T("account.factor-both", "passkeys", loc.N("account.passkey-count", passkeys))
	case totp:
		return loc.T("account.factor-codes")
	case passkeys > 0:
		return loc.N("account.passkey-count", passkeys)
	}
	return loc.T("account.factor-none")
}

// EndSessions ends one other session of the person, or all others.
func (d *Desk) EndSessions(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, "/desk/account")
	}
	which := r.Form.Get("session")
	if which == "others" {
		return ended(d.auth.RevokeOthers(ctx, s), "/desk/account", "others-ended", "")
	}
	return ended(d.auth.Revoke(ctx, s, which), "/desk/account", "sessions-ended", "session-gone")
}

// ShowPassword answers the form for another password.
func (d *Desk) ShowPassword(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, r.Path)
	}
	page, err := d.passwordPage(ctx, r, s)
	return show(views.Entry(page)), err
}

// passwordPage names the tokens that another password leaves as they are.
func (d *Desk) passwordPage(ctx context.Context, r Request, s auth.Session) (views.EntryPage, error) {
	loc := d.loc(r)
	page := d.entry(r, "account.change-password")
	tokens, err := d.auth.Tokens(ctx, s)
	if err != nil {
		return page, err
	}
	good := 0
	for i := range tokens {
		if tokens[i].Good(d.now()) {
			good++
		}
	}
	if good > 0 {
		page.Lead = append(page.Lead, loc.N("account.tokens-stay", good))
	}
	page.Username = r.Who.Email
	page.Fields = []ui.Field{
		{Name: "present", Label: loc.T("account.present-password"), Type: "password", Required: true, Autocomplete: "current-password"},
		d.newPasswordField(r),
	}
	page.Submit = loc.T("account.change-password")
	page.Links = []views.NavLink{{Href: page.To("/desk/account"), Name: loc.T("account.title")}}
	if good > 0 {
		page.Links = append(page.Links, views.NavLink{Href: page.To(tokensPath), Name: loc.T("tokens.manage")})
	}
	return page, nil
}

func (d *Desk) newPasswordField(r Request) ui.Field {
	loc := d.loc(r)
	return ui.Field{
		Name: "password", Label: loc.T("account.new-password"), Hint: loc.T("account.password-hint", "n", auth.MinPassword),
		Type: "password", Required: true, Autocomplete: "new-password",
	}
}

// ChangePassword sets another password.
func (d *Desk) ChangePassword(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, r.Path)
	}
	next, err := d.auth.ChangePassword(ctx, s, r.Form.Get("present"), r.Form.Get("password"), from(r))
	if err != nil {
		page, failed := d.passwordPage(ctx, r, s)
		if failed != nil {
			return Answer{}, failed
		}
		return d.refuseEntry(r, page, err, register.Problem{Field: "present", Key: "problem.password-wrong"})
	}
	return remember(goTo("/desk/account", "password"), next), nil
}

// ShowEmail answers the form for another e-mail address.
func (d *Desk) ShowEmail(_ context.Context, r Request) (Answer, error) {
	return show(views.Entry(d.emailPage(r, ""))), nil
}

func (d *Desk) emailPage(r Request, value string) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "account.change-email", "account.email-lead")
	page.Username = r.Who.Email
	page.Fields = []ui.Field{
		{Name: "email", Label: loc.T("account.new-email"), Type: "email", Value: value, Required: true, Autocomplete: "email"},
		{Name: "password", Label: loc.T("account.present-password"), Type: "password", Required: true, Autocomplete: "current-password"},
	}
	page.Submit = loc.T("account.email-do")
	page.Links = []views.NavLink{{Href: page.To("/desk/account"), Name: loc.T("account.title")}}
	return page
}

// AskEmail sends a link to the new address.
func (d *Desk) AskEmail(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	var link auth.Link
	if err == nil {
		link, err = d.auth.AskEmail(ctx, s, r.Form.Get("email"), r.Form.Get("password"), from(r))
	}
	if err != nil {
		page := d.emailPage(r, r.Form.Get("email"))
		return d.refuseEntry(r, page, err, register.Problem{Field: "password", Key: "problem.password-wrong"})
	}
	if !link.Sent { // nobody can prove the address: only mail can
		return goTo("/desk/account", "no-mail"), nil
	}
	return goTo("/desk/account", "email-asked"), nil
}
