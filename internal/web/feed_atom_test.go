package web_test

import (
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/testkit"
)

const atomSpace = "http://www.w3.org/2005/Atom"

type (
	atomElement struct {
		XMLName  xml.Name
		Attrs    []xml.Attr    `xml:",any,attr"`
		Text     string        `xml:",chardata"`
		Children []atomElement `xml:",any"`
	}
	atomDocument struct {
		Lang    string
		Links   map[string]string // by relation
		Updated string
		Entries []atomRead
	}
	atomRead struct{ ID, Title, Published, Updated, Content, Link string }
)

func (d *atomDocument) link(rel string) string { return d.Links[rel] }

func (e *atomElement) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e *atomElement) all(name string) []atomElement {
	var out []atomElement
	for _, c := range e.Children {
		if c.XMLName.Space == atomSpace && c.XMLName.Local == name {
			out = append(out, c)
		}
	}
	return out
}

// one is the text of the one child of a name, which must be there once.
func (e *atomElement) one(t *testing.T, name string) string {
	t.Helper()
	list := e.all(name)
	if len(list) != 1 {
		t.Errorf("%s has %d of %s", e.XMLName.Local, len(list), name)
		return ""
	}
	return strings.TrimSpace(list[0].Text)
}

// checkAtom holds a feed to RFC 4287: what must be there, and how often, what is a
// date, an IRI, a text.
func checkAtom(t *testing.T, a *testkit.Answer) *atomDocument {
	t.Helper()
	var root atomElement
	if err := xml.Unmarshal([]byte(a.Body), &root); err != nil {
		t.Fatalf("%s: %v", a.Target, err)
	}
	if root.XMLName != (xml.Name{Space: atomSpace, Local: "feed"}) {
		t.Fatalf("%s is %v", a.Target, root.XMLName)
	}
	out := &atomDocument{Lang: root.attr("lang"), Links: checkLinks(t, &root), Updated: root.one(t, "updated")}
	checkCommon(t, &root)
	authors := root.all("author") // 4.1.1: of the feed, or of each entry
	if len(authors) != 1 || authors[0].one(t, "name") == "" {
		t.Errorf("%s: %d authors", a.Target, len(authors))
	}
	seen := map[string]bool{}
	newest := time.Time{}
	for _, e := range root.all("entry") {
		checkCommon(t, &e)
		links := checkLinks(t, &e)
		read := atomRead{
			ID: e.one(t, "id"), Title: e.one(t, "title"), Published: e.one(t, "published"), Updated: e.one(t, "updated"),
			Content: e.one(t, "content"), Link: links["alternate"],
		}
		if seen[read.ID] { // 4.1.1 allows it with another time only; we have each once
			t.Errorf("%s: %s is there twice", a.Target, read.ID)
		}
		seen[read.ID] = true
		content := e.all("content")[0]
		if kind := content.attr("type"); kind != "html" || len(content.Children) > 0 || read.Content == "" { // 4.1.3.3
			t.Errorf("%s: content of %s has type %q and %d elements", a.Target, read.ID, kind, len(content.Children))
		}
		published, updated := moment(t, read.Published), moment(t, read.Updated)
		if updated.Before(published) {
			t.Errorf("%s: %s was updated before it was published", a.Target, read.ID)
		}
		if updated.After(newest) {
			newest = updated
		}
		for _, c := range e.all("category") {
			if c.attr("term") == "" {
				t.Errorf("%s: a category without a term", a.Target)
			}
		}
		out.Entries = append(out.Entries, read)
	}
	if at := moment(t, out.Updated); len(out.Entries) > 0 && !at.Equal(newest) {
		t.Errorf("%s was updated at %v, its newest entry at %v", a.Target, at, newest)
	}
	return out
}

// checkCommon checks what feeds and entries have alike.
func checkCommon(t *testing.T, e *atomElement) {
	t.Helper()
	id := e.one(t, "id") // 4.2.6: an IRI, absolute
	if u, err := url.Parse(id); err != nil || u.Scheme != "tag" {
		t.Errorf("%q is no tag: %v", id, err)
	}
	if e.one(t, "title") == "" {
		t.Error("a title is empty")
	}
	for _, name := range []string{"title", "subtitle", "summary"} { // 3.1.1
		for _, c := range e.all(name) {
			if kind := c.attr("type"); kind != "text" || len(c.Children) > 0 {
				t.Errorf("%s has type %q and %d elements", name, kind, len(c.Children))
			}
		}
	}
	moment(t, e.one(t, "updated"))
	for _, c := range e.Children {
		if c.XMLName.Space != atomSpace {
			t.Errorf("%v is not of Atom", c.XMLName)
		}
	}
}

// checkLinks checks links, and gives them by their relation.
func checkLinks(t *testing.T, e *atomElement) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, l := range e.all("link") {
		href := l.attr("href")
		if u, err := url.Parse(href); err != nil || !u.IsAbs() || u.Host == "" {
			t.Errorf("a link leads to %q", href)
		}
		if kind := l.attr("type"); kind != "" && !strings.Contains(kind, "/") {
			t.Errorf("a link has type %q", kind)
		}
		if _, twice := out[l.attr("rel")]; twice { // 4.1.1: alternates differ in type or language; we have one
			t.Errorf("two links are %q", l.attr("rel"))
		}
		out[l.attr("rel")] = href
	}
	if out["alternate"] == "" || e.XMLName.Local == "feed" && out["self"] == "" {
		t.Errorf("%s leads to %v", e.XMLName.Local, out)
	}
	return out
}

// moment is a date as RFC 3339 and RFC 4287 (3.3) write it.
func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || strings.ToUpper(s) != s {
		t.Errorf("%q is no date: %v", s, err)
	}
	return at
}
