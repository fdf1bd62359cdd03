package desk

import (
	"context"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ListStaff answers all accounts.
func (d *Desk) ListStaff(ctx context.Context, r Request) (Answer, error) {
	all, err := d.auth.Accounts(ctx, r.Who.Actor)
	if err != nil {
		return Answer{}, err
	}
	page := views.StaffPage{Frame: d.frame(r, d.loc(r).T("staff.title"))}
	page.Invite = page.To("/desk/accounts/new")
	for i := range all {
		row := d.staffRow(r, &all[i])
		page.Rows = append(page.Rows, row)
		for _, l := range d.staffLookalikes(r, &all[i]).Rows {
			l.Href = row.Href
			page.Lookalikes.Rows = append(page.Lookalikes.Rows, l)
		}
	}
	return show(views.Staff(page)), nil
}

func (d *Desk) staffRow(r Request, s *desk.Staff) views.StaffRow {
	loc := d.loc(r)
	state := "active"
	switch {
	case s.DeactivatedAt != nil:
		state = "deactivated"
	case !s.HasPassword:
		state = "invited"
	}
	return views.StaffRow{
		Href: "/" + r.Lang + "/desk/accounts/" + s.ID, Name: s.Name, Email: s.Email,
		Role: loc.Label("account-role", string(s.Role)), State: loc.Label("account-state", state),
		Factor: d.factorText(r, s.HasTOTP, s.Passkeys), Seen: d.when(r, s.LastSeen),
	}
}

// staffLookalikes are those of the name and the address of an account: under a
// name that looks like another's, somebody would sign for him.
func (d *Desk) staffLookalikes(r Request, s *desk.Staff) views.Lookalikes {
	loc := d.loc(r)
	out := lineLookalikes(loc, loc.T("account.name"), s.Name)
	out.Rows = append(out.Rows, lineLookalikes(loc, loc.T("account.email"), s.Email).Rows...)
	return out
}

// NewStaff answers the form to invite somebody.
func (d *Desk) NewStaff(_ context.Context, r Request) (Answer, error) {
	return show(views.Entry(d.invitePage(r, auth.Invitation{Role: register.RoleAnalyst, Lang: register.Lang(r.Lang)}))), nil
}

func (d *Desk) invitePage(r Request, i auth.Invitation) views.EntryPage {
	loc := d.loc(r)
	page := d.entry(r, "staff.invite")
	page.Fields = []ui.Field{
		{Name: "email", Label: loc.T("account.email"), Type: "email", Value: i.Email, Required: true, Autocomplete: "off"},
		{Name: "name", Label: loc.T("account.name"), Value: i.Name, Required: true, Autocomplete: "off"},
		roleField(loc, i.Role), languageField(loc, string(i.Lang)),
	}
	page.Submit = loc.T("staff.invite-do")
	page.Links = []views.NavLink{{Href: page.To("/desk/accounts"), Name: loc.T("staff.title")}}
	return page
}

func roleField(loc *i18n.Localizer, value register.AccountRole) ui.Field {
	f := ui.Field{Name: "role", Label: loc.T("staff.role"), Type: "select", Value: string(value)}
	for _, role := range register.AccountRoles() {
		f.Choices = append(f.Choices, ui.Choice{Value: string(role), Label: loc.Label("account-role", string(role))})
	}
	return f
}

// InviteStaff makes an account and sends the invitation.
func (d *Desk) InviteStaff(ctx context.Context, r Request) (Answer, error) {
	i := auth.Invitation{
		Email: r.Form.Get("email"), Name: r.Form.Get("name"),
		Role: register.AccountRole(r.Form.Get("role")), Lang: register.Lang(r.Form.Get("language")),
	}
	link, err := d.auth.Invite(ctx, r.Who.Actor, i)
	if err != nil {
		return d.refuseEntry(r, d.invitePage(r, i), err, register.Problem{})
	}
	return d.linkMade(r, link, auth.FoldEmail(i.Email)), nil
}

// linkMade says that a link went out, or shows it, once, to be handed over.
func (d *Desk) linkMade(r Request, link auth.Link, email string) Answer {
	loc := d.loc(r)
	if link.Sent {
		return goTo("/desk/accounts", "link-sent")
	}
	page := views.LinkPage{
		Frame: d.frame(r, loc.T("staff.link")), Link: d.baseURL + link.Path,
		Lead: []string{loc.T("staff.link-lead", "email", email, "time", d.moment(r, link.Until))},
	}
	page.Next = page.To("/desk/accounts")
	return show(views.LinkMade(page))
}

// ShowStaff answers one account.
func (d *Desk) ShowStaff(ctx context.Context, r Request) (Answer, error) {
	return d.staffPage(ctx, r, refused{})
}

func (d *Desk) staffPage(ctx context.Context, r Request, said refused) (Answer, error) {
	loc := d.loc(r)
	s, err := d.auth.Account(ctx, r.Who.Actor, r.Params["account"])
	if err != nil {
		return Answer{}, err
	}
	r.Path = "/desk/accounts/" + s.ID
	role := []ui.Field{roleField(loc, s.Role)}
	said.mark(role)
	page := views.StaffMemberPage{
		Frame: d.frame(r, s.Name), Row: d.staffRow(r, &s), Problems: said.problems, Role: role[0], Lookalikes: d.staffLookalikes(r, &s),
	}
	page.List = page.To("/desk/accounts")
	if s.DeactivatedAt != nil {
		page.Reactivate = loc.T("staff.reactivate")
	} else {
		page.Deactivate, page.SendLink = loc.T("staff.deactivate"), loc.T("staff.send-reset")
		if !s.HasPassword {
			page.SendLink = loc.T("staff.send-invitation")
		}
		if s.HasSecondFactor() {
			page.ClearFactors = loc.T("staff.clear-factors")
		}
	}
	return Answer{Status: said.status, Page: views.StaffMember(page), Header: said.header}, nil
}

// ChangeRole gives an account another role.
func (d *Desk) ChangeRole(ctx context.Context, r Request) (Answer, error) {
	role := register.AccountRole(r.Form.Get("role"))
	return d.staffActed(ctx, r, d.auth.ChangeRole(ctx, r.Who.Actor, r.Params["account"], role), "role")
}

// Deactivate lets nobody sign in with an account.
func (d *Desk) Deactivate(ctx context.Context, r Request) (Answer, error) {
	return d.staffActed(ctx, r, d.auth.Deactivate(ctx, r.Who.Actor, r.Params["account"]), "deactivated")
}

// Reactivate lets somebody sign in again.
func (d *Desk) Reactivate(ctx context.Context, r Request) (Answer, error) {
	return d.staffActed(ctx, r, d.auth.Reactivate(ctx, r.Who.Actor, r.Params["account"]), "reactivated")
}

// ClearFactors takes the second factors of who has lost them away.
func (d *Desk) ClearFactors(ctx context.Context, r Request) (Answer, error) {
	return d.staffActed(ctx, r, d.auth.ClearFactors(ctx, r.Who.Actor, r.Params["account"]), "factors-cleared")
}

// staffActed goes back to the account, or says what was wrong.
func (d *Desk) staffActed(ctx context.Context, r Request, err error, done string) (Answer, error) {
	said, ok := d.judge(r, err, register.Problem{})
	switch {
	case ok:
		return d.staffPage(ctx, r, said)
	case err != nil:
		return Answer{}, err
	}
	return goTo("/desk/accounts/"+r.Params["account"], done), nil
}

// SendLink sends somebody an invitation again, or a link for another password.
func (d *Desk) SendLink(ctx context.Context, r Request) (Answer, error) {
	link, err := d.auth.SendLink(ctx, r.Who.Actor, r.Params["account"])
	if err != nil {
		return Answer{}, err
	}
	s, err := d.auth.Account(ctx, r.Who.Actor, r.Params["account"])
	if err != nil {
		return Answer{}, err
	}
	return d.linkMade(r, link, s.Email), nil
}
