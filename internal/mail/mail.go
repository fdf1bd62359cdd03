// Package mail writes the letters of the house in the language of whoever gets
// them, and sends them by SMTP. It decides neither who gets one nor when.
package mail

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// Letter is a mail as it is read: everything is said already, in one language.
type Letter struct {
	Lang, Dir  string
	Subject    string
	Greeting   string
	Paragraphs []string
	Quote      string // what a person wrote, as it was written
	Items      []Link
	Action     Link // the way to what the letter is about; no address: none
	Closing    string
}

// Link is an address with its words.
type Link struct {
	Label, Note, URL string
}

// Writer writes letters for one site.
type Writer struct {
	messages *i18n.Catalog
	base     string // public origin, without a slash at its end
}

// NewWriter returns a writer for the site at an origin such as
// https://sijil.example.
func NewWriter(messages *i18n.Catalog, base string) *Writer {
	return &Writer{messages: messages, base: base}
}

// Write makes a letter of a mail. What people typed is put on one line, except
// for a remark, and none of it can reach the mail's header.
func (w *Writer) Write(m register.Mail) Letter {
	l := w.messages.Localizer(string(m.Language))
	kind := string(m.Kind)
	title := inside(l, titleOf(l, m.Title))
	by := inside(l, oneLine(m.By))
	letter := Letter{
		Lang: l.Lang(), Dir: l.Dir(), Subject: oneLine(l.T("mail.subject."+kind, "title", title)),
		Greeting:   l.T("mail.greeting", "name", inside(l, oneLine(cmp.Or(m.Name, m.Address)))),
		Paragraphs: []string{l.T("mail.body."+kind, "title", title, "by", by)},
		Quote:      clean(m.Note, true),
		Closing:    l.T("mail.closing", "site", w.base),
	}
	letter.Paragraphs = append(letter.Paragraphs, w.details(l, m)...)
	for _, item := range m.Items {
		letter.Items = append(letter.Items, Link{
			Label: titleOf(l, item.Title), Note: l.N("mail.days", item.Days), URL: w.address(l, item.Path),
		})
	}
	if m.Path != "" {
		letter.Action = Link{Label: l.T("mail.action." + kind), URL: w.address(l, m.Path)}
	}
	return letter
}

// details are the sentences that only some mails have.
func (w *Writer) details(l *i18n.Localizer, m register.Mail) []string {
	var out []string
	if m.Device != "" {
		out = append(out, l.T("mail.device", "device", inside(l, oneLine(m.Device))))
	}
	if !m.At.IsZero() {
		out = append(out, l.T("mail.at", "when", moment(l, m.At)))
	}
	if !m.Until.IsZero() {
		out = append(out, l.T("mail.until", "when", moment(l, m.Until)))
	}
	if key := "mail.care." + string(m.Kind); l.Has(key) {
		out = append(out, l.T(key))
	}
	return out
}

func (w *Writer) address(l *i18n.Localizer, path string) string {
	return w.base + "/" + l.Lang() + path
}

// moment writes a day and a time of day in the register's zone.
func moment(l *i18n.Localizer, t time.Time) string {
	date, err := edtf.Parse(t.In(edtf.Location()).Format("2006-01-02T15:04Z07:00"))
	if err != nil {
		return t.UTC().Format(time.RFC3339)
	}
	return date.Text(l.Lang(), edtf.Long)
}

func titleOf(l *i18n.Localizer, t register.Text) string {
	text, _, found := t.In(register.Lang(l.Lang()))
	if !found {
		return l.T("mail.untitled")
	}
	return oneLine(text)
}

// Marks that keep a text of the other direction from turning what is around it.
const (
	isolate    = "\u2068"
	endIsolate = "\u2069"
)

// inside prepares a text for a place in a sentence.
func inside(l *i18n.Localizer, s string) string {
	if s == "" || l.Dir() == "ltr" && !strings.ContainsFunc(s, isArabic) {
		return s
	}
	return isolate + s + endIsolate
}

func isArabic(r rune) bool { return unicode.Is(unicode.Arabic, r) }

// oneLine is a text without what could begin a new line of a header.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s, false)), " ") }

// clean drops control characters, and keeps line breaks where they are wanted.
func clean(s string, lines bool) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s))
}

// Text is the letter without any mark-up.
func (l Letter) Text() string {
	parts := append([]string{l.Greeting}, l.Paragraphs...)
	if l.Quote != "" {
		parts = append(parts, "> "+strings.ReplaceAll(l.Quote, "\n", "\n> "))
	}
	for _, item := range l.Items {
		parts = append(parts, "- "+item.Label+" ("+item.Note+")\n  "+item.URL)
	}
	if l.Action.URL != "" {
		parts = append(parts, l.Action.Label+"\n"+l.Action.URL)
	}
	return strings.Join(append(parts, "-- \n"+l.Closing), "\n\n") + "\n"
}
