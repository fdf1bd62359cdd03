package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// schema is a JSON Schema (2020-12), as OpenAPI 3.1 has them.
type schema map[string]any

func (s schema) enum() []string {
	codes, _ := s["enum"].([]string)
	return codes
}

// schemas describes Go types, each struct once, as a component.
type schemas struct{ components map[string]any }

// codesOf are the codes of a type whose codes are the program's own. Those that an
// admin edits are strings: the vocabularies say which there are.
func codesOf(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[register.RecordType]():
		return stringsOf(register.RecordTypes())
	case reflect.TypeFor[register.StatementKind]():
		return stringsOf(register.StatementKinds())
	case reflect.TypeFor[register.InstitutionKind]():
		return stringsOf(register.InstitutionKinds())
	case reflect.TypeFor[register.SourceKind]():
		return stringsOf(register.SourceKinds())
	case reflect.TypeFor[register.ReferralKind]():
		return stringsOf(register.ReferralKinds())
	case reflect.TypeFor[register.EventKind]():
		return stringsOf(register.EventKinds())
	case reflect.TypeFor[register.SystemKind]():
		return stringsOf(register.SystemKinds())
	case reflect.TypeFor[register.NameKind]():
		return stringsOf(register.NameKinds())
	case reflect.TypeFor[register.SearchType]():
		return stringsOf(register.SearchTypes())
	case reflect.TypeFor[register.Vocabulary]():
		return stringsOf(register.Vocabularies())
	case reflect.TypeFor[register.Correction]():
		return stringsOf(register.Corrections())
	}
	return codesOfFacts(t)
}

// codesOfFacts is codesOf for what facts and claims have.
func codesOfFacts(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[register.Role]():
		return stringsOf(register.Roles())
	case reflect.TypeFor[register.Unit]():
		return stringsOf(register.Units())
	case reflect.TypeFor[register.Claimant]():
		return stringsOf(register.Claimants())
	case reflect.TypeFor[register.Finding]():
		return stringsOf(register.Findings())
	case reflect.TypeFor[register.Attestation]():
		return stringsOf(register.Attestations())
	case reflect.TypeFor[register.Quantifier]():
		return stringsOf(register.Quantifiers())
	case reflect.TypeFor[register.Modality]():
		return stringsOf(register.Modalities())
	case reflect.TypeFor[register.Phase]():
		return stringsOf(register.Phases())
	}
	return nil
}

// of describes a type.
func (s *schemas) of(t reflect.Type) schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return schema{"type": "object"}
	}
	if t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return schema{"type": "string"} // a date, which writes itself as EDTF
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return schema{"type": "integer"}
	case reflect.Slice:
		return schema{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		return s.component(t)
	default:
		if codes := codesOf(t); codes != nil {
			return schema{"type": "string", "enum": codes}
		}
		return schema{"type": "string"}
	}
}

// componentName is what a type is called in the document. The nouns of the register
// themselves are what drafts hold; resources are what is made of them for readers.
func componentName(t reflect.Type) string {
	if isNoun(t) {
		return "Draft" + t.Name() + "Content"
	}
	return strings.TrimSuffix(t.Name(), "Resource")
}

// isNoun reports whether a type is one of the register itself.
func isNoun(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[register.Incident]().PkgPath()
}

func reference(name string) schema { return schema{"$ref": "#/components/schemas/" + name} }

// component describes a struct under its name.
func (s *schemas) component(t reflect.Type) schema {
	name := componentName(t)
	if _, known := s.components[name]; !known {
		s.components[name] = nil // a type that holds itself
		s.components[name] = s.object(t)
	}
	return reference(name)
}

func (s *schemas) object(t reflect.Type) schema {
	properties, required := schema{}, []string{}
	for _, f := range fieldsOf(t) {
		name, optional := jsonName(f)
		if name == "-" {
			continue
		}
		properties[name] = s.field(f)
		if isNoun(t) { // a draft may lack anything, and an empty list is null there
			properties[name] = nullable(f.Type, s.field(f))
		} else if !optional {
			required = append(required, name)
		}
	}
	return schema{"type": "object", "properties": properties, "required": required}
}

// nullable lets a list or a text be null, and a code be missing.
func nullable(t reflect.Type, of schema) schema {
	if codes := of.enum(); codes != nil {
		of["enum"] = append(slices.Clone(codes), "")
		return of
	}
	if t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
		return of
	}
	return schema{"anyOf": []any{of, schema{"type": "null"}}}
}

// field describes a field with what its tags say of it.
func (s *schemas) field(f reflect.StructField) schema {
	out := s.of(f.Type)
	for _, tag := range []string{"format", "pattern"} {
		if value := f.Tag.Get(tag); value != "" {
			out[tag] = value
		}
	}
	if codes := f.Tag.Get("enum"); codes != "" {
		out["enum"] = strings.Split(codes, ",")
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		out["description"] = doc
	}
	return out
}

// selection describes a resource of which only some fields were asked for.
func (s *schemas) selection(t reflect.Type) schema {
	name := componentName(t) + "Selection"
	if _, known := s.components[name]; !known {
		whole := s.object(t)
		s.components[name] = schema{"type": "object", "properties": whole["properties"], "required": []string{"id"}}
	}
	return reference(name)
}

// fieldsOf lists the fields of a struct, those of embedded ones among them.
func fieldsOf(t reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	for f := range t.Fields() {
		if f.Anonymous {
			out = append(out, fieldsOf(f.Type)...)
			continue
		}
		out = append(out, f)
	}
	return out
}

func jsonName(f reflect.StructField) (name string, optional bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, options == "omitempty"
}

// fieldNames are the names of the fields of a resource.
func fieldNames(t reflect.Type) []string {
	var out []string
	for _, f := range fieldsOf(t) {
		name, _ := jsonName(f)
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// isRecord reports whether a type is a resource with an identifier.
func isRecord(t reflect.Type) bool { return slices.Contains(fieldNames(t), "id") }

// departure is the type of what is gone.
func departure() reflect.Type { return reflect.TypeFor[exchange.DepartureResource]() }
