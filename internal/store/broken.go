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

// steady begins a transaction again, on another connection, where one has broken since it
// was used last: nothing was done in it yet. All that there are may have broken.
type steady struct{ *pgxpool.Pool }

// Begin implements what pgx.BeginFunc begins on.
func (s steady) Begin(ctx context.Context) (pgx.Tx, error) { return s.BeginTx(ctx, pgx.TxOptions{}) }

// BeginTx implements what pgx.BeginTxFunc begins on.
func (s steady) BeginTx(ctx context.Context, options pgx.TxOptions) (tx pgx.Tx, err error) {
	if tx, err = s.Pool.BeginTx(ctx, options); err == nil {
		return tx, nil
	}
	for left := s.Stat().MaxConns(); left > 0 && err != nil && ctx.Err() == nil && hasBroken(err); left-- {
		tx, err = s.Pool.BeginTx(ctx, options)
	}
	return tx, err
}

// hasBroken recognises a connection that is no more, in what it answers to the first thing
// that is asked of it; not that there is none to be had.
func hasBroken(err error) bool {
	if _, none := errors.AsType[*pgconn.ConnectError](err); none {
		return false
	}
	if told, ok := errors.AsType[*pgconn.PgError](err); ok {
		return told.Code == "57P01" // the server ends it
	}
	return pgconn.SafeToRetry(err) || isBroken(err)
}
