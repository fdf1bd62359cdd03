package record_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// heads makes records of which only the list of addresses knows, with the
// numbers of a series from one to another, in a state.
func heads(t *testing.T, d *testkit.DB, series string, from, to int, state string) {
	t.Helper()
	tx, err := d.Owner().Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	_, err = tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`) // of all that guards editions
	must(t, err)
	for _, sql := range []string{
		`INSERT INTO record.editions (reference, number, type, content, sha256, salt, published_at, reason, author_role, reviewer_role)
		SELECT $1 || '-' || CASE WHEN n < 10000 THEN lpad(n::text, 4, '0') ELSE n::text END, 1, 'incident', '{}', encode(sha256('{}'), 'hex'),
		    sha256('{}'), '2025-05-01', '{}', 'analyst', 'editor'
		FROM generate_series($2::integer, $3::integer) AS n WHERE $4 <> ''`,
		`INSERT INTO record.heads (reference, type, slug, number, state, merged_into, changed_at)
		SELECT reference, type, lower(reference), 1, $4, CASE $4 WHEN 'merged' THEN 'SJ-2025-0001' END, published_at
		FROM record.editions
		WHERE reference ~ ('^' || $1 || '-[0-9]+$') AND split_part(reference, '-', 3)::integer BETWEEN $2 AND $3`,
	} {
		_, err := tx.Exec(t.Context(), sql, series, from, to, state)
		must(t, err)
	}
	must(t, tx.Commit(t.Context()))
}

// TestPartsHoldEveryRecordOnce: parts read one after the other are the whole,
// none has more than a thousand, and numbers of five and six digits, which stand
// among those of four in the order of text, are of parts of their own.
func TestPartsHoldEveryRecordOnce(t *testing.T) {
	d := testkit.Founding(t)
	s := public(d)
	heads(t, d, "SJ-2010", 1, 2500, "published")
	heads(t, d, "SJ-2010", 9_999, 11_001, "published")
	heads(t, d, "SJ-2010", 100_000, 100_001, "published")
	whole, err := s.PublicRecords(t.Context(), 10_000)
	must(t, err)
	if !slices.ContainsFunc(whole, func(r register.PublicAddress) bool {
		return r.Type == register.TypeIncident && r.Slug == "cnss-2025" && r.Reference == "SJ-2025-0001" && !r.PublishedAt.IsZero()
	}) || len(whole) < 2500+1003+2+10 {
		t.Fatalf("%d records: %+v", len(whole), whole)
	}
	parts, err := s.PublicParts(t.Context())
	must(t, err)
	sizes := map[string]int{}
	var read []register.PublicAddress
	for _, name := range parts {
		part, err := s.PublicPart(t.Context(), name)
		must(t, err)
		if len(part) == 0 || len(part) > 1000 || sizes[name] > 0 {
			t.Errorf("%s: %d records, before %d", name, len(part), sizes[name])
		}
		sizes[name] = len(part)
		read = append(read, part...)
	}
	slices.SortFunc(read, func(a, b register.PublicAddress) int { return strings.Compare(a.Reference, b.Reference) })
	if !slices.Equal(read, whole) {
		t.Errorf("%d parts give %d records, want %d", len(parts), len(read), len(whole))
	}
	for name, want := range map[string]int{
		"SJ-2010-0": 999, "SJ-2010-1": 1000, "SJ-2010-2": 501, "SJ-2010-9": 1, "SJ-2010-10": 1000, "SJ-2010-11": 2, "SJ-2010-100": 2, "SJ-2025-0": 1,
	} {
		if sizes[name] != want {
			t.Errorf("%s has %d records, want %d", name, sizes[name], want)
		}
	}
	few, err := s.PublicRecords(t.Context(), 7)
	must(t, err)
	if !slices.Equal(few, whole[:7]) {
		t.Errorf("the first seven: %+v", few)
	}
}

// TestPartsTellNothingOfWhatIsHidden: a part of which nothing is shown is as one
// that never was, and a record that is hidden leaves no trace in its part.
func TestPartsTellNothingOfWhatIsHidden(t *testing.T) {
	d := testkit.Founding(t)
	s := public(d)
	heads(t, d, "SJ-2011", 1, 3, "published")
	heads(t, d, "SJ-2011", 4, 6, "withdrawn")
	heads(t, d, "SJ-2012", 1, 3, "withdrawn")
	heads(t, d, "SJ-2013", 1, 3, "merged")
	parts, err := s.PublicParts(t.Context())
	must(t, err)
	for name, want := range map[string]int{
		"SJ-2011-0": 3, "SJ-2012-0": 0, "SJ-2013-0": 0, "SJ-2014-0": 0,
		"": 0, "SJ-2011-": 0, "SJ-2011-0001": 0, "SJ-2011-%": 0, "sj-2011-0": 0,
	} {
		part, err := s.PublicPart(t.Context(), name)
		must(t, err)
		if len(part) != want || slices.Contains(parts, name) != (want > 0) {
			t.Errorf("%q: %d records, want %d, listed: %t", name, len(part), want, slices.Contains(parts, name))
		}
		for i, r := range part {
			if r.Reference != fmt.Sprintf("SJ-2011-%04d", i+1) {
				t.Errorf("%q: %s", name, r.Reference)
			}
		}
	}
}
