package desk_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// TestASaveWritesWhatDiffers changes the founding record's incident in many
// ways, and looks at which rows were written each time.
func TestASaveWritesWhatDiffers(t *testing.T) {
	d := testkit.Founding(t)
	q := desk.New(store.Wrap(d.Desk()).Querier())
	h, err := q.RecordBySlug(t.Context(), register.TypeIncident, founding(t).Incidents[0].Slug)
	if err != nil {
		t.Fatal(err)
	}
	var author string
	if err := d.Owner().QueryRow(t.Context(), `SELECT id FROM desk.accounts LIMIT 1`).Scan(&author); err != nil {
		t.Fatal(err)
	}
	if err := store.Wrap(d.Desk()).InTx(t.Context(), func(tx store.Querier) error {
		_, err := desk.New(tx).ChangeRecord(t.Context(), h, author) // what is published is changed as a draft
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*register.Incident)
		wrote  func(*register.Incident) []string // keys of facts with a row that was written
	}{
		{"nothing", func(*register.Incident) {}, nil},
		{"a title", func(i *register.Incident) { i.Title["fr"] += " !" }, only("record")},
		{
			"an event's words", func(i *register.Incident) { i.Events[1].Title["fr"] += " !" },
			func(i *register.Incident) []string { return []string{i.Events[1].Key} },
		},
		{
			"an exposure, to whose rows events refer", func(i *register.Incident) { i.Exposures[0].Place += "x" },
			func(i *register.Incident) []string {
				keys := []string{i.Exposures[0].Key}
				for _, f := range i.Exposures[0].Figures {
					keys = append(keys, f.Key)
				}
				for _, p := range i.Exposures[0].Authenticity {
					keys = append(keys, p.Key)
				}
				for _, e := range i.Events {
					if e.Exposure == i.Exposures[0].Key {
						keys = append(keys, e.Key)
					}
				}
				return keys
			},
		},
		{
			"a step that is added", func(i *register.Incident) {
				r := &i.Referrals[len(i.Referrals)-1]
				r.Steps = append(r.Steps, register.Step{
					Fact: register.Fact{Key: "added", SaidIn: r.Steps[0].SaidIn, Sources: r.Steps[0].Sources},
					Step: r.Steps[0].Step, Level: register.PressOnly, Title: register.Text{"fr": "Saisine"},
				})
			},
			func(i *register.Incident) []string {
				r := i.Referrals[len(i.Referrals)-1]
				keys := []string{r.Key}
				for _, s := range r.Steps {
					keys = append(keys, s.Key)
				}
				return keys
			},
		},
		{"a statement that is no longer shown", func(i *register.Incident) { i.Statements = i.Statements[1:] }, only("record")},
		{"an answer that is taken out", func(i *register.Incident) { i.Answers = i.Answers[:len(i.Answers)-1] }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			i, err := q.Incident(t.Context(), h)
			if err != nil {
				t.Fatal(err)
			}
			c.change(i)
			before := rowVersions(t, d, h.ID)
			if err := store.Wrap(d.Desk()).InTx(t.Context(), func(tx store.Querier) error {
				return desk.New(tx).SaveIncident(t.Context(), h.ID, i)
			}); err != nil {
				t.Fatal(err)
			}
			got, err := q.Incident(t.Context(), h)
			if err != nil || canonical(t, got) != canonical(t, i) {
				t.Fatalf("%v\n got %s\nwant %s", err, canonical(t, got), canonical(t, i))
			}
			var want []string
			if c.wrote != nil {
				want = c.wrote(i)
			}
			slices.Sort(want)
			if wrote := written(before, rowVersions(t, d, h.ID)); !slices.Equal(wrote, slices.Compact(want)) {
				t.Errorf("wrote %v, want %v", wrote, want)
			}
		})
	}
}

func only(key string) func(*register.Incident) []string {
	return func(*register.Incident) []string { return []string{key} }
}

// rowVersions are the rows of a record, by the key of their fact and the
// transaction that wrote them.
func rowVersions(t *testing.T, d *testkit.DB, record register.Ref) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for table, key := range map[string]string{
		"incidents": "'record'", "incident_statements": "'record'", "incident_relations": "'record'",
		"answers": "key", "affected_institutions": "key", "targeted_systems": "key", "system_names": "key", "measures": "key",
		"events": "key", "event_relatings": "key", "exposures": "key", "figures": "key", "positions": "key",
		"referrals": "key", "referral_steps": "key",
		"citations": "key", "backings": "key", "date_assertions": "key", "date_citations": "key", "fact_institutions": "key",
	} {
		rows, err := d.Owner().Query(t.Context(), fmt.Sprintf(`SELECT %s, xmin::text FROM desk.%s WHERE record_id = $1`, key, table), record)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var key, by string
			if err := rows.Scan(&key, &by); err != nil {
				t.Fatal(err)
			}
			out[key+" "+by] = true
		}
		if rows.Err() != nil {
			t.Fatal(rows.Err())
		}
	}
	return out
}

// written are the keys under which there are rows that were not there before.
func written(before, after map[string]bool) []string {
	keys := map[string]bool{}
	for version := range after {
		if !before[version] {
			var key, by string
			if _, err := fmt.Sscan(version, &key, &by); err == nil {
				keys[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
