package record

import (
	"context"

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

// Statistics counts the incidents that the filter chooses, and what hangs on
// them.
func (s *Store) Statistics(ctx context.Context, f register.StatisticsFilter) (register.Statistics, error) {
	if err := f.Validate(); err != nil {
		return register.Statistics{}, err
	}
	var out register.Statistics
	err := s.db.Read(ctx, func(q store.Querier) error {
		out = register.Statistics{}
		c := &counter{ctx: ctx, q: q, args: pgx.NamedArgs{"sector": f.Sector, "kind": f.Kind, "from": f.From, "to": f.To}}
		c.incidents(&out)
		c.delays(&out.Delays)
		out.StatementsEach = c.facets(`
			SELECT coalesce(i.entries->>'statement', '0') AS value, count(*)
			FROM record.incidents AS i WHERE` + countedIncidents + `
			GROUP BY 1 ORDER BY coalesce(i.entries->>'statement', '0')::integer`)
		out.Languages = c.facets(`
			SELECT language, count(*)
			FROM record.statements AS s, unnest(s.languages) AS language
			WHERE EXISTS (
			    SELECT FROM record.incident_statements AS x
			    JOIN record.incidents AS i ON i.reference = x.incident_reference
			    WHERE x.statement_reference = s.reference AND` + countedIncidents + `)
			GROUP BY 1 ORDER BY 2 DESC, 1`)
		out.Phases = collect(c, pgx.RowToStructByPos[register.ReferralCount], `
			SELECT r.step, r.level, count(*)
			FROM record.referrals AS r
			JOIN record.incidents AS i ON i.reference = r.incident_reference
			WHERE`+countedIncidents+`
			GROUP BY 1, 2 ORDER BY 1, 2`)
		c.facts(&out)
		return c.err
	})
	return out, err
}

// counter runs the queries of the statistics, until one fails.
type counter struct {
	ctx  context.Context //nolint:containedctx // lives as long as one call
	q    store.Querier
	args pgx.NamedArgs
	err  error
}

func collect[T any](c *counter, scan pgx.RowToFunc[T], sql string) []T {
	if c.err != nil {
		return nil
	}
	rows, err := c.q.Query(c.ctx, sql, c.args)
	if err != nil {
		c.err = store.Map(err)
		return nil
	}
	out, err := pgx.CollectRows(rows, scan)
	c.err = store.Map(err)
	return out
}

func (c *counter) facets(sql string) []register.Facet {
	return collect(c, pgx.RowToStructByPos[register.Facet], sql)
}

func (c *counter) incidents(out *register.Statistics) {
	out.Years = c.facets(`
		SELECT i.occurred_year::text, count(*)
		FROM record.incidents AS i
		WHERE i.occurred_year IS NOT NULL AND` + countedIncidents + `
		GROUP BY i.occurred_year ORDER BY i.occurred_year`)
	out.Kinds = c.facets(`
		SELECT class, count(*)
		FROM record.incidents AS i, unnest(i.kind_classes) AS class
		WHERE` + countedIncidents + `
		GROUP BY 1 ORDER BY 2 DESC, 1`)
	out.Sectors = c.facets(`
		SELECT sector, count(*)
		FROM record.incidents AS i, unnest(i.sectors) AS sector
		WHERE` + countedIncidents + `
		GROUP BY 1 ORDER BY 2 DESC, 1`)
	totals := collect(c, pgx.RowTo[int], `SELECT count(*) FROM record.incidents AS i WHERE`+countedIncidents)
	if len(totals) == 1 {
		out.Incidents = totals[0]
	}
	out.NoYear = out.Incidents
	for _, y := range out.Years {
		out.NoYear -= y.Count
	}
}

// measured tells incidents whose delay is known at least on one side.
const measured = ` (i.first_statement_min IS NOT NULL OR i.first_statement_max IS NOT NULL)`

// officialStatement tells incidents that show an official statement.
const officialStatement = ` EXISTS (
	SELECT FROM record.incident_statements AS x
	JOIN record.statements AS s ON s.reference = x.statement_reference
	WHERE x.incident_reference = i.reference AND s.is_official)`

func (c *counter) delays(out *register.DelayStatistics) {
	out.Delays = collect(c, scanDelay, `
		SELECT i.first_statement_min, i.first_statement_max, count(*)
		FROM record.incidents AS i
		WHERE`+measured+` AND`+countedIncidents+`
		GROUP BY 1, 2 ORDER BY 1, 2`)
	others := collect(c, pgx.RowToStructByPos[struct{ Unknown, Silent int }], `
		SELECT count(*) FILTER (WHERE`+officialStatement+`), count(*) FILTER (WHERE NOT`+officialStatement+`)
		FROM record.incidents AS i
		WHERE NOT`+measured+` AND`+countedIncidents)
	if len(others) == 1 {
		out.Unknown, out.Silent = others[0].Unknown, others[0].Silent
	}
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
		WITH most AS (
		    SELECT x.institution_reference
		    FROM record.incident_institutions AS x
		    JOIN record.incidents AS i ON i.reference = x.incident_reference
		    WHERE`+measured+` AND`+countedIncidents+`
		    GROUP BY 1 ORDER BY count(*) DESC, 1
		    LIMIT 12
		)
		SELECT n.reference, n.slug, n.name, n.short, i.first_statement_min, i.first_statement_max, count(*)
		FROM most
		JOIN record.institutions AS n ON n.reference = most.institution_reference
		JOIN record.incident_institutions AS x ON x.institution_reference = most.institution_reference
		JOIN record.incidents AS i ON i.reference = x.incident_reference
		WHERE`+measured+` AND`+countedIncidents+`
		GROUP BY n.reference, n.slug, n.name, n.short, 5, 6
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

func scanDelay(row pgx.CollectableRow) (register.DelayCount, error) {
	var d register.DelayCount
	var shortest, longest *int
	err := row.Scan(&shortest, &longest, &d.Count)
	d.Delay = days(shortest, longest)
	return d, err
}

func (c *counter) facts(out *register.Statistics) {
	counts := collect(c, pgx.RowToStructByPos[struct{ Facts, Archived int }], `
		WITH chosen AS (
		    SELECT i.reference, i.facts, i.archived_facts FROM record.incidents AS i WHERE`+countedIncidents+`
		), shown AS (
		    SELECT s.facts, s.archived_facts
		    FROM record.statements AS s
		    WHERE EXISTS (
		        SELECT FROM record.incident_statements AS x
		        WHERE x.statement_reference = s.reference AND x.incident_reference IN (SELECT reference FROM chosen))
		)
		SELECT coalesce(sum(facts), 0)::integer, coalesce(sum(archived_facts), 0)::integer
		FROM (SELECT facts, archived_facts FROM chosen UNION ALL SELECT facts, archived_facts FROM shown) AS all_facts`)
	if len(counts) == 1 {
		out.Facts, out.Archived = counts[0].Facts, counts[0].Archived
	}
}
