package web_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// TestEachChartHasItsFile: each chart has a definition, an address of its own
// and a file with as many lines as it has numbers to tell, in every language.
func TestEachChartHasItsFile(t *testing.T) {
	s := newRealSite(t)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return w
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		page, err := goquery.NewDocumentFromReader(bytes.NewReader(get("/" + lang + "/statistics?from=2020").Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		charts := page.Find("figure.chart")
		if charts.Length() != 9 {
			t.Fatalf("%s: %d charts", lang, charts.Length())
		}
		charts.Each(func(_ int, chart *goquery.Selection) {
			id := chart.AttrOr("id", "")
			if chart.Find("details p").Text() == "" || !strings.HasSuffix(chart.Find("h3 a").AttrOr("href", ""), "?from=2020#"+id) {
				t.Errorf("%s %s: no definition, or no address of its own: %q", lang, id, chart.Find("h3 a").AttrOr("href", ""))
			}
			rows := chart.Find("tbody tr").Length()
			file := get(chart.Find("a[href*='table.csv']").AttrOr("href", ""))
			lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body.String(), "\ufeff"))).ReadAll()
			if err != nil || file.Code != http.StatusOK || len(lines) != rows+1 {
				t.Errorf("%s %s: status %d, %d lines for %d rows, %v", lang, id, file.Code, len(lines), rows, err)
			}
		})
	}
	for path, status := range map[string]int{
		"/fr/statistics/none/table.csv":    http.StatusNotFound,
		"/fr/statistics?from=abcd":         http.StatusBadRequest,
		"/fr/statistics?sector=none":       http.StatusBadRequest,
		"/fr/statistics?from=2030&to=2020": http.StatusBadRequest,
	} {
		if w := get(path); w.Code != status {
			t.Errorf("%s: status %d, want %d", path, w.Code, status)
		}
	}
}
