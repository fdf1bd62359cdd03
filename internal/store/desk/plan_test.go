package desk_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// explainer notes the plan of every query that it passes on.
type explainer struct {
	store.Querier
	tb   testing.TB
	plan string
}

func (e *explainer) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	e.tb.Helper()
	rows, err := e.Querier.Query(ctx, "EXPLAIN (ANALYZE, TIMING OFF) "+sql, args...)
	if err != nil {
		e.tb.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		e.tb.Fatalf("%s: %v", sql, err)
	}
	e.plan = strings.Join(lines, "\n")
	return e.Querier.Query(ctx, sql, args...)
}

// TestSearchesUseTheirIndexes looks at the plans of the searches that people
// wait for while they type: none may have to read the directory from end to end.
func TestSearchesUseTheirIndexes(t *testing.T) {
	db := testkit.Database(t)
	testkit.Crowd(t, db, testkit.CrowdSize{Institutions: 1500, Drafts: 2000})
	tx, err := db.Desk().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	// What is asked is whether the indexes can serve: of a directory as small as
	// a test's, reading the whole would cost less.
	if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	e := &explainer{Querier: tx, tb: t}
	queries := desk.New(e)
	date, err := edtf.Parse("2024-03-15")
	if err != nil {
		t.Fatal(err)
	}
	some, err := queries.Pick(t.Context(), register.TypeInstitution, nil, 1)
	if err != nil || len(some) != 1 {
		t.Fatal(some, err)
	}
	pick := func(of register.RecordType, words ...string) func() error {
		return func() error { _, err := queries.Pick(t.Context(), of, words, 12); return err }
	}
	institutions, incidents := "directory_institution_words_idx", "directory_incident_words_idx"
	cases := []struct {
		name string
		run  func() error
		want string // the index
	}{
		{"institution by a word", pick(register.TypeInstitution, "1234"), institutions},
		{"institution by two words", pick(register.TypeInstitution, "agence", "1234"), institutions},
		{"institution in Arabic", pick(register.TypeInstitution, "الوطنيه", "1234"), institutions},
		{"institution by a fragment", pick(register.TypeInstitution, "gence", "234"), institutions},
		{"institution by its acronym", pick(register.TypeInstitution, "1234"), "directory_acronyms_idx"},
		{"incident by a word", pick(register.TypeIncident, "donnees", "1321"), incidents},
		{"incidents of last days", pick(register.TypeIncident), "records_type_idx"},
		{"incidents of an institution", func() error {
			_, err := queries.IncidentsNear(t.Context(), some[0].ID, date, 14)
			return err
		}, "directory_institutions_idx"},
		{"incidents that cite a page", func() error {
			_, err := queries.IncidentsCiting(t.Context(), "https://press.example/none")
			return err
		}, "sources_url_key"},
		{"first page of a list", func() error {
			_, err := queries.List(t.Context(), desk.ListFilter{Type: register.TypeIncident, Limit: 21})
			return err
		}, "records_type_idx"},
		{"similar titles", func() error {
			_, err := queries.IncidentsTitled(t.Context(), "fuite de donnees 1321", 0.8)
			return err
		}, incidents},
	}
	for _, c := range cases {
		if err := c.run(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !strings.Contains(e.plan, c.want) {
			t.Errorf("%s does not use %s:\n%s", c.name, c.want, e.plan)
		}
		if strings.Contains(e.plan, "Seq Scan on directory") {
			t.Errorf("%s reads the whole directory:\n%s", c.name, e.plan)
		}
	}
}
