package testkit

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Answer is what a handler answered, with its page.
type Answer struct {
	Target string // path and query
	Status int
	Header http.Header
	Body   string
	tb     testing.TB
	page   *goquery.Document
}

// Ask sends a GET request to a handler. The functions may change the request
// before it is sent.
func Ask(tb testing.TB, h http.Handler, target string, change ...func(*http.Request)) *Answer {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "http://sijil.test"+target, http.NoBody)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	r.RemoteAddr = "192.0.2.1:1234"
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	result := w.Result()
	body, err := io.ReadAll(result.Body)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	return &Answer{Target: target, Status: result.StatusCode, Header: result.Header, Body: string(body), tb: tb}
}

// Page is the HTML of the answer.
func (a *Answer) Page() *goquery.Document {
	a.tb.Helper()
	if a.page == nil {
		page, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		if err != nil {
			a.tb.Fatalf("testkit: %s: %v", a.Target, err)
		}
		a.page = page
	}
	return a.page
}

// Text is the text of what a selector finds, with single spaces.
func (a *Answer) Text(selector string) string {
	a.tb.Helper()
	return strings.Join(strings.Fields(a.Page().Find(selector).Text()), " ")
}

// Attr is an attribute of the first element that a selector finds, "" when
// there is none.
func (a *Answer) Attr(selector, name string) string {
	a.tb.Helper()
	return a.Page().Find(selector).First().AttrOr(name, "")
}

// Links lists the addresses, fragments included, to which the page leads or
// that it loads, absolute and each once.
func (a *Answer) Links(base *url.URL) []*url.URL {
	a.tb.Helper()
	here, err := base.Parse(a.Target)
	if err != nil {
		a.tb.Fatalf("testkit: %v", err)
	}
	var out []*url.URL
	seen := map[string]bool{}
	for selector, attribute := range map[string]string{
		"a[href], link[href], area[href], use[href]": "href", "img[src], script[src], iframe[src], source[src]": "src", "form[action]": "action",
	} {
		a.Page().Find(selector).Each(func(_ int, s *goquery.Selection) {
			link, err := here.Parse(s.AttrOr(attribute, ""))
			if err != nil {
				a.tb.Errorf("%s: link %q: %v", a.Target, s.AttrOr(attribute, ""), err)
				return
			}
			if !seen[link.String()] {
				seen[link.String()] = true
				out = append(out, link)
			}
		})
	}
	slices.SortFunc(out, func(x, y *url.URL) int { return strings.Compare(x.String(), y.String()) })
	return out
}

// Crawl follows the links of a site from the given paths and returns every
// answer by its path and query. Links that start with the base URL are the
// site's own. Redirects are answers, and are followed as links. What enough
// says of a target is not asked for: combinations of filters have no end.
func Crawl(tb testing.TB, h http.Handler, baseURL string, enough func(target *url.URL) bool, start ...string) map[string]*Answer {
	tb.Helper()
	base, err := url.Parse(baseURL)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	answers := map[string]*Answer{}
	for queue := slices.Clone(start); len(queue) > 0; {
		target := queue[0]
		queue = queue[1:]
		if answers[target] != nil {
			continue
		}
		answer := Ask(tb, h, target)
		answers[target] = answer
		links := answer.Header.Values("Location")
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			for _, link := range answer.Links(base) {
				links = append(links, link.String())
			}
		}
		for _, link := range links {
			if next, err := base.Parse(link); err == nil && next.Scheme == base.Scheme && next.Host == base.Host && !enough(next) {
				queue = append(queue, next.RequestURI())
			}
		}
	}
	return answers
}
