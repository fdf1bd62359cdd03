package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// chosenReferrals is the condition behind every list of referrals. A step whose
// date is not stated is no silence of any length.
const chosenReferrals = `
	    (@authority = '' OR CASE @authority WHEN '` + register.AuthorityNotNamed + `' THEN r.authority_reference IS NULL ELSE a.slug = @authority END)
	AND (@kind = '' OR r.kind = @kind)
	AND (@step = '' OR r.step = @step)
	AND (@level = '' OR r.level = @level)
	AND (@incident = '' OR r.incident_reference = @incident)
	AND (@silent = 0 OR isfinite(r.stepped_order) AND r.stepped_order <= @today::date - @silent::integer)`

// referralsFrom are the referrals with what lists show of their incident and authority.
const referralsFrom = `record.referrals AS r
	LEFT JOIN record.incidents AS i ON i.reference = r.incident_reference
	LEFT JOIN record.institutions AS a ON a.reference = r.authority_reference`

// Referrals returns one page of the referrals that the filter chooses. A cursor
// that this list did not give is ErrInvalid.
func (s *Store) Referrals(ctx context.Context, f register.ReferralFilter) (register.ReferralList, error) {
	keys, err := cursorKeys(f.After, 3)
	if err != nil || f.After != "" && !isSortKey(keys[0], time.DateOnly) {
		return register.ReferralList{}, register.ErrInvalid
	}
	l := referralListing(f)
	l.args["after"], l.args["after_reference"], l.args["after_key"] = keys[0], keys[1], keys[2]
	l.sized(f.Most, register.PageSize)
	var list register.ReferralList
	err = s.db.Read(ctx, func(q store.Querier) error {
		l.q = q
		if list.Rows, list.Next, err = listReferrals(ctx, l, f.Sort); err != nil || f.Most > 0 && f.Uncounted {
			return err
		}
		counts, err := countReferrals(ctx, q, f)
		if err != nil {
			return err
		}
		if !f.Uncounted {
			list.Total = counts.total()
		}
		if f.Most > 0 {
			return nil
		}
		list.Facets = counts.facets()
		list.Authorities, err = counts.authorities(ctx, q)
		return err
	})
	return list, err
}

func referralListing(f register.ReferralFilter) listing {
	return listing{from: referralsFrom, condition: chosenReferrals, args: pgx.NamedArgs{
		"authority": f.Authority, "kind": f.Kind, "step": f.Step, "level": f.Level, "incident": f.Incident,
		"silent": f.Silent, "today": f.Today.String(),
	}}
}

// referralOrder is the order of a list, and the condition of its next page.
func referralOrder(sort register.ReferralSort) (order, after string) {
	if sort == register.SortLongestWait {
		return `r.stepped_order, r.incident_reference, r.key`, `>`
	}
	return `r.stepped_order DESC, r.incident_reference DESC, r.key DESC`, `<`
}

func listReferrals(ctx context.Context, l listing, sort register.ReferralSort) ([]register.ReferralRow, string, error) {
	order, after := referralOrder(sort)
	known := ``
	if sort == register.SortLongestWait {
		known = ` AND isfinite(r.stepped_order)` // nobody can say how long the others have waited
	}
	rows, err := l.q.Query(ctx, `
		SELECT r.incident_reference, i.slug, i.title, r.key, r.anchor, r.kind, r.title, r.by_name, r.to_name,
		       r.step, r.level, r.stepped, coalesce(a.reference, ''), coalesce(a.slug, ''), a.name, a.short, r.stepped_order::text
		FROM `+l.from+`
		WHERE `+l.condition+known+`
		  AND (@after_key = '' OR (r.stepped_order, r.incident_reference, r.key) `+after+` (nullif(@after, '')::date, @after_reference, @after_key))
		ORDER BY `+order+`
		LIMIT @limit`, planAnew, l.args)
	if err != nil {
		return nil, "", store.Map(err)
	}
	var days []string
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.ReferralRow, error) {
		var r register.ReferralRow
		var authority register.InstitutionBrief
		var day string
		err := row.Scan(&r.IncidentReference, &r.IncidentSlug, &r.IncidentTitle, &r.Key, &r.Anchor, &r.Kind, &r.Title,
			&r.ByName, &r.ToName, &r.Step, &r.Level, store.DateColumn(&r.Stepped),
			&authority.Reference, &authority.Slug, &authority.Name, &authority.Short, &day)
		if authority.Reference != "" {
			r.Authority = &authority
		}
		days = append(days, day)
		return r, err
	})
	if err != nil || len(out) <= l.size {
		return out, "", store.Map(err)
	}
	last := l.size - 1
	return out[:l.size], cursorOf(days[last], out[last].IncidentReference, out[last].Key), nil
}
