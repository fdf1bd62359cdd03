package public

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// StatisticsParams are the parameters of the statistics.
func StatisticsParams() []string { return []string{"sector", "kind", "from", "to"} }

// ShowStatistics answers the counts over the register, each as a chart with its
// table.
func (p *Pages) ShowStatistics(ctx context.Context, r Request) (Answer, error) {
	c, err := p.chartsFor(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Page: views.Statistics(c.page()), Passing: !c.stats.CountedAt.IsZero()}, nil
}

// ChartTable answers the numbers of one chart for spreadsheets, with codes in
// the place of words.
func (p *Pages) ChartTable(ctx context.Context, r Request) (Answer, error) {
	c, err := p.chartsFor(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	for _, one := range c.all() {
		if one.ID != r.Params["name"] {
			continue
		}
		body, err := exchange.TableCSV(dated(one.raw, c.stats.CountedAt))
		return Answer{File: &File{
			MediaType: "text/csv; charset=utf-8; header=present", Name: "sijil-" + one.ID + ".csv", Body: body,
		}, Passing: !c.stats.CountedAt.IsZero()}, err
	}
	return Answer{}, register.ErrNotFound
}

// dated adds a column that says when the numbers of a file were counted, where they are
// not current.
func dated(rows [][]string, at time.Time) [][]string {
	if at.IsZero() {
		return rows
	}
	out := make([][]string, len(rows))
	for i, row := range rows {
		value := at.UTC().Format(time.RFC3339)
		if i == 0 {
			value = "counted_at"
		}
		out[i] = append(slices.Clone(row), value)
	}
	return out
}

func (p *Pages) chartsFor(ctx context.Context, r Request) (*charts, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return nil, err
	}
	f, err := statisticsFilter(r.Query)
	if err != nil {
		return nil, err
	}
	stats, err := p.records.Statistics(ctx, f)
	if err != nil {
		return nil, err
	}
	c := newComposer(known.Localizer(r.Lang), p.site, r.place(statisticsQuery(f)))
	return &charts{composer: c, terms: known.Terms, filter: f, stats: stats}, nil
}

func statisticsFilter(q url.Values) (register.StatisticsFilter, error) {
	if err := single(q); err != nil {
		return register.StatisticsFilter{}, err
	}
	from, err1 := numberIn(q, "from")
	to, err2 := numberIn(q, "to")
	f := register.StatisticsFilter{Sector: q.Get("sector"), Kind: q.Get("kind"), From: from, To: to}
	if err1 != nil || err2 != nil {
		return f, register.ErrInvalid
	}
	return f, f.Validate()
}

func statisticsQuery(f register.StatisticsFilter) url.Values {
	return queryOf("sector", f.Sector, "kind", f.Kind, "from", numberText(f.From), "to", numberText(f.To))
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // counted by the database: always a number
	return n
}
