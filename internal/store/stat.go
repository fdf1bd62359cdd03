package store

import (
	"context"
	"time"
)

// PoolStat is how a pool of connections does: what it holds now, and what it
// counted since it was opened.
type PoolStat struct {
	InUse, Idle, Open, Most int
	Acquired                int64 // connections handed out
	Waited                  int64 // of these, after a wait for one
	GivenUp                 int64 // waits that were given up
	WaitedFor               time.Duration
}

// Stat returns the figures of the pool. It asks no database.
func (db *DB) Stat() PoolStat {
	s := db.pool.Stat()
	return PoolStat{
		InUse: int(s.AcquiredConns()), Idle: int(s.IdleConns()), Open: int(s.TotalConns()), Most: int(s.MaxConns()),
		Acquired: s.AcquireCount(), Waited: s.EmptyAcquireCount(), GivenUp: s.CanceledAcquireCount(),
		WaitedFor: s.EmptyAcquireWaitTime(),
	}
}

// Server is the database server that a pool speaks to.
type Server struct {
	Version string
	Since   time.Time // of its start
	Replica bool      // it follows another one, and cannot be written to
}

// Server asks which server this is. It returns ErrUnavailable where none can be
// reached.
func (db *DB) Server(ctx context.Context) (Server, error) {
	var s Server
	err := db.pool.QueryRow(ctx, `
		SELECT current_setting('server_version'), pg_catalog.pg_postmaster_start_time(), pg_catalog.pg_is_in_recovery()`).
		Scan(&s.Version, &s.Since, &s.Replica)
	return s, Map(err)
}
