package public

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// charts composes the statistics. A chart is a table whose rows carry bars:
// what is drawn and what is read are the same numbers.
type charts struct {
	*composer
	terms  *register.Terms
	filter register.StatisticsFilter
	stats  register.Statistics
}

// chart is a chart with its numbers as they go into a file.
type chart struct {
	views.Chart
	raw [][]string
}

func (c *charts) page() views.StatisticsPage {
	p := views.StatisticsPage{
		Frame: c.frame(heading{
			title: c.loc.T("statistics.heading"), description: c.loc.T("statistics.intro"), section: "/statistics",
			crumbs: []ui.Link{{Text: c.plain(c.loc.T("statistics.heading"))}},
		}),
		Action: address(c.loc.Lang(), "statistics"), Count: c.loc.N("incidents.count", c.stats.Incidents),
		Counted: c.countedAt(c.stats.CountedAt),
		Filters: c.filters(), Active: c.filter != register.StatisticsFilter{},
	}
	if p.Active {
		p.NoIndex = true
	}
	for _, one := range c.all() {
		p.Charts = append(p.Charts, one.Chart)
	}
	return p
}

func (c *charts) filters() []ui.Field {
	sector := ui.Field{Name: "sector", Label: c.loc.T("facet.sector"), Type: "select", Value: c.filter.Sector}
	sector.Choices = []ui.Choice{{Label: c.loc.T("statistics.any")}}
	for _, s := range register.Sectors() {
		sector.Choices = append(sector.Choices, ui.Choice{Value: s, Label: c.loc.Label("sector", s)})
	}
	kind := ui.Field{Name: "kind", Label: c.loc.T("filter.kind"), Type: "select", Value: c.filter.Kind}
	kind.Choices = []ui.Choice{{Label: c.loc.T("statistics.any")}}
	for _, k := range kindClasses() {
		kind.Choices = append(kind.Choices, ui.Choice{Value: k, Label: c.loc.Label("incident-kind", k)})
	}
	year := func(name string, value int) ui.Field {
		return ui.Field{
			Name: name, Label: c.loc.T("statistics." + name), Type: "number", Value: numberText(value), InputMode: "numeric",
			Attrs: map[string]any{"min": "1900", "max": "9999"},
		}
	}
	return []ui.Field{sector, kind, year("from", c.filter.From), year("to", c.filter.To)}
}

// kindClasses are the classes of kinds, without their types.
func kindClasses() []string {
	var out []string
	for _, k := range register.IncidentKinds() {
		if !slices.ContainsFunc([]rune(k), func(r rune) bool { return r == '/' }) {
			out = append(out, k)
		}
	}
	return out
}

// all are the charts in the order of the page.
func (c *charts) all() []chart {
	return []chart{
		c.years(), c.kinds(), c.sectors(), c.delays(), c.institutions(), c.statements(), c.referrals(), c.archived(), c.languages(),
	}
}

// begin makes an empty chart: its words are those under its name, its columns
// those of the table beside the label, and the columns of the file are codes.
func (c *charts) begin(name string, columns []string, codes ...string) chart {
	place := statisticsQuery(c.filter)
	out := chart{raw: [][]string{codes}}
	out.ID = name
	out.Title, out.How = c.loc.T("chart."+name+".title"), c.loc.T("chart."+name+".how")
	out.Label = c.loc.T("chart." + name + ".label")
	for _, key := range columns {
		out.Columns = append(out.Columns, c.loc.T(key))
	}
	here := address(c.loc.Lang(), "statistics")
	out.Permalink = withQuery(here, place) + "#" + name
	out.CSV = withQuery(here+"/"+name+"/table.csv", place)
	return out
}

// add adds a row with one bar.
func (ch *chart) add(c *charts, label ui.Link, code string, n, most int) {
	ch.Rows = append(ch.Rows, views.ChartRow{
		Label: label, Bars: []views.ChartBar{bar("sure", 0, n, most)}, Values: []string{c.loc.Number(int64(n))},
	})
	ch.raw = append(ch.raw, []string{code, strconv.Itoa(n)})
}

// bar is a part of a row, from a value on, as percentages of the most.
func bar(class string, from, width, most int) views.ChartBar {
	most = max(most, 1)
	return views.ChartBar{
		Class: class, X: fmt.Sprintf("%.2f%%", 100*float64(from)/float64(most)),
		Width: fmt.Sprintf("%.2f%%", 100*float64(width)/float64(most)),
	}
}

func most(list []register.Facet) int {
	n := 0
	for _, f := range list {
		n = max(n, f.Count)
	}
	return n
}

// incidentsWith leads to the list of incidents with what is chosen here and a
// choice more.
func (c *charts) incidentsWith(name, value string) string {
	v := queryOf("sector", c.filter.Sector, "kind", c.filter.Kind)
	v.Set(name, value)
	return withQuery(address(c.loc.Lang(), "incidents"), v)
}

