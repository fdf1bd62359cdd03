package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

const origin = "https://sijil.example"

// bundle writes records as one bundle.
func bundle(tb testing.TB, x *exchange.STIX, records []register.Published) []byte {
	tb.Helper()
	var out bytes.Buffer
	b, err := x.NewBundle(&out, "test")
	for i := range records {
		if err == nil {
			err = b.Add(records[i])
		}
	}
	if err == nil {
		err = b.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func decodeInto(tb testing.TB, raw []byte, into any) {
	tb.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		tb.Fatalf("%v: %.400s", err, raw)
	}
}

// objectsOf are the objects of a bundle by their identifiers, of which none may stand twice.
func objectsOf(tb testing.TB, raw []byte) map[string]map[string]any {
	tb.Helper()
	var read struct{ Objects []map[string]any }
	decodeInto(tb, raw, &read)
	out := map[string]map[string]any{}
	for _, o := range read.Objects {
		id := o["id"].(string)
		if out[id] != nil {
			tb.Errorf("%s stands twice", id)
		}
		out[id] = o
	}
	return out
}

func TestTheFoundingRecordInSTIX(t *testing.T) {
	t.Parallel()
	schemas := newSTIXSchemas(t)
	records := testkit.NewPress().Print(t, testkit.FoundingSet(t))
	raw := bundle(t, exchange.NewSTIX(origin, true), records)
	schemas.check(t, raw)
	objects := objectsOf(t, raw)
	counts := map[string]int{}
	for _, o := range objects {
		counts[o["type"].(string)]++
		if o["type"] == "incident" {
			if err := schemas.at(t, "incident-core").Validate(o); err != nil {
				t.Error(err)
			}
		}
		for _, name := range []string{"created_by_ref", "source_ref", "target_ref", "object_ref"} {
			if to, ok := o[name].(string); ok && objects[to] == nil {
				t.Errorf("%s: %s leads to nothing", o["id"], name)
			}
		}
		refs, _ := o["object_refs"].([]any)
		marks, _ := o["object_marking_refs"].([]any)
		for _, to := range append(refs, marks...) {
			if objects[to.(string)] == nil {
				t.Errorf("%s: %v leads to nothing", o["id"], to)
			}
		}
		if o["type"] != "marking-definition" && len(marks) != 1 {
			t.Errorf("%s is not marked", o["id"])
		}
	}
	for _, kind := range []string{
		"incident", "identity", "infrastructure", "report", "note", "relationship", "language-content", "marking-definition", "extension-definition",
	} {
		if counts[kind] == 0 {
			t.Errorf("no %s among %v", kind, counts)
		}
	}
	if counts["report"] != len(testkit.FoundingSet(t).Statements) || counts["incident"] != 1 {
		t.Errorf("objects: %v", counts)
	}
}

// TestSTIXSchemasRefuse shows that the check can fail, for an object that the schema
// of bundles alone would let pass, too.
func TestSTIXSchemasRefuse(t *testing.T) {
	t.Parallel()
	s := newSTIXSchemas(t)
	if s.ours.Validate(map[string]any{"extension_type": "property-extension", "reference": "SJ-2025-0001", "suspect": "somebody"}) == nil {
		t.Error("the extension may hold what its schema does not name")
	}
	records := testkit.NewPress().Print(t, testkit.FoundingSet(t))
	for name, break_ := range map[string]func(o map[string]any){
		"note without content": func(o map[string]any) {
			if o["type"] == "note" {
				delete(o, "content")
			}
		},
		"time that is a day": func(o map[string]any) { o["modified"] = "2025-04-08" },
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(bundle(t, exchange.NewSTIX(origin, false), records)))
		if err != nil {
			t.Fatal(err)
		}
		refused := false
		for _, o := range doc.(map[string]any)["objects"].([]any) {
			o := o.(map[string]any)
			if o["type"] == "note" {
				break_(o)
				refused = refused || s.at(t, stixRoot+"sdos/note.json").Validate(o) != nil
			}
		}
		if !refused {
			t.Errorf("%s passes", name)
		}
	}
}

