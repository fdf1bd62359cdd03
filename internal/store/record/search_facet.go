package record

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// facetSample is how many incidents are counted, the newest of a list: to count
// all of a large register for each page costs more than the page.
const facetSample = 2000

// mostFacets is how many values of a field are offered, the most frequent ones.
const mostFacets = 12

// incidentFacetFields are the fields by which incidents can be chosen, with the
// expression of their values in a counted row.
func incidentFacetFields() []facetField {
	return []facetField{
		{"institution", "unnest(c.institution_slugs)", ""},
		{"sector", "unnest(c.sectors)", ""},
		{"kind", "unnest(c.kind_classes)", ""},
		{"standing", "c.standing", ""},
		{"year", "c.occurred_year::text", 0},
		{"referral", "CASE c.referral_step WHEN '' THEN 'none' ELSE c.referral_step END", ""},
		{"official", "CASE WHEN c.has_official THEN 'yes' ELSE 'no' END", ""},
		{"language", "unnest(c.languages)", ""},
	}
}

// incidentFacets counts the values of all fields, each beside what else is
// chosen; sampled tells that only the newest incidents were counted.
func incidentFacets(ctx context.Context, l *incidentListing) (facets map[string][]register.Facet, sampled bool, err error) {
	facets = map[string][]register.Facet{}
	var together []facetField
	for _, f := range incidentFacetFields() {
		if l.args[f.name] == f.empty || l.args[f.name] == register.Lang("") {
			together = append(together, f)
			continue
		}
		counted := l.source(l.walksFar) + " WHERE " + l.condition
		if sampled, err = countFacets(ctx, l, counted, l.with(f.name, f.empty), []facetField{f}, facets); err != nil {
			return nil, false, err
		}
	}
	counted, args := l.from+" WHERE "+l.condition, l.args
	if l.question.String() != "" {
		counted, args = "record.incidents AS i WHERE i.reference = ANY (@latest::text[])", l.with("latest", l.latest)
	}
	more, err := countFacets(ctx, l, counted, args, together, facets)
	return facets, sampled || more, err
}

// countFacets counts several fields of the same incidents in one go.
func countFacets(ctx context.Context, l *incidentListing, from string, args pgx.NamedArgs, fields []facetField, into map[string][]register.Facet) (sampled bool, err error) {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = `(SELECT '` + f.name + `' AS field, value, count(*) AS n FROM (SELECT ` + f.expression + ` AS value FROM counted AS c) AS v
			WHERE value <> '' GROUP BY value ORDER BY n DESC, value LIMIT 40)`
	}
	rows, err := l.q.Query(ctx, `
		WITH counted AS MATERIALIZED (
		    SELECT i.institution_slugs, i.sectors, i.kind_classes, i.standing, i.occurred_year, i.referral_step,
		           `+hasOfficial+` AS has_official,
		           ARRAY(SELECT DISTINCT unnest(y.languages)
		                 FROM record.incident_statements AS x
		                 JOIN record.statements AS y ON y.reference = x.statement_reference
		                 WHERE x.incident_reference = i.reference) AS languages
		    FROM `+from+`
		    ORDER BY `+l.newestOrder()+` DESC, i.reference DESC
		    LIMIT @sample
		)
		`+strings.Join(append(parts, `(SELECT '', '', count(*) FROM counted)`), " UNION ALL "), planAnew, withArg(args, "sample", facetSample))
	if err != nil {
		return false, store.Map(err)
	}
	var field string
	var f register.Facet
	_, err = pgx.ForEachRow(rows, []any{&field, &f.Value, &f.Count}, func() error {
		switch {
		case field == "":
			sampled = f.Count == facetSample
		case len(into[field]) < mostFacets || field == "year":
			into[field] = append(into[field], f)
		}
		return nil
	})
	return sampled, store.Map(err)
}

func withArg(args pgx.NamedArgs, name string, value any) pgx.NamedArgs {
	return listing{args: args}.with(name, value)
}

// institutionNames names the institutions of a facet, and the one that is chosen.
func institutionNames(ctx context.Context, q store.Querier, facets []register.Facet, chosen string) (map[string]register.InstitutionBrief, error) {
	slugs := []string{chosen}
	for _, f := range facets {
		slugs = append(slugs, f.Value)
	}
	rows, err := q.Query(ctx, `
		SELECT reference, slug, name, short FROM record.institutions WHERE slug = ANY (@slugs)`,
		pgx.StrictNamedArgs{"slugs": slugs})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[string]register.InstitutionBrief{}
	var b register.InstitutionBrief
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		b = register.InstitutionBrief{}
		err := row.Scan(&b.Reference, &b.Slug, &b.Name, &b.Short)
		out[b.Slug] = b
		return struct{}{}, err
	})
	return out, store.Map(err)
}
