package record

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// incidentColumns are the columns of a list row, in the order of scanIncident.
const incidentColumns = `
	i.reference, i.slug, i.title, i.summary, i.country, i.kinds, i.standing, i.occurred, i.occurred_disputed,
	i.institutions, i.entries, i.first_statement_min, i.first_statement_max,
	i.referral_step, i.referral_level, i.referral_date, i.number, i.published_at`

func scanIncident(row pgx.CollectableRow) (register.IncidentRow, error) {
	var r register.IncidentRow
	var shortest, longest *int
	err := row.Scan(
		&r.Reference, &r.Slug, &r.Title, &r.Summary, &r.Country, &r.Kinds, &r.Standing,
		store.DateColumn(&r.Occurred), &r.OccurredDisputed, jsonColumn{&r.Institutions}, jsonColumn{&r.Entries},
		&shortest, &longest, &r.ReferralStep, &r.ReferralLevel, store.DateColumn(&r.ReferralDate), &r.Edition, &r.PublishedAt)
	r.FirstStatement = days(shortest, longest)
	return r, err
}

// days makes an interval of two columns; both null: not known.
func days(shortest, longest *int) edtf.Days {
	d := edtf.Days{MinOpen: shortest == nil, MaxOpen: longest == nil}
	if shortest != nil {
		d.Min, d.Known = *shortest, true
	}
	if longest != nil {
		d.Max, d.Known = *longest, true
	}
	return d
}

// Incidents returns one page of the incidents that the filter chooses. A
// cursor that this list did not give is ErrInvalid.
func (s *Store) Incidents(ctx context.Context, f register.IncidentFilter) (register.IncidentList, error) {
	if err := f.Validate(); err != nil {
		return register.IncidentList{}, err
	}
	if f.Sort == "" {
		f.Sort = f.Sorts()[0]
	}
	after, reference, err := parseCursor(f.After, f.Sort)
	if err != nil {
		return register.IncidentList{}, err
	}
	l := &incidentListing{store: s, filter: f, question: newQuestion(f.Query)}
	l.args = incidentArgs(f)
	l.args["after"], l.args["after_reference"] = after, reference
	l.sized(f.Most, register.PageSize)
	var list register.IncidentList
	err = s.db.Read(ctx, func(q store.Querier) error {
		reading := *l // which may have to be begun again
		reading.q, reading.args = q, maps.Clone(l.args)
		err := reading.read(ctx)
		list = reading.list
		return err
	})
	return list, err
}

// incidentListing reads one page of a list of incidents.
type incidentListing struct {
	listing
	store    *Store
	filter   register.IncidentFilter
	question question
	// walks means that the words that are searched for are so common that a page of
	// them is found sooner along the list; walksFar, that as many as latest has are.
	walks, walksFar bool
	// words is how common the words of the search are.
	words frequency
	// latest are the newest finds of a search, as many as facets are counted of:
	// number, relevance and facets are made of them, and the words looked for once.
	latest []string
	list   register.IncidentList
}

// choose makes ready what the list is read from, and how.
func (l *incidentListing) choose(ctx context.Context) error {
	words, err := l.question.frequency(ctx, l.q)
	if err != nil {
		return err
	}
	l.words, l.walks, l.walksFar = words, words.walks(l.size), words.walks(l.mostLatest())
	l.from, l.condition = l.source(l.walks), chosenIncidents
	spelled := l.question
	if words.large() && !l.walksAlways() {
		if spelled, err = spelled.spelledOut(ctx, l.q); err != nil {
			return err
		}
	}
	l.args["query"], l.args["spelled"], l.args["exact"] = l.question.String(), spelled.String(), l.question.exactly()
	return nil
}

// walksAlways reports whether the words are so common that no index is asked.
func (l *incidentListing) walksAlways() bool {
	return l.walks && l.walksFar && l.words.walksNewest(l.size+1) && l.words.walksNewest(l.mostLatest())
}

func (l *incidentListing) read(ctx context.Context) error {
	err := l.choose(ctx)
	if err != nil {
		return err
	}
	if err = l.readLatest(ctx); err != nil {
		return err
	}
	if err = l.countAll(ctx); err != nil {
		return err
	}
	if err = l.readRows(ctx); err != nil || l.filter.Most > 0 {
		return err
	}
	if l.list.Facets, l.list.Sampled, err = incidentFacets(ctx, l); err != nil {
		return err
	}
	if l.list.Names, err = institutionNames(ctx, l.q, l.list.Facets["institution"], l.filter.Institution); err != nil {
		return err
	}
	return l.readFinds(ctx)
}

