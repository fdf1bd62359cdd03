package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// PasswordHash returns the hash of the account's password, empty when it has
// none yet.
func (d *Queries) PasswordHash(ctx context.Context, account string) (string, error) {
	var hash string
	err := d.q.QueryRow(ctx, `
		SELECT coalesce((SELECT hash FROM desk.passwords WHERE account_id = @account), '')`,
		pgx.StrictNamedArgs{"account": account}).Scan(&hash)
	return hash, store.Map(err)
}

// SetPasswordHash gives the account a password, by its hash.
func (d *Queries) SetPasswordHash(ctx context.Context, account, hash string, now time.Time) error {
	return d.run(ctx, `
		INSERT INTO desk.passwords (account_id, hash, changed_at)
		VALUES (@account, @hash, @now)
		ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
		pgx.StrictNamedArgs{"account": account, "hash": hash, "now": now})
}

// RehashPassword replaces the hash of a password by another of the same one. It
// returns ErrNotFound where it was changed meanwhile.
func (d *Queries) RehashPassword(ctx context.Context, account, from, to string) error {
	return d.mustChange(ctx, `UPDATE desk.passwords SET hash = @to WHERE account_id = @account AND hash = @from`,
		pgx.StrictNamedArgs{"account": account, "from": from, "to": to})
}

// TOTP is a secret of one-time codes, encrypted.
type TOTP struct {
	Secret   []byte
	LastStep int64 // the last step of time whose code was taken
}

// LockTOTP returns the account's secret, the one in use or the one that is
// being set up, and locks it until the end of the transaction, so that one code
// is not taken twice at once; ErrNotFound when there is none.
func (d *Queries) LockTOTP(ctx context.Context, account string, confirmed bool) (TOTP, error) {
	var t TOTP
	err := d.q.QueryRow(ctx, `
		SELECT secret, last_step
		FROM desk.totp_secrets
		WHERE account_id = @account AND confirmed = @confirmed
		FOR UPDATE`,
		pgx.StrictNamedArgs{"account": account, "confirmed": confirmed}).Scan(&t.Secret, &t.LastStep)
	return t, store.Map(err)
}

// Secret is a secret of one-time codes of an account, in use or being set up.
type Secret struct {
	Account   string
	Confirmed bool
	Secret    []byte
}

// LockSecrets returns all secrets of one-time codes, and locks them until the end of
// the transaction.
func (d *Queries) LockSecrets(ctx context.Context) ([]Secret, error) {
	rows, err := d.q.Query(ctx, `
		SELECT account_id, confirmed, secret FROM desk.totp_secrets ORDER BY account_id, confirmed FOR UPDATE`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Secret])
	return out, store.Map(err)
}

// ReplaceSecret keeps a secret under another key.
func (d *Queries) ReplaceSecret(ctx context.Context, s Secret, sealed []byte) error {
	return d.mustChange(ctx, `UPDATE desk.totp_secrets SET secret = @secret WHERE account_id = @account AND confirmed = @confirmed`,
		pgx.StrictNamedArgs{"account": s.Account, "confirmed": s.Confirmed, "secret": sealed})
}

// SetTOTPStep notes the step whose code was taken.
func (d *Queries) SetTOTPStep(ctx context.Context, account string, step int64) error {
	return d.mustChange(ctx, `
		UPDATE desk.totp_secrets SET last_step = @step WHERE account_id = @account AND confirmed`,
		pgx.StrictNamedArgs{"account": account, "step": step})
}

// BeginTOTP keeps a secret that is being set up, in the place of one that was.
func (d *Queries) BeginTOTP(ctx context.Context, account string, secret []byte, now time.Time) error {
	return d.run(ctx, `
		INSERT INTO desk.totp_secrets (account_id, confirmed, secret, created_at)
		VALUES (@account, false, @secret, @now)
		ON CONFLICT (account_id, confirmed) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at`,
		pgx.StrictNamedArgs{"account": account, "secret": secret, "now": now})
}

// ConfirmTOTP takes the secret that is being set up into use, in the place of
// one that was, with the step whose code proved it.
func (d *Queries) ConfirmTOTP(ctx context.Context, account string, step int64) error {
	if err := d.run(ctx, `DELETE FROM desk.totp_secrets WHERE account_id = @account AND confirmed`,
		pgx.StrictNamedArgs{"account": account}); err != nil {
		return err
	}
	return d.mustChange(ctx, `
		UPDATE desk.totp_secrets SET confirmed = true, last_step = @step
		WHERE account_id = @account AND NOT confirmed`,
		pgx.StrictNamedArgs{"account": account, "step": step})
}

// DeleteTOTP removes the account's secrets; ErrNotFound when it has none.
func (d *Queries) DeleteTOTP(ctx context.Context, account string) error {
	return d.mustChange(ctx, `DELETE FROM desk.totp_secrets WHERE account_id = @account`,
		pgx.StrictNamedArgs{"account": account})
}

// ReplaceRecoveryCodes gives the account other recovery codes, by their
// hashes; none takes them all away.
func (d *Queries) ReplaceRecoveryCodes(ctx context.Context, account string, hashes [][]byte) error {
	if err := d.run(ctx, `DELETE FROM desk.recovery_codes WHERE account_id = @account`,
		pgx.StrictNamedArgs{"account": account}); err != nil {
		return err
	}
	return d.run(ctx, `
		INSERT INTO desk.recovery_codes (account_id, code_hash)
		SELECT @account, hash FROM unnest(@hashes::bytea[]) AS code (hash)`,
		pgx.StrictNamedArgs{"account": account, "hashes": list(hashes)})
}

// UseRecoveryCode takes a code, once; ErrNotFound when the account has none
// such, or has used it.
func (d *Queries) UseRecoveryCode(ctx context.Context, account string, hash []byte, now time.Time) error {
	return d.mustChange(ctx, `
		UPDATE desk.recovery_codes SET used_at = @now
		WHERE account_id = @account AND code_hash = @hash AND used_at IS NULL`,
		pgx.StrictNamedArgs{"account": account, "hash": hash, "now": now})
}

// SetSetupCode keeps the hash of the code with which the first admin is made,
// in the place of one that was.
func (d *Queries) SetSetupCode(ctx context.Context, hash []byte, now time.Time) error {
	return d.run(ctx, `
		INSERT INTO desk.setup_code (code_hash, created_at)
		VALUES (@hash, @now)
		ON CONFLICT (one) DO UPDATE SET code_hash = excluded.code_hash, created_at = excluded.created_at`,
		pgx.StrictNamedArgs{"hash": hash, "now": now})
}

// TakeSetupCode uses the code up; ErrNotFound when it is another one.
func (d *Queries) TakeSetupCode(ctx context.Context, hash []byte) error {
	return d.mustChange(ctx, `DELETE FROM desk.setup_code WHERE code_hash = @hash`, pgx.StrictNamedArgs{"hash": hash})
}
