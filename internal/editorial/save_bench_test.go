package editorial_test

import (
	"fmt"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// BenchmarkSave measures how long it takes to change one word of the founding
// record's incident.
func BenchmarkSave(b *testing.B) {
	db := testkit.Founding(b)
	h := &house{editorial: editorial.New(store.Wrap(db.Desk()), testkit.NewClock(testkit.FoundingDay()).Now)}
	h.analyst = account(b, db, "benchmark@example.org", register.RoleAnalyst)
	id := register.Ref("")
	if err := db.Desk().QueryRow(b.Context(), `SELECT id FROM desk.records WHERE type = 'incident' LIMIT 1`).Scan(&id); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		draft, head, err := h.editorial.Load(b.Context(), h.analyst, id)
		if err != nil {
			b.Fatal(err)
		}
		n++
		_, err = h.editorial.ChangeIncident(b.Context(), h.analyst, editorial.Version{ID: id, Version: head.Version}, nil, func(i *register.Incident) error {
			i.Title["fr"] = fmt.Sprint("Titre ", n)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		_ = draft
	}
}
