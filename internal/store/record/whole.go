package record

import (
	"context"
	"sync"

	"github.com/sijil/sijil/internal/store"
)

// mostListed is up to which number what filters choose is counted: to count on
// takes the longer the larger the register is.
const mostListed = 10_000

// wholes are how many rows tables have at a generation of the record: to count all
// of a large register for each page costs more than the page.
type wholes struct {
	lock       sync.Mutex
	generation int64
	rows       map[string]int // by table
}

// count counts the rows of a table, once for each generation.
func (w *wholes) count(ctx context.Context, q store.Querier, table string) (int, error) {
	var generation int64
	if err := q.QueryRow(ctx, `SELECT generation FROM record.generations`).Scan(&generation); err != nil {
		return 0, store.Map(err)
	}
	if n, ok := w.known(generation, table); ok {
		return n, nil
	}
	n, err := listing{q: q, from: table, condition: "true"}.count(ctx)
	if err != nil {
		return 0, err
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	if generation > w.generation {
		clear(w.rows)
		w.generation = generation
	}
	if generation == w.generation {
		w.rows[table] = n
	}
	return n, nil
}

func (w *wholes) known(generation int64, table string) (int, bool) {
	w.lock.Lock()
	defer w.lock.Unlock()
	n, ok := w.rows[table]
	return n, ok && generation == w.generation
}

// upTo counts what filters choose up to a limit, and reports whether there is more.
func (l listing) upTo(ctx context.Context, most int) (n int, more bool, err error) {
	err = l.q.QueryRow(ctx, `
		SELECT count(*)
		FROM (SELECT FROM `+l.from+` WHERE `+l.condition+` LIMIT @most) AS counted`, planAnew, l.with("most", most+1)).Scan(&n)
	return min(n, most), n > most, store.Map(err)
}

// totalOf is how many rows all pages of a list of a table have: exactly where
// nothing is chosen, else up to mostListed; 0 where nobody asks.
func (s *Store) totalOf(ctx context.Context, l listing, table string, chooses, uncounted bool) (n int, more bool, err error) {
	switch {
	case uncounted:
		return 0, false, nil
	case chooses:
		return l.upTo(ctx, mostListed)
	}
	n, err = s.whole.count(ctx, l.q, table)
	return n, false, err
}
