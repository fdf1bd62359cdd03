package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestCopiedRowsAreWhatWasGiven copies values into columns of each type that takes a
// text, and reads them back as text.
func TestCopiedRowsAreWhatWasGiven(t *testing.T) {
	db := testkit.Database(t)
	owner := db.Owner()
	if _, err := owner.Exec(t.Context(), `CREATE TABLE public.copied (n integer, id uuid, t text, j jsonb, day date, list text[], ids uuid[])`); err != nil {
		t.Fatal(err)
	}
	const id = "0a2d1400-e1da-41e7-8553-197c24c367d2"
	type named string
	for i, c := range []struct {
		name string
		row  []any // without its number
		want []any
	}{
		{"a string", []any{id, id, `"` + id + `"`, nil, nil, nil}, []any{id, id, `"` + id + `"`, "", "", ""}},
		{"a reference", []any{register.Ref(id), register.Ref(id), nil, nil, nil, nil}, []any{id, id, "", "", "", ""}},
		{"a string of a type", []any{named(id), named("x"), named(`{"a": 1}`), named("2025-04-09"), nil, nil}, []any{id, "x", `{"a": 1}`, "2025-04-09", "", ""}},
		{"in capitals", []any{"0A2D1400-E1DA-41E7-8553-197C24C367D2", "0A2D1400-E1DA-41E7-8553-197C24C367D2", nil, nil, nil, nil}, []any{id, "0A2D1400-E1DA-41E7-8553-197C24C367D2", "", "", "", ""}},
		{"nothing", []any{nil, "", nil, nil, nil, nil}, []any{"", "", "", "", "", ""}},
		{"lists", []any{id, "0a2d1400-e1da-41e7-8553-197c24c367dx", nil, pgtype.Date{}, []string{id}, []string{id}}, []any{id, "0a2d1400-e1da-41e7-8553-197c24c367dx", "", "", "{" + id + "}", "{" + id + "}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := owner.CopyFrom(t.Context(), pgx.Identifier{"public", "copied"}, []string{"n", "id", "t", "j", "day", "list", "ids"},
				store.CopyRows([][]any{append([]any{i}, c.row...)}))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(c.want))
			into := make([]any, len(got))
			for n := range got {
				into[n] = &got[n]
			}
			err = owner.QueryRow(t.Context(), `
				SELECT coalesce(id::text, ''), coalesce(t, ''), coalesce(j::text, ''), coalesce(day::text, ''), coalesce(list::text, ''), coalesce(ids::text, '')
				FROM public.copied WHERE n = $1`, i).Scan(into...)
			if err != nil {
				t.Fatal(err)
			}
			for n := range got {
				if got[n] != c.want[n] {
					t.Errorf("column %d: %q, want %q", n, got[n], c.want[n])
				}
			}
		})
	}
	if _, err := owner.CopyFrom(t.Context(), pgx.Identifier{"public", "copied"}, []string{"id"}, store.CopyRows([][]any{{"no identifier"}})); err == nil {
		t.Error("what is no UUID was taken for one")
	}
}
