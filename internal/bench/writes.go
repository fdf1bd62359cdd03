package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
)

// writers is how many connections write at the same time.
const writers = 16

// turns are how often each way to write has its turn in a round.
const turns = 6

// edited is what an edit writes at least: a statement, an entry of a timeline, a row of
// the audit, and the version of the record that it changes, if that is still the one.
const edited = `
	WITH statement AS (INSERT INTO bench.statements (record_id, body) VALUES ($1, 'Ce qui est dit.')),
	entry AS (INSERT INTO bench.timeline (record_id, day, title) VALUES ($1, '2025-04-09', 'Une entrée')),
	audit AS (INSERT INTO bench.audit (record_id, action) VALUES ($1, 'edit'))
	UPDATE bench.records SET version = version + 1 WHERE id = $1 AND version = $2`

// writing is a way to write, of one of the writers.
type writing func(ctx context.Context, writer int) error

// measureWrites compares how often writers commit: an edit in one statement of SQL, and in a
// transaction with an announcement of what was published and without; as a control,
// with a NOTIFY inside each transaction; the same one after another, as publications are
// for the order of the log, with a new state of the record and without, and as a control
// with the state in a transaction of its own; and what the desk's own save of a whole record
// comes to.
func (b *bench) measureWrites(ctx context.Context) error {
	db, err := store.Open(ctx, b.postgres.URL(database, store.DeskLogin)+"&pool_max_conns=16", store.JobsSide)
	if err != nil {
		return err
	}
	defer db.Close()
	ways, err := b.ways(ctx, db)
	if err != nil {
		return err
	}
	if _, err := commits(ctx, b.window/2, ways["single"]); err != nil { // opens the connections
		return err
	}
	rates := map[string][]float64{}
	names := []string{"single", "edit", "silent", "announced", "inside", "ordered", "published", "twice", "save", "uncounted", "counted"}
	for round := range b.rounds {
		say("writes, round %d of %d", round+1, b.rounds)
		// In short turns: what the disk and the database do besides, as for a checkpoint,
		// lasts longer than one, and meets all alike.
		done := map[string]float64{}
		for range turns {
			for _, name := range names {
				if err := b.counting(ctx, name != "uncounted"); err != nil {
					return err
				}
				rate, err := commits(ctx, b.window/turns, ways[name])
				if err != nil {
					return fmt.Errorf("writing %s: %w", name, err)
				}
				done[name] += rate / turns
			}
			slices.Reverse(names)
		}
		for name, rate := range done {
			rates[name] = append(rates[name], rate)
		}
	}
	ratio := func(id, what, of, to string, floor, stretch float64, control bool) {
		r := row{id: id, what: what, ours: figure(median(rates[of])) + "/s", peer: figure(median(rates[to])) + "/s", floor: floor, stretch: stretch, control: control}
		for i := range rates[of] {
			r.values = append(r.values, rates[of][i]/rates[to][i])
		}
		b.rows = append(b.rows, r)
	}
	ratio("E1", "commits, 16 connections: statement, entry, audit and version in one statement of SQL / one row", "edit", "single", 0.5, 0.65, false)
	ratio("E1", "control: the same with NOTIFY inside the transaction / one row", "inside", "single", 0.5, 0.65, true)
	ratio("", "the same between BEGIN and COMMIT / one row", "silent", "single", 0, 0, false)
	ratio("", "drafts of 4 entries saved whole by the desk, with revision and audit / one row", "save", "single", 0, 0, false)
	ratio("E2", "commits, all page caches told / none", "announced", "silent", 0.85, 0.95, false)
	ratio("E2", "control: NOTIFY inside the transaction / without", "inside", "silent", 0.85, 0.95, true)
	ratio("E2", "incidents of 4 entries drafted, reviewed and published by the desk: new generation counted / not", "counted", "uncounted", 0.85, 0.95, false)
	ratio("E2", "the smallest publication that there can be, one after another: new generation counted and told / not", "published", "ordered", 0.85, 0.95, false)
	ratio("E2", "control: counted in a transaction of its own / not", "twice", "ordered", 0.85, 0.95, true)
	return nil
}

