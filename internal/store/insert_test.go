package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

func TestParseInsert(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		ok        bool
	}{
		{"a row", "INSERT INTO desk.facts (record_id, key)\n\t\tVALUES (@record, @key)", true},
		{"a conflict", `INSERT INTO desk.facts (record_id, key) VALUES (@record, @key) ON CONFLICT DO NOTHING`, false},
		{"a constant", `INSERT INTO desk.facts (record_id, key) VALUES (@record, 'key')`, false},
		{"a value too few", `INSERT INTO desk.facts (record_id, key) VALUES (@record)`, false},
		{"a question", `INSERT INTO desk.facts (record_id) SELECT @record`, false},
		{"an answer", `INSERT INTO desk.facts (record_id) VALUES (@record) RETURNING key`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			insert, ok := store.ParseInsert(c.sql)
			if ok != c.ok {
				t.Fatalf("ok %t, want %t", ok, c.ok)
			}
			if row := insert.Row(pgx.StrictNamedArgs{"key": "k", "record": "r"}); ok && (len(row) != 2 || row[0] != "r" || row[1] != "k") {
				t.Errorf("row %v", row)
			}
		})
	}
}

// counting counts what is copied.
type counting struct {
	store.Querier
	copies int
}

func (c *counting) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	c.copies++
	return c.Querier.CopyFrom(ctx, table, columns, rows)
}

// lane takes what is inserted as it is.
type lane struct{ counting }

func (*lane) CopiesInserts() {}

// TestSendInserts sends parents and children in turn: the children of all of them come
// behind all parents, whether these are few or many.
func TestSendInserts(t *testing.T) {
	const parent, child = `INSERT INTO public.parents (id) VALUES (@id)`, `INSERT INTO public.children (id, parent) VALUES (@id, @parent)`
	for _, c := range []struct {
		name              string
		parents, children int // children of each
		childrenFirst     bool
		lane              bool
		copies            int
		refused           bool
	}{
		{name: "few", parents: 2, children: 1},
		{name: "many", parents: 20, children: 2, copies: 2},
		{name: "many of a few", parents: 3, children: 20, copies: 1},
		{name: "as they are", parents: 20, children: 2, lane: true},
		{name: "in the wrong order", parents: 20, children: 2, childrenFirst: true, copies: 1, refused: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := store.Wrap(testkit.Database(t).Owner())
			for _, sql := range []string{
				`CREATE TABLE public.parents (id integer PRIMARY KEY)`,
				`CREATE TABLE public.children (id integer, parent integer REFERENCES public.parents, PRIMARY KEY (parent, id))`,
			} {
				if _, err := db.Querier().Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			var batch pgx.Batch
			for p := range c.parents {
				if !c.childrenFirst {
					batch.Queue(parent, pgx.StrictNamedArgs{"id": p})
				}
				for n := range c.children {
					batch.Queue(child, pgx.StrictNamedArgs{"id": n, "parent": p})
				}
				if c.childrenFirst {
					batch.Queue(parent, pgx.StrictNamedArgs{"id": p})
				}
			}
			var copies int
			err := db.InTx(t.Context(), func(q store.Querier) error {
				by := &lane{counting{Querier: q}}
				defer func() { copies = by.copies }()
				if c.lane {
					return store.SendInserts(t.Context(), by, &batch)
				}
				return store.SendInserts(t.Context(), &by.counting, &batch)
			})
			if refused := store.IsRefused(err); refused != c.refused || err != nil && !refused {
				t.Fatalf("error %v, want one: %t", err, c.refused)
			}
			if copies != c.copies {
				t.Errorf("%d copies, want %d", copies, c.copies)
			}
			var parents, children int
			err = db.Querier().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM public.parents), (SELECT count(*) FROM public.children)`).Scan(&parents, &children)
			want := c.parents
			if c.refused {
				want = 0
			}
			if err != nil || parents != want || children != want*c.children {
				t.Errorf("%d parents and %d children, want %d and %d: %v", parents, children, want, want*c.children, err)
			}
		})
	}
}

// TestAValueThatCannotBeCopied is no fault of the database, which may be asked again.
func TestAValueThatCannotBeCopied(t *testing.T) {
	db := store.Wrap(testkit.Database(t).Owner())
	if _, err := db.Querier().Exec(t.Context(), `CREATE TABLE public.days (day date)`); err != nil {
		t.Fatal(err)
	}
	for value, taken := range map[any]bool{
		pgtype.Date{InfinityModifier: pgtype.NegativeInfinity, Valid: true}: true, "2025-04-08": true, "yesterday's": false,
	} {
		var batch pgx.Batch
		for range 20 {
			batch.Queue(`INSERT INTO public.days (day) VALUES (@day)`, pgx.StrictNamedArgs{"day": value})
		}
		err := db.InTx(t.Context(), func(q store.Querier) error { return store.SendInserts(t.Context(), q, &batch) })
		if (err == nil) != taken || errors.Is(err, register.ErrUnavailable) {
			t.Errorf("%v: %v", value, err)
		}
	}
}
