package exchange_test

import (
	"bytes"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
)

// testBundles reads the bundle of each scope: each object stands in it once, and
// what an object points to stands there, too, but for institutions that statements of the
// whole register alone could name.
func (x exported) testBundles(t *testing.T) {
	t.Parallel()
	schemas := newSTIXSchemas(t)
	ids := map[any]string{}
	for name, scope := range x.scopes() {
		raw := x.write(t, "stix", scope)
		objects := objectsOf(t, raw)
		incidents := 0
		for id, o := range objects {
			if o["type"] == "incident" {
				incidents++
			}
			for _, property := range []string{"source_ref", "target_ref", "object_ref", "created_by_ref"} {
				if to, ok := o[property].(string); ok && objects[to] == nil {
					t.Errorf("%s: %s of %s leads out of the bundle", name, property, id)
				}
			}
		}
		var first struct{ ID any }
		decodeInto(t, raw, &first)
		if other := ids[first.ID]; other != "" || incidents == 0 || (incidents == 1) != (name == "one") {
			t.Errorf("%s: bundle %v (also %q) with %d incidents", name, first.ID, other, incidents)
		}
		ids[first.ID] = name
		if name == "one" {
			schemas.check(t, raw)
		}
		if again := x.write(t, "stix", scope); !bytes.Equal(raw, again) {
			t.Errorf("%s: another bundle when it is asked for again", name)
		}
	}
}

// testLines reads what is written a line at a time.
func (x exported) testLines(t *testing.T) {
	t.Parallel()
	misp, veris := mispChecker(t), verisSchema(t, exchange.VERIS141)
	for name, scope := range x.scopes() {
		bodies := map[string][]byte{"misp": x.write(t, "misp", scope), "veris": x.write(t, "veris", scope)}
		lines := map[string]int{}
		for format, body := range bodies {
			for line := range bytes.Lines(body) {
				lines[format]++
				if lines[format] > 3 {
					continue // each of them is tested elsewhere
				}
				if format == "misp" {
					misp(line)
				} else {
					valid(t, veris, line)
				}
			}
		}
		if lines["misp"] != lines["veris"] || lines["misp"] == 0 || (lines["misp"] == 1) != (name == "one") {
			t.Errorf("%s: %v", name, lines)
		}
	}
}
