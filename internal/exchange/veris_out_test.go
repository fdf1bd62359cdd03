package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// verisSchema is the schema of a version, of draft 4.
func verisSchema(tb testing.TB, version exchange.VERISVersion) *jsonschema.Schema {
	tb.Helper()
	file := map[exchange.VERISVersion]string{exchange.VERIS134: "vcdb-merged-1.3.4.json", exchange.VERIS141: "verisc-merged-1.4.1.json"}[version]
	return compileFile(tb, filepath.Join("veris", file))
}

func compileFile(tb testing.TB, path string, mend ...func(doc any)) *jsonschema.Schema {
	tb.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	doc := readJSON(tb, path)
	delete(doc.(map[string]any), "id") // an address, which is not asked
	for _, m := range mend {
		m(doc)
	}
	if err := c.AddResource("schema.json", doc); err != nil {
		tb.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// valid holds JSON to a schema, and returns it.
func valid(tb testing.TB, schema *jsonschema.Schema, raw []byte) map[string]any {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		tb.Fatalf("%v: %s", err, raw)
	}
	if err := schema.Validate(doc); err != nil {
		tb.Errorf("%v\n%s", err, raw)
	}
	return doc.(map[string]any)
}

// editionOf puts the last of the records, an incident, together with the others.
func editionOf(records []register.Published) *register.IncidentEdition {
	var pinned []register.Edition
	for _, p := range records[:len(records)-1] {
		pinned = append(pinned, p.Edition)
	}
	return register.NewIncidentEdition(records[len(records)-1].Edition, pinned)
}

func newVERIS(tb testing.TB, version exchange.VERISVersion) *exchange.VERIS {
	tb.Helper()
	v, err := exchange.NewVERIS(origin, version)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestEveryIncidentInVERIS(t *testing.T) {
	t.Parallel()
	for _, version := range exchange.VERISVersions() {
		schema, v, n, ids := verisSchema(t, version), newVERIS(t, version), 0, map[any]bool{}
		developmentSet(t, func(records []register.Published) {
			raw, err := v.Incident(editionOf(records))
			if err != nil {
				t.Fatal(err)
			}
			doc := valid(t, schema, raw)
			ids[doc["incident_id"]] = true
			n++
		})
		t.Logf("VERIS %s: %d incidents", version, n)
		if n < 100 || len(ids) != n {
			t.Errorf("VERIS %s: %d incidents, %d identifiers", version, n, len(ids))
		}
	}
}

func TestTheFoundingRecordInVERIS(t *testing.T) {
	t.Parallel()
	e := editionOf(testkit.NewPress().Print(t, testkit.FoundingSet(t)))
	raw, err := newVERIS(t, exchange.VERIS141).Incident(e)
	if err != nil {
		t.Fatal(err)
	}
	schema := verisSchema(t, exchange.VERIS141)
	doc := valid(t, schema, raw)
	read := func(path ...any) string { return fmt.Sprint(reach(doc, path...)) }
	for _, c := range []struct{ what, got, want string }{
		{"standing", read("security_incident"), "Confirmed"},
		{"year", read("timeline", "incident", "year"), "2025"},
		{"country", read("victim", "country"), "[MA]"},
		{"industry", read("victim", "industry"), "92"},
		{"who did it is not known", read("actor"), "map[unknown:map[]]"},
		{"several figures make no total", read("attribute", "confidentiality", "data_total"), "<nil>"},
		{"parties call the system by different names", read("asset", "assets", 1, "variety"), "Unknown"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	delete(doc, "asset")
	if schema.Validate(doc) == nil {
		t.Error("the schema lets anything pass")
	}
	_, err = newVERIS(t, exchange.VERIS134).Incident(e)
	var cannot *exchange.InexpressibleError
	if !errors.As(err, &cannot) || cannot.Reference != e.Reference {
		t.Errorf("1.3.4 ends with the year 2022: %v", err)
	}
}

// reach follows names and numbers into JSON; nil when nothing is there.
func reach(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// TestVERISSaysWhatTheRecordSays changes a small incident in one respect each.
func TestVERISSaysWhatTheRecordSays(t *testing.T) {
	t.Parallel()
	schema, v := verisSchema(t, exchange.VERIS141), newVERIS(t, exchange.VERIS141)
	target := register.AffectedInstitution{Institution: "IN-0002", Roles: []register.Role{register.RoleTarget}}
	for name, c := range map[string]struct {
		change func(e *register.IncidentEdition)
		path   []any
		want   string
	}{
		"month":              {func(*register.IncidentEdition) {}, []any{"timeline", "incident"}, `{"month":4,"year":2020}`},
		"window in a year":   {occurred(t, "2020-04-30/2020-05-02"), []any{"timeline", "incident"}, `{"year":2020}`},
		"one day":            {occurred(t, "2020-04-09~"), []any{"timeline", "incident"}, `{"day":9,"month":4,"year":2020}`},
		"disputed":           {standing("disputed"), []any{"security_incident"}, `"Suspected"`},
		"near miss":          {standing("near-miss"), []any{"security_incident"}, `"Near miss"`},
		"no incident":        {standing("not-an-incident"), []any{"security_incident"}, `"False positive"`},
		"action not known":   {kinds("other/undetermined"), []any{"action"}, `{"unknown":{}}`},
		"phishing":           {kinds("fraud/phishing", "fraud/masquerade"), []any{"action", "social"}, `{"target":["Unknown"],"variety":["Phishing"],"vector":["Unknown"]}`},
		"class":              {kinds("intrusions/system-compromise"), []any{"action", "hacking", "variety"}, `["Unknown"]`},
		"nothing came of it": {kinds("fraud/phishing"), []any{"attribute"}, `null`},
		"modified":           {kinds("information-content-security/unauthorised-information-modification"), []any{"attribute", "integrity", "variety"}, `["Modify data"]`},
		"leak confirmed":     {kinds("information-content-security/data-leak"), []any{"attribute", "confidentiality", "data_disclosure"}, `"Yes"`},
		"target first": {func(e *register.IncidentEdition) {
			e.Affected = append(e.Affected, target)
		}, []any{"victim", "secondary"}, `{"amount":1,"victim_id":["Caisse"]}`},
		"nobody shown":        {func(e *register.IncidentEdition) { e.Institutions = nil }, []any{"victim"}, `null`},
		"country not in list": {func(e *register.IncidentEdition) { e.Institutions[0].Country = "ZZ" }, []any{"victim", "country"}, `["Unknown"]`},
		"only an acronym": {func(e *register.IncidentEdition) {
			e.Institutions[0].Names[0].Kind = register.NameAcronym
		}, []any{"victim", "victim_id"}, `"Caisse"`},
		"total of one party": {func(e *register.IncidentEdition) {
			e.Exposures = []register.Exposure{{DataClasses: []string{"salaries", "names"}, Figures: []register.Figure{{Value: 7, Unit: register.UnitRecords}}}}
		}, []any{"attribute", "confidentiality"}, `{"data":[{"variety":"Personal"}],"data_disclosure":"Potentially","data_total":7}`},
		"people are no records": {func(e *register.IncidentEdition) {
			e.Exposures = []register.Exposure{{Figures: []register.Figure{{Value: 7, Unit: register.UnitPeople, Claimant: register.ClaimantAttacker, Bound: "about"}}}}
		}, []any{"attribute", "confidentiality"}, `{"data_disclosure":"Potentially"}`},
		"website": {func(e *register.IncidentEdition) {
			e.Systems = []register.TargetedSystem{{Names: []register.SystemName{{Kind: register.SystemWebsite}, {Kind: register.SystemWebsite}}}}
		}, []any{"asset", "assets"}, `[{"variety":"S - Web application"}]`},
	} {
		e := smallIncident(t)
		c.change(e)
		raw, err := v.Incident(e)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := json.Marshal(reach(valid(t, schema, raw), c.path...))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestVERISWantsAYear(t *testing.T) {
	t.Parallel()
	for date, ok := range map[string]bool{"": false, "2019-12/2020-01": false, "1949": false, "2051": false, "../2020": false, "2050": true, "1950": true} {
		e := smallIncident(t)
		occurred(t, date)(e)
		var cannot *exchange.InexpressibleError
		_, err := newVERIS(t, exchange.VERIS141).Incident(e)
		if ok && err != nil || !ok && !errors.As(err, &cannot) {
			t.Errorf("%q: %v", date, err)
		}
	}
}

// TestEveryCodeIsWrittenInVERIS writes an incident of each kind, and one that touched
// each kind of institution in each sector.
func TestEveryCodeIsWrittenInVERIS(t *testing.T) {
	t.Parallel()
	schema, v := verisSchema(t, exchange.VERIS141), newVERIS(t, exchange.VERIS141)
	check := func(e *register.IncidentEdition) {
		raw, err := v.Incident(e)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, schema, raw)
	}
	for _, kind := range register.IncidentKinds() {
		e := smallIncident(t)
		e.Kinds = []string{kind}
		check(e)
	}
	for _, kind := range register.InstitutionKinds() {
		for _, sector := range append(register.Sectors(), "") {
			e := smallIncident(t)
			e.Institutions[0].Kind, e.Institutions[0].Sector = kind, sector
			check(e)
		}
	}
}

func occurred(t *testing.T, date string) func(e *register.IncidentEdition) {
	t.Helper()
	return func(e *register.IncidentEdition) {
		e.Events[0].Dates = nil
		if date != "" {
			e.Events[0].Dates = register.Dates{{EDTF: day(t, date), Basis: register.BasisStated}}
		}
	}
}

func standing(code string) func(e *register.IncidentEdition) {
	return func(e *register.IncidentEdition) { e.Standing = code }
}

func kinds(codes ...string) func(e *register.IncidentEdition) {
	return func(e *register.IncidentEdition) { e.Kinds = slices.Clone(codes) }
}

// smallIncident is the edition of an incident with one event and two institutions.
func smallIncident(t *testing.T) *register.IncidentEdition {
	t.Helper()
	institution := func(reference, name string) register.Edition {
		return register.Edition{Content: register.Content{Type: register.TypeInstitution, Reference: reference, Institution: &register.Institution{
			Language: register.French, Slug: reference, Country: "MA",
			Names: []register.InstitutionName{{Key: "n", Language: register.French, Kind: register.NameOfficial, Name: name}},
		}}}
	}
	return register.NewIncidentEdition(register.Edition{SHA256: "ab", Content: register.Content{
		Type: register.TypeIncident, Reference: "SJ-2020-0001", Number: 2, PublishedAt: testkit.FoundingDay(),
		Incident: &register.Incident{
			Language: register.French, Slug: "caisse-2020", Title: register.Text{"fr": "Caisse"}, Summary: register.Text{"fr": "Résumé"},
			Kinds: []string{"intrusions"}, Standing: "confirmed",
			Affected: []register.AffectedInstitution{{Fact: register.Fact{Key: "a"}, Institution: "IN-0001", Roles: []register.Role{register.RoleCollateral}}},
			Events: []register.Event{{
				Fact: register.Fact{Key: "attack", Dates: register.Dates{{EDTF: day(t, "2020-04"), Basis: register.BasisStated}}},
				Kind: register.EventAttack, Title: register.Text{"fr": "L’attaque"},
			}},
		},
	}}, []register.Edition{institution("IN-0001", "Caisse"), institution("IN-0002", "Ministère")})
}
