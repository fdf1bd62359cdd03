package desk

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// Passkey is a key on a device or in a key ring, with which its owner signs in.
type Passkey struct {
	ID           string
	Account      string
	CredentialID []byte
	Credential   json.RawMessage // as the library that checks it keeps it
	Name         string          // given by its owner
	CreatedAt    time.Time
	UsedAt       *time.Time
}

// Passkeys returns the account's passkeys, the oldest first.
func (d *Queries) Passkeys(ctx context.Context, account string) ([]Passkey, error) {
	rows, err := d.q.Query(ctx, `
		SELECT id, account_id, credential_id, credential, name, created_at, used_at
		FROM desk.passkeys
		WHERE account_id = @account
		ORDER BY created_at, id`,
		pgx.StrictNamedArgs{"account": account})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Passkey])
	return out, store.Map(err)
}

// InsertPasskey keeps a new passkey. It returns ErrConflict when the credential
// is one that somebody has already.
func (d *Queries) InsertPasskey(ctx context.Context, p Passkey) error {
	return d.run(ctx, `
		INSERT INTO desk.passkeys (account_id, credential_id, credential, name, created_at)
		VALUES (@account, @credentialID, @credential, @name, @created)`,
		pgx.StrictNamedArgs{
			"account": p.Account, "credentialID": p.CredentialID, "credential": p.Credential,
			"name": p.Name, "created": p.CreatedAt,
		})
}

// UsePasskey writes a passkey's counter and flags back after it was used.
func (d *Queries) UsePasskey(ctx context.Context, credentialID []byte, credential json.RawMessage, now time.Time) error {
	return d.mustChange(ctx, `
		UPDATE desk.passkeys SET credential = @credential, used_at = @now WHERE credential_id = @id`,
		pgx.StrictNamedArgs{"id": credentialID, "credential": credential, "now": now})
}

// DeletePasskey removes one passkey of an account, ErrNotFound when it is not
// one of its own.
func (d *Queries) DeletePasskey(ctx context.Context, account, id string) error {
	return d.mustChange(ctx, `DELETE FROM desk.passkeys WHERE id = @id AND account_id = @account`,
		pgx.StrictNamedArgs{"id": id, "account": account})
}

// Ceremony is a challenge that a passkey is to answer.
type Ceremony struct {
	Account   string // empty for a sign-in, where the passkey says who it is
	Purpose   string // "register", "sign-in", "second-factor" or "prove"
	Challenge json.RawMessage
	ExpiresAt time.Time
}

// InsertCeremony keeps a challenge until it is answered.
func (d *Queries) InsertCeremony(ctx context.Context, tokenHash []byte, c Ceremony) error {
	return d.run(ctx, `
		INSERT INTO desk.ceremonies (token_hash, account_id, purpose, challenge, expires_at)
		VALUES (@hash, @account, @purpose, @challenge, @expires)`,
		pgx.StrictNamedArgs{
			"hash": tokenHash, "account": store.Nullable(c.Account), "purpose": c.Purpose,
			"challenge": c.Challenge, "expires": c.ExpiresAt,
		})
}

// TakeCeremony returns a challenge and removes it: it is answered once.
// ErrNotFound is returned when there is none, or when it has expired.
func (d *Queries) TakeCeremony(ctx context.Context, tokenHash []byte, purpose string, now time.Time) (Ceremony, error) {
	var c Ceremony
	err := d.q.QueryRow(ctx, `
		DELETE FROM desk.ceremonies
		WHERE token_hash = @hash AND purpose = @purpose AND expires_at > @now
		RETURNING coalesce(account_id::text, ''), purpose, challenge, expires_at`,
		pgx.StrictNamedArgs{"hash": tokenHash, "purpose": purpose, "now": now}).
		Scan(&c.Account, &c.Purpose, &c.Challenge, &c.ExpiresAt)
	return c, store.Map(err)
}
