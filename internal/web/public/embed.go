package public

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// EmbedParams are the parameters of what other sites show: its colours.
func EmbedParams() []string { return []string{"theme"} }

// embedPart is a part of a record that other sites may show.
type embedPart string

const (
	embedTimeline  embedPart = "timeline"
	embedClock     embedPart = "clock"
	embedStatement embedPart = "statement"
)

// embedWidth and height are how large the frame of a part is where nobody says
// otherwise, in CSS pixels.
const embedWidth = 640

func (p embedPart) height() int {
	switch p {
	case embedClock:
		return 560
	case embedStatement:
		return 480
	case embedTimeline:
	}
	return 600
}

// embedAddress is where a part of a record is shown for other sites.
func embedAddress(lang string, part embedPart, slug, theme string) string {
	path := "/embed" + statementAddress(lang, slug)
	if part != embedStatement {
		path = "/embed" + incidentAddress(lang, slug) + "/" + string(part)
	}
	if theme == "" {
		return path
	}
	return withQuery(path, url.Values{"theme": {theme}})
}

// themes are the colours that other sites can choose; the first one is as the
// reader's machine wants it, and is not named in an address.
func themes() []string { return []string{"auto", "light", "dark"} }

// themeOf reads the colours from a query; "" for those of the reader's machine.
func themeOf(q url.Values) (string, error) {
	switch theme := q.Get("theme"); {
	case len(q["theme"]) > 1:
		return "", register.ErrInvalid
	case theme == "" || theme == "auto":
		return "", nil
	case theme == "light" || theme == "dark":
		return theme, nil
	}
	return "", fmt.Errorf("%w: theme", register.ErrInvalid)
}

// embedCode is the code by which a site shows a part of a record. The frame may
// open links and nothing else: there is no script in it. Its own origin lets it
// load its style sheet.
func embedCode(base, address, title string, width, height int) string {
	return fmt.Sprintf(`<iframe src="%s" title="%s" width="%d" height="%d" loading="lazy" `+
		`sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" style="border:0;max-width:100%%"></iframe>`,
		html.EscapeString(base+address), html.EscapeString(title), width, height)
}

