package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

const (
	// colleagues is how many people work at the same time.
	colleagues = 8
	// samples is how often each of them asks for a page of each route.
	samples = 12
	// deskBudget and pickBudget are the times, in milliseconds, within which 95
	// of 100 answers are to be there on a quiet machine.
	deskBudget, pickBudget = 150, 50
)

// BenchmarkDesk measures every route of the desk, taken from the list of
// routes, in a register of 100,000 incidents, 20,000 drafts among them, while
// eight people work: for GET a page, for POST the form of a page as the page
// sends it. It prints a line for each, and reports the slowest.
//
//	go test -run '^$' -bench BenchmarkDesk -benchtime 1x -timeout 30m ./internal/web
func BenchmarkDesk(b *testing.B) {
	db := testkit.Founding(b)
	start := time.Now()
	testkit.Crowd(b, db, testkit.CrowdSize{Institutions: 20_000, Published: 80_000, Drafts: 18_000, InReview: 2_000})
	b.Logf("the register was made in %v", time.Since(start).Round(time.Second))
	s := newDeskSite(b, db)
	targets := benchTargets(b, s)
	for b.Loop() {
		slowest := 0.0
		for _, r := range web.Routes() {
			if !r.IsDesk() {
				continue
			}
			p95, count := measure(b, s, r, targets[r.Pattern])
			verdict, budget := "", float64(deskBudget)
			if strings.HasSuffix(r.Pattern, "/pick") {
				budget = pickBudget
			}
			if p95 > budget {
				verdict = fmt.Sprintf("over %.0f ms", budget)
			}
			b.Logf("%-5s %-58s %4d answers  p95 %7.1f ms %s", r.Method, r.Pattern, count, p95, verdict)
			slowest = max(slowest, p95)
		}
		b.ReportMetric(slowest, "slowest-p95-ms")
	}
}

// benchTargets are addresses for each pattern, found as a person finds them.
func benchTargets(tb testing.TB, s *deskSite) map[string][]string {
	tb.Helper()
	const enough = 3
	out := map[string][]string{}
	signedIn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		testkit.As(testkit.Admin)(r)
		s.ServeHTTP(w, r)
	})
	testkit.Crawl(tb, signedIn, "http://sijil.test", func(u *url.URL) bool {
		pattern := patternOf(u.Path)
		if !strings.HasPrefix(u.Path, "/fr/desk") || pattern == "" || len(out[pattern]) >= enough || len(u.Query()) > 1 {
			return true
		}
		if !slices.Contains(out[pattern], u.RequestURI()) {
			out[pattern] = append(out[pattern], u.RequestURI())
		}
		return false
	}, "/fr/desk")
	for pattern, example := range benchExamples() {
		out[pattern] = append(out[pattern], example)
	}
	return out
}

// benchExamples are addresses that no page links to.
func benchExamples() map[string]string {
	return map[string]string{}
}

// measure asks for a route's addresses as eight people at once, and returns
// the time within which 95 of 100 answers came.
func measure(b *testing.B, s *deskSite, r web.Route, targets []string) (p95 float64, answers int) {
	b.Helper()
	if len(targets) == 0 {
		targets = []string{example(r.Pattern)}
	}
	people := []string{testkit.Analyst, testkit.Editor, testkit.Editor2, testkit.Admin}
	var mu sync.Mutex
	var took []time.Duration
	var working sync.WaitGroup
	for i := range colleagues {
		working.Go(func() {
			for n := range samples {
				request := benchRequest(b, s, r, targets[(i+n)%len(targets)], people[i%len(people)])
				begin := time.Now()
				w := httptest.NewRecorder()
				s.ServeHTTP(w, request)
				spent := time.Since(begin)
				if w.Code >= http.StatusInternalServerError {
					b.Errorf("%s %s: status %d", r.Method, request.URL, w.Code)
				}
				mu.Lock()
				took = append(took, spent)
				mu.Unlock()
			}
		})
	}
	working.Wait()
	slices.Sort(took)
	return float64(took[len(took)*95/100].Microseconds()) / 1000, len(took)
}

// benchRequest is a request for a page, or with the form of that page as the
// browser would send it unchanged.
func benchRequest(b *testing.B, s *deskSite, r web.Route, target, person string) *http.Request {
	b.Helper()
	page := httptest.NewRequest(http.MethodGet, target, nil)
	testkit.As(person)(page)
	if r.Method == http.MethodGet {
		return page
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, page)
	fields := url.Values{"csrf": {testkit.CSRF}}
	if doc, err := goquery.NewDocumentFromReader(w.Body); err == nil {
		doc.Find(`form[method="post"]`).Each(func(_ int, form *goquery.Selection) {
			if form.AttrOr("action", target) == strings.Split(target, "?")[0] {
				collect(form, fields)
			}
		})
	}
	request := httptest.NewRequest(http.MethodPost, target, strings.NewReader(fields.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	testkit.As(person)(request)
	return request
}

// collect reads the fields of a form as a browser would send them.
func collect(form *goquery.Selection, fields url.Values) {
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, e *goquery.Selection) {
		name, kind := e.AttrOr("name", ""), e.AttrOr("type", "text")
		_, checked := e.Attr("checked")
		switch {
		case (kind == "checkbox" || kind == "radio") && !checked, kind == "file", kind == "submit":
		case goquery.NodeName(e) == "textarea":
			fields.Add(name, e.Text())
		case goquery.NodeName(e) == "select":
			fields.Add(name, e.Find("option[selected]").First().AttrOr("value", e.Find("option").First().AttrOr("value", "")))
		default:
			fields.Set(name, e.AttrOr("value", ""))
		}
	})
}