// yearsShown is how many years have a row of their own.
const yearsShown = 16

func (c *charts) years() chart {
	out := c.begin("years", []string{"chart.incidents"}, "year", "incidents")
	years := c.stats.Years
	if len(years) > yearsShown {
		before := years[:len(years)-yearsShown]
		years = years[len(years)-yearsShown:]
		n := 0
		for _, y := range before {
			n += y.Count
			out.raw = append(out.raw, []string{y.Value, strconv.Itoa(y.Count)})
		}
		label := c.loc.T("chart.years.before", "year", years[0].Value)
		out.Rows = append(out.Rows, views.ChartRow{
			Label: ui.Link{Text: c.plain(label)}, Bars: []views.ChartBar{bar("maybe", 0, min(n, most(c.stats.Years)), most(c.stats.Years))},
			Values: []string{c.loc.Number(int64(n))},
		})
	}
	for _, y := range years {
		out.add(c, ui.Link{Href: c.incidentsWith("year", y.Value), Text: c.plain(y.Value)}, y.Value, y.Count, most(c.stats.Years))
	}
	if c.stats.NoYear > 0 {
		out.Note = c.loc.N("chart.years.unknown", c.stats.NoYear)
		out.raw = append(out.raw, []string{"", strconv.Itoa(c.stats.NoYear)})
	}
	return out
}

func (c *charts) kinds() chart {
	out := c.begin("kinds", []string{"chart.incidents"}, "kind", "incidents")
	for _, f := range c.stats.Kinds {
		label := ui.Link{Href: c.incidentsWith("kind", f.Value), Text: c.plain(c.loc.Label("incident-kind", f.Value))}
		out.add(c, label, f.Value, f.Count, most(c.stats.Kinds))
	}
	return out
}

func (c *charts) sectors() chart {
	out := c.begin("sectors", []string{"chart.incidents"}, "sector", "incidents")
	for _, f := range c.stats.Sectors {
		label := ui.Link{Href: c.incidentsWith("sector", f.Value), Text: c.plain(c.loc.Label("sector", f.Value))}
		out.add(c, label, f.Value, f.Count, most(c.stats.Sectors))
	}
	return out
}

func (c *charts) delays() chart {
	out := c.begin("delays", []string{"chart.certain", "chart.possible"}, "days", "certain", "possible")
	d := c.stats.Delays
	widest := 1
	type line struct{ certain, possible int }
	lines := make([]line, len(register.DelayClasses()))
	for i, class := range register.DelayClasses() {
		lines[i].certain, lines[i].possible = class.Place(d.Delays)
		widest = max(widest, lines[i].certain+lines[i].possible)
	}
	widest = max(widest, d.Silent, d.Unknown)
	for i, class := range register.DelayClasses() {
		l := lines[i]
		out.Rows = append(out.Rows, views.ChartRow{
			Label:  ui.Link{Text: c.plain(c.delayClass(class))},
			Bars:   []views.ChartBar{bar("sure", 0, l.certain, widest), bar("maybe", l.certain, l.possible, widest)},
			Values: []string{c.loc.Number(int64(l.certain)), c.loc.Number(int64(l.possible))},
		})
		out.raw = append(out.raw, []string{classCode(class), strconv.Itoa(l.certain), strconv.Itoa(l.possible)})
	}
	for _, other := range []struct {
		key string
		n   int
	}{{"silent", d.Silent}, {"unknown", d.Unknown}} {
		out.Rows = append(out.Rows, views.ChartRow{
			Label: ui.Link{Text: c.plain(c.loc.T("chart.delays." + other.key))}, Bars: []views.ChartBar{bar("none", 0, other.n, widest)},
			Values: []string{c.loc.Number(int64(other.n)), "–"},
		})
		out.raw = append(out.raw, []string{other.key, strconv.Itoa(other.n), ""})
	}
	out.Note = c.loc.N("chart.delays.median", register.Measured(d.Delays), "median", c.days(register.Median(d.Delays)))
	if register.Measured(d.Delays) == 0 {
		out.Note = c.loc.T("chart.delays.none")
	}
	return out
}

func classCode(class register.DelayClass) string {
	if class.To < 0 {
		return strconv.Itoa(class.From) + "+"
	}
	return strconv.Itoa(class.From) + "-" + strconv.Itoa(class.To)
}

func (c *charts) delayClass(class register.DelayClass) string {
	switch {
	case class.To == 0:
		return c.loc.T("chart.delays.same-day")
	case class.To < 0:
		return c.loc.N("days.at-least", class.From)
	}
	return c.loc.N("days.range", class.To, "min", class.From)
}

// longestMedian bounds the scale of medians, in days: one very late statement
// must not make all other bars invisible.
const longestMedian = 365

