package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/pagecache"
	"github.com/sijil/sijil/views/assets"
)

func TestPagesAnswerInTheLanguageOfTheirAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for lang, dir := range map[string]string{"fr": "ltr", "ar": "rtl", "en": "ltr"} {
		for _, path := range []string{"/", "/incidents", "/incidents/cnss-2025", "/institutions/cnss", "/statements/communique", "/method", "/imprint"} {
			a := testkit.Ask(t, s, "/"+lang+path, with("Accept-Language", "de"))
			if a.Status != http.StatusOK || a.Attr("html", "lang") != lang || a.Attr("html", "dir") != dir {
				t.Errorf("%s: status %d, lang %q, dir %q", a.Target, a.Status, a.Attr("html", "lang"), a.Attr("html", "dir"))
			}
			if a.Header.Get("Content-Language") != lang || len(a.Header["Set-Cookie"]) > 0 || a.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: headers %v", a.Target, a.Header)
			}
		}
	}
}

func TestSecurityHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self' " + assets.ThemeSource() + "; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	}
	s := newStage(t)
	for _, target := range []string{"/", "/fr/", "/fr/incidents/cnss-2025", "/fr/nothing", "/healthz", "/robots.txt", "/lang/ar", "/fr/incidents?year=x", "/fr"} {
		for range 2 { // the second from the cache
			a := testkit.Ask(t, s, target)
			for name, value := range want {
				if a.Header.Get(name) != value {
					t.Errorf("%s: %s is %q", target, name, a.Header.Get(name))
				}
			}
		}
	}
	plain := newStage(t, func(c *web.Config) { c.BaseURL = "http://localhost:8080/" })
	if a := testkit.Ask(t, plain, "/fr/"); a.Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over plain http")
	}
}

// TestBadInput sends what no link of the register can have made: the right
// page, in the reader's language, and never a fault of ours.
func TestBadInput(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	for _, c := range []struct {
		target string
		status int
		lang   string
	}{
		{"/de/incidents", 404, "en"},
		{"/FR/incidents", 404, "en"},
		{"/Fr/", 404, "en"},
		{"/fra/", 404, "en"},
		{"/fr/incident", 404, "fr"},
		{"/ar/incidents/no-such-record", 404, "ar"},
		{"/fr/institutions/none", 404, "fr"},
		{"/en/statements/none", 404, "en"},
		{"/fr/incidents/CNSS-2025", 404, "fr"},
		{"/fr/incidents/..%2f..%2fetc", 404, "fr"},
		{"/fr/incidents/cnss%2F2025", 404, "fr"},
		{"/ar/incidents/a/b", 404, "ar"},
		{"/fr/incidents/" + strings.Repeat("a", 200), 404, "fr"},
		{"/fr/incidents/%D8%AA%D8%B3%D8%B1%D9%8A%D8%A8", 404, "fr"},
		{"/fr/desk/", 404, "fr"},
		{"/wp-login.php", 404, "en"},
		{"//evil.example/", 404, "en"},
		{"//evil.example/%2e%2e", 404, "en"},
		{"/fr//incidents", 404, "fr"},
		{"/lang/xx", 404, "en"},
		{"/lang/FR", 404, "en"},
		{"/assets/none.css", 404, "en"},
		{"/assets/", 404, "en"},
		{"/assets/../../etc/passwd", 404, "en"},
		{"/en%2Fincidents", 404, "en"},
		{"/fr/incidents%2Fcnss-2025", 404, "fr"},
		{"/fr/incidents%2fcnss-2025", 404, "fr"},
		{"/fr/%2F", 404, "fr"},
		{"/ar/incidents/withdrawn", 410, "ar"},
		{"/en/statements/withdrawn", 410, "en"},
		{"/ar/incidents/cnss-2025?kind=nothing", 400, "ar"},
		{"/fr/incidents/cnss-2025?order=up", 400, "fr"},
		{"/fr/incidents/cnss-2025?order=newest&order=oldest", 400, "fr"},
		{"/fr/incidents/cnss-2025?kind=Statement", 400, "fr"},
		{"/fr/incidents/cnss-2025?institution=../x", 400, "fr"},
		{"/fr/incidents/cnss-2025?density=1", 400, "fr"},
		{"/en/incidents?kind=nothing", 400, "en"},
		{"/en/incidents?sort=up", 400, "en"},
		{"/en/incidents?year=0", 400, "en"},
		{"/en/incidents?year=99999", 400, "en"},
		{"/en/incidents?year=-2025", 400, "en"},
		{"/en/incidents?year=2025.0", 400, "en"},
		{"/ar/incidents?year=%D9%A2%D9%A0%D9%A2%D9%A5", 400, "ar"},
		{"/fr/incidents?year=2024&year=2025", 400, "fr"},
		{"/fr/incidents?standing=maybe", 400, "fr"},
		{"/fr/incidents?sector=nothing", 400, "fr"},
		{"/fr/incidents?referral=x", 400, "fr"},
		{"/fr/incidents?institution=a'b", 400, "fr"},
		{"/fr/incidents?after=nonsense", 400, "fr"},
		{"/fr/incidents?after=" + long[:300], 400, "fr"},
		{"/fr/incidents?q=" + long[:300], 400, "fr"},
		{"/fr/incidents?q=" + long, 400, "fr"},
		{"/fr/?" + long, 400, "fr"},
		{"/ar/" + long[:600], 400, "ar"},
		{"/fr/incidents?q=%00", 400, "fr"},
		{"/fr/incidents?%00=a", 400, "fr"},
		{"/ar/incidents/a%00b", 400, "ar"},
		{"/%00", 400, "en"},
		{"/fr/incidents?q=%ff%fe", 400, "fr"},
		{"/fr/incidents/%ff", 400, "fr"},
		{"/fr/incidents?q=%zz", 400, "fr"},
		{"/ar/incidents?a;b", 400, "ar"},
		{"/lang/ar?to=%zz", 400, "en"},
	} {
		s := newStage(t)
		a := testkit.Ask(t, s, c.target, with("Accept-Language", "en-GB,en;q=0.9"))
		name := c.target[:min(len(c.target), 80)]
		if a.Status != c.status {
			t.Errorf("%s: status %d, want %d", name, a.Status, c.status)
		}
		if got := a.Attr("html", "lang"); got != c.lang {
			t.Errorf("%s: page in %q, want %q", name, got, c.lang)
		}
		caching := "no-store"
		if c.status == http.StatusGone {
			caching = pageCaching // else a shared cache goes back to what was there when we fail
		}
		if a.Text("h1") == "" || a.Header.Get("Cache-Control") != caching {
			t.Errorf("%s: heading %q, Cache-Control %q", name, a.Text("h1"), a.Header.Get("Cache-Control"))
		}
	}
}