// source is from where the incidents of the list come. What a search finds is
// looked for in the index, unless its words are so common that whoever walks
// along the list finds a page of them sooner (PERFORMANCE: plan by frequency).
func (l *incidentListing) source(walks bool) string {
	switch {
	case l.question.String() == "":
		return `record.incidents AS i`
	case walks:
		return `record.incidents AS i ` + lookedUp
	default:
		return `(SELECT reference, words FROM record.search_rows
			WHERE type = 'incident' AND words @@ @spelled::tsquery OFFSET 0) AS d
			JOIN record.incidents AS i ON i.reference = d.reference`
	}
}

// lookedUp looks up whether an incident along the list has the words. OFFSET keeps
// PostgreSQL from beginning with the words.
const lookedUp = `CROSS JOIN LATERAL (
	SELECT words FROM record.search_rows AS s
	WHERE s.type = 'incident' AND s.reference = i.reference AND s.key = '' AND (s.words @@ @query::tsquery) IS TRUE
	OFFSET 0) AS d`

// chosenIncidents is the condition behind every list of incidents; an empty
// argument does not choose.
const chosenIncidents = `
	    (@institution = '' OR i.institution_slugs @> ARRAY[@institution])
	AND (@sector = '' OR i.sectors @> ARRAY[@sector])
	AND (@kind = '' OR i.kinds @> ARRAY[@kind] OR i.kind_classes @> ARRAY[@kind])
	AND (@standing = '' OR i.standing = @standing)
	AND (@year = 0 OR i.occurred_year = @year)
	AND (@referral = '' OR i.referral_step = CASE @referral WHEN 'none' THEN '' ELSE @referral END)
	AND (@official = '' OR (@official = 'yes') = ` + hasOfficial + `)
	AND (@language = '' OR EXISTS (
	        SELECT FROM record.incident_statements AS x
	        JOIN record.statements AS y ON y.reference = x.statement_reference
	        WHERE x.incident_reference = i.reference AND y.languages @> ARRAY[@language]))`

const hasOfficial = `EXISTS (
	        SELECT FROM record.incident_statements AS x
	        JOIN record.statements AS y ON y.reference = x.statement_reference
	        WHERE x.incident_reference = i.reference AND y.is_official)`

func incidentArgs(f register.IncidentFilter) pgx.NamedArgs {
	return pgx.NamedArgs{
		"institution": f.Institution, "sector": f.Sector, "kind": f.Kind, "standing": f.Standing, "year": f.Year,
		"referral": f.Referral, "official": f.Official, "language": f.Language,
	}
}

// readRows reads the rows of the page, and the cursor of the next.
func (l *incidentListing) readRows(ctx context.Context) error {
	var err error
	var key string
	switch {
	case l.filter.Sort == register.SortRelevance && l.question.String() != "":
		key, err = l.readRanked(ctx)
	case l.filter.Sort == register.SortPublished:
		l.list.Rows, err = l.readOrdered(ctx, "i.published_at", "interval '0'", "timestamptz")
	default:
		var read bool
		if read, err = l.readNewest(ctx); err == nil && !read {
			l.list.Rows, err = l.readOrdered(ctx, "i.occurred_order", "0", "date")
		}
	}
	if err != nil || len(l.list.Rows) <= l.size {
		return err
	}
	l.list.Rows = l.list.Rows[:l.size]
	last := l.list.Rows[l.size-1]
	if key == "" {
		key = sortKey(last, l.filter.Sort)
	}
	l.list.Next = cursorAfter(key, last.Reference)
	return nil
}

// readOrdered reads a page in the order of a column that has an index. Where the
// index of words is to be used, the order is written so that the other is not.
func (l *incidentListing) readOrdered(ctx context.Context, column, nothing, kind string) ([]register.IncidentRow, error) {
	order := column
	if l.question.String() != "" && !l.walks {
		order = "(" + column + " + " + nothing + ")"
	}
	return collectIncidents(ctx, l.q, `
		SELECT`+incidentColumns+`
		FROM `+l.from+`
		WHERE`+l.condition+`
		  AND (@after_reference = '' OR (`+column+`, i.reference) < (nullif(@after, '')::`+kind+`, @after_reference))
		ORDER BY `+order+` DESC, i.reference DESC
		LIMIT @limit`, planAnew, l.args)
}

