package record

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// countedIncidents is the condition behind all statistics.
const countedIncidents = `
	    (@sector = '' OR i.sectors @> ARRAY[@sector])
	AND (@kind = '' OR i.kind_classes @> ARRAY[@kind])
	AND (@from = 0 OR i.occurred_year >= @from)
	AND (@to = 0 OR i.occurred_year <= @to)`

// countStatistics counts the incidents that the filter chooses, and what hangs on
// them. Each table is read as seldom as can be: in a large register that is all the cost.
func countStatistics(ctx context.Context, q store.Querier, f register.StatisticsFilter) (register.Statistics, error) {
	var out register.Statistics
	c := &counter{
		ctx: ctx, q: q, everything: f == register.StatisticsFilter{},
		args: pgx.NamedArgs{"sector": f.Sector, "kind": f.Kind, "from": f.From, "to": f.To},
	}
	c.incidents(&out)
	c.official(&out.Delays)
	c.institutions(&out.Delays)
	c.statements(&out)
	c.referrals(&out)
	return out, c.err
}

// counter runs the queries of the statistics, until one fails.
type counter struct {
	ctx        context.Context //nolint:containedctx // lives as long as one call
	q          store.Querier
	everything bool // nothing is chosen
	args       pgx.NamedArgs
	err        error
}

func collect[T any](c *counter, scan pgx.RowToFunc[T], sql string) []T {
	if c.err != nil {
		return nil
	}
	rows, err := c.q.Query(c.ctx, sql, planAnew, c.args)
	if err != nil {
		c.err = store.Map(err)
		return nil
	}
	out, err := pgx.CollectRows(rows, scan)
	c.err = store.Map(err)
	return out
}

// The columns by which incidents are grouped, as GROUPING tells of them: the bit of a
// column is 0 where the row is of its group.
const (
	ofYear       = 0b01111
	ofClasses    = 0b10111
	ofSectors    = 0b11011
	ofStatements = 0b11101
	ofDelay      = 0b11110
	ofAll        = 0b11111
)

// group is a number of incidents that have something in common.
type group struct {
	of               int
	year             *int
	classes, sectors []string
	statements       *string
	min, max         *int // of the delay
	count            int
	facts, archived  int
}

func scanGroup(row pgx.CollectableRow) (group, error) {
	var g group
	err := row.Scan(&g.of, &g.year, &g.classes, &g.sectors, &g.statements, &g.min, &g.max, &g.count, &g.facts, &g.archived)
	return g, err
}

// incidents counts them in all ways in one pass.
func (c *counter) incidents(out *register.Statistics) {
	groups := collect(c, scanGroup, `
		SELECT GROUPING(i.occurred_year, i.kind_classes, i.sectors, coalesce(i.entries->>'statement', '0'), i.first_statement_min),
		       i.occurred_year, i.kind_classes, i.sectors, coalesce(i.entries->>'statement', '0'), i.first_statement_min, i.first_statement_max,
		       count(*), coalesce(sum(i.facts), 0)::bigint, coalesce(sum(i.archived_facts), 0)::bigint
		FROM record.incidents AS i
		WHERE`+countedIncidents+`
		GROUP BY GROUPING SETS (
		    (i.occurred_year), (i.kind_classes), (i.sectors), (coalesce(i.entries->>'statement', '0')),
		    (i.first_statement_min, i.first_statement_max), ()
		)`)
	years, classes, sectors, statements := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	var delays []group
	for i := range groups {
		g := &groups[i]
		switch g.of {
		case ofYear:
			if g.year == nil {
				out.NoYear = g.count
			} else {
				years[strconv.Itoa(*g.year)] = g.count
			}
		case ofClasses:
			each(classes, g.classes, g.count)
		case ofSectors:
			each(sectors, g.sectors, g.count)
		case ofStatements:
			statements[*g.statements] = g.count
		case ofDelay:
			delays = append(delays, *g)
		case ofAll:
			out.Incidents, out.Facts, out.Archived = g.count, g.facts, g.archived
		}
	}
	out.Years, out.StatementsEach = byNumber(years), byNumber(statements)
	out.Kinds, out.Sectors = byCount(classes), byCount(sectors)
	c.delays(&out.Delays, delays)
}

// each counts under each value of an array.
func each(counts map[string]int, values []string, n int) {
	for _, v := range values {
		counts[v] += n
	}
}

// facetsOf lists what was counted, in an order.
func facetsOf(counts map[string]int, order func(a, b register.Facet) int) []register.Facet {
	out := make([]register.Facet, 0, len(counts))
	for value, n := range counts {
		out = append(out, register.Facet{Value: value, Count: n})
	}
	slices.SortFunc(out, order)
	return out
}

