package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// chosenStatements is the condition behind every list of statements. A year is a
// range of the order, so that its list begins where it does.
const chosenStatements = `
	    (@institution = '' OR i.slug = @institution)
	AND (@kind = '' OR s.kind = @kind)
	AND (@official = '' OR s.is_official = (@official = 'yes'))
	AND (@original = '' OR s.original_not_seen = (@original = 'not-seen'))
	AND (@language = '' OR s.languages @> ARRAY[@language])
	AND (@year = 0 OR s.said_order BETWEEN make_date(greatest(@year, 1), 1, 1) AND make_date(greatest(@year, 1), 12, 31))`

const statementsFrom = `record.statements AS s LEFT JOIN record.institutions AS i ON i.reference = s.issuer_reference`

// Statements returns one page of the statements that the filter chooses, latest
// first. A cursor that this list did not give is ErrInvalid.
func (s *Store) Statements(ctx context.Context, f register.StatementFilter) (register.StatementList, error) {
	if err := f.Validate(); err != nil {
		return register.StatementList{}, err
	}
	keys, err := cursorKeys(f.After, 2)
	if err != nil || f.After != "" && !isSortKey(keys[0], time.DateOnly) {
		return register.StatementList{}, register.ErrInvalid
	}
	l := statementListing(f)
	l.args["after"], l.args["after_reference"] = keys[0], keys[1]
	l.sized(f.Most, register.PageSize)
	var list register.StatementList
	err = s.db.Read(ctx, func(q store.Querier) error {
		l.q = q
		if list.Total, list.AtLeast, err = s.totalOf(ctx, l, "record.statements", !f.IsZero(), f.Uncounted); err != nil {
			return err
		}
		if list.Rows, list.Next, err = listStatements(ctx, l); err != nil || f.Most > 0 {
			return err
		}
		list.Sampled = list.Total > facetSample
		list.Facets, err = l.facets(ctx, []facetField{
			{"kind", "s.kind", ""},
			{"official", "CASE WHEN s.is_official THEN 'yes' ELSE 'no' END", ""},
			{"original", "CASE WHEN s.original_not_seen THEN 'not-seen' ELSE 'seen' END", ""},
			{"language", "unnest(s.languages)", ""},
			{"year", "CASE WHEN isfinite(s.said_order) THEN extract(year FROM s.said_order)::integer END", 0},
		})
		return err
	})
	return list, err
}

func statementListing(f register.StatementFilter) listing {
	return listing{from: statementsFrom, newest: "s.said_order DESC, s.reference DESC", condition: chosenStatements, args: pgx.NamedArgs{
		"institution": f.Institution, "kind": f.Kind, "official": f.Official, "original": f.Original,
		"language": f.Language, "year": f.Year,
	}}
}

// statementColumns are the columns of a list row, in the order of
// scanStatementRow.
const statementColumns = `
	s.reference, s.slug, s.title, s.summary, s.kind, s.is_official, s.said, s.said_disputed,
	coalesce(i.reference, ''), coalesce(i.slug, ''), i.name, i.short, s.issuer_name, s.original_not_seen,
	s.languages, s.number, s.published_at, s.said_order::text,
	(SELECT coalesce(jsonb_agg(jsonb_build_object('Reference', x.reference, 'Slug', x.slug) ORDER BY x.reference), '[]')
	 FROM record.incident_statements AS y
	 JOIN record.incidents AS x ON x.reference = y.incident_reference
	 WHERE y.statement_reference = s.reference)`

// scanStatementRow reads a row, and the day by which it is ordered.
func scanStatementRow(row pgx.CollectableRow) (r register.StatementRow, day string, err error) {
	var issuer register.InstitutionBrief
	err = row.Scan(&r.Reference, &r.Slug, &r.Title, &r.Summary, &r.Kind, &r.Official, store.DateColumn(&r.Said),
		&r.SaidDisputed, &issuer.Reference, &issuer.Slug, &issuer.Name, &issuer.Short, &r.IssuerName,
		&r.OriginalNotSeen, &r.Languages, &r.Edition, &r.PublishedAt, &day, jsonColumn{&r.Incidents})
	if issuer.Reference != "" {
		r.Issuer = &issuer
	}
	return r, day, err
}

// listStatements reads a page, and the cursor of the next.
func listStatements(ctx context.Context, l listing) ([]register.StatementRow, string, error) {
	rows, err := l.q.Query(ctx, `
		SELECT `+statementColumns+`
		FROM `+l.from+`
		WHERE `+l.condition+`
		  AND (@after_reference = '' OR (s.said_order, s.reference) < (nullif(@after, '')::date, @after_reference))
		ORDER BY s.said_order DESC, s.reference DESC
		LIMIT @limit`, planAnew, l.args)
	if err != nil {
		return nil, "", store.Map(err)
	}
	var days []string
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.StatementRow, error) {
		r, day, err := scanStatementRow(row)
		days = append(days, day)
		return r, err
	})
	if err != nil || len(out) <= l.size {
		return out, "", store.Map(err)
	}
	last := l.size - 1
	return out[:l.size], cursorOf(days[last], out[last].Reference), nil
}
