package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// suspicion has a pool ask its connections whether they live: each of them once after
// one has broken, before anything else is asked of it. A server that was restarted has
// broken all of them, and else each would fail a request of its own before it is given up.
// One that was idle for long is asked as well, as pgx does by itself.
type suspicion struct{ broken atomic.Int64 }

// suspectAfter is for how long a connection may be idle and is taken to live.
const suspectAfter = time.Second

// note notes a connection that is being closed, if it has broken.
func (s *suspicion) note(c *pgx.Conn) {
	if c.IsClosed() {
		s.broken.Add(1)
	}
}

// asks is pgxpool.Config.ShouldPing. What a connection knows of is kept with it.
func (s *suspicion) asks(_ context.Context, of pgxpool.ShouldPingParams) bool {
	const key = "sijil: broken until then"
	kept, broken := of.Conn.PgConn().CustomData(), s.broken.Load()
	known, old := kept[key].(int64)
	kept[key] = broken
	return old && known != broken || of.IdleDuration > suspectAfter
}

// steady asks again, on another connection, where one has broken since it was used last
// and nothing of what was asked has been done: to begin a transaction, or a statement of
// which nothing was sent, or which the server gave up as it ended. All that there are may
// have broken.
type steady struct{ *pgxpool.Pool }

// Begin implements what pgx.BeginFunc begins on.
func (s steady) Begin(ctx context.Context) (pgx.Tx, error) { return s.BeginTx(ctx, pgx.TxOptions{}) }

// BeginTx implements what pgx.BeginTxFunc begins on.
func (s steady) BeginTx(ctx context.Context, options pgx.TxOptions) (tx pgx.Tx, err error) {
	err = s.again(ctx, hasBroken, func() error {
		tx, err = s.Pool.BeginTx(ctx, options)
		return err
	})
	return tx, err
}

// Exec implements Querier.
func (s steady) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	err = s.again(ctx, undone(), func() error {
		tag, err = s.Pool.Exec(ctx, sql, args...)
		return err
	})
	return tag, err
}

// Query implements Querier. It waits for the first row.
func (s steady) Query(ctx context.Context, sql string, args ...any) (rows pgx.Rows, err error) {
	err = s.again(ctx, undone(), func() error {
		rows, err = begin(s.Pool.Query(ctx, sql, args...))
		return err
	})
	return rows, err
}

// QueryRow implements Querier.
func (s steady) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := s.Query(ctx, sql, args...)
	return &oneRow{rows: rows, err: err}
}

// again does it, and does it again where the error is one after which that may be done,
// once for each connection that there can be.
func (s steady) again(ctx context.Context, may func(error) bool, do func() error) error {
	err := do()
	if err == nil {
		return nil
	}
	for left := s.Stat().MaxConns(); left > 0 && err != nil && ctx.Err() == nil && may(err); left-- {
		err = do()
	}
	return err
}

// hasBroken recognises a connection that is no more, in what it answers to the first thing
// that is asked of it; not that there is none to be had.
func hasBroken(err error) bool {
	if _, none := errors.AsType[*pgconn.ConnectError](err); none {
		return false
	}
	return pgconn.SafeToRetry(err) || isEnded(err) || isBroken(err)
}

// isEnded recognises a connection that the server ends. It says so of no statement that it
// has committed.
func isEnded(err error) bool {
	told, ok := errors.AsType[*pgconn.PgError](err)
	return ok && told.Code == "57P01"
}

// mostEnded is how often a single statement is asked again when the server has ended its
// connection: who ends one that takes too long (pg_terminate_backend) does so no more often
// than that.
const mostEnded = 2

// undone recognises, one after the other, the errors of a single statement of which nothing
// was done: nothing was sent of it, or the server has ended its connection.
func undone() func(error) bool {
	ended := 0
	return func(err error) bool {
		if _, none := errors.AsType[*pgconn.ConnectError](err); none {
			return false
		}
		if isEnded(err) {
			ended++
			return ended <= mostEnded
		}
		return pgconn.SafeToRetry(err)
	}
}
