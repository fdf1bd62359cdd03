package blob_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/blob"
)

func named(claims map[string]blob.Claim) func(context.Context) (map[string]blob.Claim, error) {
	return func(context.Context) (map[string]blob.Claim, error) { return claims, nil }
}

// TestCheckFindsWhatIsDamagedMissingAndUnnamed, and says nothing of the rest.
func TestCheckFindsWhatIsDamagedMissingAndUnnamed(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			good, damaged := put(t, s, "good").SHA256, put(t, s, "damaged").SHA256
			stray, leaving := put(t, s, "stray").SHA256, put(t, s, "leaving").SHA256
			lost, spoken := hashOf("lost"), hashOf("spoken of")
			s.flip(t, damaged)
			var seen []int
			found, err := blob.Check(t.Context(), s, named(map[string]blob.Claim{
				good: blob.Kept, damaged: blob.Kept, lost: blob.Kept, spoken: blob.Named, leaving: blob.Leaving, hashOf("gone"): blob.Leaving,
			}), func(done, all int) { seen = append(seen, done, all) })
			if err != nil || found.Whole() || found.Verified != 3 || len(found.Unreadable) > 0 {
				t.Fatalf("%+v, %v", found, err)
			}
			for what, lists := range map[string][2][]string{
				"damaged": {found.Damaged, {damaged}}, "missing": {found.Missing, {lost}},
				"unnamed": {found.Unnamed, {stray}}, "absent": {found.Absent, {spoken}},
			} {
				if !slices.Equal(lists[0], lists[1]) {
					t.Errorf("%s: %q, want %q", what, lists[0], lists[1])
				}
			}
			if !slices.Equal(seen, []int{1, 4, 2, 4, 3, 4, 4, 4}) {
				t.Errorf("progress %v", seen)
			}
		})
	}
}

// TestCheckWhileOthersWork: what was stored, named or removed meanwhile is no
// fault.
func TestCheckWhileOthersWork(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			first, second := put(t, s, "kept").SHA256, put(t, s, "attached meanwhile").SHA256
			times := 0
			found, err := blob.Check(t.Context(), s, func(context.Context) (map[string]blob.Claim, error) {
				if times++; times == 1 {
					return map[string]blob.Claim{first: blob.Kept, hashOf("forgotten meanwhile"): blob.Kept}, nil
				}
				return map[string]blob.Claim{first: blob.Kept, second: blob.Kept}, nil
			}, nil)
			if err != nil || !found.Whole() || found.Verified != 2 || len(found.Unnamed) > 0 {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}

// TestEveryFlippedBitIsFound flips each bit of a content in turn.
func TestEveryFlippedBitIsFound(t *testing.T) {
	root := t.TempDir()
	s, err := blob.NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Put(t.Context(), strings.NewReader("who said what, when"), 0)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * int(info.Size) {
		flipBit(t, root, info.SHA256, bit)
		content, _, err := s.Open(t.Context(), info.SHA256)
		if !errors.Is(err, blob.ErrCorrupt) || content != nil {
			t.Fatalf("bit %d: %v", bit, err)
		}
		flipBit(t, root, info.SHA256, bit)
	}
	if found, err := blob.Check(t.Context(), s, named(map[string]blob.Claim{info.SHA256: blob.Kept}), nil); err != nil || !found.Whole() {
		t.Errorf("as it was: %+v, %v", found, err)
	}
}
