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

// Operator is who acts at the command line of the server: whoever can start
// the program with the desk's database may do everything there.
func Operator() register.Actor { return register.Actor{Role: register.RoleAdmin} }

func mayAdmin(actor register.Actor) error {
	if !actor.Role.Can(register.MayAdminAccounts) {
		return register.ErrForbidden
	}
	return nil
}

// Accounts lists the accounts of persons. It returns ErrForbidden.
func (a *Auth) Accounts(ctx context.Context, actor register.Actor) ([]desk.Staff, error) {
	if err := mayAdmin(actor); err != nil {
		return nil, err
	}
	return a.queries.AllStaff(ctx)
}

// Account returns one account, ErrNotFound or ErrForbidden.
func (a *Auth) Account(ctx context.Context, actor register.Actor, id string) (desk.Staff, error) {
	if err := mayAdmin(actor); err != nil {
		return desk.Staff{}, err
	}
	if !isID(id) {
		return desk.Staff{}, register.ErrNotFound
	}
	return a.queries.StaffByID(ctx, id)
}

// AccountByEmail returns the account with an address, ErrNotFound or
// ErrForbidden.
func (a *Auth) AccountByEmail(ctx context.Context, actor register.Actor, email string) (desk.Staff, error) {
	if err := mayAdmin(actor); err != nil {
		return desk.Staff{}, err
	}
	return a.queries.StaffByEmail(ctx, FoldEmail(email))
}

// Invitation is who is invited.
type Invitation struct {
	Email string
	Name  string
	Role  register.AccountRole
	Lang  register.Lang
}

// validate returns what is wrong with an invitation.
func (i Invitation) validate() error {
	problems := append(checkEmail(i.Email), checkName(i.Name)...)
	if !slices.Contains(register.AccountRoles(), i.Role) {
		problems = append(problems, register.Problem{Field: "role", Key: "problem.role-unknown"})
	}
	if !slices.Contains(register.Langs(), i.Lang) {
		problems = append(problems, register.Problem{Field: "language", Key: "problem.language-unknown"})
	}
	return problems.OrNil()
}

// Invite makes an account and sends its owner a link to answer with. It returns
// ErrForbidden, or Problems.
func (a *Auth) Invite(ctx context.Context, actor register.Actor, i Invitation) (Link, error) {
	if err := mayAdmin(actor); err != nil {
		return Link{}, err
	}
	i.Email, i.Name = FoldEmail(i.Email), strings.TrimSpace(i.Name)
	if err := i.validate(); err != nil {
		return Link{}, err
	}
	var link Link
	err := a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		account := desk.Account{Email: i.Email, Name: i.Name, Role: i.Role, Language: i.Lang}
		var err error
		if account.ID, err = d.InsertAccount(ctx, account, a.now()); err != nil {
			return err
		}
		if link, err = a.makeLink(ctx, q, account, linkInvitation, "", invitationTime); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "invite", "", 0, map[string]any{"account": account.ID, "role": i.Role})
	})
	return link, err
}

// SendLink sends another invitation to who has not answered, and a link to set
// another password to who has. It returns ErrForbidden, ErrNotFound, or
// ErrConflict for a deactivated account.
func (a *Auth) SendLink(ctx context.Context, actor register.Actor, id string) (Link, error) {
	staff, err := a.Account(ctx, actor, id)
	if err != nil {
		return Link{}, err
	}
	if staff.DeactivatedAt != nil {
		return Link{}, register.ErrConflict
	}
	purpose, lasts := linkReset, resetTime
	if !staff.HasPassword {
		purpose, lasts = linkInvitation, invitationTime
	}
	var link Link
	err = a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		// The links before are void: one is enough.
		if err := d.UseLinks(ctx, staff.ID, a.now()); err != nil {
			return err
		}
		var err error
		if link, err = a.makeLink(ctx, q, staff.Account, purpose, "", lasts); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "send-"+purpose, "", 0, map[string]any{"account": staff.ID})
	})
	return link, err
}

// ChangeRole gives an account another role; its sessions end. It returns
// ErrForbidden, ErrNotFound, Problems, or ErrLastAdmin.
func (a *Auth) ChangeRole(ctx context.Context, actor register.Actor, id string, role register.AccountRole) error {
	if !slices.Contains(register.AccountRoles(), role) {
		return register.Problems{{Field: "role", Key: "problem.role-unknown"}}
	}
	return a.change(ctx, actor, id, role != register.RoleAdmin, func(d *desk.Queries, staff desk.Staff) error {
		if staff.Role == role {
			return nil
		}
		if err := d.SetRole(ctx, id, role); err != nil {
			return err
		}
		if err := d.DeleteSessionsOf(ctx, id, ""); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "change-role", "", 0, map[string]any{"account": id, "from": staff.Role, "to": role})
	})
}

// Deactivate ends an account's sessions and links, and lets nobody sign in with
// it. What the person did stays under his name. It returns ErrForbidden,
// ErrNotFound, or ErrLastAdmin.
func (a *Auth) Deactivate(ctx context.Context, actor register.Actor, id string) error {
	return a.change(ctx, actor, id, true, func(d *desk.Queries, _ desk.Staff) error {
		now := a.now()
		if err := d.SetDeactivated(ctx, id, &now); err != nil {
			return err
		}
		if err := errors.Join(d.DeleteSessionsOf(ctx, id, ""), d.UseLinks(ctx, id, now)); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "deactivate-account", "", 0, map[string]any{"account": id})
	})
}

// Reactivate lets somebody sign in again. It returns ErrForbidden or
// ErrNotFound.
func (a *Auth) Reactivate(ctx context.Context, actor register.Actor, id string) error {
	return a.change(ctx, actor, id, false, func(d *desk.Queries, _ desk.Staff) error {
		if err := d.SetDeactivated(ctx, id, nil); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "reactivate-account", "", 0, map[string]any{"account": id})
	})
}

// ClearFactors takes all second factors away from somebody who has lost them,
// and ends his sessions. Who asks has to make sure of who it is by other means.
func (a *Auth) ClearFactors(ctx context.Context, actor register.Actor, id string) error {
	if err := mayAdmin(actor); err != nil {
		return err
	}
	if !isID(id) {
		return register.ErrNotFound
	}
	return a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		if err := d.DeleteTOTP(ctx, id); err != nil && !errors.Is(err, register.ErrNotFound) {
			return err
		}
		keys, err := d.Passkeys(ctx, id)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := d.DeletePasskey(ctx, id, key.ID); err != nil {
				return err
			}
		}
		if err := d.DeleteSessionsOf(ctx, id, ""); err != nil {
			return err
		}
		return a.factorRemoved(ctx, q, d, actor.ID, id, "all")
	})
}

// change runs a change of an account by an admin. Where it may take an admin
// away, one who can sign in must be left.
func (a *Auth) change(ctx context.Context, actor register.Actor, id string, takesAdmin bool, do func(d *desk.Queries, staff desk.Staff) error) error {
	if err := mayAdmin(actor); err != nil {
		return err
	}
	if !isID(id) {
		return register.ErrNotFound
	}
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		admins, err := d.LockAdmins(ctx)
		if err != nil {
			return err
		}
		staff, err := d.StaffByID(ctx, id)
		if err != nil {
			return err
		}
		if takesAdmin && slices.Equal(admins, []string{id}) {
			return ErrLastAdmin
		}
		return do(d, staff)
	})
}
