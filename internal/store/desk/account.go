package desk

import (
	"context"
	"time"

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

// Staff is an account with how it signs in.
type Staff struct {
	Account
	CreatedAt     time.Time
	DeactivatedAt *time.Time
	HasPassword   bool
	HasTOTP       bool
	Passkeys      int
	RecoveryCodes int // those that are not used yet
	LastSeen      *time.Time
}

// HasSecondFactor reports whether something besides the password is set.
func (s *Staff) HasSecondFactor() bool { return s.HasTOTP || s.Passkeys > 0 }

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
		WHERE email = @email`,
		pgx.StrictNamedArgs{"email": a.Email}).
		Scan(&out.ID, &out.Email, &out.Name, &out.Role, &out.Language, &out.Service)
	return out, store.Map(err)
}

// InsertAccount makes an account and returns its identifier. It returns
// Problems when the e-mail address has one already.
func (d *Queries) InsertAccount(ctx context.Context, a Account, now time.Time) (string, error) {
	var id string
	err := d.q.QueryRow(ctx, `
		INSERT INTO desk.accounts (email, name, role, language, created_at)
		VALUES (@email, @name, @role, @language, @now)
		RETURNING id`,
		pgx.StrictNamedArgs{"email": a.Email, "name": a.Name, "role": a.Role, "language": a.Language, "now": now}).Scan(&id)
	return id, store.Map(err)
}

const selectStaff = `
	SELECT a.id, a.email, a.name, a.role, a.language, a.is_service, a.created_at, a.deactivated_at,
	       EXISTS (SELECT FROM desk.passwords AS p WHERE p.account_id = a.id),
	       EXISTS (SELECT FROM desk.totp_secrets AS t WHERE t.account_id = a.id AND t.confirmed),
	       (SELECT count(*) FROM desk.passkeys AS k WHERE k.account_id = a.id),
	       (SELECT count(*) FROM desk.recovery_codes AS r WHERE r.account_id = a.id AND r.used_at IS NULL),
	       (SELECT max(s.seen_at) FROM desk.sessions AS s WHERE s.account_id = a.id)
	FROM desk.accounts AS a`

func scanStaff(row pgx.CollectableRow) (Staff, error) {
	var s Staff
	err := row.Scan(&s.ID, &s.Email, &s.Name, &s.Role, &s.Language, &s.Service, &s.CreatedAt, &s.DeactivatedAt,
		&s.HasPassword, &s.HasTOTP, &s.Passkeys, &s.RecoveryCodes, &s.LastSeen)
	return s, err
}

// AllStaff returns the accounts of persons, active ones first, by name.
func (d *Queries) AllStaff(ctx context.Context) ([]Staff, error) {
	rows, err := d.q.Query(ctx, selectStaff+`
		WHERE NOT a.is_service
		ORDER BY a.deactivated_at IS NOT NULL, a.name, a.email`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanStaff)
	return out, store.Map(err)
}

// StaffByID returns an account of a person, ErrNotFound when there is none.
func (d *Queries) StaffByID(ctx context.Context, id string) (Staff, error) {
	return d.staff(ctx, selectStaff+` WHERE a.id = @key AND NOT a.is_service`, id)
}

// StaffByEmail returns the account of a person who has the address,
// ErrNotFound when nobody has.
func (d *Queries) StaffByEmail(ctx context.Context, email string) (Staff, error) {
	return d.staff(ctx, selectStaff+` WHERE a.email = @key AND NOT a.is_service`, email)
}

func (d *Queries) staff(ctx context.Context, sql, key string) (Staff, error) {
	rows, err := d.q.Query(ctx, sql, pgx.StrictNamedArgs{"key": key})
	if err != nil {
		return Staff{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanStaff)
	return out, store.Map(err)
}

// LockAdmins returns the admins who can sign in, and locks them until the end
// of the transaction, so that two of them cannot dismiss each other at once.
func (d *Queries) LockAdmins(ctx context.Context) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		SELECT a.id
		FROM desk.accounts AS a
		WHERE a.role = 'admin' AND a.deactivated_at IS NULL AND NOT a.is_service
		  AND EXISTS (SELECT FROM desk.passwords AS p WHERE p.account_id = a.id)
		ORDER BY a.id
		FOR UPDATE OF a`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// SetRole gives the account another role.
func (d *Queries) SetRole(ctx context.Context, id string, role register.AccountRole) error {
	return d.changeAccount(ctx, `UPDATE desk.accounts SET role = @value WHERE id = @id AND NOT is_service`, id, role)
}

// SetDeactivated deactivates the account at a moment, or activates it again
// where that is nil.
func (d *Queries) SetDeactivated(ctx context.Context, id string, at *time.Time) error {
	return d.changeAccount(ctx, `UPDATE desk.accounts SET deactivated_at = @value WHERE id = @id AND NOT is_service`, id, at)
}

// SetEmail gives the account another address. It returns Problems when that
// belongs to another account.
func (d *Queries) SetEmail(ctx context.Context, id, email string) error {
	return d.changeAccount(ctx, `UPDATE desk.accounts SET email = @value WHERE id = @id AND NOT is_service`, id, email)
}

// SetName gives the account another name.
func (d *Queries) SetName(ctx context.Context, id, name string) error {
	return d.changeAccount(ctx, `UPDATE desk.accounts SET name = @value WHERE id = @id AND NOT is_service`, id, name)
}

// SetLanguage gives the account another language of the interface.
func (d *Queries) SetLanguage(ctx context.Context, id string, lang register.Lang) error {
	return d.changeAccount(ctx, `UPDATE desk.accounts SET language = @value WHERE id = @id AND NOT is_service`, id, lang)
}

// changeAccount returns ErrNotFound when the account does not exist.
func (d *Queries) changeAccount(ctx context.Context, sql, id string, value any) error {
	return d.mustChange(ctx, sql, pgx.StrictNamedArgs{"id": id, "value": value})
}

// mustChange runs a statement and returns ErrNotFound when no row answers.
func (d *Queries) mustChange(ctx context.Context, sql string, args pgx.StrictNamedArgs) error {
	tag, err := d.q.Exec(ctx, sql, args)
	if err != nil {
		return store.Map(err)
	}
	if tag.RowsAffected() == 0 {
		return register.ErrNotFound
	}
	return nil
}

// run runs a statement whose effect may be none.
func (d *Queries) run(ctx context.Context, sql string, args pgx.StrictNamedArgs) error {
	_, err := d.q.Exec(ctx, sql, args)
	return store.Map(err)
}
