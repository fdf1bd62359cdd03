package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// InsertToken keeps a token by the hash of it, and returns its identifier.
func (d *Queries) InsertToken(ctx context.Context, hash []byte, t register.Token) (string, error) {
	var id string
	err := d.q.QueryRow(ctx, `
		INSERT INTO desk.tokens (account_id, token_hash, name, scopes, created_at, expires_at)
		VALUES (@account, @hash, @name, @scopes, @created, @expires)
		RETURNING id`,
		pgx.StrictNamedArgs{
			"account": t.Account, "hash": hash, "name": t.Name, "scopes": t.Scopes, "created": t.CreatedAt, "expires": t.ExpiresAt,
		}).Scan(&id)
	return id, store.Map(err)
}

//nolint:gosec // columns of a table, no token
const selectToken = `
	SELECT t.id, t.account_id, a.name, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
	FROM desk.tokens AS t
	JOIN desk.accounts AS a ON a.id = t.account_id`

func scanToken(row pgx.CollectableRow) (register.Token, error) {
	var t register.Token
	err := row.Scan(&t.ID, &t.Account, &t.Owner, &t.Name, &t.Scopes, &t.CreatedAt, &t.ExpiresAt, &t.UsedAt, &t.RevokedAt)
	return t, err
}

// Tokens lists the tokens of an account, or of all where it is empty: those that
// can be used first, the newest first.
func (d *Queries) Tokens(ctx context.Context, account string, now time.Time) ([]register.Token, error) {
	rows, err := d.q.Query(ctx, selectToken+`
		WHERE @account = '' OR t.account_id = nullif(@account, '')::uuid
		ORDER BY t.revoked_at IS NULL AND t.expires_at > @now DESC, t.created_at DESC, t.id
		LIMIT 500`,
		pgx.StrictNamedArgs{"account": account, "now": now})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanToken)
	return out, store.Map(err)
}

// CountTokens counts the tokens of an account that can be used, and holds the
// account until the end of the transaction: two that are made at once are counted
// one after the other.
func (d *Queries) CountTokens(ctx context.Context, account string, now time.Time) (int, error) {
	var n int
	err := d.q.QueryRow(ctx, `
		WITH owner AS (SELECT id FROM desk.accounts WHERE id = @account FOR NO KEY UPDATE)
		SELECT count(t.id)
		FROM owner AS o
		LEFT JOIN desk.tokens AS t ON t.account_id = o.id AND t.revoked_at IS NULL AND t.expires_at > @now`,
		pgx.StrictNamedArgs{"account": account, "now": now}).Scan(&n)
	return n, store.Map(err)
}

