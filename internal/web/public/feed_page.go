package public

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/assets"
	"github.com/sijil/sijil/views/ui"
)

// feedComposer composes a page of a feed.
type feedComposer struct {
	*composer
	about     exchange.FeedAbout
	slug      string // of the record that the feed is about; "" for none
	reference string
	after     string
	entries   []register.FeedEntry
	next      string
	named     map[register.Ref]register.Named
	// whole are the first editions with what they show, by reference.
	whole map[string]*register.PastEdition
}

// concerns reports whether an entry belongs to the feed: to that of an authority,
// if what was brought to it changed.
func (c *feedComposer) concerns(e *register.FeedEntry) bool {
	if c.about != exchange.FeedAuthority {
		return true
	}
	if e.Edition == nil {
		return e.Number == 0
	}
	return len(c.changes(e)) > 0
}

// feed is the page of the feed.
func (c *feedComposer) feed(ctx context.Context, format exchange.FeedFormat) (*exchange.Feed, error) {
	lang, base := c.loc.Lang(), c.site.BaseURL
	path := exchange.FeedPath(lang, c.about, c.slug, format)
	page := func(after string) string {
		if after == "" {
			return base + path
		}
		return base + withQuery(path, url.Values{"after": {after}})
	}
	name := "feeds/" + lang + "/" + string(c.about)
	if c.reference != "" {
		name += "/" + strings.ToLower(c.reference)
	}
	out := &exchange.Feed{
		ID:    exchange.TagURI(base, name),
		Title: c.loc.T("feed.title.all"), Subtitle: c.loc.T("feed.subtitle." + string(c.about)), Lang: lang,
		Updated: beforeAll, Register: c.loc.T("site.name"), Home: base + address(lang), Page: base + address(lang),
		Self: page(c.after), First: page(""), Hub: c.site.Hub, Icon: base + assets.Path(assets.Icon192),
	}
	if c.next != "" {
		out.Next = page(c.next)
	}
	if c.slug != "" {
		out.Title = c.loc.T("feed.title."+string(c.about), "name", c.nameOf(c.reference).S)
		out.Page = base + address(lang, c.section(), c.slug)
	}
	for i := range c.entries {
		item, err := c.item(ctx, &c.entries[i])
		if err != nil {
			return nil, err
		}
		if item.Updated.After(out.Updated) {
			out.Updated = item.Updated
		}
		out.Entries = append(out.Entries, item)
	}
	return out, nil
}

// section is the part of the site in which the record has its page.
func (c *feedComposer) section() string {
	if c.about == exchange.FeedIncident {
		return "incidents"
	}
	return "institutions"
}

// nameOf is what a record is called now, or else its reference.
func (c *feedComposer) nameOf(reference string) ui.Text {
	if named, ok := c.named[register.Ref(reference)]; ok {
		if name := c.text(named.Name); !name.IsZero() {
			return name
		}
	}
	return c.plain(reference)
}

// item is an entry as it is written out.
func (c *feedComposer) item(ctx context.Context, e *register.FeedEntry) (exchange.Item, error) {
	content := c.content(e)
	var body strings.Builder
	if err := views.FeedEntry(content).Render(ctx, &body); err != nil {
		return exchange.Item{}, fmt.Errorf("draw entry: %w", err)
	}
	out := exchange.Item{
		ID: exchange.TagURI(c.site.BaseURL, c.entryName(e)), Title: c.title(e), HTML: body.String(),
		Summary: content.Reason.S, Published: e.At, Updated: e.UpdatedAt(),
		Link:       c.site.BaseURL + recordAddress(c.loc.Lang(), e.Type, e.Slug),
		Categories: []exchange.Category{{Term: string(e.Type), Label: c.loc.T("feed.type." + string(e.Type))}},
	}
	if content.Reason.Foreign {
		out.SummaryLang = content.Reason.Lang
	}
	if e.Number > 0 && e.Gone == nil {
		out.Link = c.site.BaseURL + editionAddress(c.loc.Lang(), e.Type, e.Slug, e.Number)
	}
	if e.Edition != nil {
		out.Content = c.site.BaseURL + jsonAddress(e.Reference, e.Number)
		if kind := string(e.Edition.Correction); kind != "" {
			out.Categories = append(out.Categories, exchange.Category{Term: kind, Label: c.loc.Label("correction", kind)})
		}
	}
	return out, nil
}

// entryName names an entry for ever: what it is of, and in which language; of what
// was brought to an authority, also to whom. A departure is named by its moment,
// since a record may come back and go again.
func (c *feedComposer) entryName(e *register.FeedEntry) string {
	what := strconv.Itoa(e.Number)
	if e.Number == 0 {
		what = "gone-" + strconv.FormatInt(e.At.Unix(), 10)
	}
	name := "editions/" + strings.ToLower(e.Reference) + "/" + what + "/" + c.loc.Lang()
	if c.about == exchange.FeedAuthority {
		name += "/" + strings.ToLower(c.reference)
	}
	return name
}

