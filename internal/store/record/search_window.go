package record

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// readLatest reads the references of the newest finds of a search.
func (l *incidentListing) readLatest(ctx context.Context) error {
	if l.mostLatest() == 0 {
		return nil
	}
	found, enough, err := l.findNewest(ctx, l.mostLatest(), false)
	if err != nil || enough {
		l.latest = found
		return err
	}
	rows, err := l.q.Query(ctx, `
		SELECT i.reference
		FROM `+l.source(l.walksFar)+`
		WHERE `+l.condition+`
		ORDER BY `+l.newestOrder()+` DESC, i.reference DESC
		LIMIT @sample`, planAnew, l.with("sample", l.mostLatest()))
	if err != nil {
		return store.Map(err)
	}
	l.latest, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return store.Map(err)
}

// mostLatest is how many of the newest finds are needed: as many as facets, the
// number of finds, or relevance are made of; none for rows in the order of the list.
func (l *incidentListing) mostLatest() int {
	switch {
	case l.question.String() == "":
		return 0
	case l.filter.Most == 0:
		return facetSample
	case !l.filter.Uncounted:
		return register.MostCounted + 1
	case l.filter.Sort == register.SortRelevance:
		return rankWindow
	}
	return 0
}

// newestOrder is the order of the list, as far as latest goes; written so that its index is not used
// where the index of words is to be.
func (l *incidentListing) newestOrder() string {
	if l.question.String() != "" && !l.walksFar {
		return "(i.occurred_order + 0)"
	}
	return "i.occurred_order"
}

// countAll counts the incidents of all pages; finds of a search only up to where
// counting becomes dear.
func (l *incidentListing) countAll(ctx context.Context) error {
	var err error
	if l.question.String() == "" {
		l.list.Total, l.list.AtLeast, err = l.store.totalOf(ctx, l.listing, "record.incidents", !l.filter.IsZero(), l.filter.Uncounted)
		return err
	}
	l.list.Total, l.list.AtLeast = min(len(l.latest), register.MostCounted), len(l.latest) > register.MostCounted
	return nil
}

// rankWindow is how many of the newest finds are put in order of relevance: to
// rank all finds of a common word costs as much as the register is large.
const rankWindow = 500

// rank is how well a row fits: first by words as they were typed, then by other
// forms; titles and names before summaries, those before all else.
const rank = `(1000000 * (4 * ts_rank('{0.05,0.1,0.4,1}', d.words, @exact::tsquery, 1) +
	ts_rank('{0.05,0.1,0.4,1}', d.words, @query::tsquery, 1)))::bigint`

// readRanked reads a page of the newest finds in the order of relevance, and the
// key of its last row.
func (l *incidentListing) readRanked(ctx context.Context) (string, error) {
	rows, err := l.q.Query(ctx, `
		SELECT`+incidentColumns+`, best.rank
		FROM (
		    SELECT d.reference, `+rank+` AS rank
		    FROM record.search_rows AS d
		    WHERE d.type = 'incident' AND d.key = '' AND d.reference = ANY (@latest::text[])
		) AS best
		JOIN record.incidents AS i USING (reference)
		WHERE @after_reference = '' OR (best.rank, reference) < (nullif(@after, '')::bigint, @after_reference)
		ORDER BY best.rank DESC, reference DESC
		LIMIT @limit`, planAnew, l.with("latest", l.latest[:min(len(l.latest), rankWindow)]))
	if err != nil {
		return "", store.Map(err)
	}
	var ranks []string
	l.list.Rows, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.IncidentRow, error) {
		var rank int64
		r, err := scanIncident(appended{row, &rank})
		ranks = append(ranks, strconv.FormatInt(rank, 10))
		return r, err
	})
	if err != nil || len(ranks) <= l.size {
		return "", store.Map(err)
	}
	return ranks[l.size-1], nil
}

// appended is a row with one more column at its end.
type appended struct {
	pgx.CollectableRow
	last any
}

// Scan reads the columns and the last one.
func (a appended) Scan(dest ...any) error { return a.CollectableRow.Scan(append(dest, a.last)...) }
