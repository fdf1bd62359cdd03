package exchange_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/exchange"
)

// readJSON reads a file of testdata.
func readJSON(tb testing.TB, path ...string) any {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, path...)...))
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// stixSchemas are OASIS's schemas of STIX 2.1.
type stixSchemas struct {
	compiler *jsonschema.Compiler
	ours     *jsonschema.Schema // of the register's extension
	byType   map[string]*jsonschema.Schema
}

const stixRoot = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/schemas/"

func newSTIXSchemas(tb testing.TB) *stixSchemas {
	tb.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	root := filepath.Join("testdata", "stix")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		doc := readJSON(tb, "stix", name)
		if name == filepath.Join("common", "bundle.json") {
			admitAll(doc)
		}
		if name == "incident-core.json" {
			return c.AddResource("incident-core", doc)
		}
		// The extension names the schemas by https, they themselves by http.
		if err := c.AddResource(strings.Replace(stixRoot, "http:", "https:", 1)+name, map[string]any{"$ref": stixRoot + name}); err != nil {
			return err
		}
		return c.AddResource(stixRoot+name, doc)
	})
	if err != nil {
		tb.Fatal(err)
	}
	ours, err := jsonschema.UnmarshalJSON(bytes.NewReader(exchange.STIXExtensionSchema()))
	if err == nil {
		err = c.AddResource("ours", ours)
	}
	if err != nil {
		tb.Fatal(err)
	}
	out := &stixSchemas{compiler: c, byType: map[string]*jsonschema.Schema{}}
	out.ours = out.at(tb, "ours")
	return out
}

// admitAll mends the schema of bundles, which forgets types of STIX 2.1: what it
// does not list it takes for a custom object, and of such an object it wants that it
// is either a domain object or an observable, while every domain object fits both.
func admitAll(bundle any) {
	items := bundle.(map[string]any)["properties"].(map[string]any)["objects"].(map[string]any)["items"].(map[string]any)
	known := items["anyOf"].([]any)[0].(map[string]any)
	for _, name := range []string{"sdos/incident", "sdos/note", "common/extension-definition"} {
		known["oneOf"] = append(known["oneOf"].([]any), map[string]any{"$ref": "../" + name + ".json"})
	}
}

// at compiles a schema once.
func (s *stixSchemas) at(tb testing.TB, name string) *jsonschema.Schema {
	tb.Helper()
	if s.byType[name] == nil {
		schema, err := s.compiler.Compile(name)
		if err != nil {
			tb.Fatal(err)
		}
		s.byType[name] = schema
	}
	return s.byType[name]
}

// check holds a bundle to the schema of bundles, and each object to that of its
// type, of which the former lets some pass.
func (s *stixSchemas) check(tb testing.TB, bundle []byte) {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(bundle))
	if err != nil {
		tb.Fatalf("%v\n%.400s", err, bundle)
	}
	objects := doc.(map[string]any)["objects"].([]any)
	for _, o := range objects {
		kind := o.(map[string]any)["type"].(string)
		folder := "sdos"
		switch kind {
		case "relationship":
			folder = "sros"
		case "language-content", "marking-definition", "extension-definition":
			folder = "common"
		}
		if err := s.at(tb, stixRoot+folder+"/"+kind+".json").Validate(o); err != nil {
			raw, _ := json.Marshal(o)
			tb.Errorf("%v\n%s", err, raw)
		}
		extensions, _ := o.(map[string]any)["extensions"].(map[string]any)
		for id, extension := range extensions {
			if id == "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d" || id == "extension-definition--ef765651-680c-498d-9894-99799f2fa126" {
				continue // of OASIS
			}
			if err := s.ours.Validate(extension); err != nil {
				tb.Errorf("%v\n%v", err, extension)
			}
		}
	}
	if err := s.at(tb, stixRoot+"common/bundle.json").Validate(doc); err != nil {
		tb.Error(err)
	}
}
