package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// sighting is what somebody sees of an answer, without what is another with each.
type sighting struct {
	status        int
	headers, body string
}

// see asks for an address as somebody.
func see(t *testing.T, h http.Handler, target string, change func(*http.Request)) sighting {
	t.Helper()
	a := testkit.Ask(t, h, target, func(r *http.Request) {
		if strings.HasPrefix(target, "/taxii2/") {
			r.Header.Set("Accept", "application/taxii+json;version=2.1")
		}
		change(r)
	})
	id := a.Header.Get("X-Request-Id")
	var lines []string
	for name, values := range a.Header {
		if name != "X-Request-Id" && name != "Date" && !strings.HasPrefix(name, "Ratelimit") && name != "Cache-Status" && name != "Age" {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(lines)
	body := a.Body
	if id != "" {
		body = strings.ReplaceAll(body, id, "ID")
	}
	return sighting{a.Status, strings.Join(lines, "\n"), body}
}

// nobody asks without a session.
func nobody(*http.Request) {}

// visitors are who asks at public addresses: nobody, people with a session of the
// desk, somebody with a session that is none, and a program.
func (a *aviary) visitors() map[string]func(*http.Request) {
	return map[string]func(*http.Request){
		"nobody": nobody, "an analyst": testkit.As(testkit.Analyst), "an editor": testkit.As(testkit.Editor), "an admin": testkit.As(testkit.Admin),
		"a wrong session": testkit.As("nobody@example.org"), "a program": with("Authorization", "Bearer "+a.token),
	}
}

// partOf finds the named parts of a pattern.
var partOf = regexp.MustCompile(`\{[a-z]+\}|\*$`)

// publicPatterns are the patterns of all public routes; what they are is asked of
// the routes, so that none is forgotten.
func publicPatterns() []web.Route {
	return slices.DeleteFunc(web.Routes(), func(r web.Route) bool { return r.IsDesk() || r.IsProgram() || r.Method != http.MethodGet })
}

// shown are values with which a part of a pattern leads to something that is
// published; none where the table has no line for it.
func (a *aviary) shown(t *testing.T, pattern, part string) []string {
	t.Helper()
	before, _, _ := strings.Cut(pattern, part)
	switch part {
	case "{lang}":
		if strings.Contains(pattern, "/exports/{id}") && !thorough() {
			return []string{"fr"} // they are long
		}
		return []string{"fr", "ar", "en"}
	case "{slug}":
		switch {
		case strings.Contains(before, "incidents"):
			return []string{"cnss-2025"}
		case strings.Contains(before, "statements"):
			return []string{"cnss-communique-1", "cnss-communique-2"}
		}
		return []string{"cndp"}
	case "{number}", "{position}":
		return []string{"1"}
	case "{name}":
		switch {
		case strings.HasPrefix(before, "/editions/"):
			return []string{"sj-2025-0001", "in-0001"}
		case strings.HasPrefix(before, "/taxii2/"):
			return a.collections(t)
		case strings.HasSuffix(before, "/cite/"):
			return []string{"bibtex"}
		case strings.HasPrefix(before, "/sitemaps/"):
			return []string{"pages"}
		}
		return []string{"years", "kinds", "sectors"}
	case "{id}":
		return a.identifiers(t, before)
	case "*":
		if strings.HasPrefix(before, "/log/") {
			return []string{"0/000.p/1", "entries/000.p/1", "0/000"}
		}
		return []string{"none.css"}
	case "{hash}":
		for target := range a.given {
			if hash, ok := strings.CutPrefix(target, before); ok {
				return []string{hash, register.HashOf([]byte("none"))}
			}
		}
	}
	t.Fatalf("%s: no value is known for %s", pattern, part)
	return nil
}

func (a *aviary) collections(t *testing.T) []string {
	t.Helper()
	found := regexp.MustCompile(`"id": ?"([0-9a-f-]{36})"`).FindStringSubmatch(see(t, a.fresh(t), "/taxii2/record/collections/", nobody).body)
	if found == nil {
		t.Fatal("there is no collection")
	}
	return found[1:]
}

func (a *aviary) identifiers(t *testing.T, before string) []string {
	t.Helper()
	switch {
	case before == "/exports/":
		dumps, err := a.records.Dumps(t.Context())
		if err != nil || len(dumps) == 0 {
			t.Fatalf("%d dumps, %v", len(dumps), err)
		}
		var out []string
		for _, d := range dumps {
			out = append(out, d.Name)
		}
		return out
	case strings.HasSuffix(before, "/exports/"):
		var out []string
		for _, f := range exchange.ExportFormats() {
			out = append(out, f.Name)
		}
		return out
	case strings.HasPrefix(before, "/api/v1/"):
		list := see(t, a.fresh(t), strings.TrimSuffix(before, "/")+"?limit=1", nobody).body
		var whole map[string]json.RawMessage
		if err := json.Unmarshal([]byte(list), &whole); err != nil {
			t.Fatal(err)
		}
		for _, part := range whole {
			var resources []struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(part, &resources) == nil && len(resources) > 0 {
				return []string{resources[0].ID}
			}
		}
	case strings.HasPrefix(before, "/taxii2/"):
		objects := see(t, a.fresh(t), before+"?limit=1", nobody).body
		if found := regexp.MustCompile(`"id": ?"([a-z-]+--[0-9a-f-]{36})"`).FindStringSubmatch(objects); found != nil {
			return found[1:]
		}
	}
	t.Fatalf("%s: nothing is listed", before)
	return nil
}

// values are those of parameters by which lists choose, order and page.
func values(name string) []string {
	return map[string][]string{
		"q": {"cnss", "mot", testkit.Canary}, "institution": {"cnss"}, "sector": {"social-protection", "other"},
		"kind":     {"information-content-security/data-leak", "malicious-code/infected-system", "statement", "communique", "social-fund", "other", "judicial"},
		"standing": {"confirmed", "suspected"}, "year": {"2025", "1871"}, "referral": {"none", "judicial"}, "official": {"yes"},
		"language": {"ar"}, "sort": {"published", "occurred", "title"}, "type": {"incident", "statement", "claim", "institution"},
		"order": {"newest"}, "asof": {"2025-04-12"}, "before": {"2"}, "by": {"2026-11-20"}, "from": {"1"}, "to": {"1"}, "theme": {"dark"},
		"url": {"http://sijil.test/fr/incidents/cnss-2025", "http://sijil.test/fr/incidents/" + testkit.Canary}, "format": {"xml"},
		"in": {"ar"}, "limit": {"5"}, "updated_since": {"2000-01-01"}, "lang": {"ar"}, "authority": {"cndp"}, "incident": {"cnss-2025"},
	}[name]
}

// surfaces are the addresses of everything that is public, by the patterns of their
// routes: in every language, with every parameter.
func (a *aviary) surfaces(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, r := range publicPatterns() {
		targets := []string{r.Pattern}
		for part := partOf.FindString(targets[0]); part != ""; part = partOf.FindString(targets[0]) {
			var next []string
			for _, target := range targets {
				for _, value := range a.shown(t, target, part) {
					next = append(next, strings.Replace(target, part, value, 1))
				}
			}
			targets = next
		}
		first := targets[0]
		for _, name := range r.Params {
			for _, value := range values(name) {
				targets = append(targets, first+"?"+url.Values{name: {value}}.Encode())
			}
		}
		if strings.HasSuffix(r.Pattern, "/objects/") {
			targets = append(targets, first+"?limit=500") // the newest are the last
		}
		out[r.Pattern] = targets
	}
	return out
}

// notHere are the routes of which the founding record has nothing to show.
func notHere() []string {
	return []string{
		"/log/timestamps", "/log/timestamps/{number}.tsr", "/log/timestamps/{number}.checkpoint", "/assets/*",
		"/log/openings/{position}.json", "/lang/{lang}", "/", "/security.txt", "/.well-known/security.txt", "/favicon.ico",
	}
}

// survey asks for all surfaces as somebody.
func survey(t *testing.T, h http.Handler, surfaces map[string][]string, change func(*http.Request), skip func(target string) bool) map[string]sighting {
	t.Helper()
	out := map[string]sighting{}
	for _, pattern := range slices.Sorted(maps.Keys(surfaces)) {
		for _, target := range surfaces[pattern] {
			if !skip(target) {
				out[target] = see(t, h, target, change)
			}
		}
	}
	return out
}

// otherLanguages is of what is asked for in French, too.
func otherLanguages(target string) bool {
	return strings.Contains(target, "/ar/") || strings.Contains(target, "/en/") || strings.HasSuffix(target, "card.png")
}

// chosen is of what is shown whole, too.
func chosen(target string) bool {
	return otherLanguages(target) || strings.Contains(target, "?") || strings.Contains(target, "/exports/") && !strings.HasSuffix(target, "/jsonl")
}

// thorough is whether everybody asks for everything, in every form.
func thorough() bool { return os.Getenv("SIJIL_TEST_CANARIES") == "all" }

func all(string) bool { return false }

// leaks says what of hidden records an answer shows, what was asked for aside.
func (a *aviary) leaks(target string, got sighting) []string {
	asked, _ := url.QueryUnescape(target)
	clean := func(s string) string {
		if strings.Contains(asked, testkit.Canary+"0") || !strings.Contains(asked, testkit.Canary) {
			return s
		}
		return regexp.MustCompile(testkit.Canary+`([^0-9]|$)`).ReplaceAllString(s, "")
	}
	return a.canaries.Shows(clean(got.headers) + "\n" + clean(got.body))
}

// differs says in what two answers differ; "" where they are the same.
func differs(a, b sighting) string {
	switch {
	case a.status != b.status:
		return fmt.Sprintf("status %d and %d", a.status, b.status)
	case a.headers != b.headers:
		return fmt.Sprintf("headers\n%s\nand\n%s", a.headers, b.headers)
	case a.body != b.body:
		for i := range min(len(a.body), len(b.body)) {
			if a.body[i] != b.body[i] {
				return fmt.Sprintf("bodies at byte %d: …%.80q and …%.80q", i, a.body[max(0, i-20):], b.body[max(0, i-20):])
			}
		}
		return fmt.Sprintf("bodies of %d and %d bytes", len(a.body), len(b.body))
	}
	return ""
}

// TestDraftsStayInTheDesk asks for everything that is public before and after
// drafts are hidden in the desk: nothing of any answer may have changed, for
// nobody, and nothing of a draft may be in it.
func TestDraftsStayInTheDesk(t *testing.T) {
	t.Parallel()
	a := newAviary(t)
	surfaces := a.surfaces(t)
	before := survey(t, a.fresh(t), surfaces, nobody, all)
	for _, pattern := range slices.Sorted(maps.Keys(surfaces)) {
		ok := func(target string) bool { return before[target].status < http.StatusMultipleChoices }
		if !slices.ContainsFunc(surfaces[pattern], ok) && !slices.Contains(notHere(), pattern) {
			t.Errorf("%s: none of %q shows anything, so that nothing is proved of it", pattern, surfaces[pattern])
		}
	}
	a.seed(t)
	a.hold(t, surfaces, before)
	a.handsOut(t)
	t.Run("hidden is as if it were not", func(t *testing.T) { a.asIfItWereNot(t) })
	a.sameWay(t)
	t.Run("control", func(t *testing.T) { a.control(t, surfaces, before) })
}

// hold compares what everybody sees with what was seen before.
func (a *aviary) hold(t *testing.T, surfaces map[string][]string, before map[string]sighting) {
	t.Helper()
	asked, first := 0, map[string]bool{}
	for _, targets := range surfaces {
		first[targets[0]] = true
	}
	for name, change := range a.visitors() {
		skip := func(target string) bool { return !first[target] }
		switch {
		case name == "nobody" || thorough():
			skip = all
		case name == "an editor":
			skip = chosen
		}
		for target, got := range survey(t, a.fresh(t), surfaces, change, skip) {
			asked++
			if found := a.leaks(target, got); len(found) > 0 {
				t.Errorf("%s as %s shows %v", target, name, found)
			}
			if d := differs(before[target], got); d != "" {
				t.Errorf("%s as %s is not what it was: %s", target, name, d)
			}
		}
	}
	t.Logf("%d routes, %d addresses, %d answers", len(surfaces), len(before), asked)
}

// control lets out what is hidden, once by a handler that leaks and once by
// publishing it: both must be noticed.
func (a *aviary) control(t *testing.T, surfaces map[string][]string, before map[string]sighting) {
	t.Helper()
	site := a.fresh(t)
	leaky := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</fr/incidents/"+a.hidden[len(a.hidden)-2]+"0001>; rel=prefetch "+testkit.Canary+"0001")
		site.ServeHTTP(w, r)
	})
	got := see(t, leaky, "/fr/incidents", nobody)
	if len(a.leaks("/fr/incidents", got)) == 0 || differs(before["/fr/incidents"], got) == "" {
		t.Error("a header that names a draft is not noticed")
	}
	_, err := a.editorial.PublishBundle(t.Context(), a.staff[testkit.Editor], a.sent, editorialNow())
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{
		"/fr/incidents/" + a.published, "/feeds/fr/incidents/" + a.published + ".atom", "/api/v1/incidents?q=" + a.word, "/fr/incidents?q=" + a.word,
	} {
		if got := see(t, site, target, nobody); got.status != http.StatusOK || len(a.leaks("", got)) == 0 {
			t.Errorf("%s, published: status %d", target, got.status)
		}
	}
	noticed := map[string]bool{}
	for pattern, targets := range surfaces {
		for _, target := range targets {
			if !otherLanguages(target) && len(a.leaks(target, see(t, site, target, nobody))) > 0 {
				noticed[pattern] = true
			}
		}
	}
	t.Logf("published, it is noticed on %d routes", len(noticed))
	for _, pattern := range []string{
		"/{lang}/", "/{lang}/incidents", "/{lang}/incidents.csv", "/api/v1/claims", "/feeds/{lang}/all.atom", "/sitemap.xml",
		"/{lang}/exports/{id}", "/taxii2/record/collections/{name}/objects/",
	} {
		if !noticed[pattern] {
			t.Errorf("%s: what is published is not noticed, so that nothing is proved of what is not", pattern)
		}
	}
}
