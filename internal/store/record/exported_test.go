package record_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestAnExportSeesAllRecords exports what no incident shows, and what is gone, looking at
// any number of records at once: the same, each record once.
func TestAnExportSeesAllRecords(t *testing.T) {
	d := testkit.FoundingWithVERIS(t, testkit.VERIS())
	heads(t, d, "SJ-1990", 1, 7, "withdrawn")
	heads(t, d, "SJ-1991", 1, 1, "merged")
	tx, err := d.Owner().Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	// Incidents that are in the list no more show nothing: what they pinned is loose.
	for _, sql := range []string{
		`SET LOCAL session_replication_role = replica`,
		`DELETE FROM record.incidents WHERE reference ~ '[02468]$'`,
	} {
		_, err := tx.Exec(t.Context(), sql)
		must(t, err)
	}
	must(t, tx.Commit(t.Context()))
	var want int
	must(t, d.Owner().QueryRow(t.Context(), `
		SELECT count(*)
		FROM record.heads
		WHERE type <> 'incident' AND reference NOT IN (
			SELECT p.pinned_reference FROM record.pins AS p JOIN record.incidents AS i ON (i.reference, i.number) = (p.reference, p.number))`).Scan(&want))
	if want < 20 {
		t.Fatalf("%d records are loose", want)
	}
	for _, window := range []int{1, 3, 7, 2000} {
		var loose, gone []string
		err := public(d).Looking(window).Export(t.Context(), register.ExportScope{Whole: true}, func(register.ExportState) (register.ExportSink, error) {
			return register.ExportSink{
				Record:    func(p *register.Published) error { loose = append(loose, p.Reference); return nil },
				Departure: func(d *register.Departure) error { gone = append(gone, d.Reference); return nil },
			}, nil
		})
		must(t, err)
		if len(loose) != want || len(gone) != 8 {
			t.Errorf("looking at %d: %d loose records, want %d; %d are gone, want 8", window, len(loose), want, len(gone))
		}
		for _, list := range [][]string{loose, gone} {
			if once := slices.Compact(slices.Clone(list)); len(once) != len(list) || !slices.IsSorted(list) {
				t.Errorf("looking at %d: not in order, or twice: %v", window, list)
			}
		}
	}
}
