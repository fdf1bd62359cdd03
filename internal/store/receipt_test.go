package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestAReceiptIsOneWithItsTransaction: what is committed has a receipt, and nothing has
// a receipt that is not.
func TestAReceiptIsOneWithItsTransaction(t *testing.T) {
	t.Parallel()
	d := testkit.EmptyDatabase(t)
	db := store.Wrap(d.Owner())
	if _, err := d.Owner().Exec(t.Context(), `CREATE TABLE public.done (what text NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	note := func(what string) func(ctx context.Context, q store.Querier) error {
		return func(ctx context.Context, q store.Querier) error {
			_, err := q.Exec(ctx, `INSERT INTO public.done VALUES ($1)`, what)
			return err
		}
	}
	failure := errors.New("for a test")
	fail := func(context.Context, store.Querier) error { return failure }
	type step = func(context.Context, store.Querier) error
	for _, c := range []struct {
		name          string
		work, receipt step
		without       bool
		want          []string
		err           error
	}{
		{"both", note("work"), note("receipt"), false, []string{"work", "receipt"}, nil},
		{"the work fails", fail, note("receipt"), false, nil, failure},
		{"the receipt fails", note("work"), fail, false, nil, failure},
		{"none is asked for", note("work"), nil, false, []string{"work"}, nil},
		{"none any more", note("work"), note("receipt"), true, []string{"work"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := t.Context()
			if c.receipt != nil {
				ctx = store.WithReceipt(ctx, c.receipt)
			}
			if c.without {
				ctx = store.WithoutReceipt(ctx)
			}
			if err := db.InTx(ctx, func(q store.Querier) error { return c.work(ctx, q) }); !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			var found []string
			if err := d.Owner().QueryRow(t.Context(), `SELECT array_agg(what) FROM public.done`).Scan(&found); err != nil {
				t.Fatal(err)
			}
			if len(found) != len(c.want) {
				t.Errorf("committed is %q, want %q", found, c.want)
			}
			if _, err := d.Owner().Exec(t.Context(), `TRUNCATE public.done`); err != nil {
				t.Fatal(err)
			}
		})
	}
}
