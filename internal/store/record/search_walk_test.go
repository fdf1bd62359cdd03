package record_test

import (
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// TestWordsThatMostIncidentsHave: they are found along the list, in a register
// that is large enough, and by the index where they stand together nowhere.
func TestWordsThatMostIncidentsHave(t *testing.T) {
	t.Parallel()
	const size = 1200
	d := testkit.Database(t)
	testkit.Crowd(t, d, testkit.CrowdSize{Institutions: 10, Published: size})
	public := record.NewStore(store.Wrap(d.Public()))
	for _, tt := range []struct {
		query     string
		total     int
		more      bool
		following bool
	}{
		{"fuite", register.MostCounted, true, true},
		{"fuites de données", register.MostCounted, true, true},
		{"fuite hôpital", size / 10, false, true},
		{`"données fuite"`, 0, false, false},
		{"fuite -données", 0, false, false},
		{"-hôpital", register.MostCounted, true, true},
		{"fuite 1147", 1, false, false},
		{"fuites hôpitaux", size / 10, false, true}, // other forms of both
		{"fuite hopi", size / 10, false, true},      // the beginning of a word
		{"fuite 11", 111, false, true},              // of more words than are looked for one by one
		{"hôpitaux -fuites", 0, false, false},
	} {
		for _, sort := range []register.IncidentSort{register.SortRelevance, register.SortOccurred, register.SortPublished} {
			list, err := public.Incidents(t.Context(), register.IncidentFilter{Query: tt.query, Sort: sort})
			if err != nil {
				t.Fatal(err)
			}
			if list.Total != tt.total || list.AtLeast != tt.more || len(list.Rows) != min(tt.total, register.PageSize) || list.Next != "" != tt.following {
				t.Errorf("%s by %s: %d (more: %t), %d rows, next %q", tt.query, sort, list.Total, list.AtLeast, len(list.Rows), list.Next)
			}
			seen := map[string]bool{}
			for _, r := range list.Rows {
				seen[r.Reference] = true
			}
			if list.Next == "" {
				continue
			}
			next, err := public.Incidents(t.Context(), register.IncidentFilter{Query: tt.query, Sort: sort, After: list.Next})
			if err != nil {
				t.Fatalf("%s by %s, the next page: %v", tt.query, sort, err)
			}
			for _, r := range next.Rows {
				if seen[r.Reference] {
					t.Errorf("%s by %s: %s on two pages", tt.query, sort, r.Reference)
				}
			}
		}
	}
}
