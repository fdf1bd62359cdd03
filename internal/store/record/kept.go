package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// pace is how long counting may take, of whom.
type pace struct {
	// patience is how long who asks waits for a count: a page has four seconds.
	patience time.Duration
	// limit ends a count.
	limit time.Duration
	// rest is how many times as long as it took a count rests that was too slow for
	// who asks, so that a register in which much is published is not counted all day.
	rest int
	// atOnce is how many counts of a kind are under way at the same time, and waiting
	// how many more wait for that.
	atOnce, waiting int
	// bytes bound the memory that kept results take.
	bytes int64
}

func usualPace() pace {
	return pace{patience: time.Second, limit: 5 * time.Minute, rest: 3, atOnce: 2, waiting: 16, bytes: 16 << 20}
}

// kept are figures by what was chosen, each with the generation of the record of which
// they are: they are counted once for all who ask, and again when something was
// published. In a small register who asks waits until that is done. In a large one it
// goes on in the background, and meanwhile there is what was counted before, with the
// moment of that.
type kept[K comparable, V any] struct {
	pace
	db    *store.DB
	log   *slog.Logger
	count func(ctx context.Context, q store.Querier, key K) (V, error)
	cost  func(V) int64 // the bytes that a result takes, about
	slots chan struct{}

	mu      sync.Mutex
	entries map[K]*entry[V]
	size    int64 // of all results
	running int   // counts, those that wait for a slot among them
	turn    uint64
}

// entry is what is kept of one choice.
type entry[V any] struct {
	last    *result[V] // nil: it was never counted
	count   *count     // under way; nil: none
	resting bool
	used    uint64 // the turn in which somebody asked last
}

// result is what was counted, and of what state of the record.
type result[V any] struct {
	value      V
	generation int64
	at         time.Time
	slow       bool // it took longer than who asks waits
	size       int64
}

// count is one that is under way.
type count struct {
	done chan struct{} // closed at its end, after err was set
	late chan struct{} // closed when it has taken longer than who asks waits
	err  error
}

func newKept[K comparable, V any](
	db *store.DB, log *slog.Logger, p pace, cost func(V) int64, count func(ctx context.Context, q store.Querier, key K) (V, error),
) *kept[K, V] {
	return &kept[K, V]{
		pace: p, db: db, log: log, count: count, cost: cost, slots: make(chan struct{}, p.atOnce), entries: map[K]*entry[V]{},
	}
}

// get returns figures that are not older than a generation, and a zero time; or older
// ones, with the moment at which these were counted. ErrCounting is returned for what is
// being counted for the first time, and ErrUnavailable where too many counts wait.
func (k *kept[K, V]) get(ctx context.Context, key K, generation int64) (V, time.Time, error) {
	patience := time.NewTimer(k.patience)
	defer patience.Stop()
	for {
		last, running := k.begin(ctx, key, generation)
		switch {
		case last != nil && last.generation >= generation:
			return last.value, time.Time{}, nil
		case running == nil && last == nil:
			return *new(V), time.Time{}, fmt.Errorf("%w: too many counts wait", register.ErrUnavailable)
		case running == nil || last != nil && last.slow:
			return last.value, last.at, nil
		}
		select {
		case <-running.done:
			if running.err == nil {
				continue // it may have begun before what was asked for was published
			}
			if last == nil {
				return *new(V), time.Time{}, running.err
			}
		case <-running.late:
		case <-patience.C:
		case <-ctx.Done():
			return *new(V), time.Time{}, store.Map(ctx.Err())
		}
		if last == nil {
			return *new(V), time.Time{}, register.ErrCounting
		}
		return last.value, last.at, nil
	}
}

// begin has a choice counted, unless that was done since the generation, is being done
// or rests. It returns what was counted last and the count under way; nil for none.
func (k *kept[K, V]) begin(ctx context.Context, key K, generation int64) (*result[V], *count) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.entries[key]
	if e == nil {
		e = &entry[V]{}
	}
	k.turn++
	e.used = k.turn
	if e.count != nil || e.resting || e.last != nil && e.last.generation >= generation || k.running >= k.atOnce+k.waiting {
		return e.last, e.count
	}
	c := &count{done: make(chan struct{}), late: make(chan struct{})}
	// Who asked may leave; all others want to know, too.
	if k.db.Behind(ctx, func(ctx context.Context) { k.run(ctx, key, c) }) {
		k.entries[key], e.count = e, c
		k.running++
	}
	return e.last, e.count
}

// run counts, and keeps the result.
func (k *kept[K, V]) run(ctx context.Context, key K, c *count) {
	late := time.AfterFunc(k.patience, func() { close(c.late) })
	defer late.Stop()
	r, took, err := k.counted(ctx, key)
	if err != nil && ctx.Err() == nil {
		k.log.ErrorContext(ctx, "figures were not counted", "error", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.running--
	e := k.entries[key]
	e.count, c.err = nil, err
	switch {
	case err == nil:
		k.keep(e, r, took)
	case e.last == nil:
		delete(k.entries, key)
	}
	close(c.done)
}

// counted counts when it is its turn.
func (k *kept[K, V]) counted(ctx context.Context, key K) (r *result[V], took time.Duration, err error) {
	defer func() {
		// In a goroutine of its own a panic would end the whole process.
		if v := recover(); v != nil {
			err = fmt.Errorf("panic while counting: %v", v)
		}
	}()
	select {
	case k.slots <- struct{}{}:
		defer func() { <-k.slots }()
	case <-ctx.Done():
		return nil, 0, store.Map(ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, k.limit)
	defer cancel()
	err = k.db.ReadAtLength(ctx, k.limit, func(q store.Querier) error {
		r = &result[V]{}
		if err := q.QueryRow(ctx, `SELECT generation, now() FROM record.generations`).Scan(&r.generation, &r.at); err != nil {
			return store.Map(err)
		}
		if r.value, err = k.count(ctx, q, key); err != nil {
			return err
		}
		var until time.Time
		err := q.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&until)
		took = until.Sub(r.at)
		return store.Map(err)
	})
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: %w", register.ErrUnavailable, err) // the pool was closed
	}
	return r, took, err
}

// keep puts a result in the place of the one before, and lets go of what nobody has
// asked for longest where there is no room.
func (k *kept[K, V]) keep(e *entry[V], r *result[V], took time.Duration) {
	r.size, r.slow = k.cost(r.value), took > k.patience
	if e.last != nil {
		k.size -= e.last.size
	}
	e.last = r
	k.size += r.size
	if r.slow {
		e.resting = true
		time.AfterFunc(time.Duration(k.rest)*took, func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			e.resting = false
		})
	}
	for k.size > k.bytes {
		oldest, found := *new(K), (*entry[V])(nil)
		for key, other := range k.entries {
			if other != e && other.last != nil && other.count == nil && (found == nil || other.used < found.used) {
				oldest, found = key, other
			}
		}
		if found == nil {
			return
		}
		k.size -= found.last.size
		delete(k.entries, oldest)
	}
}
