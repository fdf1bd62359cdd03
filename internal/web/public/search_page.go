package public

import (
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// newSearchPage composes what a search finds of one kind.
func newSearchPage(loc *i18n.Localizer, site Site, f register.SearchFilter, list register.SearchList, place Place) views.SearchPage {
	c := newComposer(loc, site, place)
	p := views.SearchPage{
		Frame: hidden(c.frame(heading{
			title: loc.T("search.heading"), description: loc.T("search.description"), section: "/search",
			crumbs: []ui.Link{{Text: c.plain(loc.T("search.heading"))}},
		})),
		Search: address(loc.Lang(), "search"), Query: f.Query, Kinds: c.findChips(f.Query, f.Type, list.Counts),
		Empty: len(list.Hits) == 0, Help: c.searchHelp(),
	}
	if f.Query == "" {
		return p // where a search begins
	}
	p.Count = c.findCount(f.Type, list.Counts[f.Type])
	p.Hidden = []ui.Labelled{{Label: "type", Text: ui.Text{S: string(f.Type)}}}
	highlight := record.NewHighlighter(f.Query)
	for _, h := range list.Hits {
		hit := c.searchHit(h)
		hit.Marked = markedTitle(highlight, hit.Title)
		p.Hits = append(p.Hits, hit)
	}
	if f.After != "" {
		p.First = c.findAddress(f.Query, f.Type)
	}
	if list.Next != "" {
		next := f
		next.After = list.Next
		p.Next = withQuery(address(loc.Lang(), "search"), searchQuery(next))
	}
	if list.Suggestion != "" {
		p.Meant = &ui.Link{Href: c.findAddress(list.Suggestion, f.Type), Text: c.plain(list.Suggestion)}
	}
	return p
}

func (c *composer) searchHit(h register.SearchHit) views.SearchHit {
	out := views.SearchHit{Title: c.text(h.Title), Reference: h.Reference, Excerpt: c.marked(h.Excerpt), Who: c.text(h.Who)}
	if out.Excerpt != nil && out.Excerpt.Text.S == out.Title.S {
		out.Excerpt = nil // the title is marked itself
	}
	if h.Member { // a member's act, not the House's
		out.Who = c.plain(c.loc.T("statement.member-of", "who", out.Who.S))
	}
	if h.Type != register.FindInstitutions {
		out.Date = c.date(h.When, edtf.Short)
		if h.Disputed {
			out.Date.Note = c.loc.T("date.disputed")
		}
	}
	switch h.Type {
	case register.FindIncidents:
		out.Href = incidentAddress(c.loc.Lang(), h.Slug)
	case register.FindStatements:
		out.Href = statementAddress(c.loc.Lang(), h.Slug)
	case register.FindClaims:
		out.Href = statementAddress(c.loc.Lang(), h.Slug) + "#" + h.Key
	case register.FindInstitutions:
		out.Href = institutionAddress(c.loc.Lang(), h.Slug)
	case register.FindReferrals:
		out.Href = incidentAddress(c.loc.Lang(), h.Slug) + "#" + h.Key
	}
	return out
}

// marked is an excerpt as pages show it; nil for none.
func (c *composer) marked(x *register.Excerpt) *ui.Marked {
	if x == nil {
		return nil
	}
	return marked(c.in(x.Lang, "…"), x.Parts)
}

// markedTitle is a title with what was searched for marked; nil when it has none
// of it.
func markedTitle(h record.Highlighter, title ui.Text) *ui.Marked {
	if parts := h.Parts(title.S); parts != nil {
		return marked(title, parts)
	}
	return nil
}

func marked(text ui.Text, parts []register.ExcerptPart) *ui.Marked {
	out := &ui.Marked{Text: text}
	out.Text.S = ""
	for _, p := range parts {
		from := len(out.Text.S)
		out.Text.S += p.Text
		if p.Hit {
			out.Hits = append(out.Hits, ui.Span{From: from, To: len(out.Text.S)})
		}
	}
	return out
}

// findAddress is the first page of what a search finds of a kind.
func (c *composer) findAddress(query string, t register.SearchType) string {
	if t == register.FindIncidents {
		return withQuery(address(c.loc.Lang(), "incidents"), queryOf("q", query))
	}
	return withQuery(address(c.loc.Lang(), "search"), queryOf("q", query, "type", string(t)))
}

// findCount says how many were found; from the limit on, that there are more.
func (c *composer) findCount(t register.SearchType, n int) string {
	count := c.loc.N("search.count."+string(t), n)
	if n >= register.MostCounted {
		return c.loc.T("search.at-least", "count", count)
	}
	return count
}

// findChips lead to what a search finds of each kind; the kind that is shown is
// current.
func (c *composer) findChips(query string, shown register.SearchType, counts map[register.SearchType]int) []ui.Chip {
	var out []ui.Chip
	for _, t := range register.SearchTypes() {
		if counts[t] > 0 {
			out = append(out, ui.Chip{Href: c.findAddress(query, t), Label: c.findCount(t, counts[t]), Current: t == shown})
		}
	}
	return out
}

// incidentCount says how many incidents a list has.
func (c *composer) incidentCount(list register.IncidentList) string {
	count := c.loc.N("incidents.count", list.Total)
	if list.AtLeast {
		return c.loc.T("search.at-least", "count", count)
	}
	return count
}

// addFinds adds to a list of incidents what can be chosen, and what a search shows.
func (c *composer) addFinds(p *views.IncidentsPage, f register.IncidentFilter, list register.IncidentList) {
	p.Facets = c.incidentFacets(f, list)
	if list.Sampled {
		p.Sampled = c.loc.T("facet.sampled")
	}
	highlight := record.NewHighlighter(f.Query)
	for i := range list.Rows {
		p.Rows[i].Marked = markedTitle(highlight, p.Rows[i].Title)
		if x, ok := list.Excerpts[list.Rows[i].Reference]; ok {
			p.Rows[i].Excerpt = c.marked(&x)
		}
	}
	if f.Query == "" {
		return
	}
	p.Others = c.findChips(f.Query, "", list.Others)
	p.Help = c.searchHelp()
	if list.Suggestion != "" {
		to := c.listAddress(f, func(f *register.IncidentFilter) { f.Query = list.Suggestion })
		p.Meant = &ui.Link{Href: to, Text: c.plain(list.Suggestion)}
	}
}

// incidentFacets offers the values of each field; the long ones open at a click.
func (c *composer) incidentFacets(f register.IncidentFilter, list register.IncidentList) []views.FacetGroup {
	query := incidentQuery(f)
	var out []views.FacetGroup
	for _, field := range searchFields() {
		values := list.Facets[field]
		if field == "year" {
			values = byYear(values)
		}
		if len(values) < 2 && !query.Has(field) {
			continue
		}
		group := views.FacetGroup{Label: c.loc.T("filter." + field), Closed: len(values) > 6 && !query.Has(field)}
		for _, v := range values {
			chosen := query.Get(field) == v.Value
			to := incidentQuery(f)
			to.Del("after")
			to.Set(field, v.Value)
			if chosen {
				to.Del(field)
			}
			group.Options = append(group.Options, views.FacetOption{
				Href: withQuery(address(c.loc.Lang(), "incidents"), to), Label: c.fieldLabel(field, v.Value, list.Names), Count: c.loc.Number(int64(v.Count)), Current: chosen,
			})
		}
		out = append(out, group)
	}
	return out
}

// fieldLabel names the value of a field.
func (c *composer) fieldLabel(field, value string, names map[string]register.InstitutionBrief) string {
	switch field {
	case "institution":
		return c.institutionLabel(names, value)
	case "sector":
		return c.loc.Label("sector", value)
	case "kind":
		return c.loc.Label("incident-kind", value)
	case "standing":
		return c.loc.Label("standing", value)
	case "referral":
		return c.referralFilter(value)
	case "official":
		return c.yesNo(value)
	case "language":
		return c.loc.Language(value)
	}
	return value
}

func (c *composer) institutionLabel(names map[string]register.InstitutionBrief, slug string) string {
	if b, ok := names[slug]; ok {
		return c.briefs([]register.InstitutionBrief{b})
	}
	return slug
}

func (c *composer) yesNo(value string) string { return c.loc.Label("answer", value) }

// searchHelp is what can be typed, with what it does.
func (c *composer) searchHelp() []ui.Labelled {
	field := func(name, value string) string { return c.loc.T("search.field."+name) + ":" + value }
	return []ui.Labelled{
		{Label: c.loc.T("search.example.phrase"), Text: c.plain(c.loc.T("search.help.phrase"))},
		{Label: c.loc.T("search.example.not"), Text: c.plain(c.loc.T("search.help.not"))},
		{Label: field("institution", "cnss"), Text: c.plain(c.loc.T("search.help.institution"))},
		{Label: field("year", "2025"), Text: c.plain(c.loc.T("search.help.year"))},
		{Label: field("kind", "phishing"), Text: c.plain(c.loc.T("search.help.kind"))},
	}
}
