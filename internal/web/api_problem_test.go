package web_test

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/api"
)

// TestProblemsSayWhatToChange sends what is wrong, and reads what the API says of
// it in each language.
func TestProblemsSayWhatToChange(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	s := newAPISite(t, stage, "https://sijil.test")
	page := testkit.Ask(t, stage, "/en/data")
	for _, c := range []struct {
		target, kind, parameter, says string
		status                        int
	}{
		{"incidents?colour=red", "unknown-parameter", "colour", "institution, sector, kind", 400},
		{"incidents?kind=fraud&kind=other", "repeated-parameter", "kind", "once", 400},
		{"incidents?kind=nothing", "invalid-parameter", "kind", "“kind”", 400},
		{"incidents?sector=nothing", "invalid-parameter", "sector", "health", 400},
		{"incidents?standing=maybe", "invalid-parameter", "standing", "suspected", 400},
		{"incidents?referral=maybe", "invalid-parameter", "referral", "none", 400},
		{"incidents?limit=101", "invalid-parameter", "limit", "From 1 to 100", 400},
		{"incidents?limit=07", "invalid-parameter", "limit", "From 1 to 100", 400},
		{"incidents?fields=id,secret", "invalid-parameter", "fields", "published_at", 400},
		{"incidents?updated_since=yesterday", "invalid-parameter", "updated_since", "“updated_since”", 400},
		{"incidents?updated_since=2025-02-30", "invalid-parameter", "updated_since", "“updated_since”", 400},
		{"incidents?updated_since=2025-01-01&q=cnss", "conflicting-parameters", "updated_since", "“q”", 400},
		{"incidents?sort=relevance", "conflicting-parameters", "sort", "“q”", 400},
		{"incidents?institution=IN-9999", "no-such-record", "institution", "look it up", 400},
		{"incidents?institution=a'b", "invalid-parameter", "institution", "“institution”", 400},
		{"incidents?after=nonsense", "invalid-cursor", "after", "begin without it", 400},
		{"referrals?silent=31", "invalid-parameter", "silent", "“silent”", 400},
		{"statistics?from=2025&to=2024", "conflicting-parameters", "from", "“to”", 400},
		{"incidents?q=%00", "malformed-address", "", "NUL", 400},
		{"incidents?q=%ff", "malformed-address", "", "UTF-8", 400},
		{"incidents?q=" + strings.Repeat("x", 300), "invalid-parameter", "q", "“q”", 400},
		{"incidents/sj-2025-0001", "not-found", "", "same letters", 404},
		{"incidents/SJ-2025-0002", "not-found", "", "openapi.json", 404},
		{"claims/ST-2025-0001", "not-found", "", "openapi.json", 404},
	} {
		problem := decoded(t, s.ask(t, "/api/v1/"+c.target))
		if at(problem, "status") != float64(c.status) || at(problem, "type") != "https://sijil.test/en/data#"+c.kind ||
			c.parameter != "" && at(problem, "parameter") != c.parameter || !strings.Contains(at(problem, "detail").(string), c.says) {
			t.Errorf("%.60s: %v", c.target, problem)
		}
		for _, lang := range []string{"fr", "ar"} {
			separator := "?"
			if strings.Contains(c.target, "?") {
				separator = "&"
			}
			other := decoded(t, s.ask(t, "/api/v1/"+c.target+separator+"lang="+lang))
			if other["title"] == problem["title"] || other["type"] != problem["type"] {
				t.Errorf("%.60s in %s: %v", c.target, lang, other)
			}
		}
	}
	for _, kind := range api.Kinds() {
		if page.Page().Find("#"+string(kind)).Length() != 1 {
			t.Errorf("the page about data does not say what %s means", kind)
		}
	}
	if a := testkit.Ask(t, stage, "/api/v2/incidents"); a.Status != http.StatusNotFound || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("another version: %d %v", a.Status, a.Header)
	}
}

// TestFaultsOfTheAPIAreProblems: what fails behind it is no page, and keeps its
// inside.
func TestFaultsOfTheAPIAreProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		kind   string
		status int
	}{
		{register.ErrUnavailable, "unavailable", 503},
		{&register.WithdrawnError{Reference: "SJ-2025-0001", Notice: inWords("Erreur", "خطأ", "Mistake")}, "withdrawn", 410},
		{errors.New("secret"), "internal-error", 500},
	} {
		s := newStage(t)
		testkit.Ask(t, s, "/fr/") // the cache learns the generation
		s.records.fail(c.err)
		a := testkit.Ask(t, s, "/api/v1/incidents/SJ-2025-0001")
		problem := decoded(t, a)
		if a.Status != c.status || at(problem, "type") != "https://sijil.test/en/data#"+c.kind || strings.Contains(a.Body, "secret") {
			t.Errorf("%v: status %d, %v", c.err, a.Status, problem)
		}
		if (a.Header.Get("Retry-After") != "") != (c.status == 503) || (problem["request"] != nil) != (c.status == 500) {
			t.Errorf("%v: %v %v", c.err, a.Header, problem)
		}
	}
	s := newStage(t)
	if a := testkit.Ask(t, s, "/api/v1/incidents/SJ-2025-0009"); a.Status != http.StatusInternalServerError || strings.Contains(a.Body, "a secret") {
		t.Errorf("a panic: status %d, %s", a.Status, a.Body)
	}
}

