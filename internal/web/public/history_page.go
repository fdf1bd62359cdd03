package public

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// historyComposer composes the pages about the editions of a record.
type historyComposer struct {
	*composer
	history  *register.History
	contents map[int]register.Edition
	named    map[register.Ref]register.Named
}

// differencesOpen is up to how many differences are shown unfolded.
const differencesOpen = 8

func (c *historyComposer) page(shown []register.EditionMark, older int, day, today edtf.Day) views.HistoryPage {
	h := c.history
	p := views.HistoryPage{
		Head:    c.head(c.loc.T("editions.title"), c.loc.T("editions.lead")),
		Compare: c.compareForm(h.Current()-1, h.Current()),
		ByDay:   c.dayForm("by", today, today, nil),
		Verify:  c.loc.T("editions.verify-how"),
	}
	if h.MergedInto != "" {
		p.Notes = append(p.Notes, c.loc.T("editions.merged", "reference", h.Reference))
	}
	if !day.IsZero() {
		p.ByDay.Value = day.String()
		p.Notes = append(p.Notes, c.recordedNote(day))
	}
	for _, e := range shown {
		p.Editions = append(p.Editions, c.line(e))
	}
	if older > 0 {
		query := url.Values{"before": {strconv.Itoa(older)}}
		if !day.IsZero() {
			query.Set("by", day.String())
		}
		p.Older = ui.Link{Href: withQuery(c.place.bare(c.loc.Lang()), query), Text: c.plain(c.loc.T("editions.older"))}
	}
	p.Frame = c.aboutFrame(p.Head, c.loc.T("editions.crumb"))
	p.NoIndex = len(c.place.Query) > 0
	return p
}

// recordedNote says that only what was published by a day is shown.
func (c *historyComposer) recordedNote(day edtf.Day) string {
	date := day.Date().Text(c.loc.Lang(), edtf.Long)
	if _, ok := c.history.On(day); !ok {
		return c.loc.T("editions.by-none", "date", date)
	}
	return c.loc.T("editions.by", "date", date)
}

// head heads a page about the record.
func (c *historyComposer) head(title, lead string) views.RecordHead {
	h := c.history
	slug := h.Slug
	if h.MergedInto != "" {
		slug = h.MergedInto
	}
	return views.RecordHead{
		Rubric: h.Reference, Title: title, Lead: lead, About: c.text(c.titleOf()),
		Back: ui.Link{Href: recordAddress(c.loc.Lang(), h.Type, slug), Text: c.plain(c.loc.T("editions.back." + string(h.Type)))},
	}
}

// titleOf is what the record is called now, or was in the newest edition that
// the page has.
func (c *historyComposer) titleOf() register.Text {
	if named, ok := c.named[register.Ref(c.history.Reference)]; ok {
		return named.Name
	}
	newest := 0
	for n := range c.contents {
		newest = max(newest, n)
	}
	if e, ok := c.contents[newest]; ok {
		return titleOf(&e.Content)
	}
	return nil
}

// titleOf is what an edition calls its record.
func titleOf(e *register.Content) register.Text {
	switch {
	case e.Incident != nil:
		return e.Incident.Title
	case e.Statement != nil:
		return e.Statement.Title
	case e.Institution != nil:
		return e.Institution.NameText(register.NameOfficial)
	}
	return nil
}

func (c *historyComposer) aboutFrame(head views.RecordHead, crumb string) views.Frame {
	return c.frame(heading{
		title: head.Title + " · " + c.history.Reference, description: head.Lead, section: "/" + string(c.history.Type) + "s",
		crumbs: []ui.Link{{Href: head.Back.Href, Text: c.plain(c.history.Reference)}, {Text: c.plain(crumb)}},
	})
}

// compareForm chooses two editions; nil where there are not two.
func (c *historyComposer) compareForm(from, to int) *views.CompareForm {
	if len(c.history.Editions) < 2 {
		return nil
	}
	options := func(selected int) []views.Choice {
		var out []views.Choice
		for _, e := range c.history.Editions {
			label := c.loc.T("editions.option", "number", e.Number, "date", c.dayText(e))
			out = append(out, views.Choice{Value: strconv.Itoa(e.Number), Label: label, Selected: e.Number == selected})
		}
		return out
	}
	return &views.CompareForm{
		Action: address(c.loc.Lang(), string(c.history.Type)+"s", c.history.Slug, "compare"), From: options(from), To: options(to),
	}
}

// mark is an edition without its differences.
func (c *historyComposer) mark(e register.EditionMark) views.EditionLine {
	h := c.history
	out := views.EditionLine{
		Anchor: "e" + strconv.Itoa(e.Number), Current: e.Number == h.Current() && h.MergedInto == "",
		Title: ui.Link{Text: c.plain(c.loc.T("edition.title", "number", e.Number))},
		When:  c.moment(e.PublishedAt),
		Roles: c.loc.T("editions.roles",
			"author", c.loc.Label("account-role", string(e.AuthorRole)), "reviewer", c.loc.Label("account-role", string(e.ReviewerRole))),
		Reason: c.text(e.Reason), Hash: e.SHA256,
	}
	if e.Removed != nil {
		out.Reason = c.text(e.Removed.Reason)
		out.Removed = c.loc.T("editions.removed", "date", edtf.DayOf(e.Removed.At).Date().Text(c.loc.Lang(), edtf.Long))
		return out
	}
	out.Title.Href = editionAddress(c.loc.Lang(), h.Type, h.Slug, e.Number)
	out.JSON = jsonAddress(h.Reference, e.Number)
	out.Proof = out.Title.Href + proofAnchor
	if content, ok := c.contents[e.Number]; ok && content.Correction != "" {
		out.Correction = c.loc.Label("correction", string(content.Correction))
	}
	return out
}

