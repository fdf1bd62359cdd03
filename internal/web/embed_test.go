package web_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/views/assets"
)

func TestEmbeds(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	edition, err := s.records.Incident(t.Context(), "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	total := register.NewTimeline(edition.Incident, edition.Statements).Total
	for path, check := range map[string]func(a *testkit.Answer) bool{
		"/embed/fr/incidents/cnss-2025/timeline?theme=dark": func(a *testkit.Answer) bool {
			return a.Page().Find("main li").Length() == total && a.Attr("html", "data-theme") == "dark"
		},
		"/embed/ar/incidents/cnss-2025/clock": func(a *testkit.Answer) bool {
			return a.Page().Find("tbody tr").Length() > 4 && a.Page().Find("dl div").Length() > 1 && a.Attr("html", "dir") == "rtl" && a.Attr("html", "data-theme") == ""
		},
		"/embed/en/statements/cnss-communique-1?theme=light": func(a *testkit.Answer) bool {
			return a.Page().Find("blockquote[lang=fr], blockquote").Length() > 0 && a.Attr("html", "data-theme") == "light"
		},
	} {
		a := testkit.Ask(t, s.handler, path)
		policy := a.Header.Get("Content-Security-Policy")
		if a.Status != http.StatusOK || !check(a) || a.Page().Find("script, form, link[rel=preload]").Length() > 0 {
			t.Errorf("%s: status %d", path, a.Status)
		}
		if !strings.Contains(policy, "frame-ancestors *") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") || a.Header.Get("Etag") == "" {
			t.Errorf("%s: %v", path, a.Header)
		}
		a.Page().Find("a").Each(func(_ int, l *goquery.Selection) {
			if !strings.HasPrefix(l.AttrOr("href", ""), s.URL+"/") || l.AttrOr("target", "") != "_blank" {
				t.Errorf("%s: a link leads to %s inside of the frame", path, l.AttrOr("href", ""))
			}
		})
		if from := a.Text("footer"); !strings.Contains(from, edition.Reference[:3]) && !strings.Contains(from, "ST-") {
			t.Errorf("%s does not say where it is from: %s", path, from)
		}
		if len(a.Body) > 60_000 {
			t.Errorf("%s has %d bytes", path, len(a.Body))
		}
	}
	for path, status := range map[string]int{
		"/embed/fr/incidents/cnss-2025/timeline?theme=red": http.StatusBadRequest, "/embed/fr/incidents/none/clock": http.StatusNotFound,
		"/embed/fr/incidents/cnss-2025/sources": http.StatusNotFound, "/embed/de/statements/cnss-communique-1": http.StatusNotFound,
	} {
		a := testkit.Ask(t, s.handler, path)
		if a.Status != status || a.Page().Find("script").Length() > 0 || !strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-ancestors *") || a.Text("h1") == "" {
			t.Errorf("%s: status %d, %v", path, a.Status, a.Header)
		}
	}
	if a := testkit.Ask(t, s.handler, "/fr/incidents/cnss-2025?embed=1"); !strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("an ordinary page can be framed")
	}
	if a := testkit.Ask(t, s.handler, assets.Path(assets.EmbedStylesheet)); a.Status != http.StatusOK || a.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the style sheet: %v", a.Header)
	}
}

// TestAWithdrawnEmbedSaysSo in the frame.
func TestAWithdrawnEmbedSaysSo(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	head := s.recordAt(t, register.TypeStatement, "cnss-communique-1")
	notice := inWords("Publié par erreur", "نُشر عن طريق الخطأ", "Published by mistake")
	id, err := s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{Record: head.ID, Notice: notice})
	s.confirmed(t, id, err)
	a := testkit.Ask(t, s, "/embed/ar/statements/cnss-communique-1")
	if a.Status != http.StatusGone || !strings.Contains(a.Text("main"), notice["ar"]) || a.Attr("html", "lang") != "ar" || strings.Contains(a.Header.Get("Content-Security-Policy"), "script-src") {
		t.Errorf("status %d: %s", a.Status, a.Text("main"))
	}
}

