package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

func TestTheFrontDoorNegotiates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, c := range []struct{ accept, cookie, want string }{
		{"", "", "/fr/"},
		{"ar-MA,fr;q=0.8", "", "/ar/"},
		{"en-US,en;q=0.5", "", "/en/"},
		{"de, zh", "", "/fr/"},
		{"fr", "sijil_lang=ar", "/ar/"},
		{"en", "sijil_lang=xx", "/en/"},
		{"en", "sijil_lang=//evil.example", "/en/"},
		{"garbage;;q=x", "", "/fr/"},
	} {
		a := testkit.Ask(t, s, "/?to=//evil.example", with("Accept-Language", c.accept), with("Cookie", c.cookie))
		if a.Status != http.StatusFound || a.Header.Get("Location") != c.want {
			t.Errorf("%q, %q: status %d to %q, want %q", c.accept, c.cookie, a.Status, a.Header.Get("Location"), c.want)
		}
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Vary") != "Accept-Language, Cookie" || len(a.Header["Set-Cookie"]) > 0 {
			t.Errorf("headers: %v", a.Header)
		}
	}
}

func TestTheLanguageSwitchKeepsThePlace(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for to, want := range map[string]string{
		"":                     "/ar/",
		"/":                    "/ar/",
		"/incidents":           "/ar/incidents",
		"/incidents/cnss-2025": "/ar/incidents/cnss-2025",
		"/incidents/cnss-2025?order=newest&kind=statement&kind=measure": "/ar/incidents/cnss-2025?kind=measure&kind=statement&order=newest",
		"/incidents/cnss-2025?institution=cnss&density=compact":         "/ar/incidents/cnss-2025?density=compact&institution=cnss",
		"/incidents?q=%D8%AA%D8%B3%D8%B1%D9%8A%D8%A8&evil=1":            "/ar/incidents?q=%D8%AA%D8%B3%D8%B1%D9%8A%D8%A8",
		// What is no place of ours is the home page.
		"//evil.example":               "/ar/",
		"/\\evil.example":              "/ar/",
		"https://evil.example/":        "/ar/",
		"javascript:alert(1)":          "/ar/",
		"evil.example":                 "/ar/",
		"@evil.example":                "/ar/",
		".evil.example":                "/ar/",
		"/../../evil":                  "/ar/",
		"/incidents/../../../evil":     "/ar/",
		"/incidents/x%0d%0aSet-Cookie": "/ar/",
		"/incidents/x\r\nLocation: y":  "/ar/",
		"/lang/fr":                     "/ar/",
		"/desk/":                       "/ar/",
		"/%00":                         "/ar/",
	} {
		a := testkit.Ask(t, s, "/lang/ar?to="+url.QueryEscape(to))
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != want {
			t.Errorf("to %q: status %d to %q, want %q", to, a.Status, a.Header.Get("Location"), want)
		}
		cookie := a.Header.Get("Set-Cookie")
		if cookie != "sijil_lang=ar; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("cookie %q, headers %v", cookie, a.Header)
		}
	}
}

func TestOnlyAnExplicitSwitchIsRemembered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, change := range map[string]func(*http.Request){
		"another site": with("Sec-Fetch-Site", "cross-site"),
		"a sister":     with("Sec-Fetch-Site", "same-site"),
		"a prefetch":   with("Sec-Purpose", "prefetch;prerender"),
		"HEAD":         by(http.MethodHead),
	} {
		if a := testkit.Ask(t, s, "/lang/ar", change); a.Status != http.StatusSeeOther || len(a.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s: status %d, cookie %q", name, a.Status, a.Header["Set-Cookie"])
		}
	}
	plain := newStage(t, func(c *web.Config) { c.BaseURL = "http://localhost:8080" })
	if a := testkit.Ask(t, plain, "/lang/ar", with("Sec-Fetch-Site", "same-origin")); a.Header.Get("Set-Cookie") == "" || strings.Contains(a.Header.Get("Set-Cookie"), "Secure") {
		t.Errorf("cookie on plain http: %q", a.Header.Get("Set-Cookie"))
	}
}

func TestPagesOfferTheirPlaceInEachLanguage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := testkit.Ask(t, s, "/fr/incidents/cnss-2025?order=newest&kind=event&utm=x")
	for _, lang := range []string{"ar", "en"} {
		href := a.Attr("a[hreflang="+lang+"]", "href")
		got := testkit.Ask(t, s, href)
		want := "/" + lang + "/incidents/cnss-2025?kind=event&order=newest"
		if got.Status != http.StatusSeeOther || got.Header.Get("Location") != want || got.Header.Get("Set-Cookie") == "" {
			t.Errorf("switch to %s by %q: status %d to %q", lang, href, got.Status, got.Header.Get("Location"))
		}
		if alternate := a.Attr("link[rel=alternate][hreflang="+lang+"]", "href"); alternate != "https://sijil.test/"+lang+"/incidents/cnss-2025" {
			t.Errorf("alternate %s: %q", lang, alternate)
		}
	}
}
