package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// routed reads from a replica, and from the primary what no replica can tell.
type routed struct{ db *DB }

// Query implements Querier. What fails before its first row is asked of the
// primary.
func (q routed) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	primary := steady{q.db.pool}
	r := q.db.replicas.pick()
	if r == nil {
		return primary.Query(ctx, sql, args...)
	}
	rows, err := beginRows(ctx, r.pool, sql, args)
	if err == nil || ctx.Err() != nil || !isReplicas(err) {
		return rows, err
	}
	r.fail(err)
	return primary.Query(ctx, sql, args...)
}

// QueryRow implements Querier.
func (q routed) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := q.Query(ctx, sql, args...)
	return &oneRow{rows: rows, err: err}
}

// Exec implements Querier.
func (q routed) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return steady{q.db.pool}.Exec(ctx, sql, args...)
}

// SendBatch implements Querier.
func (q routed) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return q.db.pool.SendBatch(ctx, b)
}

// CopyFrom implements Querier.
func (q routed) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return q.db.pool.CopyFrom(ctx, table, columns, rows)
}

// begun are rows of which the first has been read already.
type begun struct {
	pgx.Rows
	waiting bool               // the first has not been handed out
	cancel  context.CancelFunc // nil: nothing is to be ended
}

// beginRows asks a replica and waits for the first row, or for the end, but not for
// longer than replicaPatience.
func beginRows(ctx context.Context, pool *pgxpool.Pool, sql string, args []any) (pgx.Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	patience := time.AfterFunc(replicaPatience, cancel)
	rows, err := begin(pool.Query(ctx, sql, args...))
	patience.Stop()
	if !rows.waiting {
		cancel()
		return rows, err
	}
	rows.cancel = cancel
	return rows, nil
}

// begin waits for the first row, or for the end.
func begin(rows pgx.Rows, err error) (*begun, error) {
	if err != nil {
		return &begun{Rows: rows}, err
	}
	b := &begun{Rows: rows, waiting: rows.Next()}
	return b, rows.Err()
}

// Next implements pgx.Rows.
func (b *begun) Next() bool {
	if b.waiting {
		b.waiting = false
		return true
	}
	if b.Rows.Next() {
		return true
	}
	b.end()
	return false
}

// Close implements pgx.Rows.
func (b *begun) Close() {
	b.Rows.Close()
	b.end()
}

func (b *begun) end() {
	if b.cancel != nil {
		b.cancel()
	}
}

// oneRow is the first of some rows.
type oneRow struct {
	rows pgx.Rows
	err  error
}

// Scan implements pgx.Row.
func (r *oneRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
