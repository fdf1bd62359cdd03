package record

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// cursorOf writes where a list goes on: the keys by which it is ordered, of the
// last row that was shown.
func cursorOf(keys ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(keys, "\x1f")))
}

// cursorKeys reads a cursor of so many keys; an empty one has empty keys.
// ErrInvalid for one that no list of ours wrote.
func cursorKeys(cursor string, n int) ([]string, error) {
	if cursor == "" {
		return make([]string, n), nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, fmt.Errorf("%w: cursor: %w", register.ErrInvalid, err)
	}
	keys := strings.Split(string(raw), "\x1f")
	if len(keys) != n || strings.ContainsRune(string(raw), 0) {
		return nil, fmt.Errorf("%w: cursor", register.ErrInvalid)
	}
	return keys, nil
}

// isSmallNumber reports whether s is a positive number as cursors write it.
func isSmallNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && n < 1<<31 && strconv.Itoa(n) == s
}

// listing counts what the public lists of a table choose. Its condition names an
// argument for each field; an empty argument does not choose.
type listing struct {
	q         store.Querier
	from      string // the table with its alias, and what is joined to it
	condition string
	args      pgx.NamedArgs
	size      int // of a page, in rows
	// newest is the order of a list so large that values are counted of the newest
	// facetSample of it only; empty: of all.
	newest string
}

// sized makes the pages of a list as long as the filter wants, or else as usual.
func (l *listing) sized(most, usual int) {
	l.size = cmp.Or(most, usual)
	l.args["limit"] = l.size + 1
}

// with returns the arguments with one changed.
func (l listing) with(field string, value any) pgx.NamedArgs {
	out := maps.Clone(l.args)
	out[field] = value
	return out
}

func (l listing) count(ctx context.Context) (int, error) {
	var n int
	err := l.q.QueryRow(ctx, `SELECT count(*) FROM `+l.from+` WHERE `+l.condition, planAnew, l.args).Scan(&n)
	return n, store.Map(err)
}

// total is how many rows all pages have; 0 where nobody asks.
func (l listing) total(ctx context.Context, uncounted bool) (int, error) {
	if uncounted {
		return 0, nil
	}
	return l.count(ctx)
}

// facet counts the values that an expression has beside all other choices: the
// argument of the field itself is emptied.
func (l listing) facet(ctx context.Context, expression, field string, empty any) ([]register.Facet, error) {
	of := l.from + ` WHERE ` + l.condition
	if l.newest != "" {
		of = `(SELECT s.* FROM ` + of + ` ORDER BY ` + l.newest + ` LIMIT @sample) AS s`
	}
	rows, err := l.q.Query(ctx, `
		SELECT value::text, count(*)
		FROM (SELECT `+expression+` AS value FROM `+of+`) AS chosen
		WHERE value IS NOT NULL AND value::text <> '' AND @sample > 0
		GROUP BY value
		ORDER BY count(*) DESC, value`, planAnew, withArg(l.with(field, empty), "sample", facetSample))
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.Facet])
	return out, store.Map(err)
}

// facets counts the values of several fields.
func (l listing) facets(ctx context.Context, fields []facetField) (map[string][]register.Facet, error) {
	out := map[string][]register.Facet{}
	for _, f := range fields {
		values, err := l.facet(ctx, f.expression, f.name, f.empty)
		if err != nil {
			return nil, err
		}
		out[f.name] = values
	}
	return out, nil
}

// facetField is a field that is counted: its argument, and the expression whose
// values it chooses.
type facetField struct {
	name, expression string
	empty            any
}
