package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// Writing describes an operation on drafts, which needs a token. It is carried out
// elsewhere (web/drafts): this package reads what is public, and no more.
type Writing struct {
	ID, Summary, Description string
	Method                   string
	Scope                    register.Scope
	Body                     reflect.Type // of what is sent; nil: nothing is
	Answers                  reflect.Type
	Status                   int // of its success
	OnDraft                  bool
}

// Keyed reports whether a request has to name itself by an Idempotency-Key:
// sent twice, it would do its work twice.
func (w Writing) Keyed() bool { return w.Method == http.MethodPost }

// Matched reports whether a request has to say which version it saw, by If-Match.
func (w Writing) Matched() bool { return w.OnDraft && w.Method != http.MethodGet }

// statuses are those of problems that the operation can have.
func (w Writing) statuses() []int {
	// A header that is no text, a token for instance, is refused before anything else.
	out := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if w.OnDraft {
		out = append(out, http.StatusNotFound)
	}
	if w.Matched() {
		out = append(out, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	if w.Method != http.MethodGet {
		out = append(out, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	return out
}

func (s *schemas) writing(w *Writing) schema {
	headers := []string{"ETag", "RateLimit", "RateLimit-Policy"}
	if w.Status == http.StatusCreated {
		headers = append(headers, "Location")
	}
	if w.Method != http.MethodGet {
		headers = append(headers, "Idempotency-Replayed")
	}
	responses := schema{strconv.Itoa(w.Status): schema{
		"description": "Done.", "headers": headerReferences(headers...),
		"content": schema{"application/json": schema{"schema": schema{
			"type": "object", "properties": schema{"data": s.of(w.Answers)}, "required": []string{"data"},
		}}},
	}}
	if w.Method == http.MethodGet {
		responses["304"] = schema{"description": "The draft has not changed."}
	}
	for _, status := range w.statuses() {
		code := strconv.Itoa(status)
		responses[code] = schema{"$ref": "#/components/responses/Problem" + code}
	}
	out := schema{
		"operationId": w.ID, "summary": w.Summary, "tags": []string{"drafts"}, "parameters": w.parameters(), "responses": responses,
		"security": []any{schema{"token": []string{}}}, "description": strings.TrimSpace(w.Description + " Needs a token with the scope " + string(w.Scope) + "."),
	}
	if w.Body != nil {
		out["requestBody"] = schema{"required": true, "content": schema{"application/json": schema{"schema": s.of(w.Body)}}}
	}
	return out
}

func (w Writing) parameters() []any {
	header := func(name, doc string, required bool) schema {
		return schema{"name": name, "in": "header", "required": required, "description": doc, "schema": schema{"type": "string"}}
	}
	out := []any{langParam().describe()}
	if w.OnDraft {
		out = append(out, id(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, "Identifier of the draft.").describe())
	}
	if w.Matched() {
		out = append(out, header("If-Match", "The ETag of the version that was seen.", true))
	}
	if w.Method != http.MethodGet {
		out = append(out, header("Idempotency-Key", "A word of your own for this request, kept for two days: sent again with the same content, it is answered the same and does nothing.", w.Keyed()))
	}
	return out
}
