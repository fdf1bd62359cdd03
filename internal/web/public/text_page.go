package public

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/ui"
)

// text chooses the reader's language; another language, where his is missing,
// is marked as foreign.
func (c *composer) text(t register.Text) ui.Text {
	s, lang, found := t.In(c.lang)
	if !found {
		return ui.Text{}
	}
	return c.in(lang, s)
}

// in is a text in a language.
func (c *composer) in(lang register.Lang, s string) ui.Text {
	return ui.Text{S: i18n.Typeset(string(lang), s), Lang: string(lang), Foreign: lang != c.lang}
}

// plain is a text of the page's own language.
func (c *composer) plain(s string) ui.Text { return ui.Text{S: s, Lang: c.loc.Lang()} }

// other is the text in the language of the other script: Arabic for readers of
// French and English, French for those of Arabic. It is empty where the text
// has none, or where it is already what the reader is shown.
func (c *composer) other(t register.Text) ui.Text {
	want := register.Arabic
	if c.lang == register.Arabic {
		want = register.French
	}
	if t[want] == "" || t[c.lang] == "" {
		return ui.Text{}
	}
	return c.in(want, t[want])
}

// marks of precision, as ui.Date knows them.
const (
	markExact  = "exact"
	markKept   = "kept" // a day that is disputed, or that no source states
	markPart   = "part"
	markRange  = "range"
	markBefore = "before"
	markAfter  = "after"
	markAbout  = "about"
	markNone   = "none"
)

func precisionMark(d edtf.Date) string {
	switch {
	case d.IsZero():
		return markNone
	case d.OpenStart():
		return markBefore
	case d.OpenEnd():
		return markAfter
	case d.IsInterval():
		return markRange
	case d.Qualifier() != edtf.Exact:
		return markAbout
	case d.Precision() >= edtf.PrecisionDay:
		return markExact
	}
	return markPart
}

// date shows a date without saying how it is known.
func (c *composer) date(d edtf.Date, style edtf.Style) ui.Date {
	return ui.Date{Text: d.Text(c.loc.Lang(), style), DateTime: d.HTMLDateTime(), Mark: precisionMark(d)}
}

// dates shows the date by which a fact is ordered, and notes when sources
// disagree or when nobody stated it.
func (c *composer) dates(ds register.Dates, style edtf.Style) ui.Date {
	d, ok := ds.Preferred()
	if !ok {
		out := ui.Date{Mark: markNone}
		if ds.Disputed() {
			out.Note = c.loc.T("date.disputed")
		}
		return out
	}
	out := c.date(d.EDTF, style)
	if d.EDTF.IsZero() {
		out.Text = c.text(d.Wording).S
	}
	out.Note = c.dateNote(d, ds.Disputed())
	if out.Mark == markExact && (ds.Disputed() || !isStated(d)) {
		out.Mark = markKept
	}
	return out
}

// isStated reports whether a source itself gives the date.
func isStated(d register.DateAssertion) bool {
	return d.Basis == register.BasisStated || d.Basis == ""
}

func (c *composer) dateNote(d register.DateAssertion, disputed bool) string {
	var notes []string
	if wording := c.text(d.Wording).S; wording != "" && !d.EDTF.IsZero() {
		notes = append(notes, wording) // "in the evening": what the date itself cannot hold
	}
	if disputed {
		notes = append(notes, c.loc.T("date.disputed"))
	}
	if !isStated(d) && !d.EDTF.IsZero() {
		notes = append(notes, c.loc.Label("date-basis", string(d.Basis)))
	}
	return c.loc.Series(notes)
}

// bounded writes how a number is meant: about, over, under, or as given.
func (c *composer) bounded(number, bound string) string {
	if bound == "" {
		return number
	}
	return c.loc.T("figure-bound."+bound, "value", number)
}

// days says a delay: "1 jour", "0 à 9 jours", "—" when nothing is known.
func (c *composer) days(d edtf.Days) string {
	switch {
	case !d.Known:
		return "—"
	case d.Exact():
		return c.loc.N("days.exact", d.Min)
	case d.MaxOpen:
		return c.loc.N("days.at-least", d.Min)
	case d.MinOpen:
		return c.loc.N("days.at-most", d.Max)
	}
	return c.loc.N("days.range", d.Max, "min", d.Min)
}

