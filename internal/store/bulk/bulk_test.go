package bulk_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store/bulk"
	"github.com/sijil/sijil/internal/testkit"
)

func newLoader(t *testing.T) (*testkit.DB, *bulk.Loader) {
	t.Helper()
	d := testkit.Database(t)
	l, err := bulk.New(t.Context(), d.OwnerURL(), "desk", "record")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return d, l
}

const insertSeries = `INSERT INTO record.reference_series (series, last) VALUES (@series, @last)`

// TestWhatCannotBeCopiedIsRefused: a row that is not as the database would have made
// it is worse than none.
func TestWhatCannotBeCopiedIsRefused(t *testing.T) {
	t.Parallel()
	_, l := newLoader(t)
	for name, c := range map[string]struct {
		sql  string
		args []any
	}{
		"a change":            {`UPDATE record.generations SET generation = 1`, []any{pgx.StrictNamedArgs{}}},
		"a function":          {`INSERT INTO record.reference_series (series, last) VALUES (lower(@series), @last)`, []any{pgx.StrictNamedArgs{"series": "IN", "last": 1}}},
		"an unknown column":   {`INSERT INTO record.reference_series (series, first) VALUES (@series, @last)`, []any{pgx.StrictNamedArgs{"series": "IN", "last": 1}}},
		"an unknown table":    {`INSERT INTO record.nothing (series) VALUES (@series)`, []any{pgx.StrictNamedArgs{"series": "IN"}}},
		"too few values":      {`INSERT INTO record.reference_series (series, last) VALUES (@series)`, []any{pgx.StrictNamedArgs{"series": "IN"}}},
		"a missing argument":  {insertSeries, []any{pgx.StrictNamedArgs{"series": "IN"}}},
		"arguments by number": {`INSERT INTO record.reference_series (series, last) VALUES (@series, @last)`, []any{"IN", 1}},
	} {
		if _, err := l.Exec(t.Context(), c.sql, c.args...); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	// What only the database can tell is told at the end.
	if _, err := l.Exec(t.Context(), insertSeries, pgx.StrictNamedArgs{"series": "IN", "last": "many"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Finish(t.Context(), func(int, int) {}); err == nil || !strings.Contains(err.Error(), "reference_series") {
		t.Errorf("a number that is none: %v", err)
	}
	if _, err := l.Exec(t.Context(), insertSeries, pgx.StrictNamedArgs{"series": "IN", "last": 1}); err != nil {
		t.Errorf("few rows wait for the end: %v", err)
	}
	if err := l.Finish(t.Context(), func(int, int) {}); err == nil {
		t.Error("finished after a failure")
	}
}

// TestRowsAreAsTheyWereGiven copies what the format of COPY gives a meaning.
func TestRowsAreAsTheyWereGiven(t *testing.T) {
	t.Parallel()
	d, l := newLoader(t)
	texts := []string{"", `\N`, "a\tb\nc\rd\\e", "سجل", `\.`}
	for i, text := range texts {
		if _, err := l.Exec(t.Context(), `INSERT INTO record.search_words (word, documents, trigrams) VALUES (@word, @n, @trigrams)`,
			pgx.StrictNamedArgs{"word": text, "n": i, "trigrams": []string{text, `"x,y"`}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Finish(t.Context(), func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	rows, err := d.Owner().Query(t.Context(), `SELECT word, trigrams FROM record.search_words ORDER BY documents`)
	if err != nil {
		t.Fatal(err)
	}
	var word string
	var trigrams []string
	n := 0
	if _, err := pgx.ForEachRow(rows, []any{&word, &trigrams}, func() error {
		if word != texts[n] || trigrams[0] != texts[n] || trigrams[1] != `"x,y"` {
			t.Errorf("%q became %q, %q", texts[n], word, trigrams)
		}
		n++
		return nil
	}); err != nil || n != len(texts) {
		t.Errorf("%d rows, %v", n, err)
	}
}
