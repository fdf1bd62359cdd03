package web_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// siteMap is a sitemap, or an index of them, as a crawler reads it.
type siteMap struct {
	XMLName xml.Name
	URLs    []struct {
		Loc        string `xml:"loc"`
		LastMod    string `xml:"lastmod"`
		Alternates []struct {
			HrefLang string `xml:"hreflang,attr"`
			Href     string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:"url"`
	Sitemaps []struct {
		Loc string `xml:"loc"`
	} `xml:"sitemap"`
}

func readSitemap(t *testing.T, h http.Handler, target string) siteMap {
	t.Helper()
	a := testkit.Ask(t, h, target)
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "application/xml; charset=utf-8" {
		t.Fatalf("%s: %d %v", target, a.Status, a.Header)
	}
	var m siteMap
	if err := xml.Unmarshal([]byte(a.Body), &m); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return m
}

// TestSitemapHasEveryPage: what the links of the site lead to and asks to be
// found stands in the sitemap, with the alternates that the page names; and
// every address of the sitemap is a page.
func TestSitemapHasEveryPage(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	m := readSitemap(t, s.handler, "/sitemap.xml")
	listed := map[string]int{}
	for i, u := range m.URLs {
		path, ok := strings.CutPrefix(u.Loc, s.URL)
		if !ok || listed[path] > 0 {
			t.Errorf("%s: twice, or of another site", u.Loc)
		}
		listed[path] = i + 1
	}
	answers := testkit.Crawl(t, s.handler, s.URL, func(u *url.URL) bool {
		return u.RawQuery != "" || strings.Contains(u.Path, "/editions/") || strings.Contains(u.Path, "/history") || strings.Contains(u.Path, "/desk") || strings.HasPrefix(u.Path, "/lang/")
	}, "/fr/", "/ar/", "/en/")
	for target, a := range answers {
		html := a.Status == http.StatusOK && strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")
		if html && a.Attr(`link[rel=canonical]`, "href") == s.URL+target && a.Attr(`meta[name=robots]`, "content") == "" && listed[target] == 0 {
			t.Errorf("%s is not in the sitemap: add its page to fixedPages or recordPages, in public/sitemap.go", target)
		}
	}
	for path, i := range listed {
		a := testkit.Ask(t, s.handler, path)
		if a.Status != http.StatusOK || a.Attr(`link[rel=canonical]`, "href") != s.URL+path {
			t.Errorf("%s: status %d, canonical %q", path, a.Status, a.Attr(`link[rel=canonical]`, "href"))
		}
		var want, got []string
		a.Page().Find("link[rel=alternate][hreflang]").Each(func(_ int, l *goquery.Selection) {
			want = append(want, l.AttrOr("hreflang", "")+" "+l.AttrOr("href", ""))
		})
		for _, l := range m.URLs[i-1].Alternates {
			got = append(got, l.HrefLang+" "+l.Href)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: alternates\n%q, the page says\n%q", path, got, want)
		}
	}
	incident := m.URLs[listed["/ar/incidents/cnss-2025"]-1]
	if at, err := time.Parse(time.RFC3339, incident.LastMod); err != nil || at.IsZero() {
		t.Errorf("the founding record was last changed %q", incident.LastMod)
	}
}

func TestALongSitemapIsCut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i := range 2500 {
		s.records.public = append(s.records.public, register.PublicAddress{
			Type: register.TypeIncident, Reference: fmt.Sprintf("SJ-2025-%04d", i+1), Slug: fmt.Sprintf("incident-%d", i+1), PublishedAt: s.clock.Now(),
		})
	}
	index := readSitemap(t, s, "/sitemap.xml")
	if len(index.Sitemaps) != 4 || !strings.HasSuffix(index.Sitemaps[3].Loc, "/sitemaps/sj-2025-2") || index.XMLName.Local != "sitemapindex" {
		t.Fatalf("%s of %d files, want 4", index.XMLName.Local, len(index.Sitemaps))
	}
	seen := map[string]bool{}
	for _, file := range index.Sitemaps {
		m := readSitemap(t, s, strings.TrimPrefix(file.Loc, "https://sijil.test"))
		if len(m.URLs) == 0 || len(m.URLs) > 6000 {
			t.Errorf("%s has %d addresses", file.Loc, len(m.URLs))
		}
		for _, u := range m.URLs {
			if seen[u.Loc] {
				t.Errorf("%s stands in two files", u.Loc)
			}
			seen[u.Loc] = true
		}
	}
	for _, path := range []string{"/fr/incidents/incident-1", "/ar/incidents/incident-2500/claims", "/en/imprint"} {
		if !seen["https://sijil.test"+path] {
			t.Errorf("%s is in no file", path)
		}
	}
	for _, target := range []string{"/sitemaps/sj-2025-3", "/sitemaps/sj-2025-0001", "/sitemaps/sj-2025-", "/sitemaps/none", "/sitemaps/zz"} {
		if a := testkit.Ask(t, s, target); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", target, a.Status)
		}
	}
}

func TestRobotsNameTheSitemap(t *testing.T) {
	t.Parallel()
	a := testkit.Ask(t, newStage(t), "/robots.txt")
	if !strings.Contains(a.Body, "\nSitemap: https://sijil.test/sitemap.xml\n") || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v\n%s", a.Header, a.Body)
	}
}

func TestManifestAndIcons(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	page := testkit.Ask(t, s, "/ar/")
	a := testkit.Ask(t, s, page.Attr("link[rel=manifest]", "href"))
	var manifest struct {
		Name     string `json:"name"`
		StartURL string `json:"start_url"`
		Icons    []struct{ Src, Type string }
	}
	if err := json.Unmarshal([]byte(a.Body), &manifest); err != nil || a.Header.Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("%v %v", err, a.Header)
	}
	if manifest.Name == "" || manifest.StartURL != "/" || len(manifest.Icons) != 3 {
		t.Errorf("%+v", manifest)
	}
	icons := map[string]string{page.Attr("link[rel=apple-touch-icon]", "href"): "image/png", page.Attr("link[rel=icon]", "href"): "image/png"}
	for _, i := range manifest.Icons {
		icons[i.Src] = i.Type
	}
	icons[testkit.Ask(t, s, "/favicon.ico").Header.Get("Location")] = "image/x-icon"
	for address, mediaType := range icons {
		if i := testkit.Ask(t, s, address); i.Status != http.StatusOK || i.Header.Get("Content-Type") != mediaType {
			t.Errorf("%q: %d %s, want %s", address, i.Status, i.Header.Get("Content-Type"), mediaType)
		}
	}
}
