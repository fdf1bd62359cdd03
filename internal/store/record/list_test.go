package record_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

func facetOf(list []register.Facet, value string) int {
	for _, f := range list {
		if f.Value == value {
			return f.Count
		}
	}
	return 0
}

// TestListOfStatements: every facet leaves as many statements as it says, and
// all that a list shows is what was chosen.
func TestListOfStatements(t *testing.T) {
	s := record.NewStore(store.Wrap(testkit.Founding(t).Public()))
	all, err := s.Statements(t.Context(), register.StatementFilter{})
	if err != nil || all.Total == 0 || len(all.Rows) != all.Total {
		t.Fatalf("%d of %d, %v", len(all.Rows), all.Total, err)
	}
	for i := 1; i < len(all.Rows); i++ {
		if edtf.Compare(all.Rows[i-1].Said, all.Rows[i].Said) < 0 && !all.Rows[i-1].Said.IsZero() {
			t.Errorf("%s (%s) stands before %s (%s)", all.Rows[i-1].Slug, all.Rows[i-1].Said, all.Rows[i].Slug, all.Rows[i].Said)
		}
	}
	for _, field := range []string{"kind", "official", "original", "language", "year"} {
		if len(all.Facets[field]) == 0 {
			t.Errorf("no facet %s", field)
		}
		for _, facet := range all.Facets[field] {
			f := register.StatementFilter{}
			switch field {
			case "kind":
				f.Kind = register.StatementKind(facet.Value)
			case "official":
				f.Official = facet.Value
			case "original":
				f.Original = facet.Value
			case "language":
				f.Language = register.Lang(facet.Value)
			case "year":
				f.Year = 2025
			}
			chosen, err := s.Statements(t.Context(), f)
			if err != nil || chosen.Total != facet.Count {
				t.Errorf("%s %s: %d, the facet says %d, %v", field, facet.Value, chosen.Total, facet.Count, err)
			}
			for _, row := range chosen.Rows {
				if f.Kind != "" && row.Kind != f.Kind || f.Official == "yes" && !row.Official || f.Original == "not-seen" && !row.OriginalNotSeen {
					t.Errorf("%s %s: %s is not of it", field, facet.Value, row.Slug)
				}
				if len(row.Incidents) == 0 {
					t.Errorf("%s concerns no incident", row.Slug)
				}
			}
		}
	}
}

// TestPagesOfLists go on where the last one ended, with nothing twice and
// nothing left out, in the same order as one long list.
func TestPagesOfLists(t *testing.T) {
	db := testkit.Founding(t)
	testkit.Crowd(t, db, testkit.CrowdSize{Institutions: 130, Published: 70})
	s := record.NewStore(store.Wrap(db.Public()))
	for name, page := range map[string]func(after string) (keys []string, total int, next string, err error){
		"institutions-fr": institutionPages(t, s, register.French),
		"institutions-ar": institutionPages(t, s, register.Arabic),
		"referrals":       referralPages(t, s, register.SortLatestStep),
		"longest":         referralPages(t, s, register.SortLongestWait),
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			after, pages := "", 0
			var total int
			for {
				keys, all, next, err := page(after)
				if err != nil {
					t.Fatal(err)
				}
				for _, key := range keys {
					if seen[key] {
						t.Errorf("%s twice", key)
					}
					seen[key] = true
				}
				total, pages = all, pages+1
				if next == "" {
					break
				}
				after = next
			}
			if pages < 2 || len(seen) != total {
				t.Errorf("%d records on %d pages, want %d", len(seen), pages, total)
			}
		})
	}
}

// TestRowsAlone: a list of so many rows has those that its pages have, in their
// order, and nothing else.
func TestRowsAlone(t *testing.T) {
	db := testkit.Founding(t)
	testkit.Crowd(t, db, testkit.CrowdSize{Institutions: 60, Published: 30})
	s := record.NewStore(store.Wrap(db.Public()))
	today := edtf.Day{Year: 2026, Month: 11, Day: 20}
	for _, most := range []int{25, 1000} {
		incidents, err1 := s.Incidents(t.Context(), register.IncidentFilter{Most: most})
		statements, err2 := s.Statements(t.Context(), register.StatementFilter{Most: most})
		institutions, err3 := s.Institutions(t.Context(), register.InstitutionFilter{Lang: register.Arabic, Most: most})
		referrals, err4 := s.Referrals(t.Context(), register.ReferralFilter{Today: today, Most: most})
		found, err5 := s.Incidents(t.Context(), register.IncidentFilter{Query: "fuite", Sort: register.SortOccurred, Most: most})
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for name, n := range map[string][3]int{
			"incidents":    {len(incidents.Rows), incidents.Total, len(incidents.Facets)},
			"statements":   {len(statements.Rows), statements.Total, len(statements.Facets)},
			"institutions": {len(institutions.Rows), institutions.Total, len(institutions.Facets)},
			"referrals":    {len(referrals.Rows), referrals.Total, len(referrals.Facets)},
			"found":        {len(found.Rows), found.Total, len(found.Facets)},
		} {
			if n[0] != min(most, n[1]) || n[1] == 0 || n[2] != 0 {
				t.Errorf("%s, %d at most: %d rows of %d, %d facets", name, most, n[0], n[1], n[2])
			}
		}
		page, err := s.Incidents(t.Context(), register.IncidentFilter{})
		if err != nil || !slices.EqualFunc(page.Rows, incidents.Rows[:len(page.Rows)], func(a, b register.IncidentRow) bool { return a.Reference == b.Reference }) {
			t.Errorf("another order than that of the page, %v", err)
		}
	}
}

