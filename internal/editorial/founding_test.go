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
	clock     *testkit.Clock
	analyst   register.Actor
	editor    register.Actor
	editor2   register.Actor
	admin     register.Actor
}

func newHouse(tb testing.TB) *house {
	tb.Helper()
	d := testkit.Database(tb)
	clock := testkit.NewClock(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	return &house{
		db:        d,
		editorial: editorial.New(store.Wrap(d.Desk()), clock.Now),
		public:    record.NewStore(store.Wrap(d.Public())),
		clock:     clock,
		analyst:   account(tb, d, "analyst@example.org", register.RoleAnalyst),
		editor:    account(tb, d, "editor@example.org", register.RoleEditor),
		editor2:   account(tb, d, "editor2@example.org", register.RoleEditor),
		admin:     account(tb, d, "admin@example.org", register.RoleAdmin),
	}
}

func account(tb testing.TB, d *testkit.DB, email string, role register.AccountRole) register.Actor {
	tb.Helper()
	a, err := desk.New(store.Wrap(d.Desk()).Querier()).EnsureAccount(tb.Context(), desk.Account{
		Email: email, Name: email, Role: role, Language: register.French,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return register.Actor{ID: a.ID, Role: a.Role}
}

// foundingSet is the founding record as its files give it.
func foundingSet(tb testing.TB) register.Set {
	tb.Helper()
	folder, err := fs.Sub(db.Founding, "founding")
	if err != nil {
		tb.Fatal(err)
	}
	set, err := exchange.ReadSet(folder)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

var firstEdition = register.Text{"fr": "Première édition", "ar": "الإصدار الأول", "en": "First edition"}

// publish takes versions the whole way: review, approval by the editor, and
// publication.
func (h *house) publish(tb testing.TB, versions []editorial.Version) []editorial.Published {
	tb.Helper()
	for _, v := range versions {
		must(tb, h.editorial.SendForReview(tb.Context(), h.analyst, v, ""))
		must(tb, h.editorial.Approve(tb.Context(), h.editor, v))
	}
	made, err := h.editorial.Publish(tb.Context(), h.editor, versions, firstEdition)
	must(tb, err)
	return made
}

func (h *house) publishFounding(tb testing.TB) []editorial.Published {
	tb.Helper()
	versions, err := h.editorial.Import(tb.Context(), h.analyst, foundingSet(tb))
	must(tb, err)
	return h.publish(tb, versions)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
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
