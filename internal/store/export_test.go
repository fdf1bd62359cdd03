package store

import (
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/register"
)

// Undone is for tests of what a single statement is asked again after.
var Undone = undone

// ReadFromGone has a pool read from a standby that was there a moment ago: nobody has
// looked at it since.
func ReadFromGone(db *DB, gone *pgxpool.Pool) {
	all := &replicas{log: slog.New(slog.DiscardHandler), stop: func() {}}
	all.known.Store(&register.Generation{})
	r := &replica{pool: gone, name: "gone", of: all, again: make(chan struct{}, 1)}
	r.state.Store(&replicaState{})
	all.list, db.replicas = []*replica{r}, all
}
