package store

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
)

// behind is what is done in the background on a pool, until that is closed.
type behind struct {
	mu     sync.Mutex
	closed bool
	last   int                        // of the names under which work can be ended
	ends   map[int]context.CancelFunc // of what is under way
	work   sync.WaitGroup
}

// Behind runs do in the background, with the values of ctx but not with its end: it
// ends with the pool, whose Close has it stop and waits for it. It reports whether do
// is run; a pool that is closed runs nothing.
func (db *DB) Behind(ctx context.Context, do func(ctx context.Context)) bool {
	b := &db.behind
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	if b.ends == nil {
		b.ends = map[int]context.CancelFunc{}
	}
	b.last++
	name := b.last
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	b.ends[name] = end
	b.work.Go(func() {
		defer func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			delete(b.ends, name)
			end()
		}()
		do(ctx)
	})
	return true
}

// close ends what is under way and waits for it.
func (b *behind) close() {
	b.mu.Lock()
	b.closed = true
	for _, end := range b.ends {
		end()
	}
	b.mu.Unlock()
	b.work.Wait()
}

// Heard returns the generation of which this program has heard, where there are
// replicas, since these are asked for what is as old as that; else it asks.
func (db *DB) Heard(ctx context.Context) (register.Generation, error) {
	if db.replicas != nil {
		if known := *db.replicas.known.Load(); known.Record > 0 {
			return known, nil
		}
	}
	return db.Generation(ctx)
}

// ReadAtLength is Read for what may take longer than a page: each statement may take
// as long as the limit says, whatever the side, on a replica as on the primary. It is
// for the background, and takes one processor, since readers wait for the others: ctx
// bounds the whole.
func (db *DB) ReadAtLength(ctx context.Context, limit time.Duration, do func(q Querier) error) error {
	atLength := func(q Querier) error {
		_, err := q.Exec(ctx, `
			SELECT set_config('statement_timeout', @limit, true), set_config('max_parallel_workers_per_gather', '0', true)`,
			pgx.StrictNamedArgs{"limit": strconv.FormatInt(limit.Milliseconds(), 10)})
		if err != nil {
			return err
		}
		return do(q)
	}
	if r := db.replicas.pick(); r != nil {
		err := read(ctx, r.pool, atLength)
		if err == nil || ctx.Err() != nil || !isReplicas(err) {
			return Map(err)
		}
		r.fail(err)
	}
	return Map(read(ctx, db.pool, atLength))
}
