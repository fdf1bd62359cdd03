package editorial

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

const (
	// troubledJobs is how many jobs that failed are shown.
	troubledJobs = 50
	// SecurityDays is of how many days events are counted.
	SecurityDays = 7
)

// Upkeep is what an admin sees of how the installation does.
type Upkeep struct {
	register.Operations
	Troubled []register.JobRow
	Storage  register.Storage
	Security []register.SecurityEvent // of the last SecurityDays
}

// Operations returns how the installation does; alive tells which sessions have
// not ended. It returns ErrForbidden.
func (e *Editorial) Operations(ctx context.Context, actor register.Actor, alive desk.Alive) (Upkeep, error) {
	var u Upkeep
	if !actor.Role.Can(register.MayAdminSettings) {
		return u, register.ErrForbidden
	}
	now := e.now()
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if u.Operations, err = d.Operations(ctx, now, alive); err != nil {
			return err
		}
		if u.Troubled, err = d.TroubledJobs(ctx, troubledJobs); err != nil {
			return err
		}
		if u.Storage, err = d.Storage(ctx); err != nil {
			return err
		}
		u.Security, err = d.SecurityEvents(ctx, register.SecurityActions(), now.Add(-SecurityDays*24*time.Hour))
		return err
	})
	return u, err
}

// RetryJob lets a job that failed be done again. It returns ErrForbidden, and
// ErrNotFound for a job that is none of those.
func (e *Editorial) RetryJob(ctx context.Context, actor register.Actor, id int64) error {
	if !actor.Role.Can(register.MayAdminSettings) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		kind, err := d.RetryJob(ctx, id)
		if err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "retry-job", "", 0, map[string]any{"code": kind})
	})
}
