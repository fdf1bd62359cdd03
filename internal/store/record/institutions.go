package record

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// institutionName is the name by which institutions are ordered in a language,
// as the index on it has it.
func institutionName(lang register.Lang) string {
	first := "fr" // never the word that came with a request: it would be a part of the statement
	switch lang {
	case register.Arabic:
		first = "ar"
	case register.English:
		first = "en"
	case register.French:
	}
	return fmt.Sprintf(`(coalesce(i.name->>'%s', i.name->>'fr', i.name->>'en', i.name->>'ar', i.reference) COLLATE "und-x-icu")`, first)
}

// chosenInstitutions is the condition behind every list of institutions.
const chosenInstitutions = `
	    (@kind = '' OR i.kind = @kind)
	AND (@sector = '' OR i.sector = @sector)
	AND CASE @part
	    WHEN '' THEN true
	    WHEN 'affected' THEN EXISTS (SELECT FROM record.incident_institutions AS x WHERE x.institution_reference = i.reference)
	    WHEN 'speaks' THEN EXISTS (SELECT FROM record.statements AS x WHERE x.issuer_reference = i.reference)
	    WHEN 'refers' THEN EXISTS (SELECT FROM record.referral_parties AS x WHERE x.institution_reference = i.reference)
	    WHEN 'authority' THEN EXISTS (SELECT FROM record.referrals AS x WHERE x.authority_reference = i.reference)
	END`

// Institutions returns one page of the institutions that the filter chooses, by
// their names in its language. A cursor that this list did not give is
// ErrInvalid.
func (s *Store) Institutions(ctx context.Context, f register.InstitutionFilter) (register.InstitutionList, error) {
	if err := f.Validate(); err != nil {
		return register.InstitutionList{}, err
	}
	keys, err := cursorKeys(f.After, 2)
	if err != nil {
		return register.InstitutionList{}, err
	}
	l := institutionListing(f)
	l.args["after"], l.args["after_reference"] = keys[0], keys[1]
	l.sized(f.Most, institutionsPage)
	var list register.InstitutionList
	err = s.db.Read(ctx, func(q store.Querier) error {
		l.q = q
		if list.Total, err = l.total(ctx, f.Uncounted); err != nil {
			return err
		}
		if list.Rows, list.Next, err = listInstitutions(ctx, l, institutionName(f.Lang)); err != nil || f.Most > 0 {
			return err
		}
		if list.Facets, err = l.facets(ctx, []facetField{{"kind", "i.kind", ""}, {"sector", "i.sector", ""}}); err != nil {
			return err
		}
		list.Facets["part"], err = parts(ctx, l)
		return err
	})
	return list, err
}

func institutionListing(f register.InstitutionFilter) listing {
	return listing{from: `record.institutions AS i`, condition: chosenInstitutions, args: pgx.NamedArgs{
		"kind": f.Kind, "sector": f.Sector, "part": f.Part,
	}}
}

// institutionsPage is how many institutions a page shows: a row is a line.
const institutionsPage = 50

func listInstitutions(ctx context.Context, l listing, name string) ([]register.InstitutionRow, string, error) {
	rows, err := l.q.Query(ctx, `
		SELECT i.reference, i.slug, i.name, i.short, i.kind, i.sector, i.country,
		       (SELECT count(*) FROM record.incident_institutions AS x WHERE x.institution_reference = i.reference),
		       (SELECT count(*) FROM record.statements AS x WHERE x.issuer_reference = i.reference),
		       (SELECT count(*) FROM record.referral_parties AS x WHERE x.institution_reference = i.reference),
		       (SELECT count(*) FROM record.referrals AS x WHERE x.authority_reference = i.reference),
		       `+name+`
		FROM `+l.from+`
		WHERE `+l.condition+`
		  AND (@after_reference = '' OR (`+name+`, i.reference) > (@after, @after_reference))
		ORDER BY `+name+`, i.reference
		LIMIT @limit`, l.args)
	if err != nil {
		return nil, "", store.Map(err)
	}
	var names []string
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.InstitutionRow, error) {
		var r register.InstitutionRow
		var sorted string
		err := row.Scan(&r.Reference, &r.Slug, &r.Name, &r.Short, &r.Kind, &r.Sector, &r.Country,
			&r.Incidents, &r.Statements, &r.Made, &r.Received, &sorted)
		names = append(names, sorted)
		return r, err
	})
	if err != nil || len(out) <= l.size {
		return out, "", store.Map(err)
	}
	last := l.size - 1
	return out[:l.size], cursorOf(names[last], out[last].Reference), nil
}

// parts counts the institutions of each part, which overlap.
func parts(ctx context.Context, l listing) ([]register.Facet, error) {
	var out []register.Facet
	for _, part := range register.InstitutionParts() {
		of := l
		of.args = l.with("part", part)
		n, err := of.count(ctx)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, register.Facet{Value: string(part), Count: n})
		}
	}
	return out, nil
}
