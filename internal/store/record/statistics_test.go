package record_test

import (
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// TestStatistics compares what the database counts with what the edition of the
// founding record holds.
func TestStatistics(t *testing.T) {
	s := record.NewStore(store.Wrap(testkit.Founding(t).Public()))
	e, err := s.Incident(t.Context(), "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Statistics(t.Context(), register.StatisticsFilter{})
	if err != nil {
		t.Fatal(err)
	}
	facts, archived := register.CountFacts(e.Incident, e.SourceList)
	for _, st := range e.Statements {
		f, a := register.CountFacts(st.Statement, e.SourceList)
		facts, archived = facts+f, archived+a
	}
	row := register.NewIncidentRow(e)
	switch {
	case got.Incidents != 1 || got.NoYear != 0 || facetOf(got.Years, "2025") != 1:
		t.Errorf("incidents: %+v", got)
	case got.Facts != facts || got.Archived != archived:
		t.Errorf("%d facts, %d archived; the edition has %d and %d", got.Facts, got.Archived, facts, archived)
	case len(got.Delays.Delays) != 1 || got.Delays.Delays[0].Delay != row.FirstStatement:
		t.Errorf("delays %+v, want %+v", got.Delays, row.FirstStatement)
	case len(got.StatementsEach) != 1 || got.StatementsEach[0].Value != "9":
		t.Errorf("statements each: %+v", got.StatementsEach)
	}
	referrals := 0
	for _, p := range got.Phases {
		referrals += p.Count
	}
	if referrals != len(e.Referrals) {
		t.Errorf("%d referrals, the edition has %d", referrals, len(e.Referrals))
	}
}

func TestStatisticsAreFiltered(t *testing.T) {
	db := testkit.Founding(t)
	testkit.Crowd(t, db, testkit.CrowdSize{Institutions: 10, Published: 40})
	s := record.NewStore(store.Wrap(db.Public()))
	all, err := s.Statistics(t.Context(), register.StatisticsFilter{})
	if err != nil || all.Incidents < 41 {
		t.Fatalf("%d incidents, %v", all.Incidents, err)
	}
	for _, f := range []register.StatisticsFilter{{Sector: "health"}, {Sector: "social-protection"}, {From: 2025, To: 2025}} {
		got, err := s.Statistics(t.Context(), f)
		list, err2 := s.Incidents(t.Context(), register.IncidentFilter{Sector: f.Sector, Year: f.To})
		if err != nil || err2 != nil || got.Incidents != list.Total || got.Incidents == 0 || got.Incidents == all.Incidents {
			t.Errorf("%+v: %d incidents, the list has %d, %v, %v", f, got.Incidents, list.Total, err, err2)
		}
	}
	if _, err := s.Statistics(t.Context(), register.StatisticsFilter{From: 2030, To: 2020}); err == nil {
		t.Error("a range that ends before it begins")
	}
}