func institutionPages(t *testing.T, s *record.Store, lang register.Lang) func(string) ([]string, int, string, error) {
	t.Helper()
	return func(after string) ([]string, int, string, error) {
		list, err := s.Institutions(t.Context(), register.InstitutionFilter{Lang: lang, After: after})
		var keys []string
		for _, r := range list.Rows {
			keys = append(keys, r.Reference)
		}
		return keys, list.Total, list.Next, err
	}
}

func referralPages(t *testing.T, s *record.Store, sort register.ReferralSort) func(string) ([]string, int, string, error) {
	t.Helper()
	return func(after string) ([]string, int, string, error) {
		list, err := s.Referrals(t.Context(), register.ReferralFilter{Sort: sort, After: after, Today: edtf.Day{Year: 2026, Month: 11, Day: 20}})
		var keys []string
		for _, r := range list.Rows {
			keys = append(keys, r.IncidentReference+"#"+r.Key)
		}
		return keys, list.Total, list.Next, err
	}
}

// TestListOfReferrals: the founding record's referrals are announced by a party,
// and since nothing followed they are silent for longer than a year.
func TestListOfReferrals(t *testing.T) {
	s := record.NewStore(store.Wrap(testkit.Founding(t).Public()))
	today := edtf.Day{Year: 2026, Month: 11, Day: 20}
	all, err := s.Referrals(t.Context(), register.ReferralFilter{Today: today})
	if err != nil || all.Total == 0 {
		t.Fatalf("%d referrals, %v", all.Total, err)
	}
	if n := facetOf(all.Facets["silent"], "365"); n == 0 || n > all.Total {
		t.Errorf("silent for a year: %d of %d", n, all.Total)
	}
	sum := 0
	for _, a := range all.Authorities {
		sum += a.Referrals
	}
	if sum != all.Total {
		t.Errorf("the authorities have %d referrals, the register %d", sum, all.Total)
	}
	early, err := s.Referrals(t.Context(), register.ReferralFilter{Today: edtf.Day{Year: 2025, Month: 4, Day: 20}, Silent: 30})
	if err != nil || early.Total != 0 {
		t.Errorf("ten days after: %d are silent for thirty, %v", early.Total, err)
	}
	unnamed, err := s.Referrals(t.Context(), register.ReferralFilter{Today: today, Authority: register.AuthorityNotNamed})
	if err != nil || unnamed.Total == 0 {
		t.Errorf("%d referrals to who is not named, %v", unnamed.Total, err)
	}
	for _, r := range unnamed.Rows {
		if r.Authority != nil {
			t.Errorf("%s has an authority: %+v", r.Key, r.Authority)
		}
	}
}

// TestListOfInstitutions: the numbers beside an institution are those of its
// page.
func TestListOfInstitutions(t *testing.T) {
	s := record.NewStore(store.Wrap(testkit.Founding(t).Public()))
	list, err := s.Institutions(t.Context(), register.InstitutionFilter{Lang: register.French})
	if err != nil || list.Total == 0 {
		t.Fatalf("%d institutions, %v", list.Total, err)
	}
	for _, row := range list.Rows {
		view, err := s.Institution(t.Context(), row.Slug)
		if err != nil {
			t.Fatal(err)
		}
		n := view.Totals
		if row.Incidents != n.Affected || row.Statements != n.Statements || row.Made+row.Received != n.Referrals || row.Received != n.Received {
			t.Errorf("%s: %+v; its page says %+v", row.Slug, row, n)
		}
		if len(view.Incidents) != n.Concerned || len(view.Statements) != n.Statements || len(view.Referrals) != n.Referrals || len(view.Claims) > n.Claims {
			t.Errorf("%s: its page has %d, %d, %d, %d rows, and says %+v", row.Slug, len(view.Incidents), len(view.Statements), len(view.Referrals), len(view.Claims), n)
		}
	}
	affected, err := s.Institutions(t.Context(), register.InstitutionFilter{Lang: register.French, Part: register.PartAffected})
	if err != nil || affected.Total != facetOf(list.Facets["part"], "affected") || affected.Total == 0 {
		t.Errorf("affected: %d, the facet says %d, %v", affected.Total, facetOf(list.Facets["part"], "affected"), err)
	}
}

func TestCursorsThatNoListGave(t *testing.T) {
	s := record.NewStore(store.Wrap(testkit.Founding(t).Public()))
	for _, after := range []string{"%%%", "YQ", "AAAA"} {
		_, err1 := s.Statements(t.Context(), register.StatementFilter{After: after})
		_, err2 := s.Institutions(t.Context(), register.InstitutionFilter{Lang: register.English, After: after})
		_, err3 := s.Referrals(t.Context(), register.ReferralFilter{After: after})
		for i, err := range []error{err1, err2, err3} {
			if !errors.Is(err, register.ErrInvalid) {
				t.Errorf("list %d, cursor %q: %v", i, after, err)
			}
		}
	}
}
