package public

import (
	"maps"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

const timelineFragment = "#_timeline"

// timeline filters, orders and groups the entries, and notes which are shown.
func (c *incidentComposer) timeline(f register.TimelineFilter) views.Timeline {
	c.compact = f.Compact
	filtered := c.whole.Filter(f)
	for i := range filtered.Entries {
		c.shown[filtered.Entries[i].Anchor] = true
	}
	t := views.Timeline{
		Kinds: c.kindChips(f), Institutions: c.institutionChips(f), ByInstitution: len(f.Institutions) > 0,
		Orders: c.orders(f), Densities: c.densities(f), Compact: f.Compact,
		Empty: len(filtered.Entries) == 0 && c.whole.Total > 0,
		All:   c.timelineAddress(register.TimelineFilter{Compact: f.Compact}),
	}
	if len(filtered.Entries) < c.whole.Total {
		t.Shown = c.loc.N("timeline.shown", c.whole.Total, "shown", len(filtered.Entries))
	}
	for _, d := range filtered.Days() {
		t.Days = append(t.Days, c.day(d))
	}
	return t
}

// timelineAddress is where the timeline is filtered so. There are many of these
// links: they name the query alone, since the page stays the same.
func (c *incidentComposer) timelineAddress(f register.TimelineFilter) string {
	query := timelineQuery(f)
	maps.Copy(query, c.keep)
	if len(query) == 0 {
		return c.place.bare(c.loc.Lang()) + timelineFragment
	}
	return withQuery("", query) + timelineFragment
}

// kindChips are the filters by kind: one for all, one for each kind that has
// entries; following one that is on takes it off.
func (c *incidentComposer) kindChips(f register.TimelineFilter) []ui.Chip {
	all := f
	all.Kinds = nil
	chips := []ui.Chip{{
		Href:  c.timelineAddress(all),
		Label: c.loc.T("timeline.everything"), Count: c.loc.Number(int64(c.whole.Total)), Current: len(f.Kinds) == 0,
	}}
	for _, k := range register.EntryKinds() {
		if c.whole.Counts[k] == 0 && !f.Has(k) {
			continue
		}
		kind, to := c.entryKind(k), f
		to.Kinds = toggled(f.Kinds, k)
		chips = append(chips, ui.Chip{
			Href: c.timelineAddress(to), Kind: &kind, Label: kind.Label,
			Count: c.loc.Number(int64(c.whole.Counts[k])), Current: f.Has(k),
		})
	}
	return chips
}

// institutionChips are the filters by institution, those with most entries
// first; none where there is nothing to choose.
func (c *incidentComposer) institutionChips(f register.TimelineFilter) []ui.Chip {
	all := f
	all.Institutions = nil
	chips := []ui.Chip{{
		Href: c.timelineAddress(all), Label: c.loc.T("timeline.all-institutions"), Current: len(f.Institutions) == 0,
	}}
	for _, inst := range c.chosenFrom(f) {
		ref, to := register.Ref(inst.Reference), f
		to.Institutions = toggled(f.Institutions, inst.Slug)
		slices.Sort(to.Institutions)
		chips = append(chips, ui.Chip{
			Href: c.timelineAddress(to), Label: c.institutionText(ref).S,
			Count: c.loc.Number(int64(c.whole.About[ref])), Current: slices.Contains(f.Institutions, inst.Slug),
		})
	}
	if len(chips) < 3 {
		return nil
	}
	return chips
}

// chosenFrom are the institutions that entries are about, and those that the
// filter names.
func (c *incidentComposer) chosenFrom(f register.TimelineFilter) []register.InstitutionEdition {
	count := func(inst register.InstitutionEdition) int { return c.whole.About[register.Ref(inst.Reference)] }
	out := slices.DeleteFunc(slices.Clone(c.edition.Institutions), func(inst register.InstitutionEdition) bool {
		return count(inst) == 0 && !slices.Contains(f.Institutions, inst.Slug)
	})
	slices.SortStableFunc(out, func(a, b register.InstitutionEdition) int { return count(b) - count(a) })
	return out
}

// toggled is a list with one value more, or less when it was there.
func toggled[T comparable](list []T, v T) []T {
	out := slices.DeleteFunc(slices.Clone(list), func(have T) bool { return have == v })
	if len(out) == len(list) {
		out = append(out, v)
	}
	return out
}

func (c *incidentComposer) orders(f register.TimelineFilter) []ui.Option {
	newest := f.Order == register.NewestFirst
	oldestFirst, newestFirst := f, f
	oldestFirst.Order, newestFirst.Order = register.OldestFirst, register.NewestFirst
	return []ui.Option{
		{Href: c.timelineAddress(oldestFirst), Label: c.loc.T("timeline.oldest"), Current: !newest},
		{Href: c.timelineAddress(newestFirst), Label: c.loc.T("timeline.newest"), Current: newest},
	}
}

func (c *incidentComposer) densities(f register.TimelineFilter) []ui.Option {
	full, compact := f, f
	full.Compact, compact.Compact = false, true
	return []ui.Option{
		{Href: c.timelineAddress(full), Label: c.loc.T("timeline.full"), Current: !f.Compact},
		{Href: c.timelineAddress(compact), Label: c.loc.T("timeline.compact"), Current: f.Compact},
	}
}

func (c *incidentComposer) day(d register.Day) views.Day {
	date := c.date(d.Date, edtf.Full)
	date.Text = capitalized(date.Text)
	if !d.Exact && date.Mark != markBefore && date.Mark != markAfter { // those two the text says already
		date.Note = c.loc.Label("precision", date.Mark)
	}
	if d.Date.IsZero() {
		date.Text, date.Note = c.loc.T("timeline.undated"), ""
	}
	out := views.Day{Date: date, Count: c.loc.N("timeline.entries", len(d.Entries))}
	for i := range d.Entries {
		item := c.entry(&d.Entries[i])
		if item.Date.DateTime == date.DateTime { // the heading of the day says it to machines
			item.Date.DateTime = ""
		}
		if c.compact {
			item = brief(item)
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// brief is what a compact timeline shows of an entry.
func brief(e views.Entry) views.Entry {
	return views.Entry{
		Anchor: e.Anchor, Number: e.Number, Kind: e.Kind, Tags: e.Tags, Date: e.Date, Title: e.Title, Href: e.Href,
	}
}

// entry composes one entry; what only its kind has is added by the kind.
func (c *incidentComposer) entry(e *register.Entry) views.Entry {
	out := views.Entry{
		Anchor: e.Anchor, Number: "§\u00a0" + strconv.Itoa(e.Number), Kind: c.kindOf(e),
		Date: c.dates(e.Dates, edtf.DayMonth), Title: c.text(e.Title), Body: c.text(e.Body),
		Dispute: c.dispute(e.Dates), Cites: c.cites(e.Sources), Languages: c.languages(e.Sources),
	}
	if doubt := c.perhaps(e.Anchor); doubt != "" {
		out.Tags = append(out.Tags, ui.Tag{Shape: shapeNone, Label: doubt})
	}
	switch {
	case e.Event != nil:
		c.addEvent(&out, e.Event)
	case e.Statement != nil:
		c.addStatement(&out, e.Statement)
	case e.Measure != nil:
		c.addMeasure(&out, e)
	case e.Step != nil:
		c.addStep(&out, e)
	}
	return out
}

func (c *incidentComposer) addEvent(out *views.Entry, e *register.Event) {
	out.Tags = append(out.Tags, c.attestationTag(e.Attestation))
	for _, r := range e.RelatedBy {
		out.Facts = append(out.Facts, c.relating(r))
	}
	if len(e.RelatedBy) == 0 { // who relates a context event is who tells it
		out.SaidIn = c.said(e.SaidIn)
	}
	if e.Exposure != "" {
		out.Figures = c.figures(c.exposure(e.Exposure))
	}
	if e.Chain != nil {
		out.Chain = c.chain(*e.Chain)
	}
}

// relating says who relates a context event to the incident, and where.
func (c *incidentComposer) relating(r register.Relating) ui.Labelled {
	text := c.text(r.By)
	if note := c.text(r.Note); !note.IsZero() {
		text.S += c.loc.T("punctuation.colon") + note.S
	}
	return ui.Labelled{
		Label: c.loc.T("entry.related-by"), Text: text, Link: c.claimLink(r.SaidIn).Href, Cites: c.cites(r.Sources),
	}
}

func (c *incidentComposer) addStatement(out *views.Entry, s *register.StatementEdition) {
	out.Href = statementAddress(c.loc.Lang(), s.Slug)
	out.Tags = append(out.Tags, ui.Tag{Shape: shapePlain, Label: c.loc.Label("statement-kind", string(s.Kind))})
	if s.OriginalNotSeen {
		out.Tags = append(out.Tags, c.notSeenTag())
	}
	for i := range s.Claims {
		if claim := &s.Claims[i]; claim.OnTimeline {
			if quotes := c.quotes(s, claim); len(quotes) > 0 {
				out.Quotes = append(out.Quotes, quotes)
			}
		}
	}
	if c.past != nil && out.Body.IsZero() { // what was said in it, where the register's summary knows more
		out.Facts = append(out.Facts, c.paraphrases(s)...)
	}
	if s.Speaker != nil {
		out.Speaker = &views.Speaker{
			Name: c.text(s.Speaker.Name), Office: c.text(s.Speaker.Office), Occasion: c.text(s.Occasion),
		}
	}
}

// quotes are the wordings of a claim, the reader's language first. Where none
// is in his language, the register's paraphrase stands beside them.
func (c *composer) quotes(s *register.StatementEdition, claim *register.Claim) []ui.Quote {
	sorted := slices.Clone(claim.Quotes)
	slices.SortStableFunc(sorted, func(a, b register.Quote) int { return c.rank(a) - c.rank(b) })
	var out []ui.Quote
	for _, q := range sorted {
		out = append(out, c.quote(s, q))
	}
	if len(out) > 0 && c.rank(sorted[0]) > 0 {
		if p := c.text(claim.Paraphrase); !p.IsZero() && !p.Foreign {
			out = slices.Insert(out, 0, ui.Quote{Text: p, Caption: c.plain(c.loc.T("quote.paraphrase")), Translation: true, Own: true})
		}
	}
	return out
}

func (c *composer) rank(q register.Quote) int {
	if q.Language == c.lang {
		return 0
	}
	return 1
}

func (c *composer) quote(s *register.StatementEdition, q register.Quote) ui.Quote {
	out := ui.Quote{Text: c.quoted(q.Language, q.Text, q.Indirect), Translation: q.Translation}
	rendering := s.Rendering(q.Rendering)
	out.Caption = c.plain(c.quoteCaption(q, rendering))
	if rendering != nil {
		out.Cites = c.cites(rendering.Sources)
	}
	return out
}

// quoteCaption says in which language a passage was published, by which outlet,
// and whether as speech.
func (c *composer) quoteCaption(q register.Quote, r *register.Rendering) string {
	language := c.loc.Language(string(q.Language))
	named := r != nil && r.Publisher != ""
	switch {
	case q.Translation:
		return c.loc.T("quote.translation")
	case q.Indirect && named:
		return c.loc.T("quote.indirect-by", "language", language, "publisher", r.Publisher)
	case q.Indirect:
		return c.loc.T("quote.indirect", "language", language)
	case named:
		return c.loc.T("quote.published-by", "language", language, "publisher", r.Publisher)
	}
	return c.loc.T("quote.published", "language", language)
}

// quoted sets words between the quotation marks of their language, unless they
// have some already or are reported speech.
func (c *composer) quoted(lang register.Lang, words string, indirect bool) ui.Text {
	t := c.in(lang, words)
	if indirect || hasQuotationMarks(words) {
		return t
	}
	switch lang {
	case register.French:
		t.S = "«\u00a0" + t.S + "\u00a0»"
	case register.Arabic:
		t.S = "«" + t.S + "»"
	default:
		t.S = "“" + t.S + "”"
	}
	return t
}

func hasQuotationMarks(s string) bool {
	for _, r := range s {
		return r == '«' || r == '“' || r == '"' || r == '„'
	}
	return false
}

func (c *incidentComposer) addMeasure(out *views.Entry, e *register.Entry) {
	m := e.Measure
	out.Tags = append(out.Tags, c.attestationTag(attestation(e)))
	out.SaidIn = c.said(m.SaidIn)
	if by := c.text(m.ReportedBy); !by.IsZero() {
		fact := ui.Labelled{Label: c.loc.T("measure.reported-by"), Text: by}
		if len(out.SaidIn) == 1 { // one link says it once
			fact.Link, out.SaidIn = out.SaidIn[0].Href, nil
		}
		out.Facts = append(out.Facts, fact)
	}
	if names := c.institutionTexts(m.Institutions); !names.IsZero() {
		out.Facts = append(out.Facts, ui.Labelled{Label: c.loc.T("measure.taken-by"), Text: names})
	}
	if !m.DatesTaken && out.Date.Text != "" {
		out.Date.Note = c.loc.Series(nonEmpty(c.loc.T("measure.date-reported"), out.Date.Note))
	}
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, isEmpty)
}
