package record_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// TestEveryWayOfASearchFindsTheSame: whether the newest incidents are kept in the order of
// the list, as far as they are, and all of them or not.
func TestEveryWayOfASearchFindsTheSame(t *testing.T) {
	t.Parallel()
	const size = 2500
	d := testkit.Database(t)
	testkit.Crowd(t, d, testkit.CrowdSize{Institutions: 10, Published: size})
	owner := func(sql string) {
		t.Helper()
		_, err := d.Owner().Exec(t.Context(), sql)
		must(t, err)
	}
	writer := record.NewWriter(store.Wrap(d.Desk()).Querier())
	states := []struct {
		name string
		come func()
	}{
		{"none are kept", func() {
			owner(`DELETE FROM record.search_newest_since`)
			owner(`DELETE FROM record.search_newest`)
		}},
		{"half of them", func() {
			for range size / 2 / 100 {
				whole, err := writer.KeepMore(t.Context(), 100)
				must(t, err)
				if whole {
					t.Error("half of them are all")
				}
			}
		}},
		{"less again", func() {
			must(t, writer.KeepOnly(t.Context(), 1100))
			must(t, writer.KeepOnly(t.Context(), 1150)) // what is left over may have gaps
			kept, _, err := writer.NewestIncidents(t.Context())
			must(t, err)
			if kept != 1100 {
				t.Errorf("%d are relied on", kept)
			}
			dropped, err := writer.DropOldest(t.Context(), 100)
			must(t, err)
			if dropped != 100 {
				t.Errorf("%d dropped", dropped)
			}
		}},
		{"all of them", func() {
			for whole := false; !whole; {
				var err error
				whole, err = writer.KeepMore(t.Context(), 1000)
				must(t, err)
			}
		}},
	}
	var want map[string][]string
	for _, s := range states {
		s.come()
		owner(`ANALYZE record.search_newest`)
		got := searchedPages(t, public(d))
		if want == nil {
			want = got
		}
		for _, asked := range slices.Sorted(maps.Keys(want)) {
			if !slices.Equal(got[asked], want[asked]) {
				t.Errorf("%s, %s: %q, want %q", s.name, asked, got[asked], want[asked])
			}
		}
	}
	kept, whole, err := writer.NewestIncidents(t.Context())
	must(t, err)
	if kept != size+1 || !whole {
		t.Errorf("%d kept, all: %t", kept, whole)
	}

	// The other way round: what is taken away from there, a search does not find, which
	// shows that it was looked for there.
	owner(`DELETE FROM record.search_newest`)
	for _, asked := range []string{"fuite", "hôpital", "1147"} {
		list, err := public(d).Incidents(t.Context(), register.IncidentFilter{Query: asked})
		must(t, err)
		if len(list.Rows) != 0 {
			t.Errorf("%s is found somewhere else: %v", asked, references(list))
		}
	}
}

// searchedPages are the first pages of searches with words of every frequency, in every
// order, with filters and without, and how many finds they tell of.
func searchedPages(tb testing.TB, public *record.Store) map[string][]string {
	tb.Helper()
	out := map[string][]string{}
	for _, query := range []string{
		"fuite", "fuites de données", "fuite hôpital", `"données fuite"`, "-hôpital", "hôpital -Tanger", "1147", "fuite 11", "zanzibar",
	} {
		for _, sort := range []register.IncidentSort{register.SortRelevance, register.SortOccurred, register.SortPublished} {
			for _, chosen := range []register.IncidentFilter{{}, {Sector: "health"}, {Most: 50, Uncounted: true}} {
				f := chosen
				f.Query, f.Sort = query, sort
				asked := fmt.Sprintf("%q by %s in %q, %d", query, sort, f.Sector, f.Most)
				for page := range 2 {
					list, err := public.Incidents(tb.Context(), f)
					must(tb, err)
					out[asked] = append(out[asked], fmt.Sprintf("%d %t", list.Total, list.AtLeast), strings.Join(references(list), " "))
					if f.After = list.Next; f.After == "" {
						break
					}
					if page == 0 {
						out[asked] = append(out[asked], fmt.Sprint(list.Facets))
					}
				}
			}
		}
	}
	return out
}

// TestEveryKindIsCounted: a word that stands in many thousand claims hides nothing else
// that it stands in.
func TestEveryKindIsCounted(t *testing.T) {
	t.Parallel()
	d := testkit.Founding(t)
	reference := func(kind string) (reference string) {
		t.Helper()
		if err := d.Owner().QueryRow(t.Context(), `SELECT min(reference) FROM record.search_rows WHERE type = $1`, kind).Scan(&reference); err != nil {
			t.Fatal(err)
		}
		return reference
	}
	add := func(kind string, count int) {
		t.Helper()
		if _, err := d.Owner().Exec(t.Context(), `
			INSERT INTO record.search_rows (type, reference, key, words, texts)
			SELECT $1, $2, 'k' || n, 'qqcommon:1'::tsvector, '[]' FROM generate_series(1, $3::integer) AS n`, kind, reference(kind), count); err != nil {
			t.Fatal(err)
		}
	}
	add("claim", 4*register.MostCounted+500)
	add("statement", 3)
	add("institution", 2)
	add("referral", register.MostCounted+1)
	list, err := record.NewStore(store.Wrap(d.Public())).Search(t.Context(), register.SearchFilter{Query: "qqcommon", Type: register.FindClaims, Lang: register.French})
	if err != nil {
		t.Fatal(err)
	}
	for kind, n := range map[register.SearchType]int{
		register.FindClaims: register.MostCounted, register.FindStatements: 3, register.FindInstitutions: 2,
		register.FindReferrals: register.MostCounted, register.FindIncidents: 0,
	} {
		if list.Counts[kind] != n {
			t.Errorf("%s: %d, want %d", kind, list.Counts[kind], n)
		}
	}
}
