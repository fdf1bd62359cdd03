package record

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// mostAuthorities is how many authorities are shown beside a list of referrals.
const mostAuthorities = 12

// referralGroup are referrals that are alike in all by which they can be chosen.
type referralGroup struct {
	Kind      string
	Step      string
	Level     string
	Authority string // reference; empty: named by nobody
	Confirmed bool
	Silent    int // days without a public step: the most of those that are asked for
	Count     int
}

// referralCounts counts the referrals of a list, each field beside what else is chosen,
// exactly, whatever the size of the register: by groups, of which there are few, in one
// pass over an index that has all that is asked for.
type referralCounts struct {
	groups []referralGroup
	filter register.ReferralFilter
	// authority is the reference of the one that is chosen, if known.
	authority string
	known     bool
}

func countReferrals(ctx context.Context, q store.Querier, f register.ReferralFilter) (*referralCounts, error) {
	c := &referralCounts{filter: f, known: true}
	if f.Authority != "" && f.Authority != register.AuthorityNotNamed {
		err := q.QueryRow(ctx, `SELECT reference FROM record.institutions WHERE slug = @slug`,
			pgx.StrictNamedArgs{"slug": f.Authority}).Scan(&c.authority)
		if c.known = err == nil; !c.known && ignoreNoRows(err) != nil {
			return nil, store.Map(err)
		}
	}
	days := register.ReferralSilences()
	if f.Silent != 0 && !slices.Contains(days, f.Silent) {
		days = append(days, f.Silent)
		slices.Sort(days)
	}
	today := ""
	if !f.Today.IsZero() {
		today = f.Today.String()
	}
	rows, err := q.Query(ctx, `
		SELECT r.kind, r.step, r.level, coalesce(r.authority_reference, ''), r.is_confirmed,
		       CASE WHEN isfinite(r.stepped_order) AND @today <> ''
		            THEN (ARRAY[0] || @days::integer[])[1 + width_bucket(nullif(@today, '')::date - r.stepped_order, @days::integer[])]
		            ELSE 0 END,
		       count(*)
		FROM record.referrals AS r
		WHERE @incident = '' OR r.incident_reference = @incident
		GROUP BY 1, 2, 3, 4, 5, 6`, planAnew, pgx.StrictNamedArgs{"days": days, "today": today, "incident": f.Incident})
	if err != nil {
		return nil, store.Map(err)
	}
	c.groups, err = pgx.CollectRows(rows, pgx.RowToStructByPos[referralGroup])
	return c, store.Map(err)
}

// among reports whether a group is chosen, by all fields but one.
func (c *referralCounts) among(g *referralGroup, but string) bool {
	f := &c.filter
	return (but == "kind" || f.Kind == "" || g.Kind == string(f.Kind)) &&
		(but == "step" || f.Step == "" || g.Step == f.Step) &&
		(but == "level" || f.Level == "" || g.Level == string(f.Level)) &&
		(but == "silent" || g.Silent >= f.Silent) &&
		(but == "authority" || f.Authority == "" || c.known && g.Authority == c.authority)
}

// total is how many are chosen.
func (c *referralCounts) total() (n int) {
	for i := range c.groups {
		if g := &c.groups[i]; c.among(g, "") {
			n += g.Count
		}
	}
	return n
}

// facets counts the values of each field.
func (c *referralCounts) facets() map[string][]register.Facet {
	return map[string][]register.Facet{
		"kind":   c.facet("kind", func(g *referralGroup) string { return g.Kind }),
		"step":   c.facet("step", func(g *referralGroup) string { return g.Step }),
		"level":  c.facet("level", func(g *referralGroup) string { return g.Level }),
		"silent": c.silences(),
	}
}

func (c *referralCounts) facet(field string, value func(*referralGroup) string) []register.Facet {
	counts := map[string]int{}
	for i := range c.groups {
		if g := &c.groups[i]; value(g) != "" && c.among(g, field) {
			counts[value(g)] += g.Count
		}
	}
	var out []register.Facet
	for v, n := range counts {
		out = append(out, register.Facet{Value: v, Count: n})
	}
	slices.SortFunc(out, func(a, b register.Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// silences counts the referrals on which nothing has become public for so many
// days, which overlap.
func (c *referralCounts) silences() []register.Facet {
	var out []register.Facet
	for _, days := range register.ReferralSilences() {
		n := 0
		for i := range c.groups {
			if g := &c.groups[i]; g.Silent >= days && c.among(g, "silent") {
				n += g.Count
			}
		}
		if n > 0 {
			out = append(out, register.Facet{Value: strconv.Itoa(days), Count: n})
		}
	}
	return out
}

// authorities are those to which most of the referrals were brought, with how many, beside
// what else is chosen.
func (c *referralCounts) authorities(ctx context.Context, q store.Querier) ([]register.AuthorityRow, error) {
	brought := map[string]*register.AuthorityRow{}
	for i := range c.groups {
		g := &c.groups[i]
		if !c.among(g, "authority") {
			continue
		}
		row, ok := brought[g.Authority]
		if !ok {
			row = &register.AuthorityRow{}
			brought[g.Authority] = row
		}
		row.Referrals += g.Count
		if g.Confirmed {
			row.Confirmed += g.Count
		}
	}
	references := slices.SortedFunc(maps.Keys(brought), func(a, b string) int {
		return cmp.Or(cmp.Compare(brought[b].Referrals, brought[a].Referrals), notNamedLast(a, b))
	})
	references = references[:min(len(references), mostAuthorities)]
	rows, err := q.Query(ctx, `
		SELECT reference, slug, name, short FROM record.institutions WHERE reference = ANY (@references)`,
		pgx.StrictNamedArgs{"references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	named, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.InstitutionBrief, error) {
		var b register.InstitutionBrief
		err := row.Scan(&b.Reference, &b.Slug, &b.Name, &b.Short)
		return b, err
	})
	for i := range named {
		brought[named[i].Reference].Institution = &named[i]
	}
	var out []register.AuthorityRow
	for _, r := range references {
		out = append(out, *brought[r])
	}
	return out, store.Map(err)
}

// notNamedLast orders references; none comes last.
func notNamedLast(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}