func TestErrorPagesNegotiateWhereThePathHasNoLanguage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for accept, lang := range map[string]string{"ar-MA, fr;q=0.5": "ar", "de": "fr", "": "fr", "en-US": "en", strings.Repeat("en,", 5000): "fr"} {
		a := testkit.Ask(t, s, "/nothing", with("Accept-Language", accept), with("Cookie", "sijil_lang=ar"))
		if a.Status != http.StatusNotFound || a.Attr("html", "lang") != lang || a.Header.Get("Vary") != "Accept-Language" {
			t.Errorf("Accept-Language %.20q: status %d, page in %q, Vary %q", accept, a.Status, a.Attr("html", "lang"), a.Header.Get("Vary"))
		}
	}
}

func TestEveryKindOfErrorHasItsStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
	}{
		{register.Problems{{Field: "a", Key: "secret"}}, 422},
		{register.ErrInvalid, 400},
		{register.ErrForbidden, 403},
		{register.ErrNotFound, 404},
		{register.ErrWithdrawn, 410},
		{register.ErrConflict, 409},
		{register.ErrUnavailable, 503},
		{errors.New("secret"), 500},
		{fmt.Errorf("secret: %w", register.ErrNotFound), 404},
	} {
		s := newStage(t)
		testkit.Ask(t, s, "/fr/") // the cache learns the generation
		s.records.fail(c.err)
		a := testkit.Ask(t, s, "/fr/incidents/cnss-2025")
		if a.Status != c.status || strings.Contains(a.Body, "secret") || a.Attr("html", "lang") != "fr" {
			t.Errorf("%v: status %d, body with its inside: %t", c.err, a.Status, strings.Contains(a.Body, "secret"))
		}
		if retry := a.Header.Get("Retry-After"); (retry != "") != (c.status == 503) {
			t.Errorf("%v: Retry-After %q", c.err, retry)
		}
	}
}

func TestAFaultOfOursShowsItsIDOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, target := range []string{"/en/incidents/panics", "/en/statements/panics"} {
		a := testkit.Ask(t, s, target)
		if a.Status != http.StatusInternalServerError || strings.Contains(a.Body, "a secret") {
			t.Fatalf("%s: status %d\n%s", target, a.Status, a.Body)
		}
		id := ""
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, "a secret") {
				_, rest, _ := strings.Cut(line, " id=")
				id, _, _ = strings.Cut(rest, " ")
			}
		}
		if id == "" || !strings.Contains(a.Body, id) {
			t.Errorf("%s: id %q of the log is not on the page", target, id)
		}
	}
}

func TestADatabaseThatIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	testkit.Ask(t, s, "/fr/incidents")
	s.records.fail(register.ErrUnavailable)
	s.wait()
	for lang := range map[string]bool{"fr": true, "ar": true, "en": true} {
		a := testkit.Ask(t, s, "/"+lang+"/statements/communique")
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.Attr("html", "lang") != lang || a.Text("h1") == "" {
			t.Errorf("%s: status %d, lang %q", a.Target, a.Status, a.Attr("html", "lang"))
		}
	}
	if a := testkit.Ask(t, s, "/fr/incidents"); a.Status != http.StatusOK || a.Header.Get("Cache-Status") == "" {
		t.Errorf("a page in memory: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/readyz"); a.Status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/healthz"); a.Status != http.StatusOK {
		t.Errorf("/healthz: status %d", a.Status)
	}
	cold := newStage(t)
	cold.records.fail(register.ErrUnavailable)
	if a := testkit.Ask(t, cold, "/ar/"); a.Status != http.StatusServiceUnavailable || a.Attr("html", "lang") != "ar" {
		t.Errorf("down from the start: status %d", a.Status)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
		for _, target := range []string{"/ar/incidents/cnss-2025", "/ar/nothing", "/", "/assets/x"} {
			a := testkit.Ask(t, s, target, by(method), with("Accept-Language", "ar"))
			if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "GET, HEAD" || a.Attr("html", "lang") != "ar" {
				t.Errorf("%s %s: status %d, Allow %q", method, target, a.Status, a.Header.Get("Allow"))
			}
		}
	}
	for _, target := range []string{"/ar/", "/ar/nothing", "/healthz", "/", "/lang/ar"} {
		get, head := testkit.Ask(t, s, target), testkit.Ask(t, s, target, by("HEAD"))
		if head.Status != get.Status || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: status %d, GET %d", target, head.Status, get.Status)
		}
	}
}

func TestSlashesAndMovedRecordsRedirect(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for target, want := range map[string]string{
		"/fr":            "/fr/",
		"/fr//":          "/fr/",
		"/ar/incidents/": "/ar/incidents",
		"/ar/incidents/cnss-2025/?kind=measure&x=y":   "/ar/incidents/cnss-2025?kind=measure",
		"/ar/incidents/cnss-2025///":                  "/ar/incidents/cnss-2025",
		"/en/incidents/moved":                         "/en/incidents/cnss-2025",
		"/en/incidents/moved?order=newest&kind=event": "/en/incidents/cnss-2025?kind=event&order=newest",
		"/en/institutions/moved":                      "/en/institutions/cnss-2025",
		"/en/statements/moved":                        "/en/statements/cnss-2025",
	} {
		if a := testkit.Ask(t, s, target); a.Status != http.StatusMovedPermanently || a.Header.Get("Location") != want {
			t.Errorf("%s: status %d to %q, want %q", target, a.Status, a.Header.Get("Location"), want)
		}
	}
}

func TestQueriesHaveOneForm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	testkit.Ask(t, s, "/fr/incidents?q=&year=2025&sector=&utm=x&q=+leak++of%20data+")
	testkit.Ask(t, s, "/fr/incidents?utm=y&q=+leak++of%20data+&year=2025")
	if n := s.records.reads(); n != 1 {
		t.Errorf("the record was read %d times for one page", n)
	}
	want := register.IncidentFilter{Query: "leak of data", Year: 2025, Sort: register.SortRelevance, Lang: register.French}
	if got := s.records.asked[0]; got != want {
		t.Errorf("filter %+v, want %+v", got, want)
	}
	before := s.records.reads()
	testkit.Ask(t, s, "/fr/incidents/cnss-2025?kind=statement&kind=measure&kind=statement")
	testkit.Ask(t, s, "/fr/incidents/cnss-2025?kind=measure&kind=statement&kind=")
	if n := s.records.reads() - before; n != 1 {
		t.Errorf("the record was read %d times for one timeline", n)
	}
}

