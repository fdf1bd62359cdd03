package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// InsertLink keeps a link that was sent. Account is empty where nobody has the
// address that was given.
func (d *Queries) InsertLink(ctx context.Context, tokenHash []byte, l Link, now time.Time) error {
	return d.run(ctx, `
		INSERT INTO desk.account_links (token_hash, account_id, purpose, email, created_at, expires_at)
		VALUES (@hash, @account, @purpose, @email, @now, @expires)`,
		pgx.StrictNamedArgs{
			"hash": tokenHash, "account": store.Nullable(l.Account), "purpose": l.Purpose,
			"email": store.Nullable(l.Email), "now": now, "expires": l.ExpiresAt,
		})
}

// Link is a link that proves an address, once.
type Link struct {
	Account   string
	Purpose   string // "invitation", "reset" or "email"
	Email     string // the new address, for "email"
	ExpiresAt time.Time
}

// LinkByToken returns a link that can still be used, and locks it until the
// end of the transaction; ErrNotFound when there is none.
func (d *Queries) LinkByToken(ctx context.Context, tokenHash []byte, purpose string, now time.Time) (Link, error) {
	var l Link
	err := d.q.QueryRow(ctx, `
		SELECT l.account_id, l.purpose, coalesce(l.email, ''), l.expires_at
		FROM desk.account_links AS l
		JOIN desk.accounts AS a ON a.id = l.account_id
		WHERE l.token_hash = @hash AND l.purpose = @purpose AND l.used_at IS NULL AND l.expires_at > @now
		  AND a.deactivated_at IS NULL
		FOR UPDATE OF l`,
		pgx.StrictNamedArgs{"hash": tokenHash, "purpose": purpose, "now": now}).
		Scan(&l.Account, &l.Purpose, &l.Email, &l.ExpiresAt)
	return l, store.Map(err)
}

// UseLinks voids the account's links.
func (d *Queries) UseLinks(ctx context.Context, account string, now time.Time) error {
	return d.run(ctx, `UPDATE desk.account_links SET used_at = @now WHERE account_id = @account AND used_at IS NULL`,
		pgx.StrictNamedArgs{"account": account, "now": now})
}