// TokenByHash returns the token with a hash, and the role that its owner has now.
// It returns ErrNotFound for one that is not known, has expired or was revoked, and
// where its owner was deactivated.
func (d *Queries) TokenByHash(ctx context.Context, hash []byte, now time.Time) (register.Token, register.AccountRole, error) {
	var role register.AccountRole
	rows, err := d.q.Query(ctx, `
		SELECT t.id, t.account_id, a.name, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at, a.role
		FROM desk.tokens AS t
		JOIN desk.accounts AS a ON a.id = t.account_id
		WHERE t.token_hash = @hash AND t.revoked_at IS NULL AND t.expires_at > @now
		  AND a.deactivated_at IS NULL AND NOT a.is_service`,
		pgx.StrictNamedArgs{"hash": hash, "now": now})
	if err != nil {
		return register.Token{}, role, store.Map(err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (register.Token, error) {
		var t register.Token
		err := row.Scan(&t.ID, &t.Account, &t.Owner, &t.Name, &t.Scopes, &t.CreatedAt, &t.ExpiresAt, &t.UsedAt, &t.RevokedAt, &role)
		return t, err
	})
	return t, role, store.Map(err)
}

// UseToken notes that a token was used.
func (d *Queries) UseToken(ctx context.Context, id string, now time.Time) error {
	_, err := d.q.Exec(ctx, `UPDATE desk.tokens SET last_used_at = @now WHERE id = @id`, pgx.StrictNamedArgs{"id": id, "now": now})
	return store.Map(err)
}

// RevokeToken ends a token of an account, or of any where it is empty, and returns
// its owner and name. It returns ErrNotFound for one that has ended.
func (d *Queries) RevokeToken(ctx context.Context, id, account, by string, now time.Time) (owner, name string, err error) {
	err = d.q.QueryRow(ctx, `
		UPDATE desk.tokens SET revoked_at = @now, revoked_by = @by
		WHERE id = @id AND revoked_at IS NULL AND (@account = '' OR account_id = nullif(@account, '')::uuid)
		RETURNING account_id, name`,
		pgx.StrictNamedArgs{"id": id, "account": account, "by": by, "now": now}).Scan(&owner, &name)
	return owner, name, store.Map(err)
}

// RevokeTokensOf ends all tokens of an account, and returns the identifiers of those
// that could be used until then. It holds the account until the end of the transaction,
// as CountTokens does: none is made meanwhile that is left out.
func (d *Queries) RevokeTokensOf(ctx context.Context, account, by string, now time.Time) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		WITH owner AS MATERIALIZED (SELECT id FROM desk.accounts WHERE id = @account FOR NO KEY UPDATE)
		UPDATE desk.tokens AS t SET revoked_at = @now, revoked_by = @by
		FROM owner AS o
		WHERE t.account_id = o.id AND t.revoked_at IS NULL AND t.expires_at > @now
		RETURNING t.id::text`,
		pgx.StrictNamedArgs{"account": account, "by": by, "now": now})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// Reply is what came of a request that a program names.
type Reply struct {
	Status  int
	Record  register.Ref
	Version int
	Answer  string // as it was sent; it holds no word of a draft
	// Replayed means that it was sent before.
	Replayed bool
}

// LockRequest holds the name of a request until the end of the transaction; false
// while another holds it.
func (d *Queries) LockRequest(ctx context.Context, token, key string) (bool, error) {
	var held bool
	err := d.q.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended(@token || ' ' || @key, 119))`,
		pgx.StrictNamedArgs{"token": token, "key": key}).Scan(&held)
	return held, store.Map(err)
}

// RequestReply returns what came of a request, and the hash of what it asked;
// ErrNotFound for one that was not brought before.
func (d *Queries) RequestReply(ctx context.Context, token, key string) (Reply, []byte, error) {
	r := Reply{Replayed: true}
	var sum []byte
	err := d.q.QueryRow(ctx, `
		SELECT status, record_id, version, answer, sha256
		FROM desk.token_requests
		WHERE token_id = @token AND key = @key`,
		pgx.StrictNamedArgs{"token": token, "key": key}).Scan(&r.Status, &r.Record, &r.Version, &r.Answer, &sum)
	return r, sum, store.Map(err)
}

// KeepReply keeps what came of a request.
func (d *Queries) KeepReply(ctx context.Context, token, key string, sum []byte, r Reply, now time.Time) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.token_requests (token_id, key, sha256, status, record_id, version, answer, done_at)
		VALUES (@token, @key, @sha256, @status, @record, @version, @answer, @now)`,
		pgx.StrictNamedArgs{
			"token": token, "key": key, "sha256": sum, "status": r.Status, "record": r.Record, "version": r.Version, "answer": r.Answer, "now": now,
		})
	return store.Map(err)
}

// Identified returns the identifiers of records by their public
// references, and of those of the identifiers that there are.
func (d *Queries) Identified(ctx context.Context, refs []register.Ref) (map[register.Ref]register.Ref, error) {
	rows, err := d.q.Query(ctx, `
		SELECT reference, id FROM desk.records WHERE reference = ANY (@refs)
		UNION ALL
		SELECT id::text, id FROM desk.records WHERE id = ANY (@ids)`,
		pgx.StrictNamedArgs{"refs": refs, "ids": identifiers(refs)})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[register.Ref]register.Ref{}
	var named, id register.Ref
	_, err = pgx.ForEachRow(rows, []any{&named, &id}, func() error { out[named] = id; return nil })
	return out, store.Map(err)
}

// ForgetRequests forgets what came of requests before a moment.
func (d *Queries) ForgetRequests(ctx context.Context, before time.Time) error {
	_, err := d.q.Exec(ctx, `DELETE FROM desk.token_requests WHERE done_at < @before`, pgx.StrictNamedArgs{"before": before})
	return store.Map(err)
}
