package editorial_test

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// house is a register of a test's own with its staff.
type house struct {
	db        *testkit.DB
	editorial *editorial.Editorial
	public    *record.Store
	analyst   register.Actor
	editor    register.Actor
	editor2   register.Actor
}

func newHouse(t testing.TB) *house {
	t.Helper()
	d := testkit.Database(t)
	clock := testkit.NewClock(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	return &house{
		db:        d,
		editorial: editorial.New(store.Wrap(d.Desk()), clock.Now),
		public:    record.NewStore(store.Wrap(d.Public())),
		analyst:   account(t, d, "analyst@example.org", register.RoleAnalyst),
		editor:    account(t, d, "editor@example.org", register.RoleEditor),
		editor2:   account(t, d, "editor2@example.org", register.RoleEditor),
	}
}

func account(t testing.TB, d *testkit.DB, email string, role register.AccountRole) register.Actor {
	t.Helper()
	a, err := desk.New(store.Wrap(d.Desk()).Querier()).EnsureAccount(t.Context(), desk.Account{
		Email: email, Name: email, Role: role, Language: register.French,
	})
	if err != nil {
		t.Fatal(err)
	}
	return register.Actor{ID: a.ID, Role: a.Role}
}

// foundingSet is the founding record as its files give it.
func foundingSet(t testing.TB) register.Set {
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

var firstEdition = register.Text{"fr": "Première édition", "ar": "الإصدار الأول", "en": "First edition"}

// publish takes versions the whole way: review, approval by the editor, and
// publication.
func (h *house) publish(t testing.TB, versions []editorial.Version) []editorial.Published {
	t.Helper()
	for _, v := range versions {
		must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
		must(t, h.editorial.Approve(t.Context(), h.editor, v))
	}
	made, err := h.editorial.Publish(t.Context(), h.editor, versions, firstEdition)
	must(t, err)
	return made
}

func (h *house) publishFounding(t testing.TB) []editorial.Published {
	t.Helper()
	versions, err := h.editorial.Import(t.Context(), h.analyst, foundingSet(t))
	must(t, err)
	return h.publish(t, versions)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFoundingRecordIsPublished(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	e, err := h.public.Incident(context.Background(), "cnss-2025")
	must(t, err)
	if e.Reference != "SJ-2025-0001" || e.Edition != 1 {
		t.Errorf("got %s edition %d", e.Reference, e.Edition)
	}
}
