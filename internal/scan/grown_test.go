package scan_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// pruneEvery is after how many forms that were accepted records are looked at, and how
// often one may have been changed until it is put back.
const pruneEvery = 25

// gardener puts records back that forms have made longer. Each answer of some forms adds a
// row, such as a step to an incident: of the thousands that a scanner sends each would
// be answered more slowly than the one before, and it would be done with none of them.
type gardener struct {
	uses  *editorial.Editorial
	db    *testkit.DB
	actor register.Actor

	mu       sync.Mutex
	accepted int
	first    map[register.Ref]editorial.Draft // as they were; their versions as they were put back last
	pruned   int
}

// newGardener remembers the records as they are.
func newGardener(t *testing.T, s *site, actor register.Actor) *gardener {
	t.Helper()
	g := &gardener{uses: s.uses, db: s.db, actor: actor}
	rows, _ := s.db.Owner().Query(t.Context(), "SELECT id::text FROM desk.records")
	ids, err := pgx.CollectRows(rows, pgx.RowTo[register.Ref])
	if err != nil {
		t.Fatal(err)
	}
	if g.first, err = s.uses.Drafts(t.Context(), actor, ids); err != nil {
		t.Fatal(err)
	}
	return g
}

// saw counts a request to the desk that was accepted, and prunes now and then.
func (g *gardener) saw(ctx context.Context, request *http.Request, status int) error {
	if g == nil || request.Method != http.MethodPost || status != http.StatusSeeOther || !strings.Contains(request.URL.Path, "/desk/") {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.accepted++; g.accepted%pruneEvery != 0 {
		return nil
	}
	return g.prune(ctx)
}

// prune puts back what was changed often. What a scanner changes at this moment, or has
// discarded, or had published, is left for the next time.
func (g *gardener) prune(ctx context.Context) error {
	rows, _ := g.db.Owner().Query(ctx, "SELECT id::text, version FROM desk.records")
	now, err := pgx.CollectRows(rows, pgx.RowToStructByPos[editorial.Version])
	if err != nil {
		return err
	}
	for _, v := range now {
		draft, known := g.first[v.ID]
		if !known || v.Version < draft.Version+pruneEvery {
			continue
		}
		draft.Version = v.Version
		saved, err := g.uses.Save(ctx, g.actor, draft)
		if errors.Is(err, register.ErrConflict) || errors.As(err, &register.Problems{}) {
			continue
		}
		if err != nil {
			return err
		}
		draft.Version = saved.Version
		g.first[v.ID] = draft
		g.pruned++
	}
	return nil
}

// TestWhatGrowsIsPutBack: a record to which each form that is accepted adds something.
func TestWhatGrowsIsPutBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	analyst := s.role("an analyst", testkit.Analyst)
	id := register.Ref(analyst.draft("statements"))
	g := newGardener(t, s, analyst.Actor)
	now := func() editorial.Draft {
		drafts, err := s.uses.Drafts(t.Context(), analyst.Actor, []register.Ref{id})
		if err != nil {
			t.Fatal(err)
		}
		return drafts[id]
	}
	sent := httptest.NewRequest(http.MethodPost, here("/fr/desk/statements/"+string(id)+"/basics"), http.NoBody)
	for range 2*pruneEvery + 1 {
		draft := now()
		draft.Statement.Channel = register.Text{register.French: draft.Statement.Channel[register.French] + "x"}
		if _, err := s.uses.Save(t.Context(), analyst.Actor, draft); err != nil {
			t.Fatal(err)
		}
		for _, status := range []int{http.StatusUnprocessableEntity, http.StatusSeeOther} { // what is refused changes nothing
			if err := g.saw(t.Context(), sent, status); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := now().Statement.Channel[register.French]; got != "x" || g.pruned != 2 {
		t.Errorf("after %d forms: %q, put back %d times; want one x, and 2 times", 2*pruneEvery+1, got, g.pruned)
	}
}