// dispute shows all dates of a thing when there are several, the preferred one
// with its reason.
func (c *composer) dispute(ds register.Dates) *ui.Versions {
	if !ds.Disputed() {
		return nil
	}
	v := &ui.Versions{Title: c.loc.N("versions.dates", len(ds))}
	for _, d := range ds {
		what := c.plain(d.EDTF.Text(c.loc.Lang(), edtf.Long))
		if d.EDTF.IsZero() {
			what = c.text(d.Wording)
		}
		v.List = append(v.List, ui.Version{What: what, Kept: d.Preferred, Cites: c.cites(d.Sources)})
		if d.Preferred {
			v.Reason = c.text(d.Reason)
		}
	}
	return v
}

// cites refers to sources by their numbers on the page, in the order of the
// page; sources that the page does not list are left out.
func (c *composer) cites(keys []string) []ui.Cite {
	var out []ui.Cite
	for _, key := range keys {
		if n := c.numbers[key]; n > 0 {
			out = append(out, ui.Cite{Number: n, Publisher: c.sources[n-1].Publisher})
		}
	}
	return out
}

// said links to the statements that a fact rests on, each once, at the first of
// its claims that carry the fact. A second statement of the same party is named
// by its title, so that no two links read alike.
func (c *composer) said(refs []register.ClaimRef) []ui.Link {
	var out []ui.Link
	seen, named := map[register.Ref]bool{}, map[string]bool{}
	for _, r := range refs {
		l := c.claimLink(r)
		if l.Href == "" || seen[r.Statement] {
			continue
		}
		if named[l.Text.S] {
			l.Text = c.text(c.statement(r.Statement).Title)
		}
		seen[r.Statement], named[l.Text.S] = true, true
		out = append(out, l)
	}
	return out
}

// claimLink leads to a claim on the page of its statement, and is named by who
// speaks; it is empty when the page does not know the statement.
func (c *composer) claimLink(r register.ClaimRef) ui.Link {
	s := c.statement(r.Statement)
	if s == nil || s.Statement == nil {
		return ui.Link{}
	}
	href := statementAddress(c.loc.Lang(), s.Slug)
	if r.Claim != "" {
		href += "#" + r.Claim
	}
	return ui.Link{Href: href, Text: c.voice(s)}
}

// voice names whose claims those of a statement are: the institution where it
// is official, else the person who speaks, such as a member of a House.
func (c *composer) voice(s *register.StatementEdition) ui.Text {
	if !s.Official && s.Speaker != nil {
		return c.text(s.Speaker.Name)
	}
	return c.issuer(s)
}

// issuer names the institution that a statement comes from, shortly, or else
// whoever it is said to come from.
func (c *composer) issuer(s *register.StatementEdition) ui.Text {
	if inst := c.institution(s.Issuer); inst != nil && inst.Institution != nil {
		return c.text(inst.ShortName())
	}
	if name := c.text(s.IssuerName); !name.IsZero() {
		return name
	}
	return c.goneText(s.Issuer)
}

// institutionText names an institution shortly, or else in full.
func (c *composer) institutionText(ref register.Ref) ui.Text {
	if inst := c.institution(ref); inst != nil && inst.Institution != nil {
		return c.text(inst.ShortName())
	}
	return c.goneText(ref)
}

// institutionTexts names several institutions in one text; a name that exists
// only in another language stands among them as it is.
func (c *composer) institutionTexts(refs []register.Ref) ui.Text {
	var names []string
	for _, ref := range refs {
		if t := c.institutionText(ref); !t.IsZero() {
			names = append(names, t.S)
		}
	}
	return c.plain(c.loc.List(names))
}

// languages lists the languages of sources once each, in their order.
func (c *composer) languages(keys []string) string {
	seen := map[register.Lang]bool{}
	var names []string
	for _, key := range keys {
		n := c.numbers[key]
		if n == 0 {
			continue
		}
		if lang := c.sources[n-1].Language; lang != "" && !seen[lang] {
			seen[lang] = true
			names = append(names, c.loc.Language(string(lang)))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return c.loc.T("entry.languages", "list", c.loc.Series(names))
}

// capitalized begins a text with a capital, where the script has them.
func capitalized(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// isEmpty reports whether nothing but space is in a text.
func isEmpty(s string) bool { return strings.TrimSpace(s) == "" }
