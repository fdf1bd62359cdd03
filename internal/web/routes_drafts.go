package web

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/api"
	"github.com/sijil/sijil/internal/web/drafts"
)

// draftRoutes are the addresses for programs of staff, which show a token.
func draftRoutes() []Route {
	write, send := register.MayDraft, register.MaySendToReview
	return []Route{
		program("/api/v1/drafts/incidents", write, drafts.Create(register.TypeIncident)),
		program("/api/v1/drafts/incidents/{id}", write, drafts.Show(register.TypeIncident)),
		program("/api/v1/drafts/incidents/{id}", write, drafts.Change(register.TypeIncident)),
		program("/api/v1/drafts/incidents/{id}/review", send, drafts.Send(register.TypeIncident)),
		program("/api/v1/drafts/statements", write, drafts.Create(register.TypeStatement)),
		program("/api/v1/drafts/statements/{id}", write, drafts.Show(register.TypeStatement)),
		program("/api/v1/drafts/statements/{id}", write, drafts.Change(register.TypeStatement)),
		program("/api/v1/drafts/statements/{id}/review", send, drafts.Send(register.TypeStatement)),
		program("/api/v1/drafts/institutions", write, drafts.Create(register.TypeInstitution)),
		program("/api/v1/drafts/institutions/{id}", write, drafts.Show(register.TypeInstitution)),
		program("/api/v1/drafts/institutions/{id}", write, drafts.Change(register.TypeInstitution)),
		program("/api/v1/drafts/institutions/{id}/review", send, drafts.Send(register.TypeInstitution)),
	}
}

// program is a route for programs of staff.
func program(pattern string, needs register.Permission, o drafts.Operation) Route {
	r := Route{Method: o.Method, Pattern: pattern, Permission: needs, draft: &o}
	if o.Method != http.MethodGet {
		r.body = Body{Form: longestForm}
	}
	return r
}

// IsProgram reports whether the route is for programs of staff.
func (r Route) IsProgram() bool { return r.draft != nil }

// isDrafts reports whether an address is one for programs of staff.
func isDrafts(path string) bool {
	return path == "/api/v1/drafts" || strings.HasPrefix(path, "/api/v1/drafts/")
}

// mostValues is how many values the body of a draft may have. The largest of the founding
// records has some 1,100. Two bytes can be an item of a list which takes a thousand in
// memory, and is looked at by everything that reads the record.
const mostValues = 20_000

// draftMethods are what addresses of drafts answer.
const draftMethods = "GET, HEAD, POST, PUT"

// serveDraft answers a program of staff. It comes with a token and never with a
// cookie, so that no other site can have a browser ask; nothing of it is kept by any
// cache.
func (a *app) serveDraft(route *compiled, c echo.Context) error {
	w, r := c.Response().Writer, c.Request()
	noteRoute(r.Context(), route)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	answer, err := a.draftAnswer(route, c)
	switch status := statusOf(err); {
	case err == nil:
		a.answerDraft(w, r, answer)
		return nil
	case status == http.StatusUnauthorized: // RFC 6750, section 3
		h.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	case status == http.StatusForbidden:
		h.Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, route.draft.Scope))
	}
	return err
}

// draftAnswer lets in who shows a token that is good, as often as it may, and has
// what he asks for carried out.
func (a *app) draftAnswer(route *compiled, c echo.Context) (drafts.Answer, error) {
	w, r := c.Response().Writer, c.Request()
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") { // a scheme is written in any case (RFC 9110, section 11.1)
		return drafts.Answer{}, &api.ProblemError{Kind: api.Unauthorized}
	}
	by, err := a.drafts.Program(r.Context(), strings.TrimSpace(token))
	if err != nil {
		return drafts.Answer{}, err
	}
	noteAccount(r.Context(), by.ID)
	if !a.programs.take(by.Token, a.cfg.Now()).tell(w.Header()) {
		return drafts.Answer{}, errThrottled
	}
	if !by.Role.Can(route.Permission) {
		return drafts.Answer{}, register.ErrForbidden
	}
	var body []byte
	if route.body.Form > 0 { // what comes with a question is not looked at
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, route.body.Form))
	}
	switch {
	case err != nil:
		return drafts.Answer{}, formError(err)
	case !isJSONText(body):
		return drafts.Answer{}, register.ErrInvalid
	case valuesIn(body) > mostValues:
		return drafts.Answer{}, errTooLarge
	}
	// Only what is done with it takes a place: how long a body takes to come is its sender's.
	leave, err := a.enter(r, route.Class(r))
	if err != nil {
		return drafts.Answer{}, err
	}
	defer leave()
	return a.drafts.Answer(r.Context(), *route.draft, drafts.Request{
		Method: r.Method, Path: r.URL.Path, ID: c.Param("id"), Lang: r.URL.Query().Get("lang"), IfMatch: r.Header.Get("If-Match"),
		Key: r.Header.Get("Idempotency-Key"), MediaType: r.Header.Get("Content-Type"), Body: body, By: by,
	})
}

func (a *app) answerDraft(w http.ResponseWriter, r *http.Request, answer drafts.Answer) {
	h := w.Header()
	h.Set("ETag", drafts.Tag(answer.Version))
	if answer.Location != "" {
		h.Set("Location", answer.Location)
	}
	if answer.Replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == drafts.Tag(answer.Version) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	write(w, answer.Status, "application/json", answer.Body)
}
