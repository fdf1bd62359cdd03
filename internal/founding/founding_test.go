package founding_test

import (
	"io/fs"
	"testing"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

func TestPublishTwiceDoesNothingTheSecondTime(t *testing.T) {
	d := testkit.Database(t)
	database := store.Wrap(d.Desk())
	clock := testkit.NewClock(testkit.FoundingDay())
	for i, want := range []bool{true, false} {
		published, err := founding.Publish(t.Context(), database, clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		if published != want {
			t.Errorf("call %d: published %v, want %v", i+1, published, want)
		}
	}
}

// TestPublishGoesOnWhereItStopped begins the work as a start that is killed
// would leave it: everything imported, some sent for review, some approved.
func TestPublishGoesOnWhereItStopped(t *testing.T) {
	d := testkit.Database(t)
	database := store.Wrap(d.Desk())
	clock := testkit.NewClock(testkit.FoundingDay())
	set := readSet(t)
	analyst, editor := actor(t, database, "analyst@example.org", register.RoleAnalyst), actor(t, database, "editor@example.org", register.RoleEditor)
	e := editorial.New(database, clock.Now)
	versions, err := e.Import(t.Context(), analyst, set)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range versions[:6] {
		if err := e.SendForReview(t.Context(), analyst, v, ""); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			if err := e.Approve(t.Context(), editor, v); err != nil {
				t.Fatal(err)
			}
		}
	}

	published, err := founding.Publish(t.Context(), database, clock.Now)
	if err != nil || !published {
		t.Fatalf("published %v, %v", published, err)
	}
	incident, err := record.NewStore(store.Wrap(d.Public())).Incident(t.Context(), "cnss-2025")
	if err != nil || incident.Reference != "SJ-2025-0001" {
		t.Fatalf("%v, %v", incident, err)
	}
}

func readSet(t *testing.T) register.Set {
	t.Helper()
	folder, err := fs.Sub(db.Founding, "founding")
	if err != nil {
		t.Fatal(err)
	}
	set, err := exchange.ReadSet(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func actor(t *testing.T, database *store.DB, email string, role register.AccountRole) register.Actor {
	t.Helper()
	a, err := desk.New(database.Querier()).EnsureAccount(t.Context(), desk.Account{
		Email: email, Name: email, Role: role, Language: register.French,
	})
	if err != nil {
		t.Fatal(err)
	}
	return register.Actor{ID: a.ID, Role: a.Role}
}
