package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// SetupWanted reports whether there is no admin who can sign in.
func (a *Auth) SetupWanted(ctx context.Context) (wanted bool, err error) {
	err = a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		admins, err := d.LockAdmins(ctx)
		wanted = len(admins) == 0
		return err
	})
	return wanted, err
}

// NewSetupCode returns a code with which the first admin is made, once, in the
// place of any before. The code goes to the log, which only who runs the
// server can read.
func (a *Auth) NewSetupCode(ctx context.Context) (string, error) {
	code, hash := newToken()
	return code, a.queries.SetSetupCode(ctx, hash, a.now())
}

// Setup makes the first admin and signs him in. It returns ErrCredentials for a
// wrong code, ErrNotFound where there is an admin already, ThrottledError, or
// Problems.
func (a *Auth) Setup(ctx context.Context, code string, i Invitation, password string, from From, before string) (Session, error) {
	wanted, err := a.SetupWanted(ctx)
	if err != nil {
		return Session{}, err
	}
	if !wanted {
		return Session{}, register.ErrNotFound
	}
	if err := a.take(ctx, ofNetwork(from)); err != nil {
		return Session{}, err
	}
	i.Email, i.Name, i.Role = FoldEmail(i.Email), strings.TrimSpace(i.Name), register.RoleAdmin
	var problems register.Problems
	errors.As(i.validate(), &problems)
	problems = append(problems, CheckPassword(password, i.Email)...)
	if err := problems.OrNil(); err != nil {
		return Session{}, err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return Session{}, err
	}
	var id string
	err = a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		// The code is taken first: its row is what two attempts at once wait for.
		err := d.TakeSetupCode(ctx, hashToken(strings.TrimSpace(code)))
		if errors.Is(err, register.ErrNotFound) {
			return ErrCredentials
		}
		if err != nil {
			return err
		}
		id, err = a.putAdmin(ctx, d, i)
		if err != nil {
			return err
		}
		// Whoever was invited by a link is not to set another one by it.
		if err := a.setPassword(ctx, d, id, hash); err != nil {
			return err
		}
		return d.Audit(ctx, id, "set-up", "", 0, map[string]any{"network": from.network()})
	})
	if errors.Is(err, ErrCredentials) {
		err = a.failed(ctx, err, "code-refused", "", map[string]any{"network": from.network(), "which": "set-up"})
	}
	if err != nil {
		return Session{}, err
	}
	return a.begin(ctx, id, byPassword(hash), from, before)
}

// putAdmin makes the account, or takes the one that was invited and has not
// answered.
func (a *Auth) putAdmin(ctx context.Context, d *desk.Queries, i Invitation) (string, error) {
	account, err := d.EnsureAccount(ctx, desk.Account{Email: i.Email, Name: i.Name, Role: i.Role, Language: i.Lang})
	if err != nil {
		return "", err
	}
	return account.ID, errors.Join(
		d.SetRole(ctx, account.ID, register.RoleAdmin), d.SetName(ctx, account.ID, i.Name),
		d.SetLanguage(ctx, account.ID, i.Lang), d.SetDeactivated(ctx, account.ID, nil))
}

// EnsureStaff makes an account with a role and a password, or gives the one
// that has the address that role and password: for the demonstration, whose
// accounts are the same at each start.
func (a *Auth) EnsureStaff(ctx context.Context, i Invitation, password string) error {
	if err := i.validate(); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		account, err := d.EnsureAccount(ctx, desk.Account{Email: i.Email, Name: i.Name, Role: i.Role, Language: i.Lang})
		if err != nil {
			return err
		}
		err = errors.Join(d.SetRole(ctx, account.ID, i.Role), d.SetDeactivated(ctx, account.ID, nil))
		if err != nil {
			return err
		}
		if err := a.setPassword(ctx, d, account.ID, hash); err != nil {
			return err
		}
		return d.Audit(ctx, "", "set-password", "", 0, map[string]any{"account": account.ID})
	})
}
