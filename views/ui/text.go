// Package ui holds the components that pages are made of, one templ each, with
// what makes it accessible in its comment. They know languages and directions
// but nothing of the domain: they are given plain texts, labels and addresses.
//
// Three rules hold for all of them. A text in another language than the page
// carries lang and dir. Nothing is told by colour alone: each kind, tag and
// precision has a shape and a written label. Decoration is hidden from assistive
// technology, and what it stands for is written.
package ui

import (
	"context"
	"io"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/i18n"
)

// Text is a run of text and its language. As a component it writes the text,
// escaped, with the words of the other direction of writing isolated (bdi), so
// that acronyms and references stay whole inside Arabic.
type Text struct {
	S    string
	Lang string
	// Foreign means that Lang is not the language of the page: the element
	// around the text must then carry Attrs.
	Foreign bool
}

// IsZero reports whether there is nothing to write.
func (t Text) IsZero() bool { return t.S == "" }

// Attrs are the lang and dir attributes of an element that holds a foreign
// text; none for a text in the language of the page.
func (t Text) Attrs() templ.Attributes {
	if !t.Foreign || t.S == "" {
		return nil
	}
	if t.Lang == "" {
		return templ.Attributes{"lang": "und", "dir": "auto"}
	}
	return templ.Attributes{"lang": t.Lang, "dir": i18n.Dir(t.Lang)}
}

// Paragraphs are the parts of the text that blank lines separate.
func (t Text) Paragraphs() []Text {
	if !strings.Contains(t.S, "\n\n") {
		return []Text{t}
	}
	var out []Text
	for s := range strings.SplitSeq(t.S, "\n\n") {
		out = append(out, Text{S: strings.TrimSpace(s), Lang: t.Lang, Foreign: t.Foreign})
	}
	return out
}

// Render writes the text; it makes Text a component.
func (t Text) Render(_ context.Context, w io.Writer) error {
	for s := t.S; s != ""; {
		plain, run := cutRun(s, i18n.Dir(t.Lang) == "rtl")
		if err := writeRun(w, plain, run); err != nil {
			return err
		}
		s = s[len(plain)+len(run):]
	}
	return nil
}

func writeRun(w io.Writer, plain, run string) error {
	out := templ.EscapeString(plain)
	if run != "" {
		out += "<bdi>" + templ.EscapeString(run) + "</bdi>"
	}
	_, err := io.WriteString(w, out)
	return err
}

// cutRun cuts off the text up to the end of its first run of the other
// direction of writing: Latin words in Arabic, Arabic words in Latin. run is
// empty when there is none.
func cutRun(s string, rtl bool) (plain, run string) {
	start := strings.IndexFunc(s, func(r rune) bool { return opposite(r, rtl) })
	if start < 0 {
		return s, ""
	}
	end := start
	for i, r := range s[start:] {
		if opposite(r, rtl) || end > start && unicode.IsDigit(r) && adjacent(s[end:start+i]) {
			end = start + i + len(string(r))
			continue
		}
		if !strings.ContainsRune(joiners, r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			break
		}
	}
	return s[:start], s[start:end]
}

// joiners may stand inside a run, between two of its words.
const joiners = " \u00a0,.-_/’'&@:"

// adjacent tells whether a digit belongs to the word before it: in "SJ-2025" or
// "Le360" it does, in "CNSS 2025" it may be a number of its own.
func adjacent(between string) bool { return strings.Trim(between, "-_/.0123456789") == "" }

func opposite(r rune, rtl bool) bool {
	if rtl {
		return unicode.Is(unicode.Latin, r)
	}
	return r >= 0x590 && unicode.In(r, unicode.Arabic, unicode.Hebrew) && unicode.IsLetter(r)
}
