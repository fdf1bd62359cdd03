package public

import (
	"net/url"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// newPastIncidentPage composes the page of an incident as it could be known at
// the end of a day: what was not known yet is left out, what possibly was is
// marked, and clock and counters stand as of that day, by what was certain.
func newPastIncidentPage(loc *i18n.Localizer, site Site, k *register.Knowledge, f register.TimelineFilter, h *register.History, today edtf.Day, place Place) views.IncidentPage {
	base := newComposer(loc, site, place)
	base.past = k
	shown, certain := k.Shown(), k.Certain()
	c := newIncidentComposer(base, shown, k.Day)
	c.number = k.Numbers() // as on the page of now, by which entries are called
	for i := range c.whole.Entries {
		c.whole.Entries[i].Number = c.number[c.whole.Entries[i].Anchor]
	}
	c.keep = url.Values{"asof": {k.Day.String()}}
	p := c.page(f, register.NewClock(certain.Incident, certain.Statements, k.Day))
	p.Cite = nil
	p.AsOf = c.asOf(k, f, h, today)
	p.NoIndex, p.JSONLD = true, nil
	return p
}

func (c *incidentComposer) asOf(k *register.Knowledge, f register.TimelineFilter, h *register.History, today edtf.Day) *views.AsOf {
	page := c.place.bare(c.loc.Lang())
	link := func(day edtf.Day, key string) ui.Link {
		query := timelineQuery(f)
		query.Set("asof", day.String())
		text := c.loc.T(key, "date", day.Date().Text(c.loc.Lang(), edtf.Long))
		return ui.Link{Href: withQuery(page, query), Text: c.plain(text)}
	}
	out := &views.AsOf{
		Title: c.loc.T("asof.title", "date", k.Day.Date().Text(c.loc.Lang(), edtf.Full)),
		Rule:  c.loc.T("asof.rule"), Words: c.loc.T("asof.words"),
		Now:  ui.Link{Href: withQuery(page, timelineQuery(f)), Text: c.plain(c.loc.T("asof.now"))},
		Form: c.dayForm("asof", k.Day, today, timelineQuery(f)),
	}
	if c.whole.Total == 0 {
		out.Counts = append(out.Counts, c.loc.T("asof.nothing"))
	} else {
		out.Previous = link(k.Day.AddDays(-1), "asof.previous")
	}
	if n := k.Possible(); n > 0 {
		out.Counts = append(out.Counts, c.loc.N("asof.possible", n))
	}
	if n := k.LeftOut(); n > 0 {
		out.Counts = append(out.Counts, c.loc.N("asof.left-out", n))
	}
	if k.Day.Compare(today) < 0 {
		out.Next = link(k.Day.AddDays(1), "asof.next")
	}
	out.Recorded, out.History = c.recorded(h, k.Day)
	return out
}

// recorded says what this register had published of the record by the end of a
// day, which is another matter than what was known in the world.
func (c *composer) recorded(h *register.History, day edtf.Day) (text string, to ui.Link) {
	to = ui.Link{
		Href: withQuery(historyAddress(c.loc.Lang(), h.Type, h.Slug), url.Values{"by": {day.String()}}),
		Text: c.plain(c.loc.T("asof.history")),
	}
	if e, ok := h.On(day); ok {
		return c.loc.T("asof.recorded", "number", e.Number, "date", c.dayText(e)), to
	}
	first, _ := h.First()
	return c.loc.T("asof.recorded-none", "date", c.dayText(first)), to
}

func (c *composer) dayText(e register.EditionMark) string {
	return edtf.DayOf(e.PublishedAt).Date().Text(c.loc.Lang(), edtf.Long)
}

// dayForm asks for a day no later than today, and carries the query along.
func (c *composer) dayForm(name string, day, today edtf.Day, query url.Values) views.DayForm {
	out := views.DayForm{
		ID: "_" + name + "-day", Action: c.place.bare(c.loc.Lang()), Name: name, Value: day.String(), Max: today.String(),
		Label: c.loc.T("asof.day"), Submit: c.loc.T("asof.show"),
	}
	for _, key := range TimelineParams() {
		for _, value := range query[key] {
			out.Hidden = append(out.Hidden, views.HiddenField{Name: key, Value: value})
		}
	}
	return out
}

// perhaps says that a part of the page was possibly known on its day; "" for
// what was known, and on the page of now.
func (c *composer) perhaps(key string) string {
	if c.past == nil || c.past.Fact(key) != edtf.Possibly {
		return ""
	}
	return c.loc.T("asof.possibly")
}

// doubtful is a note, or in its place that the thing was possibly known.
func (c *composer) doubtful(key string, note ui.Text) ui.Text {
	if doubt := c.perhaps(key); doubt != "" {
		return c.plain(c.loc.Series(nonEmpty(capitalized(doubt), note.S)))
	}
	return note
}

// paraphrases are the claims of a statement, each under its topic.
func (c *incidentComposer) paraphrases(s *register.StatementEdition) []ui.Labelled {
	var out []ui.Labelled
	for i := range s.Claims {
		claim := &s.Claims[i]
		out = append(out, ui.Labelled{
			Label: c.loc.Label("topic", string(claim.Topic)), Text: c.text(claim.Paraphrase),
			Link: statementAddress(c.loc.Lang(), s.Slug) + "#" + claim.Key,
		})
	}
	return out
}
