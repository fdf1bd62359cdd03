package public

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// lister composes what all lists have: what is chosen, what can be chosen, and
// the pages.
type lister struct {
	*composer
	address string
	query   url.Values // of the page, without the cursor
	out     *views.ListPage
}

// newLister begins a list of statements, institutions or referrals: the area is
// its path as well as the name of its messages.
func newLister(c *composer, area string, place Place, total int, next string) *lister {
	query := url.Values{}
	for name, values := range place.Query {
		if name != "after" {
			query[name] = values
		}
	}
	l := &lister{composer: c, address: address(c.loc.Lang(), area), query: query}
	l.out = &views.ListPage{
		Frame: c.frame(heading{
			title: c.loc.T("list.heading." + area), description: c.loc.T("list.intro." + area), section: "/" + area,
			crumbs: []ui.Link{{Text: c.plain(c.loc.T("list.heading." + area))}},
		}),
		Heading: c.loc.T("list.heading." + area), Intro: c.loc.T("list.intro." + area), Count: c.loc.N("list.count."+area, total),
		None: c.loc.T("list.none." + area), Clear: l.address, Empty: total == 0,
	}
	l.out.Files = listFiles(c.loc, area, query, total)
	if place.Query.Has("after") {
		l.out.First = withQuery(l.address, query)
	}
	if next != "" {
		l.out.Next = l.with("after", next)
	}
	if len(place.Query) > 0 {
		l.out.NoIndex = true // the whole list is the page to be found
	}
	return l
}

// with is the first page of the list with one choice changed; an empty value
// takes it off.
func (l *lister) with(name, value string) string {
	v := maps.Clone(l.query)
	v.Del(name)
	if value != "" {
		v.Set(name, value)
	}
	return withQuery(l.address, v)
}

// choose offers the values of a field, with how many records each would leave;
// the one that is chosen is listed among what is active as well.
func (l *lister) choose(name string, facets []register.Facet, label func(string) string) {
	heading := l.loc.T("facet." + name)
	chosen := l.query.Get(name)
	if chosen != "" {
		text := l.loc.T("filter.on", "name", heading, "value", label(chosen))
		l.out.Active = append(l.out.Active, ui.Chip{Href: l.with(name, ""), Label: text, Current: true})
	}
	if len(facets) < 2 && chosen == "" {
		return // nothing to choose
	}
	group := views.FacetGroup{Label: heading}
	for _, f := range facets {
		option := views.FacetOption{
			Href: l.with(name, f.Value), Label: label(f.Value), Count: l.loc.Number(int64(f.Count)), Current: f.Value == chosen,
		}
		if option.Current {
			option.Href = l.with(name, "")
		}
		group.Options = append(group.Options, option)
	}
	l.out.Facets = append(l.out.Facets, group)
}

func newStatementsPage(loc *i18n.Localizer, site Site, f register.StatementFilter, list register.StatementList, place Place) views.StatementsPage {
	c := newComposer(loc, site, place)
	l := newLister(c, "statements", place, list.Total, list.Next)
	if list.AtLeast {
		l.out.Count = loc.T("search.at-least", "count", l.out.Count)
	}
	if list.Sampled {
		l.out.Sampled = loc.T("facet.sampled-statements")
	}
	l.choose("kind", list.Facets["kind"], func(v string) string { return loc.Label("statement-kind", v) })
	l.choose("official", list.Facets["official"], func(v string) string { return loc.Label("statement-official", v) })
	l.choose("original", list.Facets["original"], func(v string) string { return loc.Label("statement-original", v) })
	l.choose("language", list.Facets["language"], loc.Language)
	l.choose("year", byYear(list.Facets["year"]), func(v string) string { return v })
	if f.Institution != "" {
		l.choose("institution", nil, func(string) string { return issuerIn(c, list.Rows, f.Institution) })
	}
	p := views.StatementsPage{ListPage: *l.out}
	for i := range list.Rows {
		p.Rows = append(p.Rows, c.statementItem(&list.Rows[i]))
	}
	return p
}

