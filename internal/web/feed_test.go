package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// feedPaths are feeds of all kinds, without language and format.
func feedPaths() []string {
	return []string{"all", "incidents/cnss-2025", "institutions/cnss", "authorities/cndp"}
}

// TestFeedsAreValid holds each feed, in each language and format, to the rules of
// its format, and follows its pages.
func TestFeedsAreValid(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.brought(t)
	s.correctedStatement(t)
	schema := jsonFeedSchema(t)
	for _, path := range feedPaths() {
		for _, lang := range register.Langs() {
			entries := 0
			for next := "/feeds/" + string(lang) + "/" + path + ".atom"; next != ""; {
				a := testkit.Ask(t, s, next)
				if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
					t.Fatalf("%s: status %d, %v", next, a.Status, a.Header)
				}
				feed := checkAtom(t, a)
				entries += len(feed.Entries)
				if feed.Lang != string(lang) || !strings.HasSuffix(feed.link("self"), next) {
					t.Errorf("%s is in %q, at %q", next, feed.Lang, feed.link("self"))
				}
				next = local(t, feed.link("next"))
			}
			items := 0
			for next := "/feeds/" + string(lang) + "/" + path + ".json"; next != ""; {
				a := testkit.Ask(t, s, next)
				value, err := jsonschema.UnmarshalJSON(strings.NewReader(a.Body))
				if err == nil {
					err = schema.Validate(value)
				}
				var feed struct {
					Items []struct{ ID, Language string }
					Next  string `json:"next_url"`
				}
				if err != nil || a.Status != http.StatusOK || json.Unmarshal([]byte(a.Body), &feed) != nil {
					t.Fatalf("%s: status %d, %v", next, a.Status, err)
				}
				items += len(feed.Items)
				next = local(t, feed.Next)
			}
			if entries == 0 || items != entries {
				t.Errorf("%s in %s: %d entries in Atom, %d in JSON", path, lang, entries, items)
			}
		}
	}
}

// brought publishes that a referral of the founding incident goes to an authority.
func (s *deskSite) brought(tb testing.TB) {
	tb.Helper()
	authority := s.recordAt(tb, register.TypeInstitution, "cndp")
	s.corrected(tb, register.TypeIncident, "cnss-2025", func(d *editorial.Draft) { d.Incident.Referrals[0].To = authority.ID })
}

// TestFeedsHavePages walks through a feed by small pages: all entries come, in the
// same order, each once.
func TestFeedsHavePages(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.brought(t)
	records := record.NewStore(store.Wrap(s.db.Public()))
	walk := func(most int) []string {
		var out []string
		for f := (register.FeedFilter{Most: most}); ; {
			list, err := records.Feed(t.Context(), f)
			if err != nil || len(list.Entries) > most {
				t.Fatalf("%d entries, %v", len(list.Entries), err)
			}
			for _, e := range list.Entries {
				out = append(out, e.Reference+"/"+itoa(e.Number))
			}
			if f.After = list.Next; f.After == "" {
				return out
			}
		}
	}
	whole, small := walk(1000), walk(3)
	if len(whole) < 7 || !slices.Equal(whole, small) {
		t.Errorf("whole: %v\nin pages: %v", whole, small)
	}
}

// local is an address of the site without its origin.
func local(tb testing.TB, address string) string {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	if address == "" {
		return ""
	}
	return u.RequestURI()
}