// line is an edition with its differences from the one before.
func (c *historyComposer) line(e register.EditionMark) views.EditionLine {
	out := c.mark(e)
	after, there := c.contents[e.Number]
	earlier := before(c.history, e.Number)
	previous, had := c.contents[earlier]
	switch {
	case !there:
		return out
	case !had && e.Number > 1:
		out.None = c.loc.T("editions.none-before")
		return out
	case !had:
		out.None = c.loc.T("editions.first")
		return out
	}
	list := c.changes(&previous, &after)
	if same(&previous.Content, &after.Content) {
		out.Pins = c.repinned(previous.Pins, after.Pins)
	}
	switch {
	case len(list) == 0 && len(out.Pins) > 0:
		out.Carried = c.loc.T("editions.carried")
	case len(list) == 0:
		out.None = c.loc.T("editions.unchanged")
	default:
		out.Changes, out.Open = list, countLines(list) <= differencesOpen
		out.Summary = c.loc.N("editions.differences", countLines(list), "from", earlier)
	}
	return out
}

func countLines(groups []views.DiffGroup) int {
	n := 0
	for _, g := range groups {
		n += len(g.Lines)
	}
	return n
}

// same reports whether two editions hold the same of their own record: then the
// later one was only carried along by what it shows.
func same(a, b *register.Content) bool {
	return reflect.DeepEqual(a.Incident, b.Incident) && reflect.DeepEqual(a.Statement, b.Statement) &&
		reflect.DeepEqual(a.Institution, b.Institution)
}

// repinned leads to the editions of other records that an edition shows anew.
func (c *historyComposer) repinned(before, after []register.Pin) []ui.Link {
	var out []ui.Link
	for _, pin := range after {
		if slices.Contains(before, pin) {
			continue
		}
		text := c.loc.T("editions.pin", "name", pin.Reference, "number", pin.Number)
		link := ui.Link{Text: c.plain(text)}
		if named, ok := c.named[register.Ref(pin.Reference)]; ok {
			name := c.text(named.Name)
			link.Text = c.plain(c.loc.T("editions.pin", "name", name.S, "number", pin.Number))
			link.Href = editionAddress(c.loc.Lang(), named.Type, named.Slug, pin.Number)
		}
		out = append(out, link)
	}
	return out
}

// changes are the differences between two editions: those of the record, and
// those of the sources that it cites.
func (c *historyComposer) changes(before, after *register.Edition) []views.DiffGroup {
	f := c.differ(before, after)
	var list []revision.Change
	switch c.history.Type {
	case register.TypeIncident:
		list = revision.Compare(before.Incident, after.Incident)
	case register.TypeStatement:
		list = revision.Compare(before.Statement, after.Statement)
	case register.TypeInstitution:
		list = revision.Compare(before.Institution, after.Institution)
	}
	return append(f.Groups(list), f.Sources(after.Sources, before.Sources)...)
}

// differ writes differences between two editions, with what they name.
func (c *historyComposer) differ(before, after *register.Edition) *Differ {
	f := &Differ{
		Loc: c.loc, Titles: map[register.Ref]register.Text{}, Type: c.history.Type,
		Named: SourceNames(before.Sources, after.Sources),
	}
	for ref, named := range c.named {
		f.Titles[ref] = named.Name
	}
	return f
}

// comparison is the page of the differences between two editions.
func (c *historyComposer) comparison(a, b register.EditionMark) views.ComparePage {
	title := c.loc.T("editions.compare-title", "from", a.Number, "to", b.Number)
	p := views.ComparePage{
		Head: c.head(title, c.loc.T("editions.compare-lead")), Form: c.compareForm(a.Number, b.Number),
		From: c.mark(a), To: c.mark(b),
	}
	before, okA := c.contents[a.Number]
	after, okB := c.contents[b.Number]
	if okA && okB {
		p.Changes = c.changes(&before, &after)
		if len(p.Changes) == 0 {
			p.None = c.loc.T("editions.unchanged")
		}
	} else {
		p.None = c.loc.T("editions.gone")
	}
	p.Count = c.loc.N("editions.count", countLines(p.Changes))
	p.Frame = c.aboutFrame(p.Head, c.loc.T("editions.compare"))
	p.Breadcrumb = slices.Insert(p.Breadcrumb, len(p.Breadcrumb)-1, ui.Link{
		Href: historyAddress(c.loc.Lang(), c.history.Type, c.history.Slug), Text: c.plain(c.loc.T("editions.crumb")),
	})
	p.NoIndex = true
	return p
}

// jsonAddress is where the canonical JSON of an edition is, for every language.
func jsonAddress(reference string, number int) string {
	return fmt.Sprintf("/editions/%s/%d.json", url.PathEscape(strings.ToLower(reference)), number)
}
