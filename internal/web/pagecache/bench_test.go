package pagecache_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/web/pagecache"
)

// The yardstick of the page cache is net/http serving the same bytes from
// memory. What counts are ratios inside one run:
//
//	go test -bench . ./internal/web/pagecache

// pageBytes is text of the size of an incident page that compresses about as
// well as one.
func pageBytes() []byte {
	var page bytes.Buffer
	words := rand.New(rand.NewPCG(1, 2))
	for page.Len() < 64<<10 {
		page.WriteString("<li><a href=\"/fr/incidents/" + strconv.Itoa(words.IntN(1e6)) + "\">" + strconv.FormatUint(words.Uint64(), 36) + "</a></li>\n")
	}
	return page.Bytes()
}

func benchmarkOver(b *testing.B, h http.Handler, header ...string) {
	b.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/fr/incidents/cnss-2025", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	sink := make([]byte, 128<<10)
	for b.Loop() {
		answer, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = answer.Body.Read(sink)
		}
		_ = answer.Body.Close()
	}
}

// benchmarkHandler leaves the network out: what the handler itself costs.
func benchmarkHandler(b *testing.B, h http.Handler, header ...string) {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, "/fr/incidents/cnss-2025", http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func cached(page []byte) http.Handler {
	return pagecache.New(pagecache.Config{
		Next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "public, max-age=0")
			_, _ = w.Write(page)
		}),
		Canonical:  func(r *http.Request) (string, bool) { return r.URL.Path, true },
		Generation: func(context.Context) (pagecache.Generation, error) { return pagecache.Generation{Record: 1}, nil },
		Day:        func(now time.Time) string { return now.Format(time.DateOnly) },
		Now:        time.Now,
		Log:        slog.New(slog.DiscardHandler),
	})
}

// bare is net/http with the bytes in memory, and nothing else.
func bare(body []byte, encoding string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"] = []string{"text/html; charset=utf-8"}
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
		if encoding != "" {
			h["Content-Encoding"] = []string{encoding}
		}
		_, _ = w.Write(body)
	})
}

func zip(b *testing.B, page []byte) []byte {
	b.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.Write(page); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkOverNetwork(b *testing.B) {
	page := pageBytes()
	b.Run("bare-gzip", func(b *testing.B) { benchmarkOver(b, bare(zip(b, page), "gzip"), "Accept-Encoding", "gzip") })
	b.Run("cached-gzip", func(b *testing.B) { benchmarkOver(b, cached(page), "Accept-Encoding", "gzip") })
	b.Run("bare-plain", func(b *testing.B) { benchmarkOver(b, bare(page, "")) })
	b.Run("cached-plain", func(b *testing.B) { benchmarkOver(b, cached(page)) })
}

func BenchmarkHandler(b *testing.B) {
	page := pageBytes()
	b.Run("bare-gzip", func(b *testing.B) { benchmarkHandler(b, bare(zip(b, page), "gzip")) })
	b.Run("cached-gzip", func(b *testing.B) { benchmarkHandler(b, cached(page), "Accept-Encoding", "gzip") })
	b.Run("cached-304", func(b *testing.B) { benchmarkHandler(b, cached(page), "If-None-Match", "*") })
}
