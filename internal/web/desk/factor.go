package desk

import (
	"context"
	"errors"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

const factorsPath = "/desk/account/second-factor"

// ShowFactors answers a person's second factors.
func (d *Desk) ShowFactors(ctx context.Context, r Request) (Answer, error) {
	loc := d.loc(r)
	s, err := d.own(ctx, r)
	if err != nil {
		return d.detour(err, factorsPath)
	}
	staff, err := d.auth.Own(ctx, s)
	if err != nil {
		return Answer{}, err
	}
	page := views.FactorsPage{Frame: d.frame(r, loc.T("account.factor")), Must: r.Who.MustEnrol, TOTP: staff.HasTOTP}
	page.Scripts = []string{"desk/passkey.js"}
	if staff.HasSecondFactor() {
		page.Recovery = loc.N("account.recovery-left", staff.RecoveryCodes)
	}
	keys, err := d.auth.Passkeys(ctx, s.Account.ID)
	if err != nil {
		return Answer{}, err
	}
	for _, k := range keys {
		row := views.PasskeyRow{ID: k.ID, Name: k.Name, Made: loc.T("account.passkey-made", "time", d.moment(r, k.CreatedAt))}
		if k.UsedAt != nil {
			row.Used = loc.T("account.passkey-used", "time", d.moment(r, *k.UsedAt))
		}
		page.Passkeys = append(page.Passkeys, row)
	}
	if d.auth.HasPasskeys() {
		page.Add = &views.PasskeyForm{
			Ask: "/desk/account/passkeys/begin", Post: "/desk/account/passkeys", Create: true, Submit: loc.T("account.passkey-add"),
			Name: &ui.Field{
				Name: "name", ID: "passkey-name", Label: loc.T("account.passkey-name"), Hint: loc.T("account.passkey-name-hint"),
				Value: auth.DeviceName(r.Agent), Required: true,
			},
		}
	}
	return show(views.Factors(page)), nil
}

// BeginCodes makes a secret of one-time codes, to be set up.
func (d *Desk) BeginCodes(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	if err == nil {
		err = d.auth.BeginTOTP(ctx, s)
	}
	if err != nil {
		return d.detour(err, factorsPath)
	}
	return Answer{RedirectTo: "/desk/account/codes"}, nil
}

// ShowCodes answers the secret that is being set up.
func (d *Desk) ShowCodes(ctx context.Context, r Request) (Answer, error) {
	return d.codesPage(ctx, r, refused{})
}

func (d *Desk) codesPage(ctx context.Context, r Request, said refused) (Answer, error) {
	loc := d.loc(r)
	s, err := d.own(ctx, r)
	var setup auth.TOTPSetup
	if err == nil {
		setup, err = d.auth.PendingTOTP(ctx, s)
	}
	if errors.Is(err, register.ErrNotFound) {
		return Answer{RedirectTo: factorsPath}, nil
	}
	if err != nil {
		return d.detour(err, factorsPath)
	}
	code := d.codeField(r)
	code.Hint = loc.T("account.totp-code-hint")
	code.InputMode = "numeric"
	fields := []ui.Field{code}
	said.mark(fields)
	page := views.TOTPPage{
		Frame: d.frame(r, loc.T("account.codes-begin")), Problems: said.problems,
		Image: setup.Image, Secret: setup.Secret, Code: fields[0],
	}
	return Answer{Status: said.status, Page: views.TOTP(page), Header: said.header}, nil
}

// ConfirmCodes takes the secret into use, proved by a code.
func (d *Desk) ConfirmCodes(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	var codes []string
	if err == nil {
		s, codes, err = d.auth.ConfirmTOTP(ctx, s, r.Form.Get("code"), from(r))
	}
	if errors.Is(err, register.ErrNotFound) {
		return Answer{RedirectTo: factorsPath}, nil
	}
	if err != nil {
		said, ok := d.judge(r, err, register.Problem{Field: "code", Key: "problem.code"})
		if !ok {
			return d.detour(err, factorsPath)
		}
		return d.codesPage(ctx, r, said)
	}
	return d.factorAdded(r, s, codes), nil
}

// factorAdded shows the recovery codes that came with a first factor.
func (d *Desk) factorAdded(r Request, s auth.Session, codes []string) Answer {
	if len(codes) == 0 {
		return remember(goTo(factorsPath, "factor-added"), s)
	}
	return remember(d.recoveryPage(r, s.Form, codes), s)
}

func (d *Desk) recoveryPage(r Request, csrf string, codes []string) Answer {
	r.Path, r.Who.MustEnrol, r.Who.CSRF = factorsPath, false, csrf
	page := views.RecoveryPage{Frame: d.frame(r, d.loc(r).T("account.recovery")), Codes: codes}
	page.Next = page.To(factorsPath)
	return show(views.Recovery(page))
}

// RemoveCodes takes one-time codes away.
func (d *Desk) RemoveCodes(ctx context.Context, r Request) (Answer, error) {
	return d.dropFactor(ctx, r, d.auth.RemoveTOTP)
}

// RemovePasskey takes one passkey away.
func (d *Desk) RemovePasskey(ctx context.Context, r Request) (Answer, error) {
	return d.dropFactor(ctx, r, func(ctx context.Context, s auth.Session) error {
		return d.auth.RemovePasskey(ctx, s, r.Form.Get("passkey"))
	})
}

func (d *Desk) dropFactor(ctx context.Context, r Request, drop func(context.Context, auth.Session) error) (Answer, error) {
	s, err := d.own(ctx, r)
	if err == nil {
		err = drop(ctx, s)
	}
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return d.detour(err, factorsPath)
	}
	return ended(err, factorsPath, "factor-removed", "factor-gone")
}

// RenewCodes gives other recovery codes, and shows them.
func (d *Desk) RenewCodes(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	var codes []string
	if err == nil {
		codes, err = d.auth.RenewCodes(ctx, s)
	}
	if errors.Is(err, register.ErrNotFound) {
		return Answer{RedirectTo: factorsPath}, nil
	}
	if err != nil {
		return d.detour(err, factorsPath)
	}
	return d.recoveryPage(r, s.Form, codes), nil
}

// BeginPasskey gives the script the question to a new passkey.
func (d *Desk) BeginPasskey(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	var asked auth.Ceremony
	if err == nil {
		asked, err = d.auth.BeginPasskey(ctx, s)
	}
	if errors.Is(err, auth.ErrProofWanted) {
		answer, err := d.detour(err, factorsPath)
		return Answer{JSON: map[string]string{"to": "/" + r.Lang + answer.RedirectTo}}, err
	}
	return d.question(r, asked, err)
}

// AddPasskey keeps the passkey that answered.
func (d *Desk) AddPasskey(ctx context.Context, r Request) (Answer, error) {
	s, err := d.own(ctx, r)
	var codes []string
	if err == nil {
		s, codes, err = d.auth.AddPasskey(ctx, s, r.Form.Get("ceremony"), r.Form.Get("name"), []byte(r.Form.Get("answer")))
	}
	if errors.Is(err, auth.ErrCredentials) || errors.Is(err, register.ErrConflict) {
		return goTo(factorsPath, "passkey-refused"), nil
	}
	if err != nil {
		return d.detour(err, factorsPath)
	}
	return d.factorAdded(r, s, codes), nil
}
