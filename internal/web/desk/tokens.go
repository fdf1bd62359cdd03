package desk

import (
	"context"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

const tokensPath = "/desk/account/tokens"

// ShowTokens answers the tokens of a person's programs, and the form for another.
func (d *Desk) ShowTokens(ctx context.Context, r Request) (Answer, error) {
	return d.tokensPage(ctx, r, auth.NewToken{Days: auth.TokenDays()[1]}, refused{})
}

func (d *Desk) tokensPage(ctx context.Context, r Request, typed auth.NewToken, said refused) (Answer, error) {
	loc := d.loc(r)
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, tokensPath)
	}
	all, err := d.auth.Tokens(ctx, s)
	if err != nil {
		return Answer{}, err
	}
	page := views.TokensPage{
		Frame: d.frame(r, loc.T("tokens.title")), Problems: said.problems, Rows: d.tokenRows(r, all, tokensPath),
		Fields: []ui.Field{
			{Name: "name", Label: loc.T("tokens.name"), Hint: loc.T("tokens.name-hint"), Value: typed.Name, Required: true, Autocomplete: "off"},
			{Name: "days", Label: loc.T("tokens.days"), Type: "select", Value: strconv.Itoa(typed.Days)},
		},
	}
	for _, days := range auth.TokenDays() {
		page.Fields[1].Choices = append(page.Fields[1].Choices, ui.Choice{Value: strconv.Itoa(days), Label: loc.N("tokens.for-days", days)})
	}
	for _, scope := range register.Scopes() {
		page.Scopes = append(page.Scopes, views.ScopeBox{
			ID: "scope-" + strconv.Itoa(len(page.Scopes)), Value: string(scope), Label: loc.T("tokens.scope." + string(scope)),
			Checked: slices.Contains(typed.Scopes, scope),
		})
	}
	said.mark(page.Fields)
	for _, p := range said.problems {
		if p.ID == "scopes" {
			page.ScopesProblem = p.Text
		}
	}
	return Answer{Status: said.status, Page: views.Tokens(page)}, nil
}

// tokenRows are tokens as a table shows them; revoke is where one is revoked.
func (d *Desk) tokenRows(r Request, all []register.Token, revoke string) []views.TokenRow {
	loc := d.loc(r)
	out := make([]views.TokenRow, 0, len(all))
	for i := range all {
		t := &all[i]
		row := views.TokenRow{
			ID: t.ID, Name: t.Name, Owner: t.Owner, Made: d.moment(r, t.CreatedAt), Until: d.moment(r, t.ExpiresAt), Used: d.when(r, t.UsedAt),
			State: loc.T("tokens.state.good"),
		}
		for _, scope := range t.Scopes {
			row.Scopes = append(row.Scopes, string(scope))
		}
		switch {
		case t.RevokedAt != nil:
			row.State = loc.T("tokens.state.revoked")
		case !t.Good(d.now()):
			row.State = loc.T("tokens.state.expired")
		default:
			row.Revoke = revoke + "/revoke"
		}
		out = append(out, row)
	}
	return out
}

// MakeToken makes a token, and shows it: this once.
func (d *Desk) MakeToken(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, tokensPath)
	}
	typed := auth.NewToken{Name: r.Form.Get("name")}
	typed.Days, _ = strconv.Atoi(r.Form.Get("days")) // none of those that are offered is a problem
	for _, scope := range r.Form["scopes"] {
		typed.Scopes = append(typed.Scopes, register.Scope(scope))
	}
	token, err := d.auth.MakeToken(ctx, s, typed)
	if err != nil {
		said, ok := d.judge(r, err, register.Problem{})
		if !ok {
			return d.detour(err, tokensPath)
		}
		return d.tokensPage(ctx, r, typed, said)
	}
	page := views.NewTokenPage{Frame: d.frame(r, d.loc(r).T("tokens.made")), Token: token}
	page.Next = page.To(tokensPath)
	return show(views.NewToken(page)), nil
}

// RevokeToken ends a token of the person's own.
func (d *Desk) RevokeToken(ctx context.Context, r Request) (Answer, error) {
	return d.revokeToken(ctx, r, tokensPath)
}

// ShowAllTokens answers the tokens of everybody, to an admin.
func (d *Desk) ShowAllTokens(ctx context.Context, r Request) (Answer, error) {
	all, err := d.auth.AllTokens(ctx, r.Who.Actor)
	if err != nil {
		return Answer{}, err
	}
	return show(views.AllTokens(views.TokensPage{
		Frame: d.frame(r, d.loc(r).T("tokens.all")), Rows: d.tokenRows(r, all, allTokensPath),
	})), nil
}

const allTokensPath = "/desk/tokens"

// RevokeAnyToken ends a token of anybody.
func (d *Desk) RevokeAnyToken(ctx context.Context, r Request) (Answer, error) {
	return d.revokeToken(ctx, r, allTokensPath)
}

func (d *Desk) revokeToken(ctx context.Context, r Request, back string) (Answer, error) {
	err := d.auth.RevokeToken(ctx, r.Who.Actor, r.Form.Get("token"))
	return ended(err, back, "token-revoked", "token-gone")
}
