package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/register"
)

// TestLedgerPage: every claim of the record stands once in the table, under its
// statement and beside its topic, and what it contradicts or repeats is a link
// to a claim that is there.
func TestLedgerPage(t *testing.T) {
	s := newRealSite(t)
	edition, err := s.records.Incident(t.Context(), "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	ledger := register.NewLedger(edition.Statements)
	for _, lang := range register.Langs() {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+string(lang)+"/incidents/cnss-2025/claims", http.NoBody))
		if w.Code != http.StatusOK {
			t.Fatalf("%s: status %d", lang, w.Code)
		}
		page, err := goquery.NewDocumentFromReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		rows := page.Find(".claim-ledger tbody tr")
		if rows.Length() != len(ledger.Rows) || page.Find(".claim-ledger thead th").Length() != 1+len(ledger.Statements) {
			t.Fatalf("%s: %d rows, want %d × %d", lang, rows.Length(), len(ledger.Rows), len(ledger.Statements))
		}
		claims := 0
		for i, row := range ledger.Rows {
			cells := rows.Eq(i).Find("td")
			for j, cell := range row.Cells {
				claims += len(cell.Claims)
				for _, c := range cell.Claims {
					anchor := ledger.Statements[j].Slug + "." + c.Key
					if cells.Eq(j).Find("[id='"+anchor+"']").Length() != 1 {
						t.Errorf("%s: %s is not in its cell", lang, anchor)
					}
				}
				if len(cell.Claims) == 0 && cells.Eq(j).Find(".claim-mark").Length() != 1 {
					t.Errorf("%s: %s, column %d: an empty cell does not say why", lang, row.Topic, j)
				}
			}
		}
		if got := page.Find(".claim-ledger td div[id]").Length(); got != claims || claims == 0 {
			t.Errorf("%s: %d claims, want %d", lang, got, claims)
		}
		page.Find(".claim-ledger a[href^='#']").Each(func(_ int, a *goquery.Selection) {
			if to := strings.TrimPrefix(a.AttrOr("href", ""), "#"); page.Find("[id='"+to+"']").Length() != 1 {
				t.Errorf("%s: a link to %s, which is not there", lang, to)
			}
		})
	}
}

func TestLedgerFiles(t *testing.T) {
	s := newRealSite(t)
	for extension, mediaType := range map[string]string{"csv": "text/csv", "json": "application/json"} {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/fr/incidents/cnss-2025/claims."+extension, http.NoBody))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), mediaType) {
			t.Errorf("%s: status %d, %q", extension, w.Code, w.Header().Get("Content-Type"))
		}
		if name := w.Header().Get("Content-Disposition"); name != "attachment; filename=SJ-2025-0001-1-claims."+extension {
			t.Errorf("%s: saved as %q", extension, name)
		}
		if !strings.Contains(w.Body.String(), "SJ-2025-0001") {
			t.Errorf("%s: %v", extension, w.Header())
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/fr/incidents/none/claims.csv", http.NoBody))
	if w.Code != http.StatusNotFound {
		t.Errorf("a record that is not there: status %d", w.Code)
	}
}
