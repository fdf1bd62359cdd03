package web_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/public"
)

// TestExportsAreOffered: each page of exports leads to files that can be had, in
// each scope, and is led to from where a reader looks for it.
func TestExportsAreOffered(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	for _, c := range []struct{ from, page, query string }{
		{"/fr/incidents/cnss-2025", "/fr/exports?incident=cnss-2025", "?incident=cnss-2025"},
		{"/ar/incidents?year=2025", "/ar/exports?year=2025", "?year=2025"},
		{"/en/incidents", "/en/exports", ""},
		{"/en/data", "/en/exports", ""},
	} {
		if testkit.Ask(t, s.handler, c.from).Page().Find(`a[href="`+c.page+`"]`).Length() == 0 {
			t.Errorf("%s does not lead to %s", c.from, c.page)
		}
		page := testkit.Ask(t, s.handler, c.page)
		for _, f := range exchange.ExportFormats() {
			if f.Name == "veris-1.3.4" && c.query == "?incident=cnss-2025" {
				continue // which has no place for this year
			}
			target := c.page[:3] + "/exports/" + f.Name + c.query
			if page.Page().Find(`a[download][href="`+target+`"]`).Length() != 1 {
				t.Errorf("%s does not offer %s", c.page, target)
			}
			file := testkit.Ask(t, s.handler, target)
			if file.Status != http.StatusOK || file.Header.Get("Content-Type") != f.MediaType ||
				file.Body == "" && f.Name != "veris-1.3.4" ||
				!strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment; filename=sijil-") ||
				!strings.HasSuffix(file.Header.Get("Content-Disposition"), f.Extension) {
				t.Errorf("%s: status %d, %d bytes, %v", target, file.Status, len(file.Body), file.Header)
			}
		}
	}
	for target, status := range map[string]int{
		"/fr/exports/jsonl?incident=none":                     http.StatusNotFound,
		"/fr/exports/jsonl?incident=cnss-2025&year=2025":      http.StatusBadRequest,
		"/fr/exports/jsonl?years=2025":                        http.StatusBadRequest,
		"/fr/exports/jsonl?year=x":                            http.StatusBadRequest,
		"/fr/exports/jsonl?sort=published":                    http.StatusBadRequest,
		"/fr/exports/pdf":                                     http.StatusNotFound,
		"/fr/exports?incident=none":                           http.StatusNotFound,
		"/fr/exports?incident=cnss-2025&standing=confirmed":   http.StatusBadRequest,
		"/fr/exports/jsonl?q=zzqx":                            http.StatusOK, // of nothing
		"/fr/exports?year=1999":                               http.StatusOK,
		"/es/exports/jsonl":                                   http.StatusNotFound,
		"/fr/exports/jsonl/extra":                             http.StatusNotFound,
		"/fr/exports/jsonl?incident=cnss-2025&incident=other": http.StatusBadRequest,
	} {
		if a := testkit.Ask(t, s.handler, target); a.Status != status {
			t.Errorf("%s: status %d, want %d", target, a.Status, status)
		}
	}
}

// source is a record whose export a test decides.
type source func(context.Context, register.ExportScope, register.ExportBegin) error

// Export implements exchange.ExportSource.
func (f source) Export(ctx context.Context, scope register.ExportScope, begin register.ExportBegin) error {
	return f(ctx, scope, begin)
}

func exportsOf(f source) func(*web.Config) {
	return func(c *web.Config) {
		c.Exports, c.Limits = public.Exports{Source: f}, map[web.Class]int{web.ClassExport: 1}
	}
}

// TestExportsAreFew: who comes when all places are taken is told to come again,
// and so is who comes too often.
func TestExportsAreFew(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan bool), make(chan bool)
	s := newStage(t, exportsOf(func(_ context.Context, _ register.ExportScope, begin register.ExportBegin) error {
		_, err := begin(register.ExportState{})
		inside <- true
		<-leave
		return err
	}))
	first := make(chan *testkit.Answer)
	go func() { first <- testkit.Ask(t, s, "/fr/exports/jsonl") }()
	<-inside
	if a := testkit.Ask(t, s, "/fr/exports/jsonl"); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("the second at once: status %d, %v", a.Status, a.Header)
	}
	if a := testkit.Ask(t, s, "/fr/exports/jsonl", by(http.MethodHead)); a.Status != http.StatusServiceUnavailable {
		t.Errorf("its head: status %d", a.Status)
	}
	leave <- true
	if a := <-first; a.Status != http.StatusOK {
		t.Errorf("the first: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/exports/jsonl", by(http.MethodHead)); a.Status != http.StatusOK || a.Body != "" {
		t.Errorf("the head alone: status %d, %q", a.Status, a.Body)
	}
	for range 40 {
		testkit.Ask(t, s, "/fr/exports/jsonl", by(http.MethodHead))
	}
	if a := testkit.Ask(t, s, "/fr/exports/jsonl"); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("too often: status %d, %v", a.Status, a.Header)
	}
}

// TestAnExportThatBreaksOffIsNotWhole: half a file ends with the connection, and
// is not the end of an answer.
func TestAnExportThatBreaksOffIsNotWhole(t *testing.T) {
	t.Parallel()
	s := newStage(t, exportsOf(func(_ context.Context, scope register.ExportScope, begin register.ExportBegin) error {
		if scope.Incident == "moved" {
			return &register.MovedError{Slug: "cnss-2025"}
		}
		sink, err := begin(register.ExportState{})
		for range 200 {
			err = errors.Join(err, sink.Edition(&register.ExportedEdition{Content: []byte(`"` + strings.Repeat("x", 1000) + `"`)}))
		}
		if scope.Incident == "breaks" {
			err = errors.Join(err, register.ErrUnavailable)
		}
		return err
	}))
	server := httptest.NewServer(s)
	defer server.Close()
	for _, c := range []struct {
		slug, encoding string
		whole          bool
	}{{"cnss-2025", "gzip", true}, {"cnss-2025", "", true}, {"breaks", "gzip", false}, {"breaks", "", false}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/fr/exports/jsonl?incident="+c.slug, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", c.encoding)
		answer, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
		if errors.Is(err, io.EOF) && !c.whole {
			continue // it broke off before its first byte had left
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = answer.Body
		if answer.Header.Get("Content-Encoding") != c.encoding {
			t.Errorf("%s: encoded as %q", c.slug, answer.Header.Get("Content-Encoding"))
		}
		if c.encoding != "" {
			if body, err = gzip.NewReader(body); err != nil {
				body = strings.NewReader("") // it broke off before that
			}
		}
		all, readErr := io.ReadAll(body)
		if err = errors.Join(err, readErr); (err == nil) != c.whole || strings.Contains(string(all), `"end"`) != c.whole {
			t.Errorf("%s, %q: %d bytes, %v", c.slug, c.encoding, len(all), err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if a := testkit.Ask(t, s, "/fr/exports/jsonl?incident=moved"); a.Status != http.StatusMovedPermanently || a.Header.Get("Location") != "/fr/exports/jsonl?incident=cnss-2025" {
		t.Errorf("a slug that has changed: %d, %v", a.Status, a.Header)
	}
}
