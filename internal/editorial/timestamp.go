package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
)

// WithTimestamps returns the use cases with a time-stamping authority, which is
// asked for a timestamp of each checkpoint once it is signed. The register does
// not wait for it.
func (e *Editorial) WithTimestamps() *Editorial {
	out := *e
	out.stamps = true
	return &out
}

// askStamp asks for a timestamp of the checkpoint of a size, unless it has one.
func (e *Editorial) askStamp(ctx context.Context, q store.Querier, size int64) error {
	if !e.stamps {
		return nil
	}
	has, err := record.NewWriter(q).HasTimestamp(ctx, size)
	if err != nil || has {
		return err
	}
	return store.Enqueue(ctx, q, register.StampLog{})
}

// ToStamp returns the newest checkpoint; ErrNotFound when there is none, or it
// has a timestamp.
func (e *Editorial) ToStamp(ctx context.Context) (register.LogCheckpoint, error) {
	w := record.NewWriter(e.db.Querier())
	c, err := w.Checkpoint(ctx)
	if err != nil {
		return c, err
	}
	has, err := w.HasTimestamp(ctx, c.Size)
	if err == nil && has {
		err = register.ErrNotFound
	}
	return c, err
}

// KeepTimestamp keeps a timestamp of a checkpoint, which whoever asked for it has
// verified.
func (e *Editorial) KeepTimestamp(ctx context.Context, t register.LogTimestamp) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		w := record.NewWriter(q)
		if err := w.LockGeneration(ctx); err != nil {
			return err
		}
		added, err := w.InsertTimestamp(ctx, t)
		if err != nil || !added {
			return err
		}
		return w.BumpSignatures(ctx) // pages in memory know the checkpoint without it
	})
}
