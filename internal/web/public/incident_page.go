package public

import (
	"net/url"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/assets"
	"github.com/sijil/sijil/views/texts"
	"github.com/sijil/sijil/views/ui"
)

// incidentComposer composes the page of one incident.
type incidentComposer struct {
	*composer
	edition *register.IncidentEdition
	today   edtf.Day
	keep    url.Values // the part of the query that every link of the page keeps
	whole   register.Timeline
	shown   map[string]bool // anchors of the entries that the filter lets through
	number  map[string]int  // of every entry, by anchor
	compact bool            // entries are shown without what stands below their titles
}

// newIncidentPage composes the page of an incident as it stands on a day, with
// the timeline filtered and ordered as f asks.
func newIncidentPage(loc *i18n.Localizer, site Site, e *register.IncidentEdition, f register.TimelineFilter, today edtf.Day, place Place) views.IncidentPage {
	c := newIncidentComposer(newComposer(loc, site, place), e, today)
	p := c.page(f, register.NewClock(e.Incident, e.Statements, today))
	p.AsOfForm = c.dayForm("asof", today, today, timelineQuery(f))
	p.Cite.Formats = append(p.Cite.Formats, c.exportIncident(e.Slug))
	return p
}

// page composes the page of an edition, or of what of it is shown.
func (c *incidentComposer) page(f register.TimelineFilter, clock register.Clock) views.IncidentPage {
	e := c.edition
	gone := c.remember(e.Gone)
	timeline := c.timeline(f)
	p := views.IncidentPage{
		Reference: e.Reference, Rubric: c.rubric(),
		Title: c.text(e.Title), AltTitle: c.other(e.Title), Summary: c.text(e.Summary),
		Facts: c.answers(), Dials: c.dials(clock), Timeline: timeline,
		Seal: c.seal(register.TypeIncident, e.Slug, e.Edition, e.PublishedAt, e.Reason, e.Correction, e.SHA256),
		Gone: gone,
		Cite: c.citeBox(register.TypeIncident, e.Slug, e.Edition, citationOf(c.composer, incidentContent(e), e.Slug)),

		Known: c.known(), Institutions: c.affected(clock), Exposures: c.exposures(),
		Referrals: c.referrals(), Clock: c.clock(clock),
		Related: c.related(), Sources: c.sourceList(firstSources),
	}
	p.Frame = c.incidentFrame(f)
	p.Seal.Links = append(p.Seal.Links, c.follow(exchange.FeedIncident, e.Slug, "feed.follow"))
	p.Share = c.share(incidentAddress(c.loc.Lang(), e.Slug))
	p.HowClock = c.how("clock", "text.how-clock")
	p.HowLevels = c.how("referral", "text.how-levels")
	p.HowFigures = c.how("figures", "text.how-figures")
	p.Contents = c.incidentContents(p)
	p.PrintFoot = c.printFoot(register.TypeIncident, e.Slug, e.Reference, e.Edition, e.SHA256)
	return p
}

func newIncidentComposer(c *composer, e *register.IncidentEdition, today edtf.Day) *incidentComposer {
	c.cite(e.SourceList)
	c.institution, c.statement = e.Institution, e.StatementOf
	out := &incidentComposer{
		composer: c, edition: e, today: today,
		whole: register.NewTimeline(e.Incident, e.Statements),
		shown: map[string]bool{}, number: map[string]int{},
	}
	for i := range out.whole.Entries {
		out.number[out.whole.Entries[i].Anchor] = out.whole.Entries[i].Number
	}
	return out
}

func (c *incidentComposer) incidentFrame(f register.TimelineFilter) views.Frame {
	e := c.edition
	title := c.text(e.Title).S
	out := c.frame(heading{
		title: title, description: c.text(e.Summary).S, section: "/incidents",
		card:   incidentAddress(c.loc.Lang(), e.Slug) + "/" + cardName,
		crumbs: []ui.Link{c.incidentsCrumb(), {Text: c.plain(e.Reference)}},
	})
	out.Scripts = []string{assets.TimelineScript}
	// Its own feed, by the short name: the one of everything is named by other pages.
	out.Feeds = c.feeds(exchange.FeedIncident, e.Slug, c.loc.T("feed.title.incidents", "name", e.Reference))
	out.Feeds = append(out.Feeds, c.embeddable(incidentAddress(c.loc.Lang(), e.Slug)))
	if !f.IsZero() {
		out.NoIndex = true // the whole timeline is the page to be found
	}
	out.JSONLD = exchange.IncidentJSONLD(e, c.lang, exchange.Addresses{
		Page: out.Canonical,
		Institution: func(slug string) string {
			return c.site.BaseURL + institutionAddress(c.loc.Lang(), slug)
		},
		Content:  c.site.BaseURL + jsonAddress(e.Reference, e.Edition),
		Register: c.site.BaseURL + "/",
	})
	return out
}

