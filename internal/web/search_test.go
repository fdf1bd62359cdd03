package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestTypedFieldsBecomeChoices(t *testing.T) {
	site := newRealSite(t)
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		site.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return w
	}
	for typed, want := range map[string]string{
		"cnss year:2025":                "/fr/incidents?q=cnss&year=2025",
		"سنة:2025":                      "/fr/incidents?year=2025",
		"fuite institution:CNSS -DGSSI": "/fr/incidents?institution=cnss&q=fuite+-DGSSI",
		`institution:"الضمان الاجتماعي" fuite`: "/fr/incidents?institution=cnss&q=fuite",
		"kind:data-leak official:oui":          "/fr/incidents?kind=information-content-security%2Fdata-leak&official=yes",
		"langue:arabe standing:confirmed":      "/fr/incidents?language=ar&standing=confirmed",
	} {
		got := ask("/fr/incidents?q=" + url.QueryEscape(typed))
		if got.Code != http.StatusMovedPermanently || got.Header().Get("Location") != want {
			t.Errorf("%s: %d %s, want %s", typed, got.Code, got.Header().Get("Location"), want)
		}
	}
}

func TestSearchPagesShowWhereWordsStand(t *testing.T) {
	site := newRealSite(t)
	for path, want := range map[string][]string{
		"/fr/incidents?q=attaques":                           {"<mark>attaqués</mark>", "déclaration", "/fr/search?q=attaques&amp;type=claim"},
		"/fr/search?q=fuite&type=claim":                      {"<mark>", "/fr/statements/", "#"},
		"/ar/search?q=cnss&type=institution":                 {"/ar/institutions/cnss"},
		"/en/search?q=judicial&type=referral":                {"/en/incidents/cnss-2025#", "SJ-2025-0001"},
		"/fr/incidents?q=" + url.QueryEscape("cnss jabarut"): {"Vouliez-vous dire"},
		"/fr/search?q=zanzibar&type=claim":                   {"Rien de publié"},
		"/fr/search":                                         {"institution:cnss"},
	} {
		w := httptest.NewRecorder()
		site.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		body := w.Body.String()
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s lacks %q", path, w)
			}
		}
	}
}
