package record

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// NewestKept is how many of the newest incidents the register keeps the words of a second
// time, in the order of the list, so that the newest finds of all but rare words come from
// there; half as many again before the oldest of them go.
const NewestKept = 1 << 17

// findPerStep is how much dearer it is to find a row of search_newest by its words than to
// look at one while walking along it: 3.4 and 0.5 µs where it was measured.
const findPerStep = 7

// newestWalked is how many of the newest incidents are looked at to learn how often words
// stand together.
const newestWalked = 1000

// isChosen reports whether a search is among some incidents only, which filters choose.
func (l *incidentListing) isChosen() bool {
	f := l.filter
	f.Query = ""
	return !f.IsZero()
}

// inNewest reports whether so many finds are expected among the newest incidents.
func (f frequency) inNewest(rows int) bool {
	return f.newest > 0 && (f.whole || f.share*f.newest >= 1.2*float64(rows)+20)
}

// walksNewest reports whether so many finds come sooner along the newest incidents than
// by their index.
func (f frequency) walksNewest(rows int) bool {
	return f.newest > smallRegister && f.share >= math.Sqrt(float64(rows)/(findPerStep*f.newest))
}

// findNewest reads the references of so many finds, the newest first, among the newest
// incidents: those that come after a place in the list where after is set. It reports
// false where these are not as many, and older incidents may have more.
func (l *incidentListing) findNewest(ctx context.Context, most int, after bool) ([]string, bool, error) {
	if l.question.String() == "" || l.isChosen() || !l.words.inNewest(most) {
		return nil, false, nil
	}
	// The day is written so that of the two indexes only the one that is meant is used.
	matches, day := `n.words @@ @spelled::tsquery`, `(n.occurred_order + 0)`
	if l.words.walksNewest(most) {
		matches, day = `(n.words @@ @query::tsquery) IS TRUE`, `n.occurred_order`
	}
	args := l.with("most", most)
	if !after {
		args["after"], args["after_reference"] = "", ""
	}
	rows, err := l.q.Query(ctx, `
		SELECT n.reference
		FROM record.search_newest AS n
		WHERE `+matches+`
		  AND (`+day+`, n.reference) >= (SELECT occurred_order, reference FROM record.search_newest_since)
		  AND (@after_reference = '' OR (`+day+`, n.reference) < (nullif(@after, '')::date, @after_reference))
		ORDER BY `+day+` DESC, n.reference DESC
		LIMIT @most`, planAnew, args)
	if err != nil {
		return nil, false, store.Map(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return found, l.words.whole || len(found) == most, store.Map(err)
}

// readNewest reads a page of the newest finds, if the newest incidents have as many.
func (l *incidentListing) readNewest(ctx context.Context) (bool, error) {
	found, enough, err := l.findNewest(ctx, l.size+1, true)
	if err != nil || !enough {
		return false, err
	}
	l.list.Rows, err = collectIncidents(ctx, l.q, `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		WHERE i.reference = ANY (@found::text[])
		ORDER BY i.occurred_order DESC, i.reference DESC`, pgx.StrictNamedArgs{"found": found})
	return true, err
}

// listPlace is a place in the list of incidents: the day of one, as the database writes it,
// and its reference.
type listPlace struct{ day, reference string }

// everything is the place from which on all incidents stand.
var everything = listPlace{day: notStated}

// reliedOn chooses the kept incidents on which searches rely: those before are left over,
// and some of them may be gone already.
const reliedOn = `(occurred_order, reference) >= (SELECT occurred_order, reference FROM record.search_newest_since)`

// NewestIncidents returns how many incidents have their words kept a second time, and
// whether all that are public do.
func (w *Writer) NewestIncidents(ctx context.Context) (kept int, whole bool, err error) {
	if err = w.q.QueryRow(ctx, `SELECT count(*) FROM record.search_newest WHERE `+reliedOn).Scan(&kept); err != nil {
		return 0, false, store.Map(err)
	}
	since, err := w.newestSince(ctx)
	return kept, since != nil && *since == everything, err
}

// newestSince is the place from which on all are kept; nil where none are yet.
func (w *Writer) newestSince(ctx context.Context) (*listPlace, error) {
	var since listPlace
	err := w.q.QueryRow(ctx, `SELECT occurred_order::text, reference FROM record.search_newest_since`).Scan(&since.day, &since.reference)
	if err == pgx.ErrNoRows { //nolint:errorlint // QueryRow returns it as it is
		return nil, nil //nolint:nilnil // as it says
	}
	return &since, store.Map(err)
}

// KeepMore keeps the words of so many more incidents, the next of the list, and reports
// whether all of them are kept now. Publications have to be locked, since one that is
// under way does not know how far it goes.
func (w *Writer) KeepMore(ctx context.Context, count int) (whole bool, err error) {
	since, err := w.newestSince(ctx)
	if err != nil {
		return false, err
	}
	args := pgx.StrictNamedArgs{"most": count, "none": since == nil, "day": notStated, "reference": ""}
	if since != nil {
		args["day"], args["reference"] = since.day, since.reference
	}
	rows, err := w.q.Query(ctx, `
		SELECT occurred_order::text, reference
		FROM record.incidents
		WHERE @none OR (occurred_order, reference) < (@day::text::date, @reference)
		ORDER BY occurred_order DESC, reference DESC
		LIMIT @most`, planAnew, args)
	if err != nil {
		return false, store.Map(err)
	}
	var next listPlace
	var more []string
	if _, err = pgx.ForEachRow(rows, []any{&next.day, &next.reference}, func() error {
		more = append(more, next.reference)
		return nil
	}); err != nil {
		return false, store.Map(err)
	}
	if len(more) < count {
		next = everything
	}
	if _, err = w.q.Exec(ctx, `
		INSERT INTO record.search_newest (reference, occurred_order, words)
		SELECT i.reference, i.occurred_order, s.words || ''::tsvector -- a new value, which is not packed
		FROM record.incidents AS i
		JOIN record.search_rows AS s ON s.type = 'incident' AND s.reference = i.reference AND s.key = ''
		WHERE i.reference = ANY (@more::text[])
		ORDER BY i.occurred_order DESC, i.reference DESC
		ON CONFLICT (reference) DO NOTHING`, pgx.StrictNamedArgs{"more": more}); err != nil {
		return false, store.Map(err)
	}
	return next == everything, w.setNewestSince(ctx, next)
}

func (w *Writer) setNewestSince(ctx context.Context, at listPlace) error {
	_, err := w.q.Exec(ctx, `
		INSERT INTO record.search_newest_since (occurred_order, reference) VALUES (@day::text::date, @reference)
		ON CONFLICT (one) DO UPDATE SET occurred_order = EXCLUDED.occurred_order, reference = EXCLUDED.reference`,
		pgx.StrictNamedArgs{"day": at.day, "reference": at.reference})
	return store.Map(err)
}

// KeepNone has searches rely on none that is kept.
func (w *Writer) KeepNone(ctx context.Context) error {
	return w.setNewestSince(ctx, listPlace{day: "infinity"}) // no incident has such a day
}

// KeepOnly has searches rely on the newest count of those that are kept only.
// Publications have to be locked.
func (w *Writer) KeepOnly(ctx context.Context, count int) error {
	var since listPlace
	err := w.q.QueryRow(ctx, `
		SELECT occurred_order::text, reference
		FROM record.search_newest
		WHERE `+reliedOn+`
		ORDER BY occurred_order DESC, reference DESC
		OFFSET @count - 1
		LIMIT 1`, pgx.StrictNamedArgs{"count": count}).Scan(&since.day, &since.reference)
	if err != nil {
		return ignoreNoRows(err) // they are fewer
	}
	return w.setNewestSince(ctx, since)
}

// DropOldest takes away so many of the kept on which no search relies any more, and
// returns how many there were.
func (w *Writer) DropOldest(ctx context.Context, most int) (int, error) {
	tag, err := w.q.Exec(ctx, `
		DELETE FROM record.search_newest
		WHERE reference IN (
		    SELECT reference
		    FROM record.search_newest
		    WHERE (occurred_order, reference) < (SELECT occurred_order, reference FROM record.search_newest_since)
		    LIMIT @most)`, pgx.StrictNamedArgs{"most": most})
	return int(tag.RowsAffected()), store.Map(err)
}
