package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/store"
)

// writers is how many connections write at the same time.
const writers = 16

// measureWrites compares how often writers commit: with an announcement of what was
// published and without, and, as a control, with a NOTIFY inside each transaction; and
// what the desk's own save of a whole record comes to.
func (b *bench) measureWrites(ctx context.Context) error {
	db, err := store.Open(ctx, b.postgres.URL(database, store.DeskLogin)+"&pool_max_conns=16", store.JobsSide)
	if err != nil {
		return err
	}
	defer db.Close()
	const line = "INSERT INTO bench.lines (body) VALUES ($1)"
	single := func(ctx context.Context, _ int) error {
		_, err := db.Querier().Exec(ctx, line, "one row")
		return err
	}
	inTx := func(also func(ctx context.Context, q store.Querier) error) func(context.Context, int) error {
		return func(ctx context.Context, _ int) error {
			return db.InTx(ctx, func(q store.Querier) error {
				for range 4 {
					if _, err := q.Exec(ctx, line, "one of four"); err != nil {
						return err
					}
				}
				return also(ctx, q)
			})
		}
	}
	save, err := b.saving(ctx, db)
	if err != nil {
		return err
	}
	ways := map[string]func(context.Context, int) error{
		"single": single,
		"silent": inTx(func(context.Context, store.Querier) error { return nil }),
		"announced": inTx(func(_ context.Context, q store.Querier) error {
			store.Announce(q)
			return nil
		}),
		"inside": inTx(func(ctx context.Context, q store.Querier) error {
			_, err := q.Exec(ctx, "SELECT pg_notify('bench', 'x')")
			return err
		}),
		"save": save,
	}
	rates := map[string][]float64{}
	names := []string{"single", "silent", "announced", "inside", "save"}
	for range b.rounds {
		for _, name := range names {
			rate, err := commits(ctx, b.window, ways[name])
			if err != nil {
				return fmt.Errorf("writing %s: %w", name, err)
			}
			rates[name] = append(rates[name], rate)
		}
	}
	ratio := func(id, what, of, to string, floor, stretch float64, control bool) {
		r := row{id: id, what: what, floor: floor, stretch: stretch, control: control}
		for i := range rates[of] {
			r.values = append(r.values, rates[of][i]/rates[to][i])
		}
		b.rows = append(b.rows, r)
	}
	ratio("E1", "commits of four rows, 16 connections / of one row", "silent", "single", 0.5, 0.65, false)
	ratio("E2", "commits with pages made invalid / without", "announced", "silent", 0.85, 0.95, false)
	ratio("E2", "control: NOTIFY inside the transaction / without", "inside", "silent", 0.85, 0.95, true)
	ratio("", "drafts saved whole, with audit and revision / commits of one row", "save", "single", 0, 0, false)
	return nil
}

// saving returns how a writer saves a draft of his own, again and again.
func (b *bench) saving(ctx context.Context, db *store.DB) (func(context.Context, int) error, error) {
	analyst, _, err := founding.Hire(ctx, db)
	if err != nil {
		return nil, err
	}
	uses := editorial.New(db, time.Now)
	drafts := make([]editorial.Draft, writers)
	for i := range drafts {
		draft := editorial.Draft{Incident: incident(4)}
		draft.Incident.Slug = fmt.Sprintf("ecrit-%d", i)
		v, err := uses.Save(ctx, analyst, draft)
		if err != nil {
			return nil, err
		}
		draft.ID, draft.Version = v.ID, v.Version
		drafts[i] = draft
	}
	return func(ctx context.Context, writer int) error {
		draft := &drafts[writer]
		draft.Incident.Title["fr"] = fmt.Sprintf("Écrit à nouveau, version %d", draft.Version)
		v, err := uses.Save(ctx, analyst, *draft)
		draft.Version = v.Version
		return err
	}, nil
}

// commits is how many a second all writers make.
func commits(ctx context.Context, window time.Duration, write func(context.Context, int) error) (float64, error) {
	begin := time.Now()
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var work sync.WaitGroup
	for writer := range writers {
		work.Go(func() {
			for time.Since(begin) < window && failed.Load() == nil {
				if err := write(ctx, writer); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	work.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(begin).Seconds(), nil
}
