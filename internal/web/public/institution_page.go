package public

import (
	"slices"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// institutionComposer composes the page of one institution.
type institutionComposer struct {
	*composer
	view  *register.InstitutionView
	today edtf.Day
}

// newInstitutionPage composes the page of an institution as it is named on a day.
func newInstitutionPage(loc *i18n.Localizer, site Site, v *register.InstitutionView, today edtf.Day, place Place) views.InstitutionPage {
	c := &institutionComposer{composer: newComposer(loc, site, place), view: v, today: today}
	c.cite(v.SourceList)
	title := c.fullName()
	p := views.InstitutionPage{
		Rubric: c.rubric(), Title: title, AltTitle: c.other(c.named(register.NameOfficial)),
		Description: c.text(v.Description), Facts: c.facts(), Incidents: c.overTime(),
		Topics: c.topics(), ClaimsNote: loc.T("institution.claims-note"), Steps: c.steps(), Referrals: c.referrals(), Names: c.names(), Officials: c.officials(), Links: c.links(),
		Sheet: c.sheet(), Sources: c.sourceList(firstSources),
		Seal: c.seal(register.TypeInstitution, v.Slug, v.Edition, v.PublishedAt, v.Reason, v.Correction, v.SHA256),
	}
	p.Cite = c.citeBox(register.TypeInstitution, v.Slug, v.Edition, citationOf(c.composer, institutionContent(v), v.Slug))
	for i := range v.Statements {
		p.Statements = append(p.Statements, c.statementRow(&v.Statements[i]))
	}
	c.addMore(&p)
	description := p.Description.S
	if description == "" {
		description = loc.T("institution.description", "name", title.S)
	}
	p.Frame = c.frame(heading{
		title: title.S, description: description, section: "/institutions",
		card: institutionAddress(loc.Lang(), v.Slug) + "/" + cardName,
		crumbs: []ui.Link{
			{Href: address(loc.Lang(), "institutions"), Text: c.plain(loc.T("nav.institutions"))}, {Text: c.text(v.ShortName())},
		},
	})
	c.addFeeds(&p)
	return p
}

// addFeeds leads to what can be followed: the institution, and what is brought to it.
func (c *institutionComposer) addFeeds(p *views.InstitutionPage) {
	slug := c.view.Slug
	name := c.text(c.view.ShortName()).S
	add := func(about exchange.FeedAbout, key string) {
		p.Feeds = append(p.Feeds, c.feeds(about, slug, c.loc.T("feed.title."+string(about), "name", name))...)
		p.Seal.Links = append(p.Seal.Links, c.follow(about, slug, key))
	}
	add(exchange.FeedInstitution, "feed.follow")
	if len(c.view.Steps) > 0 {
		add(exchange.FeedAuthority, "feed.follow-referrals")
	}
}

// fullName is the official name with the acronym, when it has one.
func (c *institutionComposer) fullName() ui.Text {
	name := c.text(c.named(register.NameOfficial))
	if name.IsZero() {
		return c.text(c.view.ShortName())
	}
	if acronym := c.text(c.named(register.NameAcronym)); !acronym.IsZero() {
		name.S += " (" + acronym.S + ")"
	}
	return name
}

// named are the names of a kind that are in use today; where none is, as for a
// body that is no more, the last ones.
func (c *institutionComposer) named(kind register.NameKind) register.Text {
	if names := c.view.NameOn(kind, c.today); !names.IsZero() {
		return names
	}
	return c.view.NameText(kind)
}

// former are the official names that the institution had before, in the
// reader's language where they exist in it.
func (c *institutionComposer) former() []ui.Labelled {
	names := c.view.FormerNames(c.today)
	own := slices.ContainsFunc(names, func(n register.InstitutionName) bool { return n.Language == c.lang })
	var out []ui.Labelled
	for _, n := range names {
		if own && n.Language != c.lang {
			continue
		}
		text := c.in(n.Language, n.Name)
		out = append(out, ui.Labelled{Label: c.loc.T("institution.former-name"), Text: text}, ui.Labelled{
			Label: c.loc.T("institution.name-when"), Text: c.plain(c.period(n.From, n.Until)),
		})
	}
	return out
}

func (c *institutionComposer) rubric() []string {
	out := []string{c.loc.Label("institution-kind", string(c.view.Kind))}
	if c.view.Country != "" {
		out = append(out, c.loc.Country(c.view.Country))
	}
	if c.view.Sector != "" {
		out = append(out, c.loc.Label("sector", c.view.Sector))
	}
	return out
}

func (c *institutionComposer) facts() []ui.Fact {
	t := c.view.Totals
	facts := []ui.Fact{
		c.count("institution.incidents", t.Affected, ""),
		c.count("institution.own-statements", t.Statements, c.loc.N("institution.not-seen", t.NotSeen)),
		c.count("referral.heading", t.Referrals, c.loc.N("institution.confirmed", t.Confirmed)),
	}
	if t.Received > 0 {
		facts = append(facts, c.count("institution.received", t.Received, ""))
	}
	for i := range facts {
		if facts[i].Answer.S == "0" {
			facts[i].Note = ui.Text{}
		}
	}
	return facts
}

func (c *institutionComposer) count(key string, n int, note string) ui.Fact {
	return ui.Fact{Question: c.plain(c.loc.T(key)), Answer: c.plain(c.loc.Number(int64(n))), Note: c.plain(note)}
}

func (c *institutionComposer) statementRow(s *register.StatementRow) views.StatementLine {
	line := views.StatementLine{
		Href: statementAddress(c.loc.Lang(), s.Slug), Title: c.text(s.Title), Who: c.text(s.IssuerName),
		Kind: c.loc.Label("statement-kind", string(s.Kind)), Date: c.date(s.Said, edtf.Long),
	}
	if s.Issuer != nil {
		line.Who = c.text(s.Issuer.Short)
	}
	if s.Kind == register.StatementWrittenQuestion && !line.Who.IsZero() { // a member's act, not the House's
		line.Who = c.plain(c.loc.T("statement.member-of", "who", line.Who.S))
	}
	if s.SaidDisputed {
		line.Date.Note = c.loc.T("date.disputed")
	}
	if s.OriginalNotSeen {
		line.Tags = append(line.Tags, c.notSeenTag())
	}
	return line
}

func (c *institutionComposer) names() []views.Name {
	var out []views.Name
	for _, n := range c.view.Names {
		out = append(out, views.Name{
			Language: c.loc.Language(string(n.Language)), Kind: capitalized(c.loc.Label("name-kind", string(n.Kind))),
			Name: c.in(n.Language, n.Name), When: c.period(n.From, n.Until), Cites: c.cites(n.Sources),
		})
	}
	return out
}

// period is the time in which a name or an office is in use.
func (c *composer) period(from, until edtf.Date) string {
	lang := c.loc.Lang()
	switch {
	case from.IsZero() && until.IsZero():
		return c.loc.T("period.not-stated")
	case until.IsZero():
		return c.loc.T("period.since", "from", from.Text(lang, edtf.Long))
	case from.IsZero():
		return c.loc.T("period.until", "until", until.Text(lang, edtf.Long))
	}
	return c.loc.T("period.between", "from", from.Text(lang, edtf.Long), "until", until.Text(lang, edtf.Long))
}

func (c *institutionComposer) officials() []views.Official {
	var out []views.Official
	for _, o := range c.view.Officials {
		v := views.Official{Anchor: o.Key, Name: c.text(o.Name), Office: c.text(o.Office), Cites: c.cites(o.Sources)}
		if !o.From.IsZero() || !o.Until.IsZero() {
			v.When = c.period(o.From, o.Until)
		}
		if len(o.Aliases) > 0 {
			v.Aliases = c.loc.T("institution.spellings", "list", c.loc.Series(o.Aliases))
		}
		out = append(out, v)
	}
	return out
}

// links are the institutions before and after this one. The view does not hold
// their names: their notes, or else their references, stand for them.
func (c *institutionComposer) links() []ui.Labelled {
	var out []ui.Labelled
	add := func(key string, links []register.InstitutionLink) {
		for _, l := range links {
			text := c.text(l.Note)
			if text.IsZero() {
				text = c.plain(string(l.Institution))
			}
			out = append(out, ui.Labelled{Label: c.loc.T(key), Text: text})
		}
	}
	add("institution.predecessor", c.view.Predecessors)
	add("institution.successor", c.view.Successors)
	return out
}

func (c *institutionComposer) sheet() []ui.Labelled {
	v := c.view
	country := ""
	if v.Country != "" {
		country = c.loc.Country(v.Country)
	}
	out := c.stated(
		labelled{"institution.kind", c.plain(c.loc.Label("institution-kind", string(v.Kind)))},
		labelled{"institution.sector", c.plain(c.loc.Label("sector", v.Sector))},
		labelled{"institution.country", c.plain(country)},
	)
	if v.Website != "" {
		out = append(out, ui.Labelled{Label: c.loc.T("institution.website"), Text: ui.Text{S: hostOf(v.Website), Lang: c.loc.Lang()}, Link: v.Website})
	}
	out = append(out, c.former()...)
	return append(out, ui.Labelled{Label: c.loc.T("institution.reference"), Text: c.plain(v.Reference)})
}
