package register_test

import (
	"fmt"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

func TestAReferenceIsInItsSetOnce(t *testing.T) {
	t.Parallel()
	var set register.ReferenceSet
	for _, c := range []struct {
		reference string
		fresh     bool
	}{
		{"SJ-2025-0001", true},
		{"SJ-2025-0001", false},
		{"SJ-2024-0001", true},
		{"ST-2025-0001", true},
		{"SJ-2025-0065", true},
		{"SJ-2025-1", true},
		{"SJ-2025-99999999999", true},
		{"SJ-2025-99999999999", false},
		{"IN-C7", true},
		{"IN-C7", false},
		{"odd", true},
		{"", true},
		{"SJ-2025-0065", false},
	} {
		if fresh := set.Add(c.reference); fresh != c.fresh {
			t.Errorf("%q: new %v", c.reference, fresh)
		}
	}
	for i := range 5000 {
		if fresh := set.Add(fmt.Sprintf("IN-%04d", i)); !fresh {
			t.Fatalf("IN-%04d is in the set before it was added", i)
		}
	}
}
