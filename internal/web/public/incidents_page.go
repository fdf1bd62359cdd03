package public

import (
	"strconv"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// newIncidentsPage composes one page of the list of incidents that a filter
// chooses.
func newIncidentsPage(loc *i18n.Localizer, site Site, f register.IncidentFilter, list register.IncidentList, place Place) views.IncidentsPage {
	c := newComposer(loc, site, place)
	p := views.IncidentsPage{
		Frame: c.frame(heading{
			title: loc.T("incidents.heading"), description: loc.T("incidents.description"), section: "/incidents",
			crumbs: []ui.Link{{Text: c.plain(loc.T("nav.incidents"))}},
		}),
		Search: address(loc.Lang(), "incidents"), Query: f.Query, Hidden: hiddenChoices(f),
		Active: c.activeFilters(f, list.Names), Clear: address(loc.Lang(), "incidents"),
		Count: c.incidentCount(list), Sorts: c.sorts(f),
		Rows: c.rows(list.Rows), Empty: len(list.Rows) == 0,
	}
	c.addFinds(&p, f, list)
	p.Files = listFiles(loc, "incidents", incidentQuery(f), list.Total)
	if list.Total > 0 {
		p.Files.Links = append(p.Files.Links, c.exportLink(f))
	}
	if f.After != "" {
		p.First = c.listAddress(f, func(f *register.IncidentFilter) {})
	}
	if list.Next != "" {
		next := f
		next.After = list.Next
		p.Next = withQuery(p.Search, incidentQuery(next))
	}
	if p.Empty {
		p.Advice = []string{loc.T("incidents.advice.spelling"), loc.T("incidents.advice.language"), loc.T("incidents.advice.filters")}
	}
	if !f.IsZero() || f.After != "" || f.Sort != "" && f.Sort != f.Sorts()[0] {
		p.NoIndex = true // the whole list is the page to be found
	}
	return p
}

// listAddress is the first page of the list with a changed filter.
func (c *composer) listAddress(f register.IncidentFilter, change func(*register.IncidentFilter)) string {
	f.After = ""
	first := f.Sort == f.Sorts()[0]
	change(&f)
	if first && f.Sort == register.SortRelevance && f.Query == "" {
		f.Sort = f.Sorts()[0]
	}
	return withQuery(address(c.loc.Lang(), "incidents"), incidentQuery(f))
}

// hiddenChoices are the choices that a new search keeps.
func hiddenChoices(f register.IncidentFilter) []ui.Labelled {
	f.Query, f.After = "", ""
	query := incidentQuery(f)
	var out []ui.Labelled
	for _, name := range []string{"institution", "sector", "kind", "standing", "year", "referral", "official", "language", "sort"} {
		if query.Has(name) {
			out = append(out, ui.Labelled{Label: name, Text: ui.Text{S: query.Get(name)}})
		}
	}
	return out
}

// activeFilters are the filters that are on, each with a link that takes it
// off.
func (c *composer) activeFilters(f register.IncidentFilter, names map[string]register.InstitutionBrief) []ui.Chip {
	var out []ui.Chip
	add := func(value, key, label string, clear func(*register.IncidentFilter)) {
		if value == "" {
			return
		}
		text := c.loc.T("filter.on", "name", c.loc.T(key), "value", label)
		out = append(out, ui.Chip{Href: c.listAddress(f, clear), Label: text, Current: true})
	}
	add(f.Query, "filter.query", f.Query, func(f *register.IncidentFilter) { f.Query = "" })
	add(f.Institution, "filter.institution", c.institutionLabel(names, f.Institution), func(f *register.IncidentFilter) { f.Institution = "" })
	add(f.Sector, "filter.sector", c.loc.Label("sector", f.Sector), func(f *register.IncidentFilter) { f.Sector = "" })
	add(f.Kind, "filter.kind", c.loc.Label("incident-kind", f.Kind), func(f *register.IncidentFilter) { f.Kind = "" })
	add(f.Standing, "filter.standing", c.loc.Label("standing", f.Standing), func(f *register.IncidentFilter) { f.Standing = "" })
	if f.Year != 0 {
		year := strconv.Itoa(f.Year)
		add(year, "filter.year", year, func(f *register.IncidentFilter) { f.Year = 0 })
	}
	add(f.Referral, "filter.referral", c.referralFilter(f.Referral), func(f *register.IncidentFilter) { f.Referral = "" })
	add(f.Official, "filter.official", c.yesNo(f.Official), func(f *register.IncidentFilter) { f.Official = "" })
	add(string(f.Language), "filter.language", c.loc.Language(string(f.Language)), func(f *register.IncidentFilter) { f.Language = "" })
	return out
}

func (c *composer) referralFilter(step string) string {
	if step == "none" {
		return c.loc.T("row.no-referral")
	}
	return c.loc.Label("step", step)
}

func (c *composer) sorts(f register.IncidentFilter) []ui.Option {
	current := f.Sort
	if current == "" {
		current = f.Sorts()[0]
	}
	var out []ui.Option
	for _, s := range f.Sorts() {
		out = append(out, ui.Option{
			Href:    c.listAddress(f, func(f *register.IncidentFilter) { f.Sort = s }),
			Label:   c.loc.Label("sort", string(s)),
			Current: s == current,
		})
	}
	return out
}
