package web_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

const (
	// colleagues is how many people work at the same time.
	colleagues = 8
	// samples is how often each of them asks for a page of each route.
	samples = 12
	// pause is how long each of them rests between two requests, on average: far
	// shorter than people do.
	pause = 200 * time.Millisecond
	// deskBudget and pickBudget are the times, in milliseconds, within which 95
	// of 100 answers are to be there on a quiet machine.
	deskBudget, pickBudget = 150, 50
)

// BenchmarkDesk measures every route of the desk, taken from the list of
// routes, in a register of 100,000 incidents, 20,000 drafts among them, while
// eight people work: for GET a page, for POST the form of a page as the page
// sends it. Each route is a benchmark of its own, which reports the time within
// which 95 of 100 answers came, and its share of the time that it may take.
//
//	go test -run '^$' -bench BenchmarkDesk -benchtime 1x -timeout 30m ./internal/web
func BenchmarkDesk(b *testing.B) {
	db := testkit.Founding(b)
	testkit.Crowd(b, db, testkit.CrowdSize{Institutions: 20_000, Published: 80_000, Drafts: 18_000, InReview: 2_000})
	s := newDeskSite(b, db)
	targets := benchTargets(b, s)
	maps.Copy(targets, ownStatements(b, s))
	for _, r := range web.Routes() {
		if !r.IsDesk() {
			continue
		}
		budget := float64(deskBudget)
		if strings.HasSuffix(r.Pattern, "/pick") {
			budget = pickBudget
		}
		b.Run(r.Method+strings.TrimPrefix(r.Pattern, "/{lang}"), func(b *testing.B) {
			for b.Loop() {
				p95 := measure(b, s, r, targets[r.Pattern])
				b.ReportMetric(p95, "p95-ms")
				b.ReportMetric(p95/budget, "of-budget")
			}
			b.ReportMetric(0, "ns/op") // says nothing: it counts the pauses
		})
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
	maps.Copy(out, benchExamples())
	return out
}

// ownStatements gives each colleague an incident and a statement of his own, as
// large as those of the founding record, and returns the addresses at which he
// works on them: people who write to one record wait for each other, and nobody
// writes to one record forty times in a second, as all of them would here.
func ownStatements(b *testing.B, s *deskSite) map[string][]string {
	b.Helper()
	ctx, analyst := b.Context(), s.staff[testkit.Analyst]
	load := func(query string) editorial.Draft {
		var id register.Ref
		if err := s.db.Desk().QueryRow(ctx, query).Scan(&id); err != nil {
			b.Fatal(err)
		}
		draft, _, err := s.editorial.Load(ctx, analyst, id)
		if err != nil {
			b.Fatal(err)
		}
		draft.ID, draft.Version = "", 0
		return draft
	}
	statement := load(`SELECT record_id FROM desk.claims GROUP BY record_id ORDER BY count(*) DESC LIMIT 1`)
	incident := load(`SELECT record_id FROM desk.referral_steps GROUP BY record_id ORDER BY count(*) DESC LIMIT 1`)
	out := map[string][]string{}
	for i := range colleagues {
		statement.Statement.Slug, incident.Incident.Slug = fmt.Sprint("own-statement-", i), fmt.Sprint("own-incident-", i)
		made, err := s.editorial.Save(ctx, analyst, statement)
		if err != nil {
			b.Fatal(err)
		}
		incident.Incident.Statements = []register.Ref{made.ID}
		if _, err := s.editorial.Save(ctx, analyst, incident); err != nil {
			b.Fatal(err)
		}
		const claims, step = "/{lang}/desk/statements/{id}/claims", "/{lang}/desk/statements/{id}/step"
		address := "/fr/desk/statements/" + string(made.ID)
		out[claims] = append(out[claims], address+"/claims")
		out[step] = append(out[step], address+"/step?claim="+statement.Statement.Claims[0].Key)
	}
	return out
}

// benchExamples are addresses to which no page links, since scripts ask for
// them: as a person types, in each language.
func benchExamples() map[string][]string {
	query := func(path string, pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return path + "?" + v.Encode()
	}
	const pick, duplicates, dates = "/fr/desk/pick", "/fr/desk/incidents/new/duplicates", "/fr/desk/dates"
	return map[string][]string{
		"/{lang}/desk/pick": {
			query(pick, "type", "institution", "q", "cn"), query(pick, "type", "institution", "q", "cnss"),
			query(pick, "type", "institution", "q", "agence hopital"), query(pick, "type", "institution", "q", "الصندوق الوطني"),
			query(pick, "type", "institution", "q", "الاداره"), query(pick, "type", "institution", "q", "zzqx"),
			query(pick, "type", "incident", "q", "fuite"), query(pick, "type", "incident", "q", "fuite rabat 4711"),
			query(pick, "type", "incident", "q", "تسريب"), query(pick, "type", "incident", "q", "SJ-2025-0001"),
			query(pick, "type", "statement", "q", "communique"), query(pick, "type", "statement", "q", "بلاغ"),
		},
		"/{lang}/desk/incidents/new/duplicates": {
			query(duplicates, "title", "Fuite de données caisse Tanger 4712", "title-lang", "fr"),
			query(duplicates, "title", "Cyberattaque contre la CNSS", "url", "https://press.example/model"),
			query(duplicates, "title", "تسريب معطيات الصندوق الوطني للضمان الاجتماعي", "title-lang", "ar"),
		},
		"/{lang}/desk/dates": {query(dates, "typed", "8 avril 2025"), query(dates, "typed", "أبريل 2025"), query(dates, "typed", "2025-04~")},
	}
}

// measure asks for a route's addresses as eight people at once, and returns
// the time within which 95 of 100 answers came.
func measure(b *testing.B, s *deskSite, r web.Route, targets []string) (p95 float64) {
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
				time.Sleep(time.Duration(rand.Int64N(int64(2 * pause))))
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
	return float64(took[len(took)*95/100].Microseconds()) / 1000
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