// Embed answers a part of a record for the frame of another site.
func (p *Pages) Embed(ctx context.Context, r Request) (Answer, error) {
	theme, err := themeOf(r.Query)
	if err != nil {
		return Answer{}, err
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	part := embedStatement
	if _, last, ok := strings.Cut(r.Path, "/incidents/"+r.Slug+"/"); ok {
		part = embedPart(last)
	}
	moved := func(slug string) string { return embedAddress(r.Lang, part, slug, theme) }
	loc := known.Localizer(r.Lang)
	c := newComposer(loc, p.site, Place{})
	var page views.EmbedPage
	if part == embedStatement {
		view, err := p.records.Statement(ctx, r.Slug)
		if err != nil {
			return movedOr(err, moved)
		}
		page = c.embeddedStatement(view)
	} else {
		edition, err := p.records.Incident(ctx, r.Slug)
		if err != nil {
			return movedOr(err, moved)
		}
		page = newIncidentComposer(c, edition, p.today()).embedded(part)
	}
	page.Theme = theme
	return Answer{Page: views.Embed(page)}, nil
}

// EmbeddedFailure is what stands in a frame in the place of what cannot be shown.
func (p *Pages) EmbeddedFailure(lang string, status int, requestID string, gone *register.WithdrawnError) templ.Component {
	loc := p.catalog.Localizer(lang)
	why := newErrorPage(loc, p.site, status, requestID, Place{Path: "/"})
	if gone != nil && status == http.StatusGone {
		why = newWithdrawnPage(loc, p.site, gone)
	}
	page := newComposer(loc, p.site, Place{}).embed(ui.Link{Text: ui.Text{S: why.Title, Lang: lang}}, why.Rubric)
	page.Note, page.Summary = why.Happened, why.Notice
	if why.Since != "" {
		page.Note = why.Since
	}
	return views.Embed(page)
}

// embed is a frame with what all have.
func (c *composer) embed(title ui.Link, rubric string) views.EmbedPage {
	return views.EmbedPage{
		Loc: c.loc, Title: title, Rubric: rubric,
		Home: ui.Link{Href: c.site.BaseURL + address(c.loc.Lang()), Text: c.plain(c.loc.T("embed.source"))},
	}
}

// from says of which edition a frame shows a part.
func (c *composer) from(page *views.EmbedPage, t register.RecordType, slug, reference string, number int, at ui.Date) {
	page.Canonical = c.site.BaseURL + recordAddress(c.loc.Lang(), t, slug)
	page.Title.Href = page.Canonical
	page.Of = ui.Link{
		Href: c.site.BaseURL + editionAddress(c.loc.Lang(), t, slug, number),
		Text: c.plain(c.loc.T("embed.of", "reference", reference, "number", number)),
	}
	page.When = at
}

// embedded is the timeline of an incident, or its clock.
func (c *incidentComposer) embedded(part embedPart) views.EmbedPage {
	e := c.edition
	c.remember(e.Gone)
	key := "timeline.heading"
	if part == embedClock {
		key = "clock.heading"
	}
	page := c.embed(ui.Link{Text: c.text(e.Title)}, c.loc.T(key))
	c.from(&page, register.TypeIncident, e.Slug, e.Reference, e.Edition, c.date(edtf.DayOf(e.PublishedAt).Date(), edtf.Long))
	whole := page.Canonical
	if part == embedTimeline {
		page.Days = c.timeline(register.TimelineFilter{}).Days
		for i := range page.Days {
			for j := range page.Days[i].Items {
				item := &page.Days[i].Items[j]
				item.Href = whole + "#" + item.Anchor
			}
		}
		return page
	}
	clock := register.NewClock(e.Incident, e.Statements, c.today)
	page.Dials, page.Stages = c.dials(clock), c.clock(clock).Stages
	for i := range page.Stages {
		if at := clock.Stages[i]; at.Stated() {
			page.Stages[i].Date = c.dates(at.Dates, edtf.Long)
			page.Stages[i].Href = whole + "#" + at.Anchor
		}
	}
	return page
}

// embeddedStatement is a statement with the passages that claims quote.
func (c *composer) embeddedStatement(v *register.StatementView) views.EmbedPage {
	x := newStatementComposer(c, v)
	x.remember(v.Gone)
	page := c.embed(ui.Link{Text: c.text(v.Title)}, c.loc.Series(nonEmpty(
		c.loc.Label("statement-kind", string(v.Kind)), c.issuer(&v.StatementEdition).S, c.dates(v.Dates, edtf.Long).Text)))
	c.from(&page, register.TypeStatement, v.Slug, v.Reference, v.Edition, c.date(edtf.DayOf(v.PublishedAt).Date(), edtf.Long))
	if v.OriginalNotSeen {
		page.Note = c.loc.T("statement.not-seen")
	}
	page.Summary, page.Claims = c.text(v.Summary), x.claims()
	return page
}

// ErrFormat means that something is asked for in a format that there is not.
var ErrFormat = errors.New("no such format")

// OEmbedParams are the parameters of oEmbed, and of the frame that it answers.
func OEmbedParams() []string { return []string{"url", "format", "maxwidth", "maxheight", "theme"} }

// OEmbed tells the programs of other sites how they show a page of the register
// (oEmbed 1.0): that of an incident or a statement, or a part of one.
func (p *Pages) OEmbed(ctx context.Context, r Request) (Answer, error) {
	theme, err := themeOf(r.Query)
	if err != nil {
		return Answer{}, err
	}
	format := r.Query.Get("format")
	if format != "" && format != "json" && format != "xml" {
		return Answer{}, ErrFormat
	}
	lang, part, slug, err := p.shown(r.Query.Get("url"))
	if err != nil {
		return Answer{}, err
	}
	width, height := embedWidth, part.height()
	for name, size := range map[string]*int{"maxwidth": &width, "maxheight": &height} {
		most, err := number(r.Query, name)
		if err != nil {
			return Answer{}, err
		}
		if most > 0 {
			*size = min(*size, most)
		}
	}
	title, slug, err := p.titleToEmbed(ctx, lang, part, slug)
	if err != nil {
		return Answer{}, err
	}
	out := exchange.NewOEmbed(title, embedCode(p.site.BaseURL, embedAddress(lang, part, slug, theme), title, width, height), width, height)
	out.ProviderName, out.ProviderURL = p.catalog.Localizer(lang).T("site.name"), p.site.BaseURL+"/"
	body, err := out.JSON()
	mediaType := "application/json"
	if format == "xml" {
		body, err = out.XML()
		mediaType = "text/xml; charset=utf-8"
	}
	return Answer{File: &File{MediaType: mediaType, Lang: lang, Body: body, Shared: true}}, err
}

// shown says which part of which record a page of ours shows; ErrNotFound for
// what is no page of ours, or none that other sites show.
func (p *Pages) shown(page string) (lang string, part embedPart, slug string, err error) {
	rest, ours := strings.CutPrefix(page, p.site.BaseURL+"/")
	u, err := url.Parse(rest)
	if !ours || err != nil || u.IsAbs() || u.Host != "" {
		return "", "", "", register.ErrNotFound
	}
	steps := strings.Split(strings.Trim(strings.TrimPrefix(u.Path, "embed/"), "/"), "/")
	if len(steps) < 3 || !p.catalog.Known(steps[0]) || !IsSlug(steps[2]) {
		return "", "", "", register.ErrNotFound
	}
	switch part = embedTimeline; {
	case steps[1] == "statements":
		part = embedStatement
	case steps[1] != "incidents":
		return "", "", "", register.ErrNotFound
	case len(steps) > 3 && steps[3] == string(embedClock) || u.Fragment == "_clock":
		part = embedClock
	}
	return steps[0], part, steps[2], nil
}

// titleToEmbed is the title of the record that a part is of, and the slug that it
// has now.
func (p *Pages) titleToEmbed(ctx context.Context, lang string, part embedPart, slug string) (title, now string, err error) {
	t := register.TypeIncident
	if part == embedStatement {
		t = register.TypeStatement
	}
	h, err := p.records.History(ctx, t, slug)
	if moved, ok := errors.AsType[*register.MovedError](err); ok {
		h, err = p.records.History(ctx, t, moved.Slug)
	}
	if err == nil && h.MergedInto != "" {
		h, err = p.records.History(ctx, t, h.MergedInto)
	}
	if err != nil {
		return "", "", err
	}
	named, err := p.records.Names(ctx, []register.Ref{register.Ref(h.Reference)})
	if err != nil {
		return "", "", err
	}
	title, _, _ = named[register.Ref(h.Reference)].Name.In(register.Lang(lang))
	return i18n.Typeset(lang, title), h.Slug, nil
}

// embeddable leads programs to how other sites show a page (oEmbed, section 4). One
// of the two forms is enough; who prefers XML asks for it.
func (c *composer) embeddable(address string) views.FeedLink {
	return views.FeedLink{
		MediaType: "application/json+oembed",
		Href:      c.site.BaseURL + withQuery("/oembed", url.Values{"url": {c.site.BaseURL + address}, "format": {"json"}}),
	}
}