// TestTheAPIIsForEveryOrigin asks as browsers of other sites do.
func TestTheAPIIsForEveryOrigin(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for range 2 { // the second from the cache
		a := testkit.Ask(t, s, "/api/v1/vocabularies", with("Origin", "https://elsewhere.example"))
		if a.Status != http.StatusOK || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" ||
			!strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "ETag") || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("status %d, %v", a.Status, a.Header)
		}
	}
	first := testkit.Ask(t, s, "/api/v1/vocabularies")
	again := testkit.Ask(t, s, "/api/v1/vocabularies", with("If-None-Match", first.Header.Get("ETag")))
	if again.Status != http.StatusNotModified || again.Body != "" || again.Header.Get("Access-Control-Allow-Origin") != "*" || first.Header.Get("ETag") == "" {
		t.Errorf("known already: status %d, %v", again.Status, again.Header)
	}
	preflight := testkit.Ask(t, s, "/api/v1/incidents/SJ-2025-0001", by(http.MethodOptions), with("Access-Control-Request-Headers", "if-none-match"))
	if preflight.Status != http.StatusNoContent || preflight.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" ||
		preflight.Header.Get("Access-Control-Allow-Headers") != "If-None-Match" {
		t.Errorf("preflight: status %d, %v", preflight.Status, preflight.Header)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, "BREW"} {
		a := testkit.Ask(t, s, "/api/v1/incidents", by(method))
		if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "GET, HEAD, OPTIONS" || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: status %d, %v", method, a.Status, a.Header)
		}
	}
	if a := testkit.Ask(t, s, "/fr/"); a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("RateLimit") != "" {
		t.Errorf("a page is for its own site: %v", a.Header)
	}
	if a := testkit.Ask(t, s, "/api/v1/incidents/"); a.Status != http.StatusMovedPermanently || a.Header.Get("Location") != "/api/v1/incidents" {
		t.Errorf("a slash too many: status %d to %q", a.Status, a.Header.Get("Location"))
	}
}

// TestNetworksAreLimited counts what each network asks, whatever it says it is,
// answers from memory among them.
func TestNetworksAreLimited(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(c *web.Config) {
		c.APIRate = 3
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	ask := func(peer, forwarded string) *testkit.Answer {
		return testkit.Ask(t, s, "/api/v1/vocabularies", func(r *http.Request) {
			r.RemoteAddr = peer + ":4711"
			if forwarded != "" {
				r.Header.Set("X-Forwarded-For", forwarded)
			}
		})
	}
	s.clock.Advance(20 * time.Second)
	for n, c := range []struct {
		peer, forwarded string
		status, left    int
	}{
		{"203.0.113.7", "", 200, 2},
		{"203.0.113.99", "198.51.100.1", 200, 1}, // the same network, whatever it says
		{"10.1.1.1", "203.0.113.8", 200, 0},      // through a proxy of ours
		{"203.0.113.7", "", 429, 0},
		{"203.0.114.7", "", 200, 2},
		{"10.1.1.1", "192.0.2.9, 203.0.113.9", 429, 0},
	} {
		a := ask(c.peer, c.forwarded)
		if a.Status != c.status || a.Header.Get("RateLimit") != `"network";r=`+strconv.Itoa(c.left)+`;t=40` || a.Header.Get("RateLimit-Policy") != `"network";q=3;w=60` {
			t.Errorf("%d: status %d, %q, %q", n, a.Status, a.Header.Get("RateLimit"), a.Header.Get("RateLimit-Policy"))
		}
		if c.status == 429 && (a.Header.Get("Retry-After") != "40" || at(decoded(t, a), "type") != "https://sijil.test/en/data#too-many-requests" ||
			a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%d: %v\n%s", n, a.Header, a.Body)
		}
	}
	s.clock.Advance(40 * time.Second)
	if a := ask("203.0.113.7", ""); a.Status != http.StatusOK {
		t.Errorf("in the next minute: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/"); a.Status != http.StatusOK {
		t.Errorf("pages are not limited: status %d", a.Status)
	}
}

// TestTheAnswersThatAreRefusedAreNotKept: an unknown parameter must not lead to
// the answer without it.
func TestTheAnswersThatAreRefusedAreNotKept(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, target := range []string{"/api/v1/vocabularies", "/api/v1/vocabularies?x=1", "/api/v1/vocabularies", "/api/v1/vocabularies?lang=", "/api/v1/vocabularies?lang=xx"} {
		a := testkit.Ask(t, s, target)
		wrong := strings.Contains(target, "x")
		if (a.Status == http.StatusBadRequest) != wrong || wrong && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, %v", target, a.Status, a.Header)
		}
	}
	var targets []string
	for _, r := range web.Routes() {
		if strings.HasPrefix(r.Pattern, "/api/") {
			targets = append(targets, r.Method+" "+r.Pattern)
		}
	}
	document := describedAPI(t, s)
	all := slices.Concat(document.Operations, document.Writing)
	for _, op := range all {
		if !slices.Contains(targets, op.Method+" "+op.Path) {
			t.Errorf("%s %s is described and has no route", op.Method, op.Path)
		}
	}
	if len(all) != len(targets) {
		t.Errorf("%d operations, %d routes", len(all), len(targets))
	}
}
