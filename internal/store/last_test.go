package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestWhatComesLast is written after all else and before the receipt, in its order; with
// what fails nothing is, and outside of a transaction it waits for nothing.
func TestWhatComesLast(t *testing.T) {
	t.Parallel()
	d := testkit.EmptyDatabase(t)
	db := store.Wrap(d.Owner())
	_, err := d.Owner().Exec(t.Context(), `CREATE TABLE public.done (place serial, what text NOT NULL CHECK (what <> 'wrong'))`)
	if err != nil {
		t.Fatal(err)
	}
	last := func(ctx context.Context, q store.Querier, what ...string) error {
		var batch pgx.Batch
		for _, w := range what {
			batch.Queue(`INSERT INTO public.done (what) VALUES (@what)`, pgx.StrictNamedArgs{"what": w})
		}
		return store.SendLast(ctx, q, &batch)
	}
	first := func(ctx context.Context, q store.Querier, what string) error {
		_, err := q.Exec(ctx, `INSERT INTO public.done (what) VALUES ($1)`, what)
		return err
	}
	for _, c := range []struct {
		name, wrong string
		fails       bool
		want        []string
	}{
		{"all", "", false, []string{"first", "second", "a", "b", "c", "receipt"}},
		{"the work fails", "", true, nil},
		{"what comes last fails", "wrong", false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := store.WithReceipt(t.Context(), func(ctx context.Context, q store.Querier) error { return first(ctx, q, "receipt") })
			err := db.InTx(ctx, func(q store.Querier) error {
				failed := errors.Join(last(ctx, q, "a"), first(ctx, q, "first"), last(ctx, q, "b", "c"), first(ctx, q, "second"))
				if c.wrong != "" {
					failed = errors.Join(failed, last(ctx, q, c.wrong))
				}
				if c.fails {
					failed = errors.New("for a test")
				}
				return failed
			})
			if (err == nil) != (c.want != nil) {
				t.Errorf("error %v", err)
			}
			if got := written(t, d); !slices.Equal(got, c.want) {
				t.Errorf("written is %q, want %q", got, c.want)
			}
		})
	}
	if err := last(t.Context(), db.Querier(), "alone"); err != nil || !slices.Equal(written(t, d), []string{"alone"}) {
		t.Errorf("outside of a transaction: %v", err)
	}
}

// written is what was written, in its order; then it is thrown away.
func written(t *testing.T, d *testkit.DB) []string {
	t.Helper()
	rows, err := d.Owner().Query(t.Context(), `SELECT what FROM public.done ORDER BY place`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Owner().Exec(t.Context(), `TRUNCATE public.done`); err != nil {
		t.Fatal(err)
	}
	return got
}