// rubric is what the incident is, above its title.
func (c *incidentComposer) rubric() []string {
	var out []string
	if c.edition.Country != "" {
		out = append(out, c.loc.Country(c.edition.Country))
	}
	out = append(out, c.loc.Label("standing", c.edition.Standing))
	var kinds []string
	for _, k := range c.edition.Kinds {
		kinds = append(kinds, c.loc.Label("incident-kind", k))
	}
	if len(kinds) > 0 { // nobody else says so: the classes are the register's own
		out = append(out, c.loc.T("incident.classification", "list", c.loc.Series(kinds)))
	}
	return out
}

func (c *incidentComposer) answers() []ui.Fact {
	var out []ui.Fact
	for _, a := range c.edition.Answers {
		out = append(out, ui.Fact{
			Question: c.text(a.Question), Answer: c.text(a.Answer), Note: c.doubtful(a.Key, c.text(a.Note)),
			Said: c.said(a.SaidIn), Cites: c.cites(a.Sources),
		})
	}
	return out
}

// entryAddress leads to an entry: on this page when it is shown, else on the
// page with the whole timeline.
func (c *incidentComposer) entryAddress(anchor string) string {
	if c.shown[anchor] {
		return "#" + anchor
	}
	return withQuery(c.place.bare(c.loc.Lang()), c.keep) + "#" + anchor
}

func (c *composer) notSeenTag() ui.Tag {
	return ui.Tag{Shape: shapeNone, Label: c.loc.T("statement.not-seen")}
}

// related are other incidents; their pages are named by their references.
func (c *incidentComposer) related() []ui.Labelled {
	var out []ui.Labelled
	for _, r := range c.edition.Relations {
		text := c.plain(string(r.Incident))
		if note := c.text(r.Note); !note.IsZero() {
			text = c.plain(string(r.Incident) + c.loc.T("punctuation.colon") + note.S)
		}
		out = append(out, ui.Labelled{
			Label: c.loc.Label("incident-relation", r.Kind), Text: text,
			Link: incidentAddress(c.loc.Lang(), string(r.Incident)),
		})
	}
	return out
}

// seal names the edition that is shown.
func (c *composer) seal(t register.RecordType, slug string, number int, published time.Time, reason register.Text, correction register.Correction, hash string) ui.Seal {
	kind := ""
	if correction != "" {
		kind = c.loc.Label("correction", string(correction))
	}
	return ui.Seal{
		Correction: kind,
		Title:      c.loc.T("edition.title", "number", number),
		Published:  c.date(edtf.DayOf(published).Date(), edtf.Long),
		Reason:     c.text(reason), Hash: hash,
		Links: []ui.Link{
			{Href: historyAddress(c.loc.Lang(), t, slug), Text: c.plain(c.loc.T("editions.title"))},
			{Href: editionAddress(c.loc.Lang(), t, slug, number) + proofAnchor, Text: c.plain(c.loc.T("text.verify"))},
			{Href: c.textAddress(texts.Corrections, "ask"), Text: c.plain(c.loc.T("text.report"))},
		},
	}
}

// incidentContents leads to the parts of the page that there are.
func (c *incidentComposer) incidentContents(p views.IncidentPage) []ui.Link {
	return c.contents([]part{
		{"_timeline", "timeline.heading", true},
		{"_known", "known.heading", true},
		{"_institutions", "affected.heading", len(p.Institutions) > 0},
		{"_data", "exposure.heading", len(p.Exposures) > 0},
		{"_referrals", "referral.heading", len(p.Referrals) > 0},
		{"_clock", "clock.heading", true},
		{"_sources", "source.heading", len(p.Sources.First) > 0},
	})
}

// part is a part of a page that its table of contents may lead to.
type part struct {
	id, key string
	there   bool
}

func (c *composer) contents(parts []part) []ui.Link {
	var out []ui.Link
	for _, p := range parts {
		if p.there {
			out = append(out, ui.Link{Href: "#" + p.id, Text: c.plain(c.loc.T(p.key))})
		}
	}
	return out
}
