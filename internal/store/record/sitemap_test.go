package record_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestPartsHoldEveryRecordOnce: whatever their size, parts read one after the
// other are the whole, in order.
func TestPartsHoldEveryRecordOnce(t *testing.T) {
	d := testkit.Founding(t)
	s := public(d)
	whole, err := s.PublicRecords(t.Context(), "", 1000)
	must(t, err)
	if len(whole) < 10 || !slices.ContainsFunc(whole, func(r register.PublicAddress) bool {
		return r.Type == register.TypeIncident && r.Slug == "cnss-2025" && r.Reference == "SJ-2025-0001" && !r.PublishedAt.IsZero()
	}) {
		t.Fatalf("%d records: %+v", len(whole), whole)
	}
	for _, size := range []int{1, 2, 7, len(whole) - 1, len(whole), len(whole) + 1} {
		parts, err := s.PublicParts(t.Context(), size)
		must(t, err)
		if want := (len(whole) + size - 1) / size; len(parts) != want {
			t.Errorf("parts of %d: %d, want %d", size, len(parts), want)
		}
		var read []register.PublicAddress
		for _, from := range parts {
			part, err := s.PublicRecords(t.Context(), from, size)
			must(t, err)
			read = append(read, part...)
		}
		if !slices.Equal(read, whole) {
			t.Errorf("parts of %d give %d records, want %d", size, len(read), len(whole))
		}
	}
}
