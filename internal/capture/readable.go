package capture

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

const (
	// deepestPage is how far elements may lie in each other.
	deepestPage = 400
	// leastArticle is how long the text of an article or of the main part must
	// be, in bytes, to be taken for the text of the page.
	leastArticle = 200
)

// article is what can be read of a page of the web.
type article struct{ Title, Text string }

// readable finds the title of a page and its text, a line for each block. It
// goes by what the page itself calls its main part, and else takes all but what
// surrounds it (navigation, header, footer, forms, what is hidden). It guesses
// no more than that: the text serves to see whether a page was changed, and a
// cleverer choice may leave out the very sentence that was.
//
// It runs in the worker: who wrote the page decides what it costs. One of 240 KB
// keeps the parser at work for a minute (each further <body> is compared with all
// attributes of those before it), and memory goes to 45 times the page.
func readable(page []byte, contentType string) (title, text string) {
	decoded, err := charset.NewReader(bytes.NewReader(page), contentType)
	if err != nil {
		return "", ""
	}
	root, err := html.Parse(decoded)
	if err != nil {
		return "", ""
	}
	r := &reader{}
	if n := r.find(root, func(n *html.Node) bool { return n.DataAtom == atom.Title && n.Namespace == "" }); n != nil {
		title = oneLine(r.text(n))
	}
	for _, is := range []func(*html.Node) bool{isMain, isArticle} {
		if n := r.find(root, is); n != nil {
			if text = r.text(n); len(text) >= leastArticle {
				return title, text
			}
		}
	}
	return title, r.text(root)
}

// isMain and isArticle are what a page calls its main part.
func isMain(n *html.Node) bool { return n.DataAtom == atom.Main || attribute(n, "role") == "main" }

func isArticle(n *html.Node) bool { return n.DataAtom == atom.Article }

// reader reads the text of a page, as deep as pages are.
type reader struct {
	out   strings.Builder
	depth int
}

// find returns the first element of a kind, in the order of the page.
func (r *reader) find(n *html.Node, is func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && is(n) {
		return n
	}
	if r.depth++; r.depth < deepestPage {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if found := r.find(c, is); found != nil {
				r.depth--
				return found
			}
		}
	}
	r.depth--
	return nil
}

// text is the text below a node: a line for each block, without empty ones.
func (r *reader) text(n *html.Node) string {
	r.out.Reset()
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.walk(c)
	}
	var lines []string
	for line := range strings.SplitSeq(r.out.String(), "\n") {
		if line = oneLine(line); line != "" {
			lines = append(lines, line)
		}
	}
	all := Tidy(strings.Join(lines, "\n"))
	if len(all) > maxText {
		all = strings.ToValidUTF8(all[:maxText], "")
	}
	return all
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (r *reader) walk(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		r.out.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		return
	case n.Type != html.ElementNode || isAside(n) || r.depth > deepestPage:
		return
	case n.DataAtom == atom.Br:
		r.out.WriteByte('\n')
		return
	}
	block := !isInline(n.DataAtom)
	if block {
		r.out.WriteByte('\n')
	}
	r.depth++
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.walk(c)
	}
	r.depth--
	if block {
		r.out.WriteByte('\n')
	}
}

// isAside reports whether an element is none of what the page says.
func isAside(n *html.Node) bool {
	aside := []atom.Atom{
		atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Head, atom.Nav, atom.Aside, atom.Footer, atom.Form, atom.Button,
		atom.Select, atom.Iframe, atom.Object, atom.Svg, atom.Canvas, atom.Video, atom.Audio, atom.Dialog, atom.Textarea,
	}
	if slices.Contains(aside, n.DataAtom) || attribute(n, "aria-hidden") == "true" {
		return true
	}
	if n.DataAtom == atom.Header { // of the site, not of an article
		return !under(n, isArticle) && !under(n, isMain)
	}
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" })
}

func under(n *html.Node, is func(*html.Node) bool) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if is(p) {
			return true
		}
	}
	return false
}

func isInline(a atom.Atom) bool {
	return a == 0 || slices.Contains([]atom.Atom{
		atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Cite, atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font, atom.I,
		atom.Img, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Q, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strong, atom.Sub,
		atom.Sup, atom.Time, atom.U, atom.Var, atom.Wbr,
	}, a)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