// readFinds reads what a page of a search has besides: excerpts of its rows, what
// else was found, and what may have been meant where nothing was.
func (l *incidentListing) readFinds(ctx context.Context) error {
	if l.question.String() == "" {
		return nil
	}
	shown := make([]string, len(l.list.Rows))
	for i, r := range l.list.Rows {
		shown[i] = r.Reference
	}
	found, err := excerpts(ctx, l.q, l.question, register.FindIncidents, shown, l.filter.Lang)
	if err != nil {
		return err
	}
	l.list.Excerpts = map[string]register.Excerpt{}
	for key, x := range found {
		l.list.Excerpts[key.reference] = x
	}
	if l.list.Others, err = countFinds(ctx, l.q, l.question); err != nil {
		return err
	}
	if l.list.Total == 0 {
		l.list.Suggestion, err = suggest(ctx, l.q, l.filter.Query, l.question)
	}
	return err
}

func newestIncidents(ctx context.Context, q store.Querier, limit int) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		ORDER BY i.published_at DESC, i.reference DESC
		LIMIT @limit`, pgx.NamedArgs{"limit": limit})
}

// newestSpokenOf returns the incident with a statement that was published last,
// or none.
func newestSpokenOf(ctx context.Context, q store.Querier) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		WHERE i.reference IN (SELECT incident_reference FROM record.incident_statements)
		ORDER BY i.published_at DESC, i.reference DESC
		LIMIT 1`)
}

func incidentsOfStatement(ctx context.Context, q store.Querier, reference string) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incident_statements AS s
		JOIN record.incidents AS i ON i.reference = s.incident_reference
		WHERE s.statement_reference = @reference
		ORDER BY i.occurred_order DESC, i.reference DESC`, pgx.NamedArgs{"reference": reference})
}

func collectIncidents(ctx context.Context, q store.Querier, sql string, args ...any) ([]register.IncidentRow, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanIncident)
	return out, store.Map(err)
}

// The cursor of a keyset page is the sort key of its last row, as text that
// fits an address.
func sortKey(row register.IncidentRow, sort register.IncidentSort) string {
	if sort == register.SortPublished {
		return row.PublishedAt.UTC().Format(time.RFC3339Nano)
	}
	return orderDay(row.Occurred)
}

func cursorAfter(key, reference string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(key + "|" + reference))
}

func parseCursor(cursor string, sort register.IncidentSort) (key, reference string, err error) {
	if cursor == "" {
		return "", "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", "", fmt.Errorf("%w: cursor: %w", register.ErrInvalid, err)
	}
	key, reference, found := strings.Cut(string(raw), "|")
	layout := time.DateOnly
	switch sort {
	case register.SortPublished:
		layout = time.RFC3339Nano
	case register.SortRelevance:
		if n, err := strconv.ParseInt(key, 10, 64); err != nil || n < 0 || strconv.FormatInt(n, 10) != key || !isReference(reference) {
			return "", "", fmt.Errorf("%w: cursor", register.ErrInvalid)
		}
		return key, reference, nil
	case register.SortOccurred:
	}
	if !found || !isReference(reference) || !isSortKey(key, layout) {
		return "", "", fmt.Errorf("%w: cursor", register.ErrInvalid)
	}
	return key, reference, nil
}

// isSortKey reports whether a key is just what cursorAfter writes: a moment in
// the one form that it gives it, in a year that the database knows.
func isSortKey(key, layout string) bool {
	at, err := time.Parse(layout, key)
	return key == notStated && layout == time.DateOnly ||
		err == nil && at.Year() >= 1 && at.UTC().Format(layout) == key
}

var referenceForm = regexp.MustCompile(`^SJ-[0-9]{4}-[0-9]{4,9}$`)

// isReference reports whether s is written as references of incidents are.
func isReference(s string) bool { return referenceForm.MatchString(s) }

// notStated stands in a date column for a date that is not stated: it sorts
// after all others in a list with the newest first.
const notStated = "-infinity"

// orderDay is the day by which a date is ordered: the last that it can mean,
// or the first when it has no last.
func orderDay(d edtf.Date) string {
	if day, ok := d.LastDay(); ok {
		return day.String()
	}
	if day, ok := d.FirstDay(); ok {
		return day.String()
	}
	return notStated
}

// dayColumn is what a column of days is given for a day as orderDay writes it: as a
// text, "-infinity" cannot be copied.
func dayColumn(day string) pgtype.Date {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return pgtype.Date{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	return pgtype.Date{Time: at, Valid: true}
}
