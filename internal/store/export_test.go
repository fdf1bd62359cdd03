package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/register"
)

// Undone is for tests of what a single statement is asked again after.
var Undone = undone

// SuspectAfter is suspectAfter.
const SuspectAfter = suspectAfter

// Suspicion is what a pool knows of connections that have broken.
type Suspicion = suspicion

// Note notes a connection that is being closed.
func Note(s *Suspicion, c *pgx.Conn) { s.note(c) }

// Asks reports whether a connection that was idle for some time is asked whether it lives.
func Asks(ctx context.Context, s *Suspicion, c *pgx.Conn, idle time.Duration) bool {
	return s.asks(ctx, pgxpool.ShouldPingParams{Conn: c, IdleDuration: idle})
}

// ReadFromGone has a pool read from a standby that was there a moment ago: nobody has
// looked at it since.
func ReadFromGone(db *DB, gone *pgxpool.Pool) {
	all := &replicas{log: slog.New(slog.DiscardHandler), stop: func() {}}
	all.known.Store(&register.Generation{})
	r := &replica{pool: gone, name: "gone", of: all, again: make(chan struct{}, 1)}
	r.state.Store(&replicaState{})
	all.list, db.replicas = []*replica{r}, all
}