// TestIdentifiersAreUUIDsOfNames compares them with what Python's uuid.uuid5 makes of the
// same names.
func TestIdentifiersAreUUIDsOfNames(t *testing.T) {
	t.Parallel()
	e := smallIncident(t)
	e.Reference = "SJ-2025-0001"
	veris, err := newVERIS(t, exchange.VERIS141).Incident(e)
	if err != nil {
		t.Fatal(err)
	}
	misp, err := exchange.NewMISP(origin).Incident(e)
	if err != nil {
		t.Fatal(err)
	}
	records := []register.Published{{Edition: register.Edition{Content: register.Content{
		Type: register.TypeIncident, Reference: e.Reference, Incident: e.Incident,
	}}}}
	for id, in := range map[string][]byte{
		"extension-definition--0e2de6ee-2bab-5309-8526-a40225e92e88": bundle(t, exchange.NewSTIX(origin, false), records),
		"incident--8f8aec70-827b-5749-b92e-b76918abeeb7":             bundle(t, exchange.NewSTIX(origin, false), records),
		"c80bba41-5da7-5702-9592-d17c6d6e0373":                       misp,
		"1154cb69-19f5-5da9-9986-9bce8c7cfe96":                       veris,
	} {
		if !bytes.Contains(in, []byte(`"`+id+`"`)) {
			t.Errorf("%s is not in %.300s", id, in)
		}
	}
}

func TestSTIXKeepsItsIdentifiers(t *testing.T) {
	t.Parallel()
	first := published(t)
	later := published(t)
	later.Number, later.ChangedAt = 3, later.ChangedAt.Add(time.Hour)
	later.Statement.Title = register.Text{"fr": "Autre titre"}
	encode := func(base string, p register.Published) map[string]map[string]any {
		return objectsOf(t, bundle(t, exchange.NewSTIX(base, false), []register.Published{p}))
	}
	before, after, elsewhere := encode(origin, first), encode(origin, later), encode("https://other.example", first)
	shared := 0
	for id, o := range before {
		if elsewhere[id] != nil {
			shared++ // the marking, the program and its extension
		}
		if o["type"] != "report" {
			continue
		}
		now := after[id]
		if now == nil || now["created"] != o["created"] || o["created"] != "2025-04-10T11:00:00.000Z" {
			t.Errorf("before %v, after %v", o, now)
		}
		if o["modified"] != "2025-04-10T12:00:00.000Z" || now["modified"] != "2025-04-10T13:00:00.000Z" {
			t.Errorf("modified %v, then %v", o["modified"], now["modified"])
		}
	}
	if shared != 3 {
		t.Errorf("%d objects have the same identifier in another register", shared)
	}
}

// TestSTIXSaysWhoSaidWhat reads a statement and its claim.
func TestSTIXSaysWhoSaidWhat(t *testing.T) {
	t.Parallel()
	p := published(t)
	p.Statement.Issuer, p.Statement.IssuerName = "", register.Text{"fr": "Jabaroot"}
	var report, note, contents, identity map[string]any
	for _, o := range objectsOf(t, bundle(t, exchange.NewSTIX(origin, false), []register.Published{p})) {
		switch {
		case o["type"] == "report":
			report = o
		case o["type"] == "note":
			note = o
		case o["type"] == "language-content":
			contents = o
		case o["name"] == "Jabaroot":
			identity = o
		}
	}
	extension := func(o map[string]any) map[string]any {
		for _, v := range o["extensions"].(map[string]any) {
			return v.(map[string]any)
		}
		return nil
	}
	quotes := extension(note)["quotes"].([]any)
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"language", report["lang"], "ar"},
		{"name", report["name"], "بلاغ"},
		{"published is when the register did", report["published"], "2025-04-10T11:00:00.000Z"},
		{"translation", contents["contents"].(map[string]any)["fr"].(map[string]any)["name"], "Communiqué"},
		{"of this version", contents["object_modified"], report["modified"]},
		{"claimant", identity["identity_class"], "unknown"},
		{"modality", extension(note)["modality"], "denies"},
		{"marks", extension(note)["marks"].([]any)[0], "narrowed"},
		{"origin of the words", quotes[2].(map[string]any)["origin"], "editorial"},
		{"the words stand in the note", strings.Contains(note["content"].(string), "[ar, original] “كل”"), true},
		{"date disputed", extension(report)["said"].(map[string]any)["disputed"], true},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if report["object_refs"].([]any)[0] != identity["id"] {
		t.Errorf("the report is about %v", report["object_refs"])
	}
}