// issuerIn names the institution with the slug by the rows that it issued.
func issuerIn(c *composer, rows []register.StatementRow, slug string) string {
	for _, r := range rows {
		if r.Issuer != nil && r.Issuer.Slug == slug {
			return c.briefs([]register.InstitutionBrief{*r.Issuer})
		}
	}
	return slug
}

// byYear puts years in their order, the latest first.
func byYear(list []register.Facet) []register.Facet {
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b register.Facet) int { return cmp.Compare(b.Value, a.Value) })
	return out
}

func (c *composer) statementItem(r *register.StatementRow) views.StatementItem {
	out := views.StatementItem{
		Href: statementAddress(c.loc.Lang(), r.Slug), Title: c.text(r.Title), Summary: c.text(r.Summary),
		Kind: c.loc.Label("statement-kind", string(r.Kind)), Date: c.date(r.Said, edtf.Short), Who: c.text(r.IssuerName),
	}
	if r.Issuer != nil {
		out.Who = c.plain(c.briefs([]register.InstitutionBrief{*r.Issuer}))
		if r.Kind == register.StatementWrittenQuestion { // a member's act, not the House's
			out.Who = c.plain(c.loc.T("statement.member-of", "who", out.Who.S))
		}
	}
	if r.SaidDisputed {
		out.Date.Note = c.loc.T("date.disputed")
	}
	if r.OriginalNotSeen {
		out.Tags = append(out.Tags, c.notSeenTag())
	}
	if !r.Official {
		out.Tags = append(out.Tags, ui.Tag{Shape: shapePlain, Label: c.loc.Label("statement-official", "no")})
	}
	var languages []string
	for _, lang := range r.Languages {
		languages = append(languages, c.loc.Language(string(lang)))
	}
	if len(languages) > 0 {
		out.Languages = c.loc.T("statements.languages", "list", c.loc.Series(languages))
	}
	for _, i := range r.Incidents {
		out.Incidents = append(out.Incidents, ui.Link{Href: incidentAddress(c.loc.Lang(), i.Slug), Text: ui.Text{S: i.Reference}})
	}
	return out
}

func newInstitutionsPage(loc *i18n.Localizer, site Site, _ register.InstitutionFilter, list register.InstitutionList, place Place) views.InstitutionsPage {
	c := newComposer(loc, site, place)
	l := newLister(c, "institutions", place, list.Total, list.Next)
	l.choose("part", list.Facets["part"], func(v string) string { return loc.Label("institution-part", v) })
	l.choose("kind", list.Facets["kind"], func(v string) string { return loc.Label("institution-kind", v) })
	l.choose("sector", list.Facets["sector"], func(v string) string { return loc.Label("sector", v) })
	p := views.InstitutionsPage{ListPage: *l.out}
	for i := range list.Rows {
		p.Rows = append(p.Rows, c.institutionItem(&list.Rows[i]))
	}
	return p
}

func (c *composer) institutionItem(r *register.InstitutionRow) views.InstitutionItem {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return c.loc.Number(int64(n))
	}
	name := c.text(r.Name)
	if name.IsZero() {
		name = c.text(r.Short)
	}
	out := views.InstitutionItem{
		Href: institutionAddress(c.loc.Lang(), r.Slug), Name: name, AltName: c.other(r.Name), Kind: c.loc.Label("institution-kind", string(r.Kind)),
		Incidents: number(r.Incidents), Statements: number(r.Statements), Made: number(r.Made), Received: number(r.Received),
	}
	if short := c.text(r.Short); short.S != name.S {
		out.Short = short
	}
	if r.Country != "" && r.Country != homeCountry {
		out.Country = c.loc.Country(r.Country)
	}
	return out
}

// homeCountry needs no mention in a list: the register is Morocco's.
const homeCountry = "MA"