func (c *charts) institutions() chart {
	out := c.begin("institutions", []string{"chart.incidents", "chart.median"}, "institution", "incidents", "median_min", "median_max")
	scale := 1
	for _, i := range c.stats.Delays.Institutions {
		m := register.Median(i.Delays)
		scale = max(scale, min(max(m.Min, m.Max), longestMedian))
	}
	for _, i := range c.stats.Delays.Institutions {
		m := register.Median(i.Delays)
		from, to := min(max(m.Min, 0), scale), min(max(m.Max, 0), scale)
		if m.MaxOpen {
			to = scale
		}
		out.Rows = append(out.Rows, views.ChartRow{
			Label:  ui.Link{Href: institutionAddress(c.loc.Lang(), i.Institution.Slug), Text: c.plain(c.briefs([]register.InstitutionBrief{i.Institution}))},
			Bars:   []views.ChartBar{bar("sure", 0, from, scale), bar("maybe", from, max(to-from, 0), scale)},
			Values: []string{c.loc.Number(int64(register.Measured(i.Delays))), c.days(m)},
		})
		out.raw = append(out.raw, []string{
			i.Institution.Reference, strconv.Itoa(register.Measured(i.Delays)), bound(m.Min, m.MinOpen || !m.Known), bound(m.Max, m.MaxOpen || !m.Known),
		})
	}
	return out
}

func bound(n int, open bool) string {
	if open {
		return ""
	}
	return strconv.Itoa(n)
}

// manyStatements begins the class of incidents with so many statements or more.
const manyStatements = 8

func (c *charts) statements() chart {
	out := c.begin("statements", []string{"chart.incidents"}, "statements", "incidents")
	var list []register.Facet
	many := 0
	for _, f := range c.stats.StatementsEach {
		if atoi(f.Value) >= manyStatements {
			many += f.Count
			continue
		}
		list = append(list, f)
	}
	widest := max(most(list), many)
	for _, f := range list {
		out.add(c, ui.Link{Text: c.plain(c.loc.N("chart.statements.each", atoi(f.Value)))}, f.Value, f.Count, widest)
	}
	if many > 0 {
		out.add(c, ui.Link{Text: c.plain(c.loc.N("chart.statements.many", manyStatements))}, strconv.Itoa(manyStatements)+"+", many, widest)
	}
	return out
}

// referrals is the funnel: how many referrals have come to a phase at least, and
// on whose word their last step stands. A closed one may have come there from
// any phase, and is counted apart.
func (c *charts) referrals() chart {
	out := c.begin("referrals", []string{"chart.confirmed", "chart.announced"}, "phase", "confirmed", "announced_or_press")
	phases := register.Phases()
	type line struct{ confirmed, announced int }
	reached := make([]line, len(phases))
	for _, r := range c.stats.Phases {
		at := slices.Index(phases, c.terms.PhaseOf(r.Step))
		if at < 0 {
			continue
		}
		for i := range phases {
			closed := phases[i] == register.PhaseClosed
			if i > at || closed != (phases[at] == register.PhaseClosed) && (closed || i > 0) {
				continue
			}
			if r.Level == register.ConfirmedByAuthority || r.Level == register.DocumentSeen {
				reached[i].confirmed += r.Count
			} else {
				reached[i].announced += r.Count
			}
		}
	}
	widest := 1
	for _, l := range reached {
		widest = max(widest, l.confirmed+l.announced)
	}
	for i, phase := range phases {
		l := reached[i]
		out.Rows = append(out.Rows, views.ChartRow{
			Label:  ui.Link{Text: c.plain(c.loc.Label("phase", string(phase)))},
			Bars:   []views.ChartBar{bar("sure", 0, l.confirmed, widest), bar("maybe", l.confirmed, l.announced, widest)},
			Values: []string{c.loc.Number(int64(l.confirmed)), c.loc.Number(int64(l.announced))},
		})
		out.raw = append(out.raw, []string{string(phase), strconv.Itoa(l.confirmed), strconv.Itoa(l.announced)})
	}
	return out
}

func (c *charts) archived() chart {
	out := c.begin("archived", []string{"chart.facts"}, "archived", "facts")
	if c.stats.Facts == 0 {
		return out
	}
	rest := c.stats.Facts - c.stats.Archived
	out.add(c, ui.Link{Text: c.plain(c.loc.T("chart.archived.yes"))}, "yes", c.stats.Archived, c.stats.Facts)
	out.add(c, ui.Link{Text: c.plain(c.loc.T("chart.archived.no"))}, "no", rest, c.stats.Facts)
	out.Note = c.loc.T("chart.archived.share", "percent", c.loc.Number(int64(100*c.stats.Archived/c.stats.Facts)))
	return out
}

func (c *charts) languages() chart {
	out := c.begin("languages", []string{"chart.statement-count"}, "language", "statements")
	for _, f := range c.stats.Languages {
		href := withQuery(address(c.loc.Lang(), "statements"), queryOf("language", f.Value))
		out.add(c, ui.Link{Href: href, Text: c.plain(c.loc.Language(f.Value))}, f.Value, f.Count, most(c.stats.Languages))
	}
	return out
}
