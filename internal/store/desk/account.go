package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Account is a person, or a part of the program, that works at the desk.
type Account struct {
	ID       string
	Email    string
	Name     string
	Role     register.AccountRole
	Language register.Lang
	Service  bool // an account of the program; it can never sign in
}

// EnsureAccount returns the account with the e-mail address, making it when it
// is missing. An existing account is returned as it is.
func (d *Queries) EnsureAccount(ctx context.Context, a Account) (Account, error) {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.accounts (email, name, role, language, is_service)
		VALUES (@email, @name, @role, @language, @service)
		ON CONFLICT (email) DO NOTHING`,
		pgx.StrictNamedArgs{
			"email": a.Email, "name": a.Name, "role": a.Role, "language": a.Language, "service": a.Service,
		})
	if err != nil {
		return Account{}, store.Map(err)
	}
	var out Account
	err = d.q.QueryRow(ctx, `
		SELECT id, email, name, role, language, is_service
		FROM desk.accounts
		WHERE email = @email AND deactivated_at IS NULL`,
		pgx.StrictNamedArgs{"email": a.Email}).
		Scan(&out.ID, &out.Email, &out.Name, &out.Role, &out.Language, &out.Service)
	return out, store.Map(err)
}
