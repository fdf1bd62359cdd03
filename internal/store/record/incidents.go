package record

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

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
	args, err := incidentArgs(f)
	if err != nil {
		return register.IncidentList{}, err
	}
	var list register.IncidentList
	err = s.db.Read(ctx, func(q store.Querier) error {
		if list.Total, err = countIncidents(ctx, q, args); err != nil {
			return err
		}
		list.Rows, err = listIncidents(ctx, q, f.Sort, args)
		return err
	})
	if err != nil {
		return register.IncidentList{}, err
	}
	if len(list.Rows) > register.PageSize {
		list.Rows = list.Rows[:register.PageSize]
		list.Next = cursorAfter(list.Rows[register.PageSize-1], f.Sort)
	}
	return list, nil
}

// chosenIncidents is the condition behind every list of incidents; an empty
// argument does not choose.
const chosenIncidents = `
	    (@query = '' OR EXISTS (
	        SELECT FROM record.search_documents AS d
	        WHERE d.reference = i.reference AND d.words @@ @query::tsquery))
	AND (@institution = '' OR i.institution_slugs @> ARRAY[@institution])
	AND (@sector = '' OR i.sectors @> ARRAY[@sector])
	AND (@kind = '' OR i.kinds @> ARRAY[@kind] OR i.kind_classes @> ARRAY[@kind])
	AND (@standing = '' OR i.standing = @standing)
	AND (@year = 0 OR i.occurred_year = @year)
	AND (@referral = '' OR i.referral_step = CASE @referral WHEN 'none' THEN '' ELSE @referral END)`

func incidentArgs(f register.IncidentFilter) (pgx.NamedArgs, error) {
	after, reference, err := parseCursor(f.After, f.Sort)
	return pgx.NamedArgs{
		"query": searchQuery(f.Query), "institution": f.Institution, "sector": f.Sector, "kind": f.Kind,
		"standing": f.Standing, "year": f.Year, "referral": f.Referral,
		"after": after, "after_reference": reference, "limit": register.PageSize + 1,
	}, err
}

func countIncidents(ctx context.Context, q store.Querier, args pgx.NamedArgs) (int, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM record.incidents AS i WHERE`+chosenIncidents, args).Scan(&n)
	return n, store.Map(err)
}

func listIncidents(ctx context.Context, q store.Querier, sort register.IncidentSort, args pgx.NamedArgs) ([]register.IncidentRow, error) {
	if sort == register.SortPublished {
		return collectIncidents(ctx, q, `
			SELECT`+incidentColumns+`
			FROM record.incidents AS i
			WHERE`+chosenIncidents+`
			  AND (@after_reference = '' OR (i.published_at, i.reference) < (nullif(@after, '')::timestamptz, @after_reference))
			ORDER BY i.published_at DESC, i.reference DESC
			LIMIT @limit`, args)
	}
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		WHERE`+chosenIncidents+`
		  AND (@after_reference = '' OR (i.occurred_order, i.reference) < (nullif(@after, '')::date, @after_reference))
		ORDER BY i.occurred_order DESC, i.reference DESC
		LIMIT @limit`, args)
}

func newestIncidents(ctx context.Context, q store.Querier, limit int) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		ORDER BY i.published_at DESC, i.reference DESC
		LIMIT @limit`, pgx.NamedArgs{"limit": limit})
}

func incidentsOfStatement(ctx context.Context, q store.Querier, reference string) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incident_statements AS s
		JOIN record.incidents AS i ON i.reference = s.incident_reference
		WHERE s.statement_reference = @reference
		ORDER BY i.occurred_order DESC, i.reference DESC`, pgx.NamedArgs{"reference": reference})
}

func incidentsOfInstitution(ctx context.Context, q store.Querier, reference string) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incident_institutions AS a
		JOIN record.incidents AS i ON i.reference = a.incident_reference
		WHERE a.institution_reference = @reference
		ORDER BY i.occurred_order DESC, i.reference DESC`, pgx.NamedArgs{"reference": reference})
}

func collectIncidents(ctx context.Context, q store.Querier, sql string, args pgx.NamedArgs) ([]register.IncidentRow, error) {
	rows, err := q.Query(ctx, sql, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanIncident)
	return out, store.Map(err)
}

// searchQuery makes the folded words of a search a tsquery: every word must
// occur, the last one may be the beginning of a word. Folding leaves letters
// and digits only, so that a word needs no escape.
func searchQuery(query string) string {
	words := strings.Fields(Fold(query))
	for i, w := range words {
		words[i] = "'" + w + "'"
		if i == len(words)-1 {
			words[i] += ":*"
		}
	}
	return strings.Join(words, " & ")
}

// The cursor of a keyset page is the sort key of its last row, as text that
// fits an address.
func cursorAfter(row register.IncidentRow, sort register.IncidentSort) string {
	key := orderDay(row.Occurred)
	if sort == register.SortPublished {
		key = row.PublishedAt.UTC().Format(time.RFC3339Nano)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(key + "|" + row.Reference))
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
	if sort == register.SortPublished {
		layout = time.RFC3339Nano
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

// isReference reports whether s is written as references of incidents are.
func isReference(s string) bool {
	ok, err := regexp.MatchString(`^SJ-[0-9]{4}-[0-9]{4,9}$`, s)
	return err == nil && ok
}

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
