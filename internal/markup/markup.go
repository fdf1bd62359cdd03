// Package markup makes HTML of Markdown, and is the only maker of raw HTML in
// the program: what comes out of it may be written into a page as it is. HTML
// inside the Markdown is dropped, and so are addresses that would run a script;
// goldmark does both unless it is told otherwise, which it is not here.
package markup

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// HTML is markup that is safe to be written into a page. Only this package makes
// it.
type HTML string

// Document is a page of text: its title, the sentence or two it opens with, and
// the rest as HTML.
type Document struct {
	Title, Lead string // plain text
	Body        HTML
	// Sections are the headings of the second level that can be linked to.
	Sections []Section
}

// Section is a heading with its fragment.
type Section struct{ ID, Title string }

// Parse reads a document: a line "# Title", a paragraph, and the rest in
// Markdown, where "## Heading {#id}" begins a section. inline writes a run of
// plain text as HTML, escaped. It returns an error for a document without title
// or opening, and for a section without an id.
func Parse(source string, inline func(string) string) (Document, error) {
	head, rest, _ := strings.Cut(strings.TrimSpace(source), "\n\n")
	title, ok := strings.CutPrefix(head, "# ")
	lead, rest, more := strings.Cut(rest, "\n\n")
	if !ok || !more || lead == "" || strings.Contains(title, "\n") {
		return Document{}, fmt.Errorf("markup: a document is %q, a paragraph, and more, each after an empty line", "# Title")
	}
	raw := []byte(rest)
	md := goldmark.New(
		goldmark.WithParserOptions(parser.WithAttribute()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(runs{inline}, 100))),
	)
	root := md.Parser().Parse(text.NewReader(raw))
	sections, err := sectionsOf(root, raw)
	if err != nil {
		return Document{}, err
	}
	var out bytes.Buffer
	if err := md.Renderer().Render(&out, raw, root); err != nil {
		return Document{}, fmt.Errorf("markup: %w", err)
	}
	return Document{
		Title: title, Lead: oneLine(lead), Body: HTML(out.String()), Sections: sections,
	}, nil
}

func sectionsOf(root ast.Node, source []byte) ([]Section, error) {
	var out []Section
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		heading, ok := n.(*ast.Heading)
		if !ok || heading.Level != 2 {
			continue
		}
		title := plain(heading, source)
		id, ok := heading.AttributeString("id")
		name, isBytes := id.([]byte)
		if !ok || !isBytes {
			return nil, fmt.Errorf("markup: the section %q has no {#id}", title)
		}
		out = append(out, Section{ID: string(name), Title: title})
	}
	return out, nil
}

// plain is the text of a node and of what is in it.
func plain(n ast.Node, source []byte) string {
	var out strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			out.WriteString(unescape(t.Segment.Value(source)))
			continue
		}
		out.WriteString(plain(c, source))
	}
	return out.String()
}

// unescape turns the source of a run of text into what it says.
func unescape(source []byte) string {
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(source))))
}

// runs writes runs of text, and code, in a line or a block, which is read from left to right in every
// language.
type runs struct{ inline func(string) string }

// RegisterFuncs makes runs a renderer of goldmark.
func (r runs) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindText, r.text)
	reg.Register(ast.KindCodeSpan, r.code)
	reg.Register(ast.KindFencedCodeBlock, r.program)
}

func (r runs) text(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	t, ok := n.(*ast.Text)
	if !entering || !ok {
		return ast.WalkContinue, nil
	}
	out := r.inline(unescape(t.Segment.Value(source)))
	switch {
	case t.HardLineBreak():
		out += "<br>\n"
	case t.SoftLineBreak():
		out += "\n"
	}
	_, err := w.WriteString(out)
	return ast.WalkContinue, err
}

func (r runs) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, err := w.WriteString(`<code dir="ltr">` + string(util.EscapeHTML([]byte(plain(n, source)))) + `</code>`)
		return ast.WalkSkipChildren, err
	}
	return ast.WalkContinue, nil
}

// program writes a block of code, whose long lines are wrapped: what scrolls
// sideways is hard to read on a phone.
func (r runs) program(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	block, ok := n.(*ast.FencedCodeBlock)
	if !entering || !ok {
		return ast.WalkContinue, nil
	}
	var out strings.Builder
	for i := range block.Lines().Len() {
		line := block.Lines().At(i)
		out.Write(util.EscapeHTML(line.Value(source)))
	}
	language := util.EscapeHTML(block.Language(source))
	_, err := fmt.Fprintf(w, "<pre class=\"prewrap\" dir=\"ltr\"><code class=\"language-%s\">%s</code></pre>\n", language, out.String())
	return ast.WalkSkipChildren, err
}

// place is the name of a value in a text.
var place = regexp.MustCompile(`\{([a-z][a-z0-9-]*)\}`)

// Fill puts values, which are Markdown, in the places of their names: {days}.
// It returns an error that names each place without a value.
func Fill(source string, values map[string]string) (string, error) {
	var missing []string
	out := place.ReplaceAllStringFunc(source, func(name string) string {
		value, ok := values[name[1:len(name)-1]]
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("markup: no value for %s", strings.Join(missing, ", "))
	}
	return out, nil
}

// oneLine puts a text on one line. No-break spaces stay.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " ")
}

// Escape makes Markdown of a plain text that says just that.
func Escape(s string) string {
	var out strings.Builder
	for _, r := range oneLine(s) {
		if r < utf8.RuneSelf && util.IsPunct(byte(r)) { //nolint:gosec // it is below 0x80
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
