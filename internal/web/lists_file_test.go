package web_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
)

// TestListsAsFiles: the files that a page leads to hold what the page counts,
// with its filters.
func TestListsAsFiles(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	for path, query := range map[string]string{
		"/fr/incidents": "?year=2025", "/ar/incidents": "?q=CNSS", "/fr/institutions": "?part=speaks",
		"/en/statements": "?language=fr&official=yes", "/ar/referrals": "?sort=longest", "/en/institutions": "",
	} {
		page := testkit.Ask(t, s.handler, path+query)
		csvPath, jsonPath := path+".csv"+query, path+".json"+query
		for _, to := range []string{csvPath, jsonPath} {
			if page.Page().Find(`a[href="`+to+`"]`).Length() != 1 {
				t.Errorf("%s%s does not lead to %s", path, query, to)
			}
		}
		rows := page.Page().Find(".record-list > li, main table.stack-table:last-of-type tbody tr").Length()
		file := testkit.Ask(t, s.handler, csvPath)
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
		if err != nil || file.Status != http.StatusOK || len(lines) < 2 || len(lines) > rows+1 {
			t.Errorf("%s: status %d, %d lines for %d rows, %v", csvPath, file.Status, len(lines), rows, err)
		}
		if !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment; filename=sijil-") || file.Header.Get("Cache-Control") != page.Header.Get("Cache-Control") {
			t.Errorf("%s: %v", csvPath, file.Header)
		}
		var object struct {
			Total, Shown int
			Rows         []map[string]any
		}
		answer := testkit.Ask(t, s.handler, jsonPath)
		if err := json.Unmarshal([]byte(answer.Body), &object); err != nil || object.Total != len(lines)-1 || object.Shown != object.Total || len(object.Rows) != object.Total {
			t.Errorf("%s: %d of %d rows, the table has %d; %v", jsonPath, len(object.Rows), object.Total, len(lines)-1, err)
		}
		for _, row := range object.Rows {
			if page, _ := row["page"].(string); !strings.HasPrefix(page, s.URL+path[:4]) {
				t.Errorf("%s: a row is at %q", jsonPath, page)
			}
		}
	}
	for target, status := range map[string]int{
		"/fr/incidents.csv?year=x": http.StatusBadRequest, "/fr/statements.csv?kind=none": http.StatusBadRequest,
		"/fr/institutions.json?part=none": http.StatusBadRequest, "/fr/referrals.csv?silent=1": http.StatusBadRequest,
		"/fr/incidents.csv?q=year%3A2025": http.StatusMovedPermanently, "/fr/incidents.xlsx": http.StatusNotFound,
		"/fr/referrals.csv?after=nonsense": http.StatusOK, // a file has no pages
	} {
		if a := testkit.Ask(t, s.handler, target); a.Status != status {
			t.Errorf("%s: status %d, want %d", target, a.Status, status)
		}
	}
	if none := testkit.Ask(t, s.handler, "/fr/statements?year=1999"); none.Page().Find(`a[href*=".csv"]`).Length() != 0 {
		t.Error("an empty list has a file")
	}
}