// title says in a line what happened to what.
func (c *feedComposer) title(e *register.FeedEntry) string {
	name := c.nameOf(e.Reference).S
	switch {
	case e.Gone != nil && e.Gone.Into != "" && e.Number == 0:
		return c.loc.T("feed.merged", "reference", e.Reference, "name", c.nameOf(e.Gone.Into).S)
	case e.Gone != nil && e.Number == 0:
		return c.loc.T("feed.withdrawn", "reference", e.Reference)
	case e.Gone != nil:
		return c.loc.T("feed.of-withdrawn", "reference", e.Reference, "number", e.Number)
	case e.Removed != nil:
		return c.loc.T("feed.removed", "reference", e.Reference, "number", e.Number)
	case c.about == exchange.FeedAuthority:
		return c.loc.T("feed.referral", "name", name)
	case e.Number == 1:
		return c.loc.T("feed.new."+string(e.Type), "name", name)
	}
	return c.loc.T("feed.changed."+string(e.Type), "name", name, "number", e.Number)
}

// content is what an entry says. Of what is withdrawn or taken down it holds the
// public reason and nothing else.
func (c *feedComposer) content(e *register.FeedEntry) views.FeedContent {
	out := views.FeedContent{Loc: c.loc}
	switch {
	case e.Gone != nil:
		out.Notice, out.Reason = c.title(e), c.text(e.Gone.Notice)
		if e.Into != nil && e.Number == 0 && e.Gone.Into != "" {
			out.Link = ui.Link{Href: c.site.BaseURL + recordAddress(c.loc.Lang(), e.Into.Type, e.Into.Slug), Text: c.nameOf(e.Gone.Into)}
		}
		return out
	case e.Removed != nil:
		out.Notice, out.Reason = c.title(e), c.text(e.Removed.Reason)
		return out
	case e.Edition == nil: // taken down since the entry was read
		out.Notice = c.title(e)
		return out
	}
	out.Reason = c.text(e.Edition.Reason)
	if e.Edition.Correction != "" {
		out.Correction = c.loc.Label("correction", string(e.Edition.Correction))
	}
	whole := c.whole[e.Reference]
	switch {
	case e.Number == 1 && whole != nil && e.Type == register.TypeIncident:
		c.addIncident(&out, whole)
	case e.Number == 1 && whole != nil:
		c.addStatement(&out, whole)
	default:
		out.Changes = c.changes(e)
		if n := countLines(out.Changes); e.Before != nil && n > 0 {
			out.Count = c.loc.N("editions.differences", n, "from", e.Before.Number)
		}
	}
	return out
}

// addIncident adds all that a first edition shows of an incident.
func (c *feedComposer) addIncident(out *views.FeedContent, past *register.PastEdition) {
	edition := past.IncidentEdition()
	x := newIncidentComposer(newComposer(c.loc, c.site, Place{}), edition, edtf.DayOf(past.PublishedAt))
	x.remember(edition.Gone)
	out.Summary, out.Days = x.text(edition.Summary), x.timeline(register.TimelineFilter{}).Days
	out.Sources = x.sourceList(len(edition.SourceList)).First
}

// addStatement adds all that a first edition shows of a statement.
func (c *feedComposer) addStatement(out *views.FeedContent, past *register.PastEdition) {
	v := past.StatementView()
	x := newStatementComposer(newComposer(c.loc, c.site, Place{}), v)
	x.remember(v.Gone)
	out.Summary, out.Claims, out.Sources = x.text(v.Summary), x.claims(), x.sourceList(len(v.SourceList)).First
	for _, f := range x.facts() {
		text := f.Answer
		if f.Date.Text != "" {
			text = c.plain(f.Date.Text)
		}
		out.Facts = append(out.Facts, ui.Labelled{Label: f.Question.S, Text: text})
	}
	if v.OriginalText != "" {
		out.Texts = append(out.Texts, x.verbatim(v.OriginalLanguage, v.OriginalText))
	}
	for i := range v.Renderings {
		if r := &v.Renderings[i]; r.Text != "" {
			out.Texts = append(out.Texts, x.verbatim(r.Language, r.Text))
		}
	}
}

// changes are the differences of an entry from the edition before it, or all that
// the first one holds; in the feed of an authority, those of what was brought to it.
func (c *feedComposer) changes(e *register.FeedEntry) []views.DiffGroup {
	h := &historyComposer{composer: c.composer, history: &register.History{Type: e.Type}, named: c.named}
	before := e.Before
	if before == nil {
		before = &register.Edition{Content: register.Content{
			Incident: &register.Incident{}, Statement: &register.Statement{}, Institution: &register.Institution{},
		}}
	}
	if c.about != exchange.FeedAuthority {
		return h.changes(before, e.Edition)
	}
	brought := slices.Concat(c.brought(before), c.brought(e.Edition))
	list := slices.DeleteFunc(revision.Compare(before.Incident, e.Edition.Incident), func(x revision.Change) bool {
		return x.At.Part() != "referrals" || len(x.At.Items) == 0 || !slices.Contains(brought, x.At.Items[0].Key)
	})
	return h.differ(before, e.Edition).Groups(list)
}

// brought are the keys of the referrals of an incident to the authority of the feed.
func (c *feedComposer) brought(e *register.Edition) []string {
	var out []string
	if e.Incident == nil {
		return nil
	}
	for i := range e.Incident.Referrals {
		if r := &e.Incident.Referrals[i]; string(r.To) == c.reference {
			out = append(out, r.Key)
		}
	}
	return out
}
