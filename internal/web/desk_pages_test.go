package web_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// notLinked are the addresses of the desk that no page links to: those that a
// script asks for, that a mail leads to, and those for who is not signed in.
func notLinked() []string {
	return []string{
		"/{lang}/desk/mailbox", // the demonstration has it, and a test of its own
		"/{lang}/desk/login", "/{lang}/desk/forgot", "/{lang}/desk/setup", "/{lang}/desk/confirm", "/{lang}/desk/account/codes",
		"/{lang}/desk/reset/{token}", "/{lang}/desk/invitation/{token}", "/{lang}/desk/email/{token}",
		// scripts ask for these
		"/{lang}/desk/dates", "/{lang}/desk/incidents/new/duplicates",
	}
}

// deskPages are the patterns of the pages of the desk with the paths that they
// match; the pattern with the fewest named parts stands first.
var deskPages = sync.OnceValue(func() []deskPattern {
	var out []deskPattern
	for _, r := range web.Routes() {
		if r.IsDesk() && r.Method == http.MethodGet {
			form := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(r.Pattern), `[^/]+`)
			out = append(out, deskPattern{r.Pattern, regexp.MustCompile("^" + form + "$")})
		}
	}
	slices.SortStableFunc(out, func(a, b deskPattern) int {
		return cmp.Compare(strings.Count(a.pattern, "{"), strings.Count(b.pattern, "{"))
	})
	return out
})

type deskPattern struct {
	pattern string
	paths   *regexp.Regexp
}

// patternOf returns the pattern of the desk's route that answers GET on a path.
func patternOf(path string) string {
	for _, p := range deskPages() {
		if p.paths.MatchString(path) {
			return p.pattern
		}
	}
	return ""
}

// crawlDesk follows every link from the desk's home as a person and returns
// the paths that were reached, by the pattern of their route, in the order of
// their addresses.
func crawlDesk(t *testing.T, s *deskSite, email, lang string) map[string][]string {
	t.Helper()
	root := "/" + lang + "/desk"
	signedIn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		testkit.As(email)(r)
		s.ServeHTTP(w, r)
	})
	elsewhere := func(u *url.URL) bool {
		return !strings.HasPrefix(u.Path, root) || len(u.Query()) > 1 || strings.Contains(u.RawQuery, "after=")
	}
	reached := map[string][]string{}
	for target, a := range testkit.Crawl(t, signedIn, "http://sijil.test", elsewhere, root) {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		switch pattern := patternOf(u.Path); {
		case a.Status >= http.StatusInternalServerError:
			t.Errorf("%s as %s: status %d", target, email, a.Status)
		case pattern == "" && a.Status != http.StatusMethodNotAllowed:
			t.Errorf("%s as %s leads to no page: status %d", target, email, a.Status)
		case pattern != "" && a.Status >= 400:
			t.Errorf("%s as %s: status %d", target, email, a.Status)
		case pattern != "":
			reached[pattern] = append(reached[pattern], target)
		}
	}
	for _, targets := range reached {
		slices.Sort(targets)
	}
	return reached
}

// TestEveryDeskPageIsReached asks that links lead to every page of the desk,
// and that none leads to an error, for everybody who works there.
func TestEveryDeskPageIsReached(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	work(t, s)
	for _, email := range []string{testkit.Analyst, testkit.Editor} {
		crawlDesk(t, s, email, "ar")
	}
	reached := crawlDesk(t, s, testkit.Admin, "fr")
	for _, r := range web.Routes() {
		if r.IsDesk() && r.Method == http.MethodGet && len(reached[r.Pattern]) == 0 && !slices.Contains(notLinked(), r.Pattern) {
			t.Errorf("no link leads to %s", r.Pattern)
		}
	}
}

// work puts something in everybody's hands, so that no list is empty.
func work(t *testing.T, s *deskSite) {
	t.Helper()
	typedSomething(t, s)
	proposedSomething(t, s)
	sendChanges(t, s)
	attachSomething(t, s)
	capturedSomething(t, s)
	importedSomething(t, s)
	s.institution(t, "agence-nouvelle", "Agence nouvelle")
}

// TestDeskPagesInABrowser looks at a page of every route of the desk. A sample
// takes one language and one screen for each; the whole matrix all.
func TestDeskPagesInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Founding(t))
	work(t, s)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	reached := crawlDesk(t, s, testkit.Admin, "fr")
	patterns := make([]string, 0, len(reached))
	for pattern := range reached {
		patterns = append(patterns, pattern)
	}
	slices.Sort(patterns)
	for i, pattern := range patterns {
		if strings.Contains(pattern, "/documents/") || strings.HasSuffix(pattern, "/warc") {
			continue // a file or a picture is no page
		}
		path := longest(reached[pattern])
		for _, look := range looks(i) {
			t.Run(look.lang+pattern, func(t *testing.T) {
				t.Parallel()
				lookAtDesk(t, browser, server, "/"+look.lang+strings.TrimPrefix(path, "/fr"), look)
			})
		}
	}
}

// longest is the address with most in it: the deepest, and with a query last.
func longest(paths []string) string {
	return slices.MaxFunc(paths, func(a, b string) int {
		return strings.Count(b, "?") - strings.Count(a, "?")
	})
}

// look is a way of looking at a page.
type look struct {
	lang   string
	screen testkit.Screen
}

func looks(i int) []look {
	wide, narrow := screens()[0], screens()[2]
	if os.Getenv(wholeMatrix) != "whole" {
		return []look{{"fr", wide}, {"ar", narrow}}[i%2 : i%2+1]
	}
	var out []look
	for _, lang := range []string{"fr", "ar", "en"} {
		for _, screen := range screens() {
			out = append(out, look{lang, screen})
		}
	}
	return out
}

func lookAtDesk(t *testing.T, browser *testkit.Browser, server *httptest.Server, path string, look look) {
	t.Helper()
	tab := browser.Borrow(t, look.screen)
	tab.SignIn(server.URL, testkit.Admin)
	tab.Go(server.URL + path)
	shoot(t, tab, fmt.Sprintf("desk-%s-%v", strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"), look.screen))
	if wide := tab.Overflow(); wide != "" {
		t.Errorf("%s: scrolls sideways: %s", path, wide)
	}
	for _, v := range tab.Axe() {
		t.Errorf("%s: %v", path, v)
	}
	if n := testkit.Eval[int](tab, `document.querySelectorAll("h1").length`); n != 1 {
		t.Errorf("%s has %d h1", path, n)
	}
	if strangers := tab.Strangers(server.URL); len(strangers) > 0 {
		t.Errorf("%s asks other hosts: %v", path, strangers)
	}
	if complaints := tab.Complaints(); len(complaints) > 0 {
		t.Errorf("%s: the console says: %v", path, complaints)
	}
}
