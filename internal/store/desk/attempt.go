package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// TakeAttempt counts an attempt against a bucket, unless it holds as many as
// allowed since a moment; ok tells which, and oldest is the attempt that has to
// leave the window before there is room again. Attempts on one bucket wait for
// each other until the transaction ends.
func (d *Queries) TakeAttempt(ctx context.Context, bucket string, since, now time.Time, allowed int) (ok bool, oldest time.Time, err error) {
	if err := d.run(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('desk.attempts ' || @bucket, 0))`,
		pgx.StrictNamedArgs{"bucket": bucket}); err != nil {
		return false, time.Time{}, err
	}
	var count int
	var first *time.Time
	err = d.q.QueryRow(ctx, `SELECT count(*), min(at) FROM desk.attempts WHERE bucket = @bucket AND at > @since`,
		pgx.StrictNamedArgs{"bucket": bucket, "since": since}).Scan(&count, &first)
	if err != nil {
		return false, time.Time{}, store.Map(err)
	}
	if count >= allowed && first != nil {
		return false, *first, nil
	}
	return true, time.Time{}, d.run(ctx, `INSERT INTO desk.attempts (bucket, at) VALUES (@bucket, @now)`,
		pgx.StrictNamedArgs{"bucket": bucket, "now": now})
}

// ForgetAttempts empties a bucket.
func (d *Queries) ForgetAttempts(ctx context.Context, bucket string) error {
	return d.run(ctx, `DELETE FROM desk.attempts WHERE bucket = @bucket`, pgx.StrictNamedArgs{"bucket": bucket})
}

// ForgetLastAttempt takes the newest attempt back out of a bucket: one that was
// right says nothing against a network.
func (d *Queries) ForgetLastAttempt(ctx context.Context, bucket string) error {
	return d.run(ctx, `
		DELETE FROM desk.attempts
		WHERE id = (SELECT id FROM desk.attempts WHERE bucket = @bucket ORDER BY at DESC, id DESC LIMIT 1)`,
		pgx.StrictNamedArgs{"bucket": bucket})
}