func TestTheLogNamesNoReader(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(c *web.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	// One that passes by the page cache, and one that it has made.
	for _, path := range []string{"/nothing", "/fr/incidents"} {
		testkit.Ask(t, s, path+"?q=private", with("X-Forwarded-For", "198.51.100.7, 203.0.113.77"), with("X-Request-Id", "forged"), with("User-Agent", "unusual"))
	}
	log := s.log.String()
	if strings.Count(log, "network=203.0.113.0/24") != 2 || strings.Count(log, "network=") != 2 || !strings.Contains(log, "path=/nothing") || !strings.Contains(log, "path=/fr/incidents") {
		t.Errorf("log: %s", log)
	}
	for _, secret := range []string{"private", "203.0.113.77", "198.51", "forged", "unusual"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q: %s", secret, log)
		}
	}
	direct := newStage(t)
	testkit.Ask(t, direct, "/nothing", with("X-Forwarded-For", "203.0.113.77"))
	if !strings.Contains(direct.log.String(), "network=192.0.2.0/24") {
		t.Errorf("a forged X-Forwarded-For was believed: %s", direct.log.String())
	}
}

func TestBaseURLMustBeAnOrigin(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "sijil.test", "ftp://sijil.test", "https://sijil.test/path", "https://user@sijil.test", "https://sijil.test?x"} {
		if _, err := web.New(web.Config{BaseURL: bad}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// TestPathsThatLookLikeOthers asks after the page that they look like is in
// memory.
func TestPathsThatLookLikeOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for real, forged := range map[string]string{
		"/ar/incidents/cnss-2025?kind=statement": "/ar/incidents/cnss-2025%3Fkind=statement",
		"/ar/incidents/cnss-2025":                "/ar/incidents%2Fcnss-2025",
	} {
		if a := testkit.Ask(t, s, real); a.Status != http.StatusOK {
			t.Errorf("%s: status %d", real, a.Status)
		}
		if a := testkit.Ask(t, s, forged); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", forged, a.Status)
		}
	}
}

// TestReadersOfEncodingsAgree: the page cache and the assets read the header
// each by themselves.
func TestReadersOfEncodingsAgree(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"", "gzip", "GZip", "br, gzip", "gzip;q=0", "gzip;Q=0", "gzip;\tq=0", "gzip; q=.5", "gzip;q=x", "gzip;level=9", "*", "*;q=0", "*, gzip;q=0", "gzip;q=0, *", "gzip;q=2", "x-gzip"} {
		lines := []string{accept}
		if a, b := pagecache.AcceptsGzip(lines), assets.AcceptsGzip(lines); a != b {
			t.Errorf("Accept-Encoding %q: pages %t, assets %t", accept, a, b)
		}
	}
}

func TestNotReadyWhileDraining(t *testing.T) {
	t.Parallel()
	var draining atomic.Bool
	s := newStage(t, func(c *web.Config) { c.Draining = draining.Load })
	if a := testkit.Ask(t, s, "/readyz"); a.Status != http.StatusOK {
		t.Errorf("before: status %d", a.Status)
	}
	draining.Store(true)
	for target, want := range map[string]int{"/readyz": 503, "/healthz": 200, "/fr/incidents/cnss-2025": 200} {
		if a := testkit.Ask(t, s, target); a.Status != want {
			t.Errorf("%s: status %d, want %d", target, a.Status, want)
		}
	}
}

func TestRobotsAndFavicon(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if a := testkit.Ask(t, s, "/robots.txt"); a.Status != 200 || !strings.Contains(a.Body, "User-agent: *") {
		t.Errorf("robots.txt: %d %q", a.Status, a.Body)
	}
	a := testkit.Ask(t, s, "/favicon.ico")
	if icon := testkit.Ask(t, s, a.Header.Get("Location")); icon.Status != 200 || icon.Header.Get("Content-Type") != "image/x-icon" {
		t.Errorf("favicon: %d %s", icon.Status, icon.Header.Get("Content-Type"))
	}
}
