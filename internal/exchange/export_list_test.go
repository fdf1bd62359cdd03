package exchange_test

import (
	"context"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// testLists counts what lists of citations and graphs hold, and holds citations to
// their schema.
func (x exported) testLists(t *testing.T) {
	schema := cslSchema(t)
	for name, scope := range x.scopes() {
		var items []struct{ ID string }
		raw := x.write(t, "csl", scope)
		if err := json.Unmarshal(raw, &items); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		ids := map[string]bool{}
		for _, item := range items {
			ids[item.ID] = true
		}
		n := len(items)
		if n == 0 || len(ids) != n || (name == "one") != (n == 1) {
			t.Errorf("%s: %d items, %d identifiers", name, n, len(ids))
		}
		for format, mark := range map[string]string{"bibtex": "@misc{", "ris": "TY  - ", "markdown": "\n# ", "jsonld": `"@type":"Report"`} {
			if got := strings.Count("\n"+string(x.write(t, format, scope)), mark); got != n {
				t.Errorf("%s, %s: %d of %d", name, format, got, n)
			}
		}
		var graph struct {
			Context string           `json:"@context"`
			Graph   []map[string]any `json:"@graph"`
		}
		if err := json.Unmarshal(x.write(t, "jsonld", scope), &graph); err != nil || graph.Context != "https://schema.org" || len(graph.Graph) != n {
			t.Errorf("%s: %d nodes in %q, %v", name, len(graph.Graph), graph.Context, err)
		}
	}
}

// testTexts reads timelines: in Arabic every line says its direction, and what is in
// Latin letters is isolated.
func (x exported) testTexts(t *testing.T) {
	catalog := catalog(t)
	for _, lang := range i18n.Langs() {
		x.words = catalog.Localizer(lang)
		for _, format := range []string{"text", "markdown"} {
			body := string(x.write(t, format, register.ExportScope{Incident: "cnss-2025"}))
			for line := range strings.Lines(body) {
				said := strings.TrimLeft(strings.TrimSpace(line), "#- ")
				if said != "" && strings.HasPrefix(said, "\u200f") != (lang == "ar") {
					t.Errorf("%s, %s: the direction of %q", lang, format, line)
				}
				if strings.Count(line, "\u2068") != strings.Count(line, "\u2069") {
					t.Errorf("%s, %s: what is isolated in %q has no end", lang, format, line)
				}
			}
			for _, part := range []string{"SJ", "2025", "https://sijil.example/" + lang + "/incidents/cnss-2025/editions/2"} {
				if !strings.Contains(strings.ReplaceAll(body, `\`, ""), part) {
					t.Errorf("%s, %s: %s is missing", lang, format, part)
				}
			}
			if n := strings.Count(body, "\n"); n < 60 {
				t.Errorf("%s, %s: %d lines", lang, format, n)
			}
		}
	}
}

func catalog(tb testing.TB) *i18n.Catalog {
	tb.Helper()
	c, err := i18n.Load(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestAnEmptyExportIsWhole: nothing was found, and the file says so in its own way.
func TestAnEmptyExportIsWhole(t *testing.T) {
	t.Parallel()
	for _, f := range exchange.ExportFormats() {
		body := writeAll(t, f.Name)
		if strings.Contains(f.MediaType, "json") && !strings.Contains(f.MediaType, "jsonl") && !json.Valid(body) {
			t.Errorf("%s: %q", f.Name, body)
		}
	}
}

// endless is a source of many incidents, each made when it is asked for.
type endless struct {
	count int
	each  func(n int) // called behind each
}

// Export implements exchange.ExportSource.
func (s endless) Export(_ context.Context, _ register.ExportScope, begin register.ExportBegin) error {
	sink, err := begin(register.ExportState{})
	if err != nil {
		return err
	}
	for n := range s.count {
		if sink.Incident != nil {
			err = sink.Incident(synthetic(n))
		} else {
			err = sink.Edition(&register.ExportedEdition{Content: []byte(`{"n":1}`)})
		}
		if err != nil {
			return err
		}
		s.each(n)
	}
	return nil
}

// TestExportsTakeTheSameMemory writes thousands of incidents in every format: what
// is in memory behind the last is what was behind the first hundreds.
func TestExportsTakeTheSameMemory(t *testing.T) {
	const count, early, most = 4000, 500, 3 << 20 // the incidents themselves would take more than ten times that
	words := catalog(t).Localizer("fr")
	for _, f := range exchange.ExportFormats() {
		heap := map[int]uint64{}
		source := endless{count, func(n int) {
			if n == early || n == count-1 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				heap[n] = m.HeapAlloc
			}
		}}
		about := exchange.ExportAbout{Base: "https://sijil.example", Words: words, Spool: func() (exchange.Spool, error) { return forgetful{}, nil }}
		if err := exchange.WriteExport(t.Context(), io.Discard, f, source, about); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if grown := int64(heap[count-1]) - int64(heap[early]); grown > most {
			t.Errorf("%s: %d KB more after %d incidents than after %d", f.Name, grown>>10, count, early)
		}
	}
}

// forgetful is a spool on a disk that nobody reads: what is in it is not in memory.
type forgetful struct{}

func (forgetful) Write(b []byte) (int, error)    { return len(b), nil }
func (forgetful) Read([]byte) (int, error)       { return 0, io.EOF }
func (forgetful) Seek(int64, int) (int64, error) { return 0, nil }
func (forgetful) Close() error                   { return nil }

// BenchmarkExport writes incidents, and reports what each takes and what is in memory
// at the end, which does not grow with their number.
func BenchmarkExport(b *testing.B) {
	c := catalog(b)
	for _, f := range exchange.ExportFormats() {
		for _, count := range []int{1000, 10_000} {
			b.Run(f.Name+"/"+map[int]string{1000: "1k", 10_000: "10k"}[count], func(b *testing.B) {
				var last uint64
				source := endless{count, func(n int) {
					if n == count-1 {
						runtime.GC()
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						last = m.HeapAlloc
					}
				}}
				about := exchange.ExportAbout{
					Base: "https://sijil.example", Words: c.Localizer("fr"), Spool: func() (exchange.Spool, error) { return forgetful{}, nil },
				}
				for b.Loop() {
					if err := exchange.WriteExport(b.Context(), io.Discard, f, source, about); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*count), "ns/incident")
				b.ReportMetric(float64(last)/(1<<20), "MB-heap")
			})
		}
	}
}
