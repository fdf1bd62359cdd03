package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// apiSite is a site whose every answer is checked by the document that it gives.
type apiSite struct {
	*realSite
	document *testkit.OpenAPI
}

func newAPISite(t *testing.T) *apiSite {
	t.Helper()
	s := newRealSite(t)
	return &apiSite{realSite: s, document: describedAPI(t, s.handler)}
}

func describedAPI(t *testing.T, h http.Handler) *testkit.OpenAPI {
	t.Helper()
	a := testkit.Ask(t, h, "/api/v1/openapi.json")
	if a.Status != http.StatusOK {
		t.Fatalf("the document: status %d\n%s", a.Status, a.Body)
	}
	return testkit.NewOpenAPI(t, []byte(a.Body), "/api/v1")
}

// ask asks, and checks the answer.
func (s *apiSite) ask(t *testing.T, target string, change ...func(*http.Request)) *testkit.Answer {
	t.Helper()
	a := testkit.Ask(t, s.handler, target, change...)
	path, _, _ := strings.Cut(target, "?")
	if err := s.document.Check(path, a.Status, a.Header, []byte(a.Body)); err != nil {
		t.Errorf("%s: %v", target, err)
	}
	return a
}

// decoded reads an answer.
func decoded(t *testing.T, a *testkit.Answer) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
		t.Fatalf("%s: status %d: %v\n%s", a.Target, a.Status, err, a.Body)
	}
	return out
}

// at follows names and numbers into what was decoded; nil when it is not there.
func at(value any, path ...any) any {
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

// TestTheDocumentIsOpenAPI holds it to the published schemas of OpenAPI 3.1.
func TestTheDocumentIsOpenAPI(t *testing.T) {
	t.Parallel()
	c := jsonschema.NewCompiler()
	for _, name := range []string{"schema", "schema-base", "dialect", "meta"} {
		file, err := os.Open(filepath.Join("testdata", "openapi-3.1", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://spec.openapis.org/oas/3.1/"+name+"/WORK-IN-PROGRESS", doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("https://spec.openapis.org/oas/3.1/schema-base/WORK-IN-PROGRESS")
	if err != nil {
		t.Fatal(err)
	}
	a := testkit.Ask(t, newStage(t), "/api/v1/openapi.json")
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("%v", err)
	}
	document.(map[string]any)["paths"] = []any{}
	if schema.Validate(document) == nil {
		t.Error("the schemas let anything pass")
	}
}

func TestIncidentsAsResources(t *testing.T) {
	t.Parallel()
	s := newAPISite(t)
	list := decoded(t, s.ask(t, "/api/v1/incidents"))
	one := decoded(t, s.ask(t, "/api/v1/incidents/SJ-2025-0001"))
	if at(list, "data", 0, "id") != "SJ-2025-0001" || at(one, "data", "id") != "SJ-2025-0001" {
		t.Fatalf("the founding record is not there: %v", list)
	}
	raw1, _ := json.Marshal(at(list, "data", 0))
	raw2, _ := json.Marshal(at(one, "data"))
	if string(raw1) != string(raw2) {
		t.Errorf("a resource in a list is not what it is alone:\n%s\n%s", raw1, raw2)
	}
	edition := testkit.Ask(t, s.handler, "/editions/sj-2025-0001/1.json")
	if got := at(one, "data", "sha256"); got != hashOf(edition.Body) || at(one, "data", "edition") != 1.0 {
		t.Errorf("hash %v", got)
	}
	if got := at(one, "data", "content"); got != s.URL+"/editions/sj-2025-0001/1.json" {
		t.Errorf("content at %v", got)
	}
	if origin := at(one, "data", "title", "fr", "origin"); origin != "original" || at(one, "data", "title", "ar", "origin") != "editorial" {
		t.Errorf("origin of the title: %v", at(one, "data", "title"))
	}
	if at(one, "data", "occurred", "edtf") == nil || at(one, "data", "occurred", "basis") == nil {
		t.Errorf("occurred: %v", at(one, "data", "occurred"))
	}
	selected := decoded(t, s.ask(t, "/api/v1/incidents?fields=title,occurred&lang=ar"))
	record, _ := at(selected, "data", 0).(map[string]any)
	names := slices.Sorted(maps.Keys(record))
	if !slices.Equal(names, []string{"id", "occurred", "title"}) {
		t.Errorf("fields: %v", names)
	}
	if title, _ := record["title"].(map[string]any); len(title) != 1 || title["ar"] == nil {
		t.Errorf("lang=ar: %v", record["title"])
	}
}

func hashOf(s string) string { return register.HashOf([]byte(s)) }
