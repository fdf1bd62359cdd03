package lookalike_test

import (
	"encoding/json"
	"testing"

	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/testkit"
)

// TestTheFoundingRecordHoldsNothingOdd: three languages, names of bodies, quotations
// of communiqués and addresses, as they are written in earnest.
func TestTheFoundingRecordHoldsNothingOdd(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(testkit.FoundingSet(t))
	if err != nil {
		t.Fatal(err)
	}
	var record any
	if err := json.Unmarshal(raw, &record); err != nil {
		t.Fatal(err)
	}
	texts := 0
	eachText(record, func(s string) {
		texts++
		for _, found := range [][]lookalike.Finding{lookalike.Text(s), lookalike.Address(s)} {
			if len(found) > 0 {
				t.Errorf("%q: %q", s, said(found))
			}
		}
	})
	if texts < 1000 {
		t.Errorf("only %d texts", texts)
	}
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, x := range v {
			eachText(x, visit)
		}
	case map[string]any:
		for _, x := range v {
			eachText(x, visit)
		}
	}
}