// TestOEmbed asks as the programs of other sites do: by what a page's head says.
func TestOEmbed(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	type answer struct {
		XMLName       xml.Name `json:"-" xml:"oembed"`
		Type          string   `json:"type" xml:"type"`
		Version       string   `json:"version" xml:"version"`
		Title         string   `json:"title" xml:"title"`
		HTML          string   `json:"html" xml:"html"`
		Width, Height int
		ProviderURL   string `json:"provider_url" xml:"provider_url"`
	}
	for page, embed := range map[string]string{
		"/fr/incidents/cnss-2025":          "/embed/fr/incidents/cnss-2025/timeline",
		"/ar/statements/cnss-communique-1": "/embed/ar/statements/cnss-communique-1",
	} {
		head := testkit.Ask(t, s.handler, page)
		for kind, read := range map[string]func([]byte, any) error{"application/json": json.Unmarshal, "text/xml": xml.Unmarshal} {
			to := head.Attr(`link[type="application/json+oembed"]`, "href")
			if kind == "text/xml" { // the head names one form; who prefers the other asks for it
				to = strings.Replace(to, "format=json", "format=xml", 1)
			}
			a := testkit.Ask(t, s.handler, strings.TrimPrefix(to, s.URL)+"&maxwidth=400")
			var got answer
			if err := read([]byte(a.Body), &got); err != nil || a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), kind) {
				t.Fatalf("%s: status %d, %v, %v", to, a.Status, a.Header, err)
			}
			if got.Type != "rich" || got.Version != "1.0" || got.Title == "" || got.ProviderURL != s.URL+"/" || !strings.Contains(got.HTML, `src="`+s.URL+embed+`"`) ||
				!strings.Contains(got.HTML, `width="400"`) || !strings.Contains(got.HTML, html.EscapeString(got.Title)) {
				t.Errorf("%s answers %+v", to, got)
			}
		}
	}
	ask := func(page, more string) string { return "/oembed?url=" + url.QueryEscape(page) + more }
	for target, status := range map[string]int{
		ask(s.URL+"/fr/incidents/cnss-2025", "&format=xml&maxheight=100&theme=dark"): http.StatusOK,
		ask(s.URL+"/embed/fr/incidents/cnss-2025/clock?theme=dark", ""):              http.StatusOK,
		ask(s.URL+"/fr/incidents/cnss-2025", "&format=yaml"):                         http.StatusNotImplemented,
		ask(s.URL+"/fr/incidents/cnss-2025", "&maxwidth=0"):                          http.StatusBadRequest,
		ask(s.URL+"/fr/incidents/none", ""):                                          http.StatusNotFound,
		ask(s.URL+"/fr/institutions/cnss", ""):                                       http.StatusNotFound,
		ask("https://elsewhere.example/fr/incidents/cnss-2025", ""):                  http.StatusNotFound,
		ask(s.URL+"//elsewhere.example/incidents/cnss-2025", ""):                     http.StatusNotFound,
		"/oembed": http.StatusNotFound,
	} {
		if a := testkit.Ask(t, s.handler, target); a.Status != status {
			t.Errorf("%s: status %d, want %d", target, a.Status, status)
		}
	}
}

func TestThePageOfSharing(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	for path, codes := range map[string][]string{
		"/fr/incidents/cnss-2025/share?in=ar&theme=dark": {"/embed/ar/incidents/cnss-2025/timeline?theme=dark", "/embed/ar/incidents/cnss-2025/clock?theme=dark"},
		"/en/statements/cnss-communique-1/share":         {"/embed/en/statements/cnss-communique-1"},
		"/ar/incidents/cnss-2025/share":                  {"/embed/ar/incidents/cnss-2025/timeline"},
	} {
		a := testkit.Ask(t, s.handler, path)
		record, _, _ := strings.Cut(path, "?")
		if more := testkit.Ask(t, s.handler, strings.TrimSuffix(record, "/share")).Attr("section[aria-labelledby=_share] a", "href"); more != record {
			t.Errorf("the page of the record leads to %q, not to %s", more, record)
		}
		if a.Status != http.StatusOK {
			t.Errorf("%s: status %d", path, a.Status)
		}
		for _, code := range codes {
			if !strings.Contains(a.Text("main"), `<iframe src="`+s.URL+html.EscapeString(code)+`"`) {
				t.Errorf("%s does not give the code of %s", path, code)
			}
			if embed := testkit.Ask(t, s.handler, code); embed.Status != http.StatusOK {
				t.Errorf("%s leads to %s: status %d", path, code, embed.Status)
			}
		}
	}
	for path, status := range map[string]int{
		"/fr/incidents/cnss-2025/share?in=de": http.StatusBadRequest, "/fr/incidents/cnss-2025/share?theme=x": http.StatusBadRequest,
		"/fr/incidents/none/share": http.StatusNotFound, "/fr/institutions/cnss/share": http.StatusNotFound,
	} {
		if a := testkit.Ask(t, s.handler, path); a.Status != status {
			t.Errorf("%s: status %d, want %d", path, a.Status, status)
		}
	}
}

// TestEmbedsInABrowser looks at what other sites show, by itself and in the frame
// of another site.
func TestEmbedsInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	tab := browser.Borrow(t, testkit.Screen{Width: 320, Height: 640})
	for _, path := range []string{"incidents/cnss-2025/timeline", "incidents/cnss-2025/clock", "statements/cnss-communique-1"} {
		for _, lang := range []string{"fr", "ar"} {
			for _, theme := range []string{"light", "dark"} {
				tab.Go(s.URL + "/embed/" + lang + "/" + path + "?theme=" + theme)
				for _, width := range []int64{320, 360, 768} {
					tab.Look(testkit.Screen{Width: width, Height: 640})
					if wide := tab.Overflow(); wide != "" {
						t.Errorf("%s in %s at %d: scrolls sideways: %s", path, lang, width, wide)
					}
					if width != 320 {
						shoot(t, tab, fmt.Sprintf("embed-%s-%s-%s-%d", strings.ReplaceAll(path, "/", "-"), lang, theme, width))
					}
				}
				for _, v := range tab.Axe() {
					t.Errorf("%s in %s, %s: %v", path, lang, theme, v)
				}
			}
		}
	}
	code := testkit.Ask(t, s.handler, "/fr/incidents/cnss-2025/share").Page().Find("#_timeline").Text()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="fr"><title>Other</title><p>Article</p>%s`, code)
	}))
	t.Cleanup(other.Close)
	tab.Go(other.URL + "/")
	tab.Until(`performance.getEntriesByType("resource").some(e => e.initiatorType === "iframe" && e.responseEnd > 0)`)
	if got := tab.Strangers(s.URL); len(got) > 0 && !allFrom(got, other.URL) {
		t.Errorf("asks other hosts: %v", got)
	}
	shoot(t, tab, "embed-in-a-frame")
	if complaints := tab.Complaints(); len(complaints) > 0 {
		t.Errorf("the console says: %v", complaints)
	}
}

func allFrom(requests []string, origin string) bool {
	for _, r := range requests {
		if !strings.HasPrefix(r, origin+"/") {
			return false
		}
	}
	return true
}
