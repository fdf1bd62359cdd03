package auth

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Profile is what a person says of himself.
type Profile struct {
	Name string
	Lang register.Lang
}

// validate returns what is wrong with a profile.
func (p Profile) validate() register.Problems {
	problems := checkName(p.Name)
	if !slices.Contains(register.Langs(), p.Lang) {
		problems = append(problems, register.Problem{Field: "language", Key: "problem.language-unknown"})
	}
	return problems
}

// Own returns the session's own account.
func (a *Auth) Own(ctx context.Context, s Session) (desk.Staff, error) {
	return a.queries.StaffByID(ctx, s.Account.ID)
}

// SetProfile changes the session's own name and language. It returns Problems.
func (a *Auth) SetProfile(ctx context.Context, s Session, p Profile) error {
	p.Name = strings.TrimSpace(p.Name)
	if err := p.validate().OrNil(); err != nil {
		return err
	}
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		if err := errors.Join(d.SetName(ctx, s.Account.ID, p.Name), d.SetLanguage(ctx, s.Account.ID, p.Lang)); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "change-profile", "", 0, nil)
	})
}

// ChangePassword sets another password of the session's own account. All other
// sessions end, and this one gets another token. It returns ErrCredentials when
// the present password is wrong, ThrottledError, or Problems.
func (a *Auth) ChangePassword(ctx context.Context, s Session, present, next string, from From) (Session, error) {
	if s.Stage == StageCode {
		return Session{}, ErrNoSession
	}
	if err := CheckPassword(next, s.Account.Email).OrNil(); err != nil {
		return Session{}, err
	}
	if err := a.checkOwn(ctx, s, present, from); err != nil {
		return Session{}, err
	}
	hash, err := a.hasher.hash(ctx, next)
	if err != nil {
		return Session{}, err
	}
	var token string
	err = a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		if err := d.LockSessions(ctx, s.Account.ID); err != nil {
			return err
		}
		if err := d.SetPasswordHash(ctx, s.Account.ID, hash, a.now()); err != nil {
			return err
		}
		if err := d.UseLinks(ctx, s.Account.ID, a.now()); err != nil {
			return err
		}
		if err := d.DeleteSessionsOf(ctx, s.Account.ID, s.ID); err != nil {
			return err
		}
		var err error
		if token, err = a.rotate(ctx, d, s); err != nil {
			return err
		}
		if err := a.tell(ctx, q, desk.Staff{Account: s.Account}, LetterPassword); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "change-password", "", 0, nil)
	})
	if err != nil {
		return Session{}, err
	}
	return a.Session(ctx, token)
}
