package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// Session is a device on which somebody has signed in.
type Session struct {
	ID         string
	Account    Account
	AwaitsCode bool // the password was right, the second factor is still asked for
	// HasSecondFactor tells of the account as it is now.
	HasSecondFactor bool
	Device          string // what the browser says of itself
	Network         string
	CreatedAt       time.Time
	SeenAt          time.Time
	ProvedAt        time.Time
}

// InsertSession begins a session that is known by the hash of its token, with
// the role that the account has now, and returns its identifier.
func (d *Queries) InsertSession(ctx context.Context, tokenHash []byte, s Session, now time.Time) (string, error) {
	var id string
	err := d.q.QueryRow(ctx, `
		INSERT INTO desk.sessions
		       (token_hash, account_id, role, awaits_code, device, network, created_at, seen_at, proved_at)
		SELECT @hash, a.id, a.role, @awaits, @device, @network, @now, @now, @now
		FROM desk.accounts AS a
		WHERE a.id = @account AND a.deactivated_at IS NULL AND NOT a.is_service
		RETURNING id`,
		pgx.StrictNamedArgs{
			"hash": tokenHash, "account": s.Account.ID, "awaits": s.AwaitsCode,
			"device": s.Device, "network": s.Network, "now": now,
		}).Scan(&id)
	return id, store.Map(err)
}

const selectSession = `
	SELECT s.id, a.id, a.email, a.name, a.role, a.language, s.awaits_code,
	       EXISTS (SELECT FROM desk.totp_secrets AS t WHERE t.account_id = a.id AND t.confirmed)
	       OR EXISTS (SELECT FROM desk.passkeys AS k WHERE k.account_id = a.id),
	       s.device, s.network, s.created_at, s.seen_at, s.proved_at
	FROM desk.sessions AS s
	JOIN desk.accounts AS a ON a.id = s.account_id
	WHERE a.deactivated_at IS NULL AND NOT a.is_service AND a.role = s.role
	  AND s.seen_at > @idle AND s.created_at > @begun`

func scanSession(row pgx.CollectableRow) (Session, error) {
	var s Session
	err := row.Scan(&s.ID, &s.Account.ID, &s.Account.Email, &s.Account.Name, &s.Account.Role, &s.Account.Language,
		&s.AwaitsCode, &s.HasSecondFactor, &s.Device, &s.Network, &s.CreatedAt, &s.SeenAt, &s.ProvedAt)
	return s, err
}

// Alive bounds the sessions that still count: seen and begun after these
// moments.
type Alive struct {
	SeenAfter, BegunAfter time.Time
}

// SessionByToken returns the session with the hash of a token. It returns
// ErrNotFound when there is none, when it has expired, and when its account was
// deactivated or has got another role.
func (d *Queries) SessionByToken(ctx context.Context, tokenHash []byte, alive Alive) (Session, error) {
	rows, err := d.q.Query(ctx, selectSession+` AND s.token_hash = @hash`,
		pgx.StrictNamedArgs{"hash": tokenHash, "idle": alive.SeenAfter, "begun": alive.BegunAfter})
	if err != nil {
		return Session{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanSession)
	return out, store.Map(err)
}

// SessionsOf returns the account's sessions, the one seen last first.
func (d *Queries) SessionsOf(ctx context.Context, account string, alive Alive) ([]Session, error) {
	rows, err := d.q.Query(ctx, selectSession+` AND a.id = @account AND NOT s.awaits_code ORDER BY s.seen_at DESC, s.id`,
		pgx.StrictNamedArgs{"account": account, "idle": alive.SeenAfter, "begun": alive.BegunAfter})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanSession)
	return out, store.Map(err)
}

// TouchSession notes that the session was used.
func (d *Queries) TouchSession(ctx context.Context, id string, now time.Time) error {
	return d.run(ctx, `UPDATE desk.sessions SET seen_at = @now WHERE id = @id`, pgx.StrictNamedArgs{"id": id, "now": now})
}

// ProveSession gives the session a new token after another proof, and notes
// when it was.
func (d *Queries) ProveSession(ctx context.Context, id string, tokenHash []byte, now time.Time) error {
	return d.mustChange(ctx, `
		UPDATE desk.sessions
		SET token_hash = @hash, awaits_code = false, proved_at = @now, seen_at = @now
		WHERE id = @id`,
		pgx.StrictNamedArgs{"id": id, "hash": tokenHash, "now": now})
}

// DeleteSessionByToken ends a session; there may be none.
func (d *Queries) DeleteSessionByToken(ctx context.Context, tokenHash []byte) error {
	return d.run(ctx, `DELETE FROM desk.sessions WHERE token_hash = @hash`, pgx.StrictNamedArgs{"hash": tokenHash})
}

// DeleteSession ends one session of an account, ErrNotFound when it is not one
// of its own.
func (d *Queries) DeleteSession(ctx context.Context, account, id string) error {
	return d.mustChange(ctx, `DELETE FROM desk.sessions WHERE id = @id AND account_id = @account`,
		pgx.StrictNamedArgs{"id": id, "account": account})
}

// LockSessions has whoever begins a session of the account, and whoever ends all of
// them, wait for each other until the end of the transaction: what is read of the
// account afterwards is what holds for the session.
func (d *Queries) LockSessions(ctx context.Context, account string) error {
	return d.run(ctx, `SELECT FROM desk.accounts WHERE id = @account FOR NO KEY UPDATE`, pgx.StrictNamedArgs{"account": account})
}

// DeleteSessionsOf ends the account's sessions but for one, which may be empty, also
// those that are about to begin.
func (d *Queries) DeleteSessionsOf(ctx context.Context, account, except string) error {
	// In a statement of its own: the next one sees what was waited for.
	if err := d.LockSessions(ctx, account); err != nil {
		return err
	}
	return d.run(ctx, `
		DELETE FROM desk.sessions
		WHERE account_id = @account AND id IS DISTINCT FROM @except`,
		pgx.StrictNamedArgs{"account": account, "except": store.Nullable(except)})
}

// Sweep removes what has expired: sessions, challenges, links and attempts.
func (d *Queries) Sweep(ctx context.Context, now time.Time, alive Alive) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM desk.sessions WHERE seen_at <= @idle OR created_at <= @begun`,
		pgx.StrictNamedArgs{"idle": alive.SeenAfter, "begun": alive.BegunAfter})
	batch.Queue(`DELETE FROM desk.ceremonies WHERE expires_at <= @now`, pgx.StrictNamedArgs{"now": now})
	batch.Queue(`DELETE FROM desk.account_links WHERE expires_at <= @old`,
		pgx.StrictNamedArgs{"old": now.AddDate(0, 0, -7)})
	batch.Queue(`DELETE FROM desk.attempts WHERE at <= @old`, pgx.StrictNamedArgs{"old": now.AddDate(0, 0, -1)})
	return store.Map(d.q.SendBatch(ctx, batch).Close())
}

// SignIns counts how often an account has signed in, as far as its last two
// thousand acts tell, and how often from the same device and network.
func (d *Queries) SignIns(ctx context.Context, account, device, network string) (alike, all int, err error) {
	err = d.q.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE act.detail ->> 'device' = @device AND act.detail ->> 'network' = @network), count(*)
		FROM (SELECT action, detail FROM desk.audit WHERE account_id = @account ORDER BY id DESC LIMIT 2000) AS act
		WHERE act.action = 'sign-in'`,
		pgx.StrictNamedArgs{"account": account, "device": device, "network": network}).Scan(&alike, &all)
	return alike, all, store.Map(err)
}