func jsonFeedSchema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "exchange", "testdata", "jsonfeed", "jsonfeed-1.1.schema.json"))
	if err != nil {
		tb.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("feed.json", document); err != nil {
		tb.Fatal(err)
	}
	schema, err := c.Compile("feed.json")
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// TestTwoParsersReadTheFeed has the feed read by gofeed and, where Debian's package
// is there, by Python's feedparser.
func TestTwoParsersReadTheFeed(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.correctedStatement(t)
	atom := testkit.Ask(t, s, "/feeds/ar/all.atom")
	want := checkAtom(t, atom)
	for _, path := range []string{"/feeds/ar/all.atom", "/feeds/ar/all.json"} {
		read, err := gofeed.NewParser().ParseString(testkit.Ask(t, s, path).Body)
		if err != nil || len(read.Items) != len(want.Entries) || read.Language != "ar" {
			t.Fatalf("gofeed reads %s: %v, %d entries of %d", path, err, len(read.Items), len(want.Entries))
		}
		for i, item := range read.Items {
			e := want.Entries[i]
			if item.GUID != e.ID || item.Title != e.Title || item.Link != e.Link || item.UpdatedParsed == nil || !item.UpdatedParsed.Equal(moment(t, e.Updated)) ||
				!strings.Contains(item.Content, `<div lang="ar" dir="rtl">`) {
				t.Errorf("gofeed reads of %s: %q %q %q", path, item.GUID, item.Title, item.Link)
			}
		}
	}
	const script = `import feedparser, json, sys
d = feedparser.parse(sys.stdin.buffer.read())
print(json.dumps({"faulty": bool(d.bozo), "version": d.version, "lang": d.feed.language, "entries": [[e.id, e.title, e.link, e.updated, e.content[0].type] for e in d.entries]}))`
	python := "/usr/bin/python3"
	if err := exec.CommandContext(t.Context(), python, "-c", "import feedparser").Run(); err != nil {
		t.Skip("no feedparser for Python (Debian: python3-feedparser): only one parser has read the feed")
	}
	command := exec.CommandContext(t.Context(), python, "-c", script)
	command.Stdin = strings.NewReader(atom.Body)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Faulty        bool
		Version, Lang string
		Entries       [][]string
	}
	if err := json.Unmarshal(out, &read); err != nil || read.Faulty || read.Version != "atom10" || read.Lang != "ar" || len(read.Entries) != len(want.Entries) {
		t.Fatalf("feedparser reads %v: %s", err, out)
	}
	for i, e := range want.Entries {
		if got := read.Entries[i]; !slices.Equal(got, []string{e.ID, e.Title, e.Link, e.Updated, "text/html"}) {
			t.Errorf("feedparser reads %q, want %+v", got, e)
		}
	}
}

// TestFeedsSayWhatChanged follows a register through a correction, a withdrawal and
// a change of what was brought to an authority.
func TestFeedsSayWhatChanged(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.brought(t)
	before := checkAtom(t, testkit.Ask(t, s, "/feeds/fr/incidents/cnss-2025.atom"))
	authority := checkAtom(t, testkit.Ask(t, s, "/feeds/en/authorities/cndp.atom"))
	if e := authority.Entries[0]; len(authority.Entries) != 1 || !strings.Contains(e.Content, "Referrals") || strings.Contains(e.Content, "<h3>Source") || !strings.Contains(e.ID, "/2/en/in-") {
		t.Errorf("what was brought to the authority is told as %+v", authority.Entries)
	}
	s.clock.Advance(time.Hour)
	s.correctedStatement(t)
	s.clock.Advance(2 * time.Second)
	first := testkit.Ask(t, s, "/feeds/fr/all.atom")
	feed := checkAtom(t, first)
	e := feed.Entries[0]
	if !strings.HasSuffix(e.ID, ":editions/"+strings.ToLower(s.recordAt(t, register.TypeStatement, "cnss-communique-1").Reference)+"/2/fr") ||
		!strings.Contains(e.Title, "Déclaration modifiée") || !strings.HasSuffix(e.Link, "/fr/statements/cnss-communique-1/editions/2") ||
		!strings.Contains(e.Content, "<del>série") || !strings.Contains(e.Content, "<ins>suite") || !strings.Contains(e.Content, "Correction de fond") {
		t.Errorf("the correction is told as %+v", e)
	}
	if len(feed.Entries) > 1 && strings.Contains(feed.Entries[1].ID, "/2/") {
		t.Errorf("what only follows is told, too: %s", feed.Entries[1].ID)
	}
	after := checkAtom(t, testkit.Ask(t, s, "/feeds/fr/incidents/cnss-2025.atom"))
	if after.Entries[0].ID != e.ID || after.Entries[1].ID != before.Entries[0].ID {
		t.Errorf("the feed of the incident tells %s, then %s", after.Entries[0].ID, after.Entries[1].ID)
	}
	if again := checkAtom(t, testkit.Ask(t, s, "/feeds/en/authorities/cndp.atom")); len(again.Entries) != len(authority.Entries) || again.Entries[0] != authority.Entries[0] {
		t.Error("the feed of the authority tells what is none of its matter")
	}
	for tag, value := range map[string]string{"If-None-Match": first.Header.Get("ETag"), "If-Modified-Since": first.Header.Get("Last-Modified")} {
		a := testkit.Ask(t, s, "/feeds/fr/all.atom", func(r *http.Request) { r.Header.Set(tag, value) })
		if value == "" || a.Status != http.StatusNotModified {
			t.Errorf("%s %q: status %d", tag, value, a.Status)
		}
	}
	s.clock.Advance(time.Hour)
	notice := inWords("Publié par erreur", "نُشر عن طريق الخطأ", "Published by mistake")
	head := s.recordAt(t, register.TypeStatement, "cnss-communique-1")
	id, err := s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{Record: head.ID, Notice: notice})
	s.confirmed(t, id, err)
	s.clock.Advance(2 * time.Second)
	a := testkit.Ask(t, s, "/feeds/fr/incidents/cnss-2025.atom", func(r *http.Request) { r.Header.Set("If-Modified-Since", first.Header.Get("Last-Modified")) })
	gone := checkAtom(t, a)
	if strings.Contains(a.Body, "suite d’attaques") || strings.Contains(a.Body, "a subi une série d’attaques, qu") {
		t.Error("the words of a withdrawn statement are still there")
	}
	if !strings.Contains(gone.Entries[0].Title, "retiré") || !strings.Contains(gone.Entries[0].Content, "Publié par erreur") {
		t.Errorf("the withdrawal is told as %+v", gone.Entries[0])
	}
	if n := len(gone.Entries); n < 2 || gone.Entries[1].ID != e.ID || gone.Entries[1].Updated != gone.Entries[0].Updated || !strings.Contains(gone.Entries[1].Content, "Publié par erreur") {
		t.Errorf("the edition that is gone is told as %+v", gone.Entries[1])
	}
}

