package scale_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
)

// words are words of a register by the share of its incidents that have them.
type words struct {
	common []string // a tenth or more
	mid    []string // 0.05 to 2 %
	rare   []string // five incidents at most
	none   []string // in none
}

// distinct is how many different words are asked of a class.
const distinct = 60

func (f *filled) words() words {
	f.tb.Helper()
	w := words{
		common: f.column(`SELECT word FROM record.search_words WHERE documents >= $1 AND length(word) >= 4 AND word !~ '[0-9]' ORDER BY md5(word) LIMIT $2`, f.incidents/10, distinct),
		mid: f.column(`SELECT word FROM record.search_words WHERE documents BETWEEN $1 AND $3 AND length(word) >= 4 AND word !~ '[0-9]' ORDER BY md5(word) LIMIT $2`,
			max(1, f.incidents/2000), distinct, f.incidents/50),
		rare: f.column(`SELECT word FROM record.search_words WHERE documents <= 5 AND length(word) >= 8 AND word !~ '[0-9]' ORDER BY md5(word) LIMIT $1`, distinct),
	}
	if len(w.rare) < distinct/2 { // in a large register every word of the vocabulary is met: references are not
		w.rare = append(w.rare, f.column(`SELECT word FROM record.search_words WHERE documents <= 5 AND word ~ '^sj[0-9]+$' ORDER BY md5(word) LIMIT $1`, distinct-len(w.rare))...)
	}
	for n := range distinct {
		w.none = append(w.none, fmt.Sprintf("zz%cq%cx%d", 'a'+n%26, 'a'+n/2%26, n))
	}
	for _, class := range [][]string{w.common, w.mid, w.rare} {
		if len(class) < 10 {
			f.tb.Fatalf("too few words to ask for: %d common, %d mid, %d rare", len(w.common), len(w.mid), len(w.rare))
		}
	}
	return w
}

func (f *filled) column(sql string, args ...any) []string {
	f.tb.Helper()
	rows, err := f.pool.Query(f.tb.Context(), sql, args...)
	if err != nil {
		f.tb.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.tb.Fatal(err)
	}
	return out
}

// pairs are a word of one class beside one of another.
func pairs(a, b []string) []string {
	var out []string
	for i := range min(len(a), len(b)) {
		out = append(out, a[i]+" "+b[i])
	}
	return out
}

// mix is what readers search for: common words, middling ones twice, rare ones,
// what is not there, and a common word with a middling one, in equal shares.
func (w words) mix() []string {
	n := slices.Min([]int{len(w.common), len(w.mid), len(w.rare), len(w.none)})
	both, half := pairs(w.common, w.mid), len(w.mid)/2
	var out []string
	for i := range n {
		out = append(out, w.common[i], w.mid[i], w.mid[(i+half)%len(w.mid)], w.rare[i], w.none[i], both[i])
	}
	return out
}

// pages asks for the page of a search, with all that it shows.
func pages(queries []string) []question {
	return searches(queries, register.IncidentFilter{Lang: register.French})
}

// newest asks for the newest 20 that a search finds, as programs do.
func newest(queries []string) []question {
	return searches(queries, register.IncidentFilter{Lang: register.French, Sort: register.SortOccurred, Most: register.PageSize, Uncounted: true})
}

func searches(queries []string, f register.IncidentFilter) []question {
	var out []question
	for _, query := range queries {
		f.Query = query
		out = append(out, listed(f))
	}
	return out
}

func listed(filter register.IncidentFilter) question {
	return func(ctx context.Context, f *filled) error {
		_, err := f.store.Incidents(ctx, filter)
		return err
	}
}

// parts asks for statements or claims.
func parts(queries []string, t register.SearchType) []question {
	var out []question
	for _, query := range queries {
		out = append(out, func(ctx context.Context, f *filled) error {
			_, err := f.store.Search(ctx, register.SearchFilter{Query: query, Type: t, Lang: register.French})
			return err
		})
	}
	return out
}

// raw asks in SQL, and reads the answer.
func raw(sql string, args ...any) question {
	return func(ctx context.Context, f *filled) error {
		rows, err := f.pool.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
		if err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.Values(); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// planned asks for the newest 20 that have words, or others that begin so, as a search
// does, and leaves the plan to PostgreSQL.
func planned(queries []string) []question {
	var out []question
	for _, query := range queries {
		words := strings.Fields(query)
		for i, w := range words {
			words[i] = "'" + w + "':*"
		}
		query = strings.Join(words, " & ")
		out = append(out, raw(`
			SELECT i.reference, i.title, i.summary
			FROM record.search_rows AS d
			JOIN record.incidents AS i ON i.reference = d.reference
			WHERE d.type = 'incident' AND d.key = '' AND d.words @@ $1::tsquery
			ORDER BY i.occurred_order DESC, i.reference DESC
			LIMIT 21`, query))
	}
	return out
}

// unindexed asks for the same by reading the words of every row, as where there is no
// index of them.
func unindexed(queries []string) []question {
	var out []question
	for _, query := range queries {
		out = append(out, raw(`
			SELECT i.reference, i.title, i.summary
			FROM record.search_rows AS d
			JOIN record.incidents AS i ON i.reference = d.reference
			WHERE d.type = 'incident' AND d.key = '' AND d.words::text LIKE '%' || $1 || '%'
			ORDER BY i.occurred_order DESC, i.reference DESC
			LIMIT 21`, query))
	}
	return out
}

// deep asks for a page of the list that begins after a share of it, in percent.
func deep(f *filled, shares ...int) []question {
	f.tb.Helper()
	var out []question
	for _, share := range shares {
		var day time.Time
		var reference string
		if err := f.pool.QueryRow(f.tb.Context(), `
			SELECT occurred_order, reference FROM record.incidents WHERE isfinite(occurred_order)
			ORDER BY occurred_order DESC, reference DESC OFFSET $1 LIMIT 1`, f.incidents*share/100).Scan(&day, &reference); err != nil {
			f.tb.Fatal(err)
		}
		after := base64.RawURLEncoding.EncodeToString([]byte(day.Format(time.DateOnly) + "|" + reference))
		out = append(out, listed(register.IncidentFilter{After: after, Lang: register.French, Most: register.PageSize, Uncounted: true}))
	}
	return out
}

// offset is deep by counting rows.
func offset(f *filled, shares ...int) []question {
	var out []question
	for _, share := range shares {
		out = append(out, raw(`SELECT reference, title, summary FROM record.incidents ORDER BY occurred_order DESC, reference DESC OFFSET $1 LIMIT 21`, f.incidents*share/100))
	}
	return out
}

// TestMixIsInEqualShares keeps the mix as it is described.
func TestMixIsInEqualShares(t *testing.T) {
	t.Parallel()
	got := words{common: []string{"a", "b"}, mid: []string{"c", "d"}, rare: []string{"e", "f"}, none: []string{"g", "h"}}.mix()
	want := []string{"a", "c", "d", "e", "g", "a c", "b", "d", "c", "f", "h", "b d"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