func newReferralsPage(loc *i18n.Localizer, site Site, f register.ReferralFilter, list register.ReferralList, place Place) views.ReferralsPage {
	c := newComposer(loc, site, place)
	l := newLister(c, "referrals", place, list.Total, list.Next)
	l.choose("step", list.Facets["step"], func(v string) string { return loc.Label("step", v) })
	l.choose("level", list.Facets["level"], func(v string) string { return loc.Label("level", v) })
	l.choose("kind", list.Facets["kind"], func(v string) string { return loc.Label("referral-kind", v) })
	l.choose("silent", list.Facets["silent"], func(v string) string {
		days, _ := strconv.Atoi(v)
		return loc.N("referrals.silent", days)
	})
	if f.Authority != "" {
		l.choose("authority", nil, func(string) string { return authorityIn(c, list, f.Authority) })
	}
	p := views.ReferralsPage{ListPage: *l.out}
	for _, s := range register.ReferralSorts() {
		value := string(s)
		if s == register.ReferralSorts()[0] {
			value = ""
		}
		p.Sorts = append(p.Sorts, ui.Option{Href: l.with("sort", value), Label: loc.Label("referral-sort", string(s)), Current: s == f.Sort})
	}
	for i := range list.Rows {
		p.Rows = append(p.Rows, c.referralItem(&list.Rows[i], f.Today))
	}
	for _, a := range list.Authorities {
		p.Authorities = append(p.Authorities, c.authorityItem(l, a))
	}
	return p
}

func authorityIn(c *composer, list register.ReferralList, slug string) string {
	for _, a := range list.Authorities {
		if a.Institution != nil && a.Institution.Slug == slug {
			return c.briefs([]register.InstitutionBrief{*a.Institution})
		}
	}
	if slug == register.AuthorityNotNamed {
		return c.loc.T("referrals.not-named")
	}
	return slug
}

func (c *composer) referralItem(r *register.ReferralRow, today edtf.Day) views.ReferralItem {
	tag := c.levelTag(r.Level)
	out := views.ReferralItem{
		Href: incidentAddress(c.loc.Lang(), r.IncidentSlug) + "#" + r.Anchor, Title: c.text(r.Title),
		Incident: ui.Link{Href: incidentAddress(c.loc.Lang(), r.IncidentSlug), Text: ui.Text{S: r.IncidentReference}},
		Kind:     c.loc.Label("referral-kind", string(r.Kind)), From: c.text(r.ByName), To: ui.Link{Text: c.text(r.ToName)},
		Step: c.loc.Label("step", r.Step), Level: ui.Tag{Shape: tag.Shape, Label: tag.Label}, Date: c.date(r.Stepped, edtf.Short),
	}
	if r.Authority != nil {
		out.To.Href = institutionAddress(c.loc.Lang(), r.Authority.Slug)
		if out.To.Text.IsZero() {
			out.To.Text = c.plain(c.briefs([]register.InstitutionBrief{*r.Authority}))
		}
	}
	if since := edtf.DaysBetween(r.Stepped, today.Date()); since.Known {
		out.Silence = c.days(since)
	}
	return out
}

func (c *composer) authorityItem(l *lister, a register.AuthorityRow) views.AuthorityItem {
	out := views.AuthorityItem{
		Name: ui.Link{Text: c.plain(c.loc.T("referrals.not-named"))}, List: l.with("authority", register.AuthorityNotNamed),
		Referrals: c.loc.Number(int64(a.Referrals)), Confirmed: c.loc.Number(int64(a.Confirmed)),
	}
	if a.Institution != nil {
		out.Name = ui.Link{
			Href: institutionAddress(c.loc.Lang(), a.Institution.Slug), Text: c.plain(c.briefs([]register.InstitutionBrief{*a.Institution})),
		}
		out.List = l.with("authority", a.Institution.Slug)
	}
	return out
}