// TestAFeedThatNamesWhatWasWithdrawnIsAnother: of the feed of an institution no entry is
// newer when another institution is withdrawn that is named in one. Who asks by time only
// is not told that he has it.
func TestAFeedThatNamesWhatWasWithdrawnIsAnother(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.brought(t)
	s.clock.Advance(time.Hour)
	ask := func(since string) *testkit.Answer {
		t.Helper()
		s.clock.Advance(2 * time.Second)
		return testkit.Ask(t, s, "/feeds/fr/institutions/cnss.atom", func(r *http.Request) { r.Header.Set("If-Modified-Since", since) })
	}
	first := ask("")
	since := first.Header.Get("Last-Modified")
	if same := ask(since); since == "" || same.Status != http.StatusNotModified {
		t.Errorf("before, Last-Modified %q: status %d", since, same.Status)
	}
	other := s.recordAt(t, register.TypeInstitution, "cndp")
	notice := inWords("Publié par erreur", "نُشر عن طريق الخطأ", "Published by mistake")
	id, err := s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{Record: other.ID, Notice: notice})
	s.confirmed(t, id, err)
	after := ask(since)
	if whole := ask(""); whole.Body == first.Body {
		t.Fatal("the feed names it still, or never did: this shows nothing")
	}
	if after.Status != http.StatusOK || after.Header.Get("Last-Modified") == since {
		t.Errorf("afterwards: status %d, Last-Modified %q as before", after.Status, after.Header.Get("Last-Modified"))
	}
}

func TestFeedAddresses(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.brought(t)
	for path, status := range map[string]int{
		"/feeds/fr/all.atom?after=nonsense": http.StatusBadRequest, "/feeds/de/all.atom": http.StatusNotFound,
		"/feeds/fr/incidents/none.atom": http.StatusNotFound, "/feeds/fr/incidents/cnss-2025": http.StatusNotFound,
		"/feeds/fr/statements/cnss-communique-1.atom": http.StatusNotFound, "/feeds/fr/authorities/cnss.json": http.StatusOK,
		"/feeds/ar/incidents/cnss-2025.json?unknown=1": http.StatusOK,
	} {
		if a := testkit.Ask(t, s, path); a.Status != status {
			t.Errorf("%s: status %d, want %d", path, a.Status, status)
		}
	}
	if a := testkit.Ask(t, s, "/feeds/ar/incidents/none.atom"); a.Attr("html", "lang") != "ar" {
		t.Errorf("the page of an error is in %q", a.Attr("html", "lang"))
	}
	for page, feeds := range map[string][]string{
		"/fr/":                    {"/feeds/fr/all.atom", "/feeds/fr/all.json"},
		"/ar/incidents/cnss-2025": {"/feeds/ar/incidents/cnss-2025.atom", "/feeds/ar/incidents/cnss-2025.json"},
		"/en/institutions/cndp":   {"/feeds/en/institutions/cndp.atom", "/feeds/en/authorities/cndp.json"},
	} {
		a := testkit.Ask(t, s, page)
		for _, feed := range feeds {
			if a.Page().Find(`head link[rel="alternate"][href="`+feed+`"][title]`).Length() != 1 {
				t.Errorf("%s does not lead programs to %s", page, feed)
			}
			if strings.HasSuffix(feed, ".atom") && a.Page().Find(`body a[href="`+feed+`"]`).Length() != 1 {
				t.Errorf("%s does not lead readers to %s", page, feed)
			}
		}
	}
}
