package record

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// whole is the one choice of the key figures: they count everything.
type whole struct{}

// figures are what is counted over the register. What is counted of all of it does not
// wait for what readers choose, and is kept whatever they choose.
type figures struct {
	totals      *kept[whole, register.Totals]
	all, chosen *kept[register.StatisticsFilter, register.Statistics]
}

func newFigures(db *store.DB, log *slog.Logger, p pace) figures {
	return figures{
		totals: newKept(db, log, p, func(register.Totals) int64 { return overhead },
			func(ctx context.Context, q store.Querier, _ whole) (register.Totals, error) {
				return readTotals(ctx, q)
			}),
		all:    newKept(db, log, p, sizeOf, countStatistics),
		chosen: newKept(db, log, p, sizeOf, countStatistics),
	}
}

const (
	// overhead is the memory that any figures take, about, and perDelay that of a delay.
	overhead = 8 << 10
	perDelay = 48
)

// sizeOf is the memory that statistics take, about: most of it are delays.
func sizeOf(s register.Statistics) int64 {
	n := len(s.Delays.Delays)
	for i := range s.Delays.Institutions {
		n += len(s.Delays.Institutions[i].Delays)
	}
	return overhead + int64(n)*perDelay
}

// Totals returns the key figures of the register; errors as Figures.
func (s *Store) Totals(ctx context.Context) (register.Totals, error) {
	g, err := s.db.Heard(ctx)
	if err != nil {
		return register.Totals{}, err
	}
	return s.figures.totalsOf(ctx, g)
}

// Statistics counts the incidents that the filter chooses, and what hangs on
// them; errors as Figures.
func (s *Store) Statistics(ctx context.Context, f register.StatisticsFilter) (register.Statistics, error) {
	if err := f.Validate(); err != nil {
		return register.Statistics{}, err
	}
	g, err := s.db.Heard(ctx)
	if err != nil {
		return register.Statistics{}, err
	}
	return s.figures.statisticsOf(ctx, f, g)
}

// Figures returns both, counted at the same time. What takes longer than a page can
// wait goes on in the background: then they are those that were counted last, with the
// moment of that, or ErrCounting.
func (s *Store) Figures(ctx context.Context, f register.StatisticsFilter) (register.Totals, register.Statistics, error) {
	if err := f.Validate(); err != nil {
		return register.Totals{}, register.Statistics{}, err
	}
	g, err := s.db.Heard(ctx)
	if err != nil {
		return register.Totals{}, register.Statistics{}, err
	}
	s.figures.totals.begin(ctx, whole{}, g.Record)
	counts, err := s.figures.statisticsOf(ctx, f, g)
	if err != nil {
		return register.Totals{}, register.Statistics{}, err
	}
	totals, err := s.figures.totalsOf(ctx, g)
	return totals, counts, err
}

func (f figures) totalsOf(ctx context.Context, g register.Generation) (register.Totals, error) {
	out, at, err := f.totals.get(ctx, whole{}, g.Record)
	out.CountedAt = at
	return out, err
}

func (f figures) statisticsOf(ctx context.Context, chosen register.StatisticsFilter, g register.Generation) (register.Statistics, error) {
	of := f.chosen
	if chosen == (register.StatisticsFilter{}) {
		of = f.all
	}
	out, at, err := of.get(ctx, chosen, g.Record)
	out.CountedAt = at
	return out, err
}

// readTotals counts everything, each table once. The newest change is read from the
// index of changes, which begins with the type of a record; a source is counted in the
// order of its index, where it stands beside itself.
func readTotals(ctx context.Context, q store.Querier) (register.Totals, error) {
	var t register.Totals
	var updated *time.Time
	err := q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM record.incidents),
		       (SELECT count(*) FROM record.institutions),
		       s.all_of_them, s.official, s.not_seen,
		       (SELECT count(*) FROM record.claims),
		       r.all_of_them, r.confirmed,
		       (SELECT count(*) FROM (SELECT DISTINCT source_key FROM record.cited_sources) AS sources),
		       (SELECT max(last.at) FROM unnest(@types::text[]) AS t(type), LATERAL (
		           SELECT max(h.changed_at) AS at FROM record.heads AS h WHERE h.type = t.type) AS last)
		FROM (
		    SELECT count(*) AS all_of_them, count(*) FILTER (WHERE is_official) AS official,
		           count(*) FILTER (WHERE original_not_seen) AS not_seen
		    FROM record.statements
		) AS s, (
		    SELECT count(*) AS all_of_them, count(*) FILTER (WHERE is_confirmed) AS confirmed FROM record.referrals
		) AS r`, pgx.StrictNamedArgs{"types": register.RecordTypes()}).
		Scan(&t.Incidents, &t.Institutions, &t.Statements, &t.Official, &t.NotSeen, &t.Claims,
			&t.Referrals, &t.Confirmed, &t.Sources, &updated)
	if updated != nil {
		t.Updated = *updated
	}
	return t, store.Map(err)
}
