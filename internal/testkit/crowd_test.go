package testkit_test

import (
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestACrowdIsMadeOfRecords checks that copies read as records do.
func TestACrowdIsMadeOfRecords(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	testkit.Crowd(t, d, testkit.CrowdSize{Institutions: 5, Published: 20, Drafts: 10, InReview: 3})
	e := editorial.New(store.Wrap(d.Desk()), testkit.NewClock(testkit.FoundingDay()).Now)
	editor := testkit.Staff(t, d)[testkit.Editor]
	for state, want := range map[string]int{"published": 20 + 5 + 2, "draft": 10 + 1, "in-review": 3 + 1} {
		var ids []register.Ref
		rows, err := d.Desk().Query(t.Context(), `SELECT id::text FROM desk.records WHERE state = $1`, state)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id register.Ref
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if len(ids) != want {
			t.Errorf("%d records are %s, want %d", len(ids), state, want)
		}
		for _, id := range ids {
			draft, _, err := e.Load(t.Context(), editor, id)
			if err != nil {
				t.Fatal(err)
			}
			if draft.Incident != nil && (len(draft.Incident.Events) != 2 || draft.Incident.Affected[0].Institution == "") {
				t.Errorf("%s is %+v", id, draft.Incident)
			}
		}
	}
}
