package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/i18n"
)

// Marked is a text with what was searched for marked in it (mark).
type Marked struct {
	Text Text
	Hits []Span
}

// Span is a stretch of a text, in bytes.
type Span struct{ From, To int }

// Render writes the text as Text does, with marks; it makes Marked a component.
// A run of the other direction of writing stays one, wherever it is marked.
func (m Marked) Render(_ context.Context, w io.Writer) error {
	var out strings.Builder
	for at := 0; at < len(m.Text.S); {
		plain, run := cutRun(m.Text.S[at:], i18n.Dir(m.Text.Lang) == "rtl")
		m.write(&out, at, at+len(plain))
		at += len(plain)
		if run != "" {
			out.WriteString("<bdi>")
			m.write(&out, at, at+len(run))
			out.WriteString("</bdi>")
			at += len(run)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// write writes a stretch of the text with what is marked in it.
func (m Marked) write(out *strings.Builder, from, to int) {
	for _, h := range m.Hits {
		begin, end := max(h.From, from), min(h.To, to)
		if begin >= end {
			continue
		}
		out.WriteString(templ.EscapeString(m.Text.S[from:begin]))
		out.WriteString("<mark>" + templ.EscapeString(m.Text.S[begin:end]) + "</mark>")
		from = end
	}
	out.WriteString(templ.EscapeString(m.Text.S[from:to]))
}
