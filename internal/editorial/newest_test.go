package editorial_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// wantNewest wants the words of just these incidents kept, as they are now.
func (h *house) wantNewest(tb testing.TB, want ...string) {
	tb.Helper()
	rows, err := h.db.Owner().Query(tb.Context(), `
		SELECT i.slug
		FROM record.search_newest AS n
		JOIN record.incidents AS i USING (reference, occurred_order)
		JOIN record.search_rows AS s ON s.type = 'incident' AND s.reference = n.reference AND s.words = n.words
		ORDER BY n.occurred_order DESC, n.reference DESC`)
	must(tb, err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(tb, err)
	var kept int
	must(tb, h.db.Owner().QueryRow(tb.Context(), `SELECT count(*) FROM record.search_newest`).Scan(&kept))
	if !slices.Equal(got, want) || kept != len(want) {
		tb.Errorf("%d are kept, %q as they are; want %q", kept, got, want)
	}
	list, err := h.public.Incidents(tb.Context(), register.IncidentFilter{Query: "CNSS"})
	must(tb, err)
	if list.Total != 1 {
		tb.Errorf("a search finds %d", list.Total)
	}
}

// moved publishes the incident with its first public trace on another day.
func (h *house) moved(t *testing.T, day string) {
	t.Helper()
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, h.head(t, register.TypeIncident, "cnss-2025").ID)
	must(t, err)
	for i := range draft.Incident.Events {
		e := &draft.Incident.Events[i]
		if slices.Contains([]register.EventKind{register.EventAttack, register.EventDiscovery, register.EventDataPublication}, e.Kind) {
			e.Dates = register.Dates{{EDTF: date(t, day), Basis: register.BasisStated, Sources: e.Sources}}
		}
	}
	v, err := h.editorial.Save(t.Context(), h.analyst, draft)
	must(t, err)
	h.publish(t, []editorial.Version{v})
}

// TestTheNewestFollowTheRecord: whatever happens to an incident, a search finds it, and
// what is kept of it is what it says now.
func TestTheNewestFollowTheRecord(t *testing.T) {
	t.Parallel()
	const slug = "cnss-2025"
	h := newHouse(t)
	since := func(day, reference string) {
		t.Helper()
		h.owner(t, `UPDATE record.search_newest_since SET occurred_order = $1::text::date, reference = $2`, day, reference)
	}
	h.publishFounding(t)
	h.wantNewest(t, slug)

	since("2025-04-08", "SJ-2025-0001") // it is the last that is kept
	h.moved(t, "2025-04-09")
	h.wantNewest(t, slug)
	h.moved(t, "2025-04-07")
	h.wantNewest(t)

	// What was published before is kept by the round.
	must(t, h.editorial.KeepNewest(t.Context(), h.clock.Now()))
	h.wantNewest(t, slug)
	h.moved(t, "2001-01-01")
	h.wantNewest(t, slug)
	h.owner(t, `DELETE FROM record.search_newest`)
	h.owner(t, `DELETE FROM record.search_newest_since`) // as an upgrade leaves it
	h.moved(t, "2025-04-08")
	h.wantNewest(t)
	must(t, h.editorial.KeepNewest(t.Context(), h.clock.Now()))
	h.wantNewest(t, slug)
	since("2025-05-01", "")
	must(t, h.editorial.KeepNewest(t.Context(), h.clock.Now())) // and what nobody relies on is kept again
	h.wantNewest(t, slug)

	h.withdraw(t, h.head(t, register.TypeIncident, slug))
	var kept int
	must(t, h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM record.search_newest`).Scan(&kept))
	if kept != 0 {
		t.Errorf("%d kept that are withdrawn", kept)
	}
	h.again(t, h.head(t, register.TypeIncident, slug))
	h.wantNewest(t, slug)
}
