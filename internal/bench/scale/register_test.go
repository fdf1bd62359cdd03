package scale_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
)

// filled is a register that is asked, as the public role, on one connection.
type filled struct {
	tb        testing.TB
	store     *record.Store
	pool      *pgxpool.Pool
	incidents int
	schedstat string // where the kernel says how long the backend computed
}

// openFilled starts the server of a folder, whose memory holds so many megabytes.
// The settings are those of the recipe: one backend does all the work, and each
// plan is made for its query.
func openFilled(tb testing.TB, dir string, memory int) *filled {
	tb.Helper()
	server, err := localpg.Start(tb.Context(), localpg.Options{DataDir: dir, Memory: memory})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(tb.Context())); err != nil {
			tb.Error(err)
		}
	})
	const database = "sijil"
	if err := (store.Migrator{URL: server.URL(database, localpg.Superuser)}).Up(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	keepNewest(tb, server.URL(database, localpg.Superuser))
	config, err := pgxpool.ParseConfig(server.URL(database, store.PublicLogin))
	if err != nil {
		tb.Fatal(err)
	}
	maps.Copy(config.ConnConfig.RuntimeParams, map[string]string{
		"statement_timeout": "5min", "default_transaction_read_only": "on", "timezone": "UTC",
		"max_parallel_workers_per_gather": "0", "jit": "off",
	})
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	f := &filled{tb: tb, pool: pool, store: record.NewStore(store.Wrap(pool))}
	var pid int
	if err := pool.QueryRow(tb.Context(), `SELECT pg_backend_pid(), (SELECT count(*) FROM record.incidents)`).Scan(&pid, &f.incidents); err != nil {
		tb.Fatal(err)
	}
	f.schedstat = fmt.Sprintf("/proc/%d/schedstat", pid)
	return f
}

// keepNewest does what the program does in the background, until it is done.
func keepNewest(tb testing.TB, owner string) {
	tb.Helper()
	db, err := store.Open(tb.Context(), owner, store.JobsSide)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	for kept, whole := 0, false; err == nil && !whole && kept < record.NewestKept; {
		if err = editorial.New(db, time.Now).KeepNewest(tb.Context(), time.Now()); err == nil {
			kept, whole, err = record.NewWriter(db.Querier()).NewestIncidents(tb.Context())
		}
	}
	if err == nil {
		_, err = db.Querier().Exec(tb.Context(), `ANALYZE record.search_newest`)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// computed is for how long the backend has computed.
func (f *filled) computed() time.Duration {
	f.tb.Helper()
	told, err := os.ReadFile(f.schedstat)
	if err != nil {
		f.tb.Fatal(err)
	}
	first, _, _ := bytes.Cut(told, []byte(" "))
	n, err := strconv.ParseInt(string(first), 10, 64)
	if err != nil {
		f.tb.Fatal(err)
	}
	return time.Duration(n)
}

// question is something that is asked of a register.
type question func(ctx context.Context, f *filled) error

// times are what answers cost, in the order in which they were asked.
type times []time.Duration

// ask asks all questions in turn, as often as makes so many answers; what is asked
// the first time is not counted, since it fetches what the others find in memory.
func (f *filled) ask(answers int, questions []question) times {
	f.tb.Helper()
	var out times
	rounds := max(1, (answers+len(questions)-1)/len(questions))
	for round := range rounds + 1 {
		for _, q := range questions {
			before := f.computed()
			if err := q(f.tb.Context(), f); err != nil {
				f.tb.Fatal(err)
			}
			if round > 0 {
				out = append(out, f.computed()-before)
			}
		}
	}
	return out
}

// within is the time, in milliseconds, within which so many of 100 answers came.
func (t times) within(share int) float64 {
	sorted := slices.Sorted(slices.Values(t))
	return float64(sorted[min(len(sorted)*share/100, len(sorted)-1)].Microseconds()) / 1000
}