// ways are all ways to write.
func (b *bench) ways(ctx context.Context, db *store.DB) (map[string]writing, error) {
	save, publish, err := b.working(ctx, db)
	if err != nil {
		return nil, err
	}
	var versions [writers]int64
	edit := func(ctx context.Context, q store.Querier, writer int) error {
		tag, err := q.Exec(ctx, edited, writer, versions[writer]+1)
		if err == nil && tag.RowsAffected() != 1 {
			return fmt.Errorf("record %d is not of version %d", writer, versions[writer]+1)
		}
		return err
	}
	nothing := func(context.Context, store.Querier) error { return nil }
	inTx := func(before, after func(ctx context.Context, q store.Querier) error) writing {
		return func(ctx context.Context, writer int) error {
			err := db.InTx(ctx, func(q store.Querier) error {
				if err := errors.Join(before(ctx, q), edit(ctx, q, writer)); err != nil {
					return err
				}
				return after(ctx, q)
			})
			if err == nil {
				versions[writer]++
			}
			return err
		}
	}
	// Publications are one after another, and their leaves in the log.
	inOrder := func(ctx context.Context, q store.Querier) error { return record.NewWriter(q).LockGeneration(ctx) }
	count := func(ctx context.Context, q store.Querier) error { return record.NewWriter(q).BumpGeneration(ctx) }
	ordered := inTx(inOrder, nothing)
	// The count is the first statement, and takes the place of the lock.
	return map[string]writing{
		"single": func(ctx context.Context, _ int) error {
			_, err := db.Querier().Exec(ctx, "INSERT INTO bench.lines (body) VALUES ('one row')")
			return err
		},
		"edit": func(ctx context.Context, writer int) error {
			err := edit(ctx, db.Querier(), writer)
			if err == nil {
				versions[writer]++
			}
			return err
		},
		"silent": inTx(nothing, nothing),
		"announced": inTx(nothing, func(_ context.Context, q store.Querier) error {
			store.Announce(q)
			return nil
		}),
		"inside": inTx(nothing, func(ctx context.Context, q store.Querier) error {
			_, err := q.Exec(ctx, "SELECT pg_notify('bench', 'x')")
			return err
		}),
		"ordered":   ordered,
		"published": inTx(count, nothing),
		"twice": func(ctx context.Context, writer int) error {
			if err := ordered(ctx, writer); err != nil {
				return err
			}
			return db.InTx(ctx, func(q store.Querier) error { return count(ctx, q) })
		},
		"save":      save,
		"counted":   publish,
		"uncounted": publish,
	}, nil
}

// working returns how a writer saves a draft of his own, again and again, and how he has
// it published each time.
func (b *bench) working(ctx context.Context, db *store.DB) (save, publish writing, err error) {
	analyst, editor, err := founding.Hire(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	p := publisher{editorial.New(db, time.Now), analyst, editor}
	drafts := make([]editorial.Draft, writers)
	for i := range drafts {
		draft := editorial.Draft{Incident: incident(4, 0, b.institution)}
		draft.Incident.Slug = fmt.Sprintf("ecrit-%d", i)
		v, err := p.editorial.Save(ctx, analyst, draft)
		if err != nil {
			return nil, nil, err
		}
		draft.ID, draft.Version = v.ID, v.Version
		drafts[i] = draft
	}
	change := func(writer int) *editorial.Draft {
		draft := &drafts[writer]
		draft.Incident.Title["fr"] = fmt.Sprintf("Écrit à nouveau, version %d", draft.Version)
		return draft
	}
	save = func(ctx context.Context, writer int) error {
		draft := change(writer)
		v, err := p.editorial.Save(ctx, analyst, *draft)
		draft.Version = v.Version
		return err
	}
	publish = func(ctx context.Context, writer int) error {
		draft := change(writer)
		v, err := p.publish(ctx, *draft)
		draft.Version = v.Version
		return err
	}
	return save, publish, nil
}

// counting has publications counted, or not: a trigger leaves the row as it is, which
// orders them all the same.
func (b *bench) counting(ctx context.Context, counted bool) error {
	if b.uncounted == !counted {
		return nil
	}
	db, err := store.Open(ctx, b.postgres.URL(database, localpg.Superuser), store.JobsSide)
	if err != nil {
		return err
	}
	defer db.Close()
	statement := "DROP TRIGGER bench_uncounted ON record.generations; DROP FUNCTION bench.uncounted()"
	if !counted {
		statement = `
			CREATE FUNCTION bench.uncounted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
			CREATE TRIGGER bench_uncounted BEFORE UPDATE ON record.generations FOR EACH ROW EXECUTE FUNCTION bench.uncounted()`
	}
	if _, err = db.Querier().Exec(ctx, statement); err == nil {
		b.uncounted = !counted
	}
	return err
}

// commits is how many a second all writers make.
func commits(ctx context.Context, window time.Duration, write writing) (float64, error) {
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
