package record_test

import (
	"strings"
	"testing"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// TestAStatementKnowsWhatPointsToIt: a relation is found from its other end, and
// no more once the statement that has it is withdrawn.
func TestAStatementKnowsWhatPointsToIt(t *testing.T) {
	t.Parallel()
	d := testkit.Founding(t)
	staff := testkit.Staff(t, d)
	clock := testkit.NewClock(testkit.FoundingDay())
	desks := editorial.New(store.Wrap(d.Desk()), clock.Now)
	find := func(slug string) desk.Record {
		r, err := desk.New(store.Wrap(d.Desk()).Querier()).RecordBySlug(t.Context(), register.TypeStatement, slug)
		must(t, err)
		return r
	}
	first, second := find("cnss-communique-1"), find("cnss-communique-2")
	draft, _, err := desks.Load(t.Context(), staff[testkit.Analyst], second.ID)
	must(t, err)
	draft.Statement.Relations = []register.StatementRelation{{Kind: "amends", Statement: register.Ref(first.ID)}}
	v, err := desks.Save(t.Context(), staff[testkit.Analyst], draft)
	must(t, err)
	must(t, desks.SendForReview(t.Context(), staff[testkit.Analyst], v, ""))
	must(t, desks.Approve(t.Context(), staff[testkit.Editor], v))
	reason := register.Text{"fr": "Lien ajouté", "ar": "إضافة رابط", "en": "Tie added"}
	_, err = desks.Publish(t.Context(), staff[testkit.Editor], []editorial.Version{v}, reason)
	must(t, err)

	view, err := public(d).Statement(t.Context(), "cnss-communique-1")
	must(t, err)
	if len(view.Pointing) != 1 || view.Pointing[0].Slug != "cnss-communique-2" || view.Pointing[0].Relations[0].Kind != "amends" {
		t.Fatalf("pointing: %+v", view.Pointing)
	}
	other, err := public(d).Statement(t.Context(), "cnss-communique-2")
	must(t, err)
	if len(other.Pointing) != 0 {
		t.Errorf("the other end is pointed to by %+v", other.Pointing)
	}

	// What was published before the table was there is found by its migration.
	migration, err := db.Migrations.ReadFile("migrations/000070_relate_statements.up.sql")
	must(t, err)
	_, fill, _ := strings.Cut(string(migration), "INSERT INTO")
	_, err = d.Owner().Exec(t.Context(), `DELETE FROM record.statement_relations`)
	must(t, err)
	filled, err := d.Owner().Exec(t.Context(), "INSERT INTO"+fill)
	must(t, err)
	if filled.RowsAffected() != 1 {
		t.Errorf("the migration finds %d relations", filled.RowsAffected())
	}

	id, err := desks.ProposeWithdrawal(t.Context(), staff[testkit.Editor], editorial.Withdrawal{Record: second.ID, Notice: reason})
	must(t, err)
	must(t, desks.Confirm(t.Context(), staff[testkit.Editor2], id))
	view, err = public(d).Statement(t.Context(), "cnss-communique-1")
	must(t, err)
	if len(view.Pointing) != 0 {
		t.Errorf("what is withdrawn still points: %+v", view.Pointing)
	}
}
