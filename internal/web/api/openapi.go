package api

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// Version is that of the API: it grows by one in its first part when a client
// that was right is right no more, which has another address then.
const Version = "1.0.0"

// Document is the OpenAPI 3.1 description of endpoints.
func Document(base string, endpoints []Endpoint) map[string]any {
	s := &schemas{components: map[string]any{}}
	s.component(reflect.TypeFor[ProblemResource]())
	paths := schema{}
	for _, e := range endpoints {
		path := strings.TrimPrefix(e.Pattern, exchange.APIRoot)
		at := pathOf(path)
		item, _ := paths[at].(schema)
		if item == nil {
			item = schema{}
			paths[at] = item
		}
		if e.Writing != nil {
			item[strings.ToLower(e.Writing.Method)] = s.writing(e.Writing)
			continue
		}
		item["get"] = s.operation(e.Operation)
	}
	return map[string]any{
		"openapi": "3.1.0",
		"info": schema{
			"title": "Sijil", "version": Version, "summary": "The public record of cyberattacks, of what was said about them, and of what followed.",
			"description": introduction,
			"license":     schema{"name": "CC BY 4.0 for the register’s own texts", "url": "https://creativecommons.org/licenses/by/4.0/"},
		},
		"servers":      []any{schema{"url": base + exchange.APIRoot}},
		"externalDocs": schema{"url": base + "/" + string(register.English) + "/data", "description": "Data and API, with examples"},
		"paths":        paths,
		"components": schema{
			"schemas": s.components, "responses": problems(), "headers": headers(),
			"securitySchemes": schema{"token": schema{"type": "http", "scheme": "bearer", "description": "A token that a member of staff has made at the desk, on the page of the account."}},
		},
	}
}

const introduction = "Published editions only, and no key is needed, but for /drafts, with which programs of staff write: these answer nobody else. Codes are those of the vocabularies, dates are EDTF (ISO 8601-2), and what is " +
	"absent is not stated. Every address answers GET, HEAD and OPTIONS, to any origin. Answers carry an ETag: sent back in If-None-Match, an " +
	"unchanged one costs a 304. Lists are followed by the address in next. An unknown parameter is refused. Fields may be added at any time."

var namedPart = regexp.MustCompile(`\{[a-z]+\}`)

// pathOf writes a pattern with the one name that identifiers have in the document.
func pathOf(pattern string) string {
	if pattern == "" {
		return "/"
	}
	return namedPart.ReplaceAllString(pattern, "{id}")
}

func (s *schemas) operation(o Operation) schema {
	params := []any{}
	for _, p := range o.Params {
		params = append(params, p.describe())
	}
	out := schema{"operationId": o.ID, "summary": o.Summary, "parameters": params, "responses": s.responses(o)}
	if o.Description != "" {
		out["description"] = o.Description
	}
	return out
}

func (p Param) describe() schema {
	out := schema{"name": p.Name, "in": "query", "description": p.doc, "schema": p.schema}
	if p.inPath {
		out["in"], out["required"] = "path", true
	}
	if p.example != nil {
		out["example"] = p.example
	}
	return out
}

func (s *schemas) responses(o Operation) schema {
	out := schema{
		"200": schema{
			"description": "What was asked for.", "headers": headerReferences("ETag", "RateLimit", "RateLimit-Policy"),
			"content": schema{"application/json": schema{"schema": s.answer(o)}},
		},
		"304": schema{"description": "What was asked for has not changed."},
	}
	statuses := []string{"400", "429", "503"}
	for _, p := range o.Params {
		if p.inPath {
			statuses = append(statuses, "404", "410")
			out["301"] = schema{"description": "Another record has taken the place of this one.", "headers": headerReferences("Location")}
		}
	}
	for _, status := range statuses {
		out[status] = schema{"$ref": "#/components/responses/Problem" + status}
	}
	return out
}

// answer describes the body of an answer.
func (s *schemas) answer(o Operation) schema {
	if o.bare {
		return schema{"type": "object"}
	}
	name := componentName(o.answers)
	if o.list {
		name += "List"
	}
	s.components[name+"Answer"] = s.envelope(o, s.of(o.answers), false)
	if !isRecord(o.answers) {
		return reference(name + "Answer")
	}
	s.components[name+"SelectionAnswer"] = s.envelope(o, s.selection(o.answers), true)
	return schema{"anyOf": []any{reference(name + "Answer"), reference(name + "SelectionAnswer")}}
}

func (s *schemas) envelope(o Operation, of schema, selection bool) schema {
	properties, required := schema{"data": of}, []string{"data"}
	if o.list {
		properties["data"] = schema{"type": "array", "items": of}
	}
	if selection {
		properties["fields"] = schema{"type": "array", "items": schema{"type": "string"}, "description": "The fields that were asked for."}
		required = append(required, "fields")
	}
	for _, p := range o.Params {
		switch p.Name {
		case "after":
			properties["next"] = schema{"type": "string", "format": "uri", "description": "Address of the next page; absent on the last."}
		case "updated_since":
			if isHead(o.answers) {
				properties["gone"] = schema{
					"type": "array", "items": s.of(departure()),
					"description": "With updated_since: records of this type that are shown no more, whatever else was chosen.",
				}
			}
		}
	}
	return schema{"type": "object", "properties": properties, "required": required}
}

// isHead reports whether a resource is a whole record.
func isHead(t reflect.Type) bool {
	f, ok := t.FieldByName("HeadResource")
	return ok && f.Anonymous
}

func problems() schema {
	out := schema{}
	for status, means := range map[string]string{
		"400": "A parameter is wrong; the problem says which, and what to change.",
		"404": "There is nothing public at this address.",
		"410": "The record was withdrawn, or removed by law; its notice says why.",
		"401": "The token is missing, or is good no more.",
		"403": "The token does not have the scope, or whoever made it not the right.",
		"409": "The same request is being worked on, or the record is in a state in which this cannot be done.",
		"412": "The record has changed since the version in If-Match.",
		"413": "The body is too large.",
		"415": "The body is not JSON.",
		"422": "The record cannot be kept, or sent, like this: problems says why, field by field. Or another request had this Idempotency-Key.",
		"428": "If-Match is missing.",
		"429": "Too many requests in this minute, from this network or with this token.",
		"503": "The register cannot be read now, or figures are still being counted; try again after the time in Retry-After.",
	} {
		response := schema{
			"description": means,
			"content":     schema{"application/problem+json": schema{"schema": reference("Problem")}},
		}
		if status == "429" || status == "503" {
			response["headers"] = headerReferences("Retry-After")
		}
		out["Problem"+status] = response
	}
	return out
}

func headers() schema {
	out := schema{}
	for name, means := range map[string]string{
		"ETag":                 "Names this version of the answer.",
		"Idempotency-Replayed": "True where the request was brought before.",
		"Location":             "Where the resource is now.",
		"RateLimit":            "How many requests are left (r), and for how many seconds this number holds (t).",
		"RateLimit-Policy":     "How many requests (q) a network may make in so many seconds (w).",
		"Retry-After":          "Seconds after which it is worth to try again.",
	} {
		out[name] = schema{"description": means, "schema": schema{"type": "string"}}
	}
	return out
}

func headerReferences(names ...string) schema {
	out := schema{}
	for _, name := range names {
		out[name] = schema{"$ref": "#/components/headers/" + name}
	}
	return out
}
