package editorial

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
)

const (
	// keepTime is for how long one round keeps more of the newest incidents; what is
	// missing then, the next one does.
	keepTime = 90 * time.Second
	// keepBatch is of how many the words are kept in one go: publications wait for it.
	keepBatch = 100
	// dropBatch is how many that no search relies on are taken away in one go.
	dropBatch = 1000
)

// KeepNewest keeps the words of the newest incidents a second time, in the order of the
// list, where searches come by most of what they show: of record.NewestKept of them, or of
// all where they are fewer. Every publication keeps its own; this fills a register from
// before, and takes the oldest away once there are half as many again.
func (e *Editorial) KeepNewest(ctx context.Context, _ time.Time) error {
	round, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	err := e.fillNewest(round)
	if err != nil && round.Err() != nil && ctx.Err() == nil {
		return nil // the next round goes on
	}
	return err
}

func (e *Editorial) fillNewest(ctx context.Context) error {
	const most = record.NewestKept
	var kept int
	var whole bool
	err := e.db.InTx(ctx, func(q store.Querier) (err error) {
		kept, whole, err = record.NewWriter(q).NewestIncidents(ctx)
		return err
	})
	for ; err == nil && !whole && kept < most; kept += keepBatch {
		err = e.lockedRecord(ctx, func(w *record.Writer) (err error) {
			whole, err = w.KeepMore(ctx, keepBatch)
			return err
		})
	}
	if err == nil && kept > most+most/2 {
		err = e.lockedRecord(ctx, func(w *record.Writer) error { return w.KeepOnly(ctx, most) })
	}
	for dropped := dropBatch; err == nil && dropped == dropBatch; {
		err = e.db.InTx(ctx, func(q store.Querier) (err error) {
			dropped, err = record.NewWriter(q).DropOldest(ctx, dropBatch)
			return err
		})
	}
	return err
}

// lockedRecord writes to the record while no publication is under way.
func (e *Editorial) lockedRecord(ctx context.Context, write func(*record.Writer) error) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		w := record.NewWriter(q)
		if err := w.LockGeneration(ctx); err != nil {
			return err
		}
		return write(w)
	})
}