func byCount(counts map[string]int) []register.Facet {
	return facetsOf(counts, func(a, b register.Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
}

// byNumber lists values that the database wrote as numbers.
func byNumber(counts map[string]int) []register.Facet {
	number := func(f register.Facet) int {
		n, _ := strconv.Atoi(f.Value)
		return n
	}
	return facetsOf(counts, func(a, b register.Facet) int { return cmp.Compare(number(a), number(b)) })
}

// delays takes the delays apart from the incidents that have none; of these, all are
// silent as long as nobody has counted official statements.
func (c *counter) delays(out *register.DelayStatistics, groups []group) {
	slices.SortFunc(groups, func(a, b group) int { return cmp.Or(compareBounds(a.min, b.min), compareBounds(a.max, b.max)) })
	for _, g := range groups {
		if g.min == nil && g.max == nil {
			out.Silent = g.count
			continue
		}
		out.Delays = append(out.Delays, register.DelayCount{Delay: days(g.min, g.max), Count: g.count})
	}
}

// compareBounds orders bounds; one that is open comes last.
func compareBounds(a, b *int) int {
	switch {
	case a != nil && b != nil:
		return cmp.Compare(*a, *b)
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	}
	return -1
}

// measured tells incidents whose delay is known at least on one side.
const measured = ` (i.first_statement_min IS NOT NULL OR i.first_statement_max IS NOT NULL)`

// official counts, among the incidents whose delay is not known, those that show an
// official statement.
func (c *counter) official(out *register.DelayStatistics) {
	if out.Silent == 0 {
		return
	}
	counts := collect(c, pgx.RowTo[int], `
		SELECT count(*)
		FROM record.incidents AS i
		WHERE NOT`+measured+` AND`+countedIncidents+` AND EXISTS (
		    SELECT FROM record.incident_statements AS x
		    JOIN record.statements AS s ON s.reference = x.statement_reference
		    WHERE x.incident_reference = i.reference AND s.is_official)`)
	if len(counts) == 1 {
		out.Unknown, out.Silent = counts[0], out.Silent-counts[0]
	}
}

// institutions counts the delays of those that have most incidents. They are counted for
// all institutions: those with most have so many that to look each incident up takes longer.
func (c *counter) institutions(out *register.DelayStatistics) {
	type line struct {
		brief register.InstitutionBrief
		delay register.DelayCount
	}
	lines := collect(c, func(row pgx.CollectableRow) (line, error) {
		var l line
		var shortest, longest *int
		err := row.Scan(&l.brief.Reference, &l.brief.Slug, &l.brief.Name, &l.brief.Short, &shortest, &longest, &l.delay.Count)
		l.delay.Delay = days(shortest, longest)
		return l, err
	}, `
		WITH delays AS MATERIALIZED (
		    SELECT x.institution_reference, i.first_statement_min, i.first_statement_max, count(*) AS incidents
		    FROM record.incident_institutions AS x
		    JOIN record.incidents AS i ON i.reference = x.incident_reference
		    WHERE`+measured+` AND`+countedIncidents+`
		    GROUP BY 1, 2, 3
		), most AS (
		    SELECT institution_reference
		    FROM delays
		    GROUP BY 1 ORDER BY sum(incidents) DESC, 1
		    LIMIT 12
		)
		SELECT n.reference, n.slug, n.name, n.short, d.first_statement_min, d.first_statement_max, d.incidents
		FROM most
		JOIN delays AS d ON d.institution_reference = most.institution_reference
		JOIN record.institutions AS n ON n.reference = most.institution_reference
		ORDER BY n.reference, 5, 6`)
	for _, l := range lines {
		last := len(out.Institutions) - 1
		if last < 0 || out.Institutions[last].Institution.Reference != l.brief.Reference {
			out.Institutions = append(out.Institutions, register.InstitutionDelays{Institution: l.brief})
			last++
		}
		out.Institutions[last].Delays = append(out.Institutions[last].Delays, l.delay)
	}
}

// statements counts languages and facts of the statements that the incidents show.
func (c *counter) statements(out *register.Statistics) {
	type line struct {
		Languages              []string
		Count, Facts, Archived int
	}
	chosen := ` true`
	if !c.everything {
		chosen = ` EXISTS (SELECT FROM record.incidents AS i WHERE i.reference = x.incident_reference AND` + countedIncidents + `)`
	}
	lines := collect(c, pgx.RowToStructByPos[line], `
		SELECT s.languages, count(*), coalesce(sum(s.facts), 0)::bigint, coalesce(sum(s.archived_facts), 0)::bigint
		FROM record.statements AS s
		WHERE EXISTS (
		    SELECT FROM record.incident_statements AS x WHERE x.statement_reference = s.reference AND`+chosen+`)
		GROUP BY s.languages`)
	languages := map[string]int{}
	for _, l := range lines {
		each(languages, l.Languages, l.Count)
		out.Facts, out.Archived = out.Facts+l.Facts, out.Archived+l.Archived
	}
	out.Languages = byCount(languages)
}

// referrals counts those of the incidents by their steps.
func (c *counter) referrals(out *register.Statistics) {
	chosen := ` true`
	if !c.everything {
		chosen = ` EXISTS (SELECT FROM record.incidents AS i WHERE i.reference = r.incident_reference AND` + countedIncidents + `)`
	}
	out.Phases = collect(c, pgx.RowToStructByPos[register.ReferralCount], `
		SELECT r.step, r.level, count(*)
		FROM record.referrals AS r
		WHERE`+chosen+`
		GROUP BY 1, 2 ORDER BY 1, 2`)
}
