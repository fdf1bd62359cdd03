package public

import (
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// statementComposer composes the page of one statement.
type statementComposer struct {
	*composer
	view   *register.StatementView
	worded []register.Wording // its texts, with the passages of its claims
	budget revision.Budget    // of comparing its texts
}

// newStatementPage composes the page of a statement.
func newStatementPage(loc *i18n.Localizer, site Site, v *register.StatementView, place Place) views.StatementPage {
	c := newStatementComposer(newComposer(loc, site, place), v)
	gone := c.remember(v.Gone)
	p := views.StatementPage{
		Rubric: c.rubric(), Tags: c.tags(), Title: c.text(v.Title), AltTitle: c.other(v.Title),
		Summary: c.text(v.Summary), Facts: c.facts(), Dispute: c.dispute(v.Dates),
		Renderings: c.renderings(), Documents: c.documents(), Claims: c.claims(),
		Wordings: c.wordings(), Changes: c.changes(),
		Differences: c.differences(), Relations: c.relations(), Incidents: c.rows(v.Incidents),
		Sources: c.sourceList(firstSources),
		Seal:    c.seal(register.TypeStatement, v.Slug, v.Edition, v.PublishedAt, v.Reason, v.Correction, v.SHA256),
		Gone:    gone,
		Cite:    c.citeBox(register.TypeStatement, v.Slug, v.Edition, citationOf(c.composer, statementContent(v), v.Slug)),
	}
	if v.OriginalNotSeen {
		p.Missing = loc.T("statement.missing")
		if len(p.Renderings) == 0 {
			p.Missing = loc.T("statement.missing-reports")
		}
	}
	p.WordingNote = loc.T("wording.note")
	if len(c.worded) > 0 && c.worded[0].Paragraphs[0].Label != "" {
		p.WordingNote = loc.T("wording.note-quoted")
	}
	p.Contents = c.contents([]part{
		{"_renderings", "rendering.heading", true},
		{"_text", "wording.heading", len(p.Wordings) > 0},
		{"_claims", "statement.claims", len(p.Claims) > 0},
		{"_differences", "statement.differences", len(p.Differences) > 0},
		{"_changes", "change.heading", len(p.Changes) > 0},
		{"_incidents", "statement.incidents", len(v.Incidents) > 0},
		{"_sources", "source.heading", len(p.Sources.First) > 0},
	})
	p.Share = c.share(statementAddress(loc.Lang(), v.Slug))
	p.Frame = c.statementFrame()
	p.Feeds = append(p.Feeds, c.embeddable(statementAddress(loc.Lang(), v.Slug)))
	return p
}

func newStatementComposer(c *composer, v *register.StatementView) *statementComposer {
	c.cite(v.SourceList)
	c.institution = v.Institution
	c.statement = func(ref register.Ref) *register.StatementEdition {
		if string(ref) == v.Reference {
			return &v.StatementEdition
		}
		if s, ok := v.Related[ref]; ok {
			return &s
		}
		return nil
	}
	return &statementComposer{composer: c, view: v, worded: v.Wordings()}
}

func (c *statementComposer) statementFrame() views.Frame {
	crumbs := []ui.Link{c.incidentsCrumb()}
	for _, r := range c.view.Incidents[:min(len(c.view.Incidents), 1)] {
		crumbs = append(crumbs, ui.Link{Href: incidentAddress(c.loc.Lang(), r.Slug), Text: c.plain(r.Reference)})
	}
	title := c.text(c.view.Title)
	return c.frame(heading{
		title: title.S, description: c.text(c.view.Summary).S, section: "/incidents",
		crumbs: append(crumbs, ui.Link{Text: title}),
		card:   statementAddress(c.loc.Lang(), c.view.Slug) + "/" + cardName,
	})
}

func (c *statementComposer) rubric() []string {
	kind := c.loc.T("statement.unofficial")
	if c.view.Official {
		kind = c.loc.T("statement.official")
	}
	return []string{kind, c.loc.Label("statement-kind", string(c.view.Kind)), c.view.Reference}
}

func (c *statementComposer) tags() []ui.Tag {
	if c.view.OriginalNotSeen {
		return []ui.Tag{c.notSeenTag()}
	}
	return nil
}

// facts are who, when, where and in which language.
func (c *statementComposer) facts() []ui.Fact {
	v := c.view
	when := c.dates(v.Dates, edtf.Full)
	when.Text = capitalized(when.Text)
	notes := nonEmpty(c.loc.Label("precision", when.Mark), when.Note)
	when.Note = c.loc.Series(notes)
	return []ui.Fact{
		c.who(),
		{Question: c.plain(c.loc.T("statement.when")), Date: when, Answer: c.plain(c.loc.T("label.not-stated"))},
		c.where(),
		c.language(),
	}
}

func (c *statementComposer) who() ui.Fact {
	v := c.view
	out := ui.Fact{Question: c.plain(c.loc.T("statement.who")), Answer: c.issuer(&v.StatementEdition)}
	if v.Speaker != nil {
		out.Note = c.text(v.Speaker.Office)
		if v.Official && !out.Answer.IsZero() {
			out.Note = c.plain(c.loc.Series(nonEmpty(c.text(v.Speaker.Office).S, out.Answer.S)))
		}
		out.Answer = c.text(v.Speaker.Name)
	}
	if len(v.OnBehalfOf) > 0 {
		behalf := c.loc.T("statement.on-behalf", "who", c.institutionTexts(v.OnBehalfOf).S)
		out.Note = c.plain(c.loc.Series(nonEmpty(out.Note.S, behalf)))
	}
	return out
}

func (c *statementComposer) where() ui.Fact {
	out := ui.Fact{Question: c.plain(c.loc.T("statement.where")), Answer: c.text(c.view.Occasion), Note: c.text(c.view.Channel)}
	if out.Answer.IsZero() {
		out.Answer, out.Note = out.Note, ui.Text{}
	}
	if out.Answer.IsZero() && !c.view.Official && c.view.Speaker != nil {
		out.Answer = c.issuer(&c.view.StatementEdition) // the House in which a member asks
	}
	if out.Answer.IsZero() {
		out.Answer = c.plain(c.loc.T("label.not-stated"))
	}
	return out
}

func (c *statementComposer) language() ui.Fact {
	out := ui.Fact{Question: c.plain(c.loc.T("statement.language")), Answer: c.plain(capitalized(c.loc.T("label.not-stated")))}
	if lang := c.view.OriginalLanguage; lang != "" {
		out.Answer = c.plain(capitalized(c.loc.Language(string(lang))))
	}
	var known []string
	seen := map[register.Lang]bool{}
	for i := range c.view.Renderings {
		if lang := c.view.Renderings[i].Language; !seen[lang] {
			seen[lang] = true
			known = append(known, c.loc.Language(string(lang)))
		}
	}
	if len(known) > 0 {
		out.Note = c.plain(c.loc.T("statement.known-in", "list", c.loc.List(known)))
	}
	return out
}

func (c *statementComposer) renderings() []views.Rendering {
	var out []views.Rendering
	for i := range c.view.Renderings {
		r := &c.view.Renderings[i]
		read := c.loc.T("rendering.part")
		if r.FullText {
			read = c.loc.T("rendering.full")
		}
		out = append(out, views.Rendering{
			Anchor: r.Key, Language: capitalized(c.loc.Language(string(r.Language))), Publisher: r.Publisher,
			Kind: c.loc.Label("rendering-kind", string(r.Kind)), Read: read,
			Date: c.dates(r.Dates, edtf.Long), Note: c.text(r.Note), Cites: c.cites(r.Sources),
		})
	}
	return out
}

func (c *statementComposer) documents() []views.Document {
	var out []views.Document
	for i := range c.view.Documents {
		d := &c.view.Documents[i]
		doc := views.Document{
			Anchor: d.Key, Name: d.Name, Hash: d.SHA256, Date: c.dates(d.Dates, edtf.Long), Cites: c.cites(d.Sources),
			Details: c.loc.T("document.details", "type", documentType(c.loc, d.Type), "size", c.loc.Number((d.Size+1023)/1024)),
		}
		if d.Text != "" && d.Language != "" {
			doc.Read = c.loc.T("document.read", "language", c.loc.Language(string(d.Language)))
		}
		if d.Text != "" && !c.isWorded(d.Text) {
			doc.Text = c.verbatim(d.Language, d.Text)
		}
		out = append(out, doc)
	}
	return out
}

// isWorded reports whether a text stands among those of the statement.
func (c *statementComposer) isWorded(text string) bool {
	if evenly(text) == evenly(c.view.OriginalText) {
		return true
	}
	return slices.ContainsFunc(c.view.Renderings, func(r register.Rendering) bool { return evenly(r.Text) == evenly(text) })
}

func (c *statementComposer) differences() []views.Difference {
	var out []views.Difference
	for i := range c.view.Differences {
		d := &c.view.Differences[i]
		diff := views.Difference{Anchor: d.Key, Note: c.text(d.Note)}
		for _, r := range d.Readings {
			diff.Readings = append(diff.Readings, c.reading(r))
		}
		for _, key := range d.Claims {
			if n := c.claimNumber(key); n > 0 {
				diff.Claims = append(diff.Claims, ui.Link{Href: "#" + key, Text: c.plain(strconv.Itoa(n))})
			}
		}
		out = append(out, diff)
	}
	return out
}

func (c *statementComposer) reading(r register.Reading) views.Reading {
	out := views.Reading{Words: c.quoted(r.Language, r.Words, r.Indirect)}
	if rendering := c.view.Rendering(r.Rendering); rendering != nil {
		out.Publisher = rendering.Publisher
	}
	if r.Indirect {
		out.Caption = c.loc.T("quote.reported")
	}
	return out
}

// claimNumber is the place of a claim in the statement, from 1; 0 when there is
// no such claim.
func (c *statementComposer) claimNumber(key string) int {
	for i := range c.view.Claims {
		if c.view.Claims[i].Key == key {
			return i + 1
		}
	}
	return 0
}
