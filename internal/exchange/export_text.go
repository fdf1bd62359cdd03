package exchange

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/markup"
	"github.com/sijil/sijil/internal/register"
)

// textFormats are timelines to be read, in the reader's language.
func textFormats() []ExportFormat {
	return []ExportFormat{
		textFormat("text", "text/plain; charset=utf-8", ".txt", plainStyle()),
		textFormat("markdown", "text/markdown; charset=utf-8", ".md", markdownStyle()),
	}
}

func textFormat(name, mediaType, extension string, style textStyle) ExportFormat {
	return ExportFormat{
		Name: name, MediaType: mediaType, Extension: extension, Translated: true,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) {
			return &listEncoder{w: w, between: "\n", write: func(x *register.ExportedIncident) ([]byte, error) {
				t := &timelineText{textStyle: style, about: about, lang: register.Lang(about.Words.Lang())}
				t.incident(x.IncidentEdition)
				return t.out.Bytes(), nil
			}}, nil
		},
	}
}

// textStyle is how a text marks its parts.
type textStyle struct {
	title, day, item, under string // before a line
	escape                  func(string) string
	link                    func(text, address string) string
}

func plainStyle() textStyle {
	return textStyle{
		item: "- ", under: "  ", escape: oneLine,
		link: func(text, address string) string { return text + " " + address },
	}
}

func markdownStyle() textStyle {
	return textStyle{
		title: "# ", day: "## ", item: "- ", under: "  ", escape: markup.Escape,
		link: func(text, address string) string {
			return "[" + text + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\\", "%5C").Replace(address) + ">)"
		},
	}
}

// Marks of direction (Unicode, UAX 9). The first letter of a line decides its
// direction: a line of Arabic that begins with a date or a Latin name needs a mark.
// What is in another language is isolated.
const (
	rightToLeftMark = "\u200f"
	firstIsolate    = "\u2068"
	popIsolate      = "\u2069"
)

// timelineText writes the timeline of an incident as text.
type timelineText struct {
	textStyle
	about   ExportAbout
	lang    register.Lang
	sources map[string]register.Source
	out     bytes.Buffer
}

func (t *timelineText) line(before string, parts ...string) {
	said := strings.Join(parts, "")
	if said == "" {
		return
	}
	t.out.WriteString(before)
	if i18n.Dir(string(t.lang)) == "rtl" {
		t.out.WriteString(rightToLeftMark)
	}
	t.out.WriteString(said)
	t.out.WriteByte('\n')
}

func (t *timelineText) blank() { t.out.WriteByte('\n') }

// text is a text in the reader's language, or isolated in another.
func (t *timelineText) text(of register.Text) string {
	s, lang, found := of.In(t.lang)
	if !found {
		return ""
	}
	if lang != t.lang {
		return t.foreign(s)
	}
	return t.escape(s)
}

// foreign is what may be of another direction.
func (t *timelineText) foreign(s string) string {
	if s == "" {
		return ""
	}
	return firstIsolate + t.escape(s) + popIsolate
}

func (t *timelineText) incident(e *register.IncidentEdition) {
	loc := t.about.Words
	t.sources = map[string]register.Source{}
	for _, s := range e.SourceList {
		t.sources[s.Key] = s
	}
	t.line(t.title, t.text(e.Title))
	t.blank()
	t.line("", t.escape(loc.T("exports.of", "reference", e.Reference, "edition", e.Edition,
		"date", edtf.DayOf(e.PublishedAt).Date().Text(loc.Lang(), edtf.Long))))
	t.blank()
	t.line("", t.foreign(pageOf(t.about, register.TypeIncident, e.Slug)+"/editions/"+strconv.Itoa(e.Edition)))
	t.blank()
	t.line("", "SHA-256: ", t.foreign(e.SHA256))
	t.blank()
	t.line("", t.text(e.Summary))
	last := "\x00"
	for _, entry := range register.NewTimeline(e.Incident, e.Statements).Entries {
		if when := t.when(entry.Dates); when != last {
			t.blank()
			t.line(t.day, when)
			t.blank()
			last = when
		}
		t.entry(&entry)
	}
}

// when says a date, whether it is disputed, and that it is not stated.
func (t *timelineText) when(ds register.Dates) string {
	loc := t.about.Words
	d, ok := ds.Preferred()
	said := d.EDTF.Text(loc.Lang(), edtf.Long)
	if ok && d.EDTF.IsZero() {
		if said = t.text(d.Wording); said != "" {
			return said
		}
	}
	if !ok || d.EDTF.IsZero() {
		said = loc.T("date.not-stated")
	}
	if ds.Disputed() {
		said += " (" + loc.T("date.disputed") + ")"
	}
	return t.escape(said)
}

func (t *timelineText) entry(e *register.Entry) {
	kind := t.escape(t.about.Words.Label("entry-kind", string(e.Kind)))
	t.line(t.item, kind, " — ", t.text(e.Title))
	if body := t.text(e.Body); body != "" {
		t.line(t.under, body)
	}
	for _, key := range e.Sources {
		s, ok := t.sources[key]
		if !ok {
			continue
		}
		name := t.foreign(s.Publisher)
		if s.Title != "" {
			name += ", " + t.foreign(s.Title)
		}
		if s.URL != "" {
			name = t.link(name, s.URL)
		}
		t.line(t.under+t.item, name)
	}
}
