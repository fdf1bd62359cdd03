package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// OpenAPI is a description of an API, by which answers are checked.
type OpenAPI struct {
	Operations []APIOperation // those that need no token
	// Writing are those that do.
	Writing  []APIOperation
	prefix   string
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// APIOperation is one operation of a description.
type APIOperation struct {
	ID     string
	Method string
	Path   string // with its prefix: "/api/v1/incidents/{id}"
	Params []APIParam
	// Body is the schema of what is sent; nil where nothing is.
	Body map[string]any

	responses map[string]any
	pointer   string
	form      *regexp.Regexp
}

// APIParam is a parameter as the description has it.
type APIParam struct {
	Name, In string
	Required bool
	Schema   map[string]any
	Example  any
}

// NewOpenAPI reads a description. An object that names its properties may have no
// others: a field that nobody described is a fault of the description.
func NewOpenAPI(tb testing.TB, document []byte, prefix string) *OpenAPI {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	closeObjects(doc)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	o := &OpenAPI{prefix: prefix, compiler: c, compiled: map[string]*jsonschema.Schema{}}
	var described struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []APIParam
			Responses   map[string]any
			Security    []any
			RequestBody struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
	}
	if err := json.Unmarshal(document, &described); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	for path, item := range described.Paths {
		form := "^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(prefix+path), "[^/]*") + "$"
		for method, described := range item {
			op := APIOperation{
				ID: described.OperationID, Method: strings.ToUpper(method), Path: prefix + path, Params: described.Parameters,
				Body: described.RequestBody.Content["application/json"].Schema, responses: described.Responses,
				pointer: "/paths/" + escapePointer(path) + "/" + method + "/responses/", form: regexp.MustCompile(form),
			}
			if len(described.Security) > 0 {
				o.Writing = append(o.Writing, op)
			} else {
				o.Operations = append(o.Operations, op)
			}
		}
	}
	for _, list := range [][]APIOperation{o.Operations, o.Writing} {
		slices.SortFunc(list, func(a, b APIOperation) int { return strings.Compare(a.ID, b.ID) })
	}
	return o
}

// closeObjects forbids properties that are not described.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, named := node["properties"].(map[string]any)
		_, open := node["additionalProperties"]
		if node["type"] == "object" && named && !open {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(s)
}

// operation finds the operation at a path; one without a part in braces first.
func (o *OpenAPI) operation(method, path string) *APIOperation {
	var found *APIOperation
	all := slices.Concat(o.Operations, o.Writing)
	for i := range all {
		op := &all[i]
		if op.Method == method && op.form.MatchString(path) && (found == nil || !strings.Contains(op.Path, "{")) {
			found = op
		}
	}
	return found
}

// Check says what is wrong with an answer to a GET request; nil for nothing. path
// is without its query.
func (o *OpenAPI) Check(path string, status int, header http.Header, body []byte) error {
	return o.CheckMethod(http.MethodGet, path, status, header, body)
}

// CheckMethod is Check of another method.
func (o *OpenAPI) CheckMethod(method, path string, status int, header http.Header, body []byte) error {
	op := o.operation(method, path)
	if op == nil {
		return fmt.Errorf("%s is not described", path)
	}
	code := fmt.Sprint(status)
	response, ok := op.responses[code].(map[string]any)
	if !ok {
		return fmt.Errorf("%s: status %s is not described", op.ID, code)
	}
	at := op.pointer + code
	if ref, ok := response["$ref"].(string); ok {
		at = strings.TrimPrefix(ref, "#")
	}
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case status == http.StatusNotModified || status == http.StatusMovedPermanently:
		if len(body) > 0 {
			return fmt.Errorf("%s: a body with %s", op.ID, code)
		}
		return nil
	case err != nil:
		return fmt.Errorf("%s: Content-Type %q: %w", op.ID, header.Get("Content-Type"), err)
	}
	schema, err := o.schema(at + "/content/" + escapePointer(mediaType) + "/schema")
	if err != nil {
		return fmt.Errorf("%s: %s with %s is not described: %w", op.ID, code, mediaType, err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	return nil
}

func (o *OpenAPI) schema(pointer string) (*jsonschema.Schema, error) {
	if s := o.compiled[pointer]; s != nil {
		return s, nil
	}
	s, err := o.compiler.Compile("openapi.json#" + pointer)
	if err == nil {
		o.compiled[pointer] = s
	}
	return s, err
}