// TestAnIdentifierLeadsToItsRecord holds every object of every record to the types and the
// beginning by which it is found.
func TestAnIdentifierLeadsToItsRecord(t *testing.T) {
	t.Parallel()
	x := exchange.NewSTIX(origin, false)
	records := testkit.NewPress().Print(t, testkit.FoundingSet(t))
	for _, p := range records {
		objects, err := x.Objects(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			if !slices.Contains(exchange.STIXTypes(p.Type), o.Type) {
				t.Errorf("%s has objects of type %s", p.Reference, o.Type)
			}
			for _, other := range records {
				if leads := x.MayHold(other.Type, other.Reference, []string{"x", o.ID}); leads != (other.Reference == p.Reference) {
					t.Errorf("%s of %s leads to %s: %v", o.ID, p.Reference, other.Reference, leads)
				}
			}
		}
	}
}

func TestARevokedObjectSaysNothingOfWhatItWas(t *testing.T) {
	t.Parallel()
	schemas := newSTIXSchemas(t)
	x := exchange.NewSTIX(origin, false)
	for _, kind := range register.RecordTypes() {
		gone := register.Departure{Type: kind, Reference: "ST-2025-0001", At: testkit.FoundingDay(), Notice: register.Text{"fr": "Retiré."}}
		o, err := x.Revoked(gone, testkit.FoundingDay().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		schemas.check(t, fmt.Appendf(nil, `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[%s]}`, o.JSON))
		if !bytes.Contains(o.JSON, []byte(`"revoked":true`)) || !bytes.Contains(o.JSON, []byte("Retiré.")) {
			t.Errorf("%s", o.JSON)
		}
	}
}

// developmentSet calls visit with the records of each incident in VERIS, of a sample,
// or of the file that SIJIL_TEST_VERIS names.
func developmentSet(t *testing.T, visit func(records []register.Published)) {
	t.Helper()
	file := testkit.VERIS()
	if name := testkit.VERISFile(); name != "" {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		file = f
	}
	r, err := exchange.NewVERISReader(file)
	if err != nil {
		t.Fatal(err)
	}
	press := testkit.NewPress()
	institutions := map[register.Ref]register.Published{}
	for {
		arrival, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatal(err)
		case arrival.Skip != "" || arrival.Hold != "":
			continue
		}
		records := press.Print(t, testkit.VERISSet(arrival))
		for _, p := range records {
			if p.Type == register.TypeInstitution {
				institutions[register.Ref(p.Reference)] = p
			}
		}
		incident := records[len(records)-1]
		visit([]register.Published{institutions[incident.Incident.Affected[0].Institution], incident})
	}
}

// TestEveryIncidentInSTIX writes all incidents as one bundle, in which each institution
// stands once.
func TestEveryIncidentInSTIX(t *testing.T) {
	t.Parallel()
	var once register.ReferenceSet
	var all []register.Published
	incidents := 0
	developmentSet(t, func(records []register.Published) {
		incidents++
		for _, p := range records {
			if once.Add(p.Reference) {
				all = append(all, p)
			}
		}
	})
	raw := bundle(t, exchange.NewSTIX(origin, true), all)
	newSTIXSchemas(t).check(t, raw)
	objects := objectsOf(t, raw)
	t.Logf("%d incidents, %d objects", incidents, len(objects))
	if incidents < 100 || len(objects) < 7*incidents {
		t.Errorf("%d incidents, %d objects", incidents, len(objects))
	}
}

func TestAddressesAreURIs(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://a.example/x?y=1#z": "https://a.example/x?y=1#z", "http://a.example/é |[1]#b#c": "http://a.example/%C3%A9%20%7C%5B1%5D#b%23c",
		"https://a.example/%C3%A9%zz": "https://a.example/%C3%A9%25zz", "javascript:alert(1)": "", "/path": "", "": "", "https://": "",
	} {
		if got := exchange.URI(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
