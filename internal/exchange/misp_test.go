package exchange_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// mispEvent holds an event to the schema, and each attribute to the types and
// categories of MISP; it returns the event.
func mispEvent(tb testing.TB, check func([]byte) map[string]any, raw []byte) map[string]any {
	tb.Helper()
	event := check(raw)["Event"].(map[string]any)
	categories := reach(readJSON(tb, "misp", "describeTypes.json"), "result", "category_type_mappings").(map[string]any)
	uuids, values := map[any]bool{event["uuid"]: true}, map[string]bool{}
	for _, one := range event["Attribute"].([]any) {
		a := one.(map[string]any)
		types, _ := categories[a["category"].(string)].([]any)
		if !slices.Contains(types, a["type"]) {
			tb.Errorf("no type %v in category %v", a["type"], a["category"])
		}
		value := fmt.Sprint(a["category"], a["type"], a["value"])
		if uuids[a["uuid"]] || values[value] || a["value"] == "" {
			tb.Errorf("twice, or empty: %v", a)
		}
		uuids[a["uuid"]], values[value] = true, true
	}
	return event
}

// mispSchema is PyMISP's, but for one place where "required" stands among the
// properties, so that it is no schema.
func mispSchema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	return compileFile(tb, filepath.Join("misp", "misp-core-pymisp-schema.json"), func(doc any) {
		delete(reach(doc, "defs", "sharing_group", "properties").(map[string]any), "required")
	})
}

func mispChecker(tb testing.TB) func([]byte) map[string]any {
	tb.Helper()
	schema := mispSchema(tb)
	return func(raw []byte) map[string]any { return valid(tb, schema, raw) }
}

func TestEveryIncidentInMISP(t *testing.T) {
	t.Parallel()
	check, m, n, ids := mispChecker(t), exchange.NewMISP(origin), 0, map[any]bool{}
	developmentSet(t, func(records []register.Published) {
		raw, err := m.Incident(editionOf(records))
		if err != nil {
			t.Fatal(err)
		}
		ids[mispEvent(t, check, raw)["uuid"]] = true
		n++
	})
	t.Logf("%d events", n)
	if n < 100 || len(ids) != n {
		t.Errorf("%d events, %d identifiers", n, len(ids))
	}
}

func TestTheFoundingRecordInMISP(t *testing.T) {
	t.Parallel()
	schema := mispSchema(t)
	raw, err := exchange.NewMISP(origin).Incident(editionOf(testkit.NewPress().Print(t, testkit.FoundingSet(t))))
	if err != nil {
		t.Fatal(err)
	}
	event := mispEvent(t, mispChecker(t), raw)
	attributes := func(kind string) (out []string) {
		for _, a := range event["Attribute"].([]any) {
			if reach(a, "type") == kind {
				out = append(out, fmt.Sprint(reach(a, "value"), " — ", reach(a, "comment")))
			}
		}
		return out
	}
	if targets := attributes("target-org"); len(targets) < 2 {
		t.Errorf("targets: %q", targets)
	}
	if tag := reach(event, "Tag", 0, "name"); tag != "tlp:clear" {
		t.Errorf("first tag %v", tag)
	}
	texts := strings.Join(attributes("text"), "\n")
	for _, want := range []string{"Claim: ST-2025-", "; denies", "Figure of; attacker", "Referral step; announced; announced-by-party"} {
		if !strings.Contains(texts, want) {
			t.Errorf("%q is not among the texts", want)
		}
	}
	if schema.Validate(map[string]any{"Event": map[string]any{"Object": []any{}}}) == nil {
		t.Error("the schema lets anything pass")
	}
}

func TestAnEventOfMISPHasTheDayThatIsKnown(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]string{
		"2020-04-09": "2020-04-09", "2020-04-09T10:30+01:00": "2020-04-09", "2020-04": "2026-11-20", "": "2026-11-20", "2020-04-09/2020-04-10": "2026-11-20",
	} {
		e := smallIncident(t)
		occurred(t, date)(e)
		raw, err := exchange.NewMISP(origin).Incident(e)
		if err != nil {
			t.Fatal(err)
		}
		event := mispEvent(t, mispChecker(t), raw)
		if event["date"] != want {
			t.Errorf("%q: %v, want %v", date, event["date"], want)
		}
		if known := strings.Contains(string(raw), `"comment":"Date of the first public trace (EDTF)"`); known != (date != "") {
			t.Errorf("%q: the date is stated: %v", date, known)
		}
	}
}
