package record_test

import (
	"io"
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// relevance is the table of what searches must find.
type relevance struct {
	French  []wanted `yaml:"fr"`
	Arabic  []wanted `yaml:"ar"`
	English []wanted `yaml:"en"`
	Nothing []string
	Meant   []struct {
		Q   string
		For string
	}
}

type wanted struct {
	Q   string
	In  string
	Not bool // nothing is to be found: a word of it stands in no record
	// Whole means that it is asked only where all incidents in VERIS are public.
	Whole bool
}

func readRelevance(t *testing.T) relevance {
	t.Helper()
	raw, err := os.ReadFile("testdata/relevance.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var table relevance
	if err := yaml.UnmarshalWithOptions(raw, &table, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return table
}

// TestSearchesFindWhatTheyMust asks everything of the table. SIJIL_VERIS may name
// a larger file of incidents, among which the same are to be found.
func TestSearchesFindWhatTheyMust(t *testing.T) {
	incidents := testkit.VERIS()
	whole := os.Getenv("SIJIL_VERIS") != ""
	if name := os.Getenv("SIJIL_VERIS"); whole {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		incidents = io.Reader(file)
	}
	public := record.NewStore(store.Wrap(testkit.FoundingWithVERIS(t, incidents).Public()))
	table := readRelevance(t)
	for lang, queries := range map[register.Lang][]wanted{register.French: table.French, register.Arabic: table.Arabic, register.English: table.English} {
		asked := 0
		for _, w := range queries {
			if w.Whole && !whole {
				continue
			}
			asked++
			list := ask(t, public, w.Q, lang)
			first := list.Rows[:min(3, len(list.Rows))]
			if w.Not && list.Total > 0 || !w.Not && !slices.ContainsFunc(first, func(r register.IncidentRow) bool { return isIn(r, w.In) }) {
				t.Errorf("%s %q: %d found, the first are %v, want %q", lang, w.Q, list.Total, slugs(first), w.In)
			}
		}
		if asked < 20 {
			t.Errorf("%s: %d queries only", lang, asked)
		}
		t.Logf("%s: %d queries", lang, asked)
	}
	if len(table.Nothing) < 10 {
		t.Errorf("%d searches that find nothing only", len(table.Nothing))
	}
	for _, q := range table.Nothing {
		if list := ask(t, public, q, register.French); list.Total > 0 || len(list.Rows) > 0 {
			t.Errorf("%q finds %v", q, slugs(list.Rows))
		}
	}
	for _, m := range table.Meant {
		if list := ask(t, public, m.Q, register.French); list.Total > 0 || list.Suggestion != m.For {
			t.Errorf("%q: %d found, %q suggested, want %q", m.Q, list.Total, list.Suggestion, m.For)
		}
	}
}

func ask(t *testing.T, public *record.Store, q string, lang register.Lang) register.IncidentList {
	t.Helper()
	list, err := public.Incidents(t.Context(), register.IncidentFilter{Query: q, Lang: lang})
	if err != nil {
		t.Fatalf("%q: %v", q, err)
	}
	return list
}

func isIn(r register.IncidentRow, slug string) bool {
	return r.Slug == slug || slices.ContainsFunc(r.Institutions, func(b register.InstitutionBrief) bool { return b.Slug == slug })
}

func slugs(rows []register.IncidentRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Title[register.English])
	}
	return out
}
