package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sijil/sijil/internal/web"
)

// BenchmarkIncident compares the founding record's page from memory with the
// same page made anew each time: routes, queries, template, compression.
//
//	go test -run xxx -bench Incident ./internal/web
func BenchmarkIncident(b *testing.B) {
	s := newRealSite(b)
	for name, bytes := range map[string]int64{"cached": 0, "made": 1} { // nothing fits into one byte
		b.Run(name, func(b *testing.B) {
			handler, err := web.New(web.Config{
				BaseURL: s.URL, Records: s.records, Now: s.clock.Now, CacheBytes: bytes, Log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "/fr/incidents/cnss-2025", http.NoBody)
			r.Header.Set("Accept-Encoding", "gzip")
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("status %d", w.Code)
				}
			}
		})
	}
}
