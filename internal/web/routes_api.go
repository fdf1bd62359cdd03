package web

import (
	"net/http"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/api"
)

// apiRoutes are the addresses for programs that read. {id} is the identifier of
// a resource, whose form its operation knows.
func apiRoutes() []Route {
	read := register.MayRead
	return []Route{
		data("/api/v1/openapi.json", read, api.ShowDocument()),
		listed(data("/api/v1/incidents", read, api.ListIncidents())),
		data("/api/v1/incidents/{id}", read, api.ShowIncident()),
		listed(data("/api/v1/institutions", read, api.ListInstitutions())),
		data("/api/v1/institutions/{id}", read, api.ShowInstitution()),
		listed(data("/api/v1/statements", read, api.ListStatements())),
		data("/api/v1/statements/{id}", read, api.ShowStatement()),
		listed(data("/api/v1/claims", read, api.ListClaims())),
		data("/api/v1/claims/{id}", read, api.ShowClaim()),
		listed(data("/api/v1/referrals", read, api.ListReferrals())),
		data("/api/v1/referrals/{id}", read, api.ShowReferral()),
		listed(data("/api/v1/sources", read, api.ListSources())),
		data("/api/v1/sources/{id}", read, api.ShowSource()),
		listed(data("/api/v1/editions", read, api.ListEditions())),
		data("/api/v1/editions/{id}", read, api.ShowEdition()),
		in(ClassSearch, data("/api/v1/search", read, api.Search())),
		in(ClassSearch, data("/api/v1/statistics", read, api.ShowStatistics())),
		data("/api/v1/vocabularies", read, api.ListVocabularies()),
	}
}

// data is a route that answers with resources of the record.
//
//nolint:unparam // as page
func data(pattern string, needs register.Permission, o api.Operation) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Permission: needs, Params: o.ParamNames(), operation: &o}
}

// endpoints are the operations of the API at their addresses.
func endpoints() []api.Endpoint {
	var out []api.Endpoint
	for _, r := range apiRoutes() {
		out = append(out, api.Endpoint{Pattern: r.Pattern, Operation: *r.operation})
	}
	for _, r := range draftRoutes() {
		out = append(out, api.Endpoint{Pattern: r.Pattern, Writing: &r.draft.Writing})
	}
	return out
}

// isAPI reports whether an address is one for programs, be there something or not.
func isAPI(path string) bool { return strings.HasPrefix(path, "/api/") || path == "/api" }

// isOpen reports whether programs of any origin may ask at an address.
func isOpen(path string) bool { return isAPI(path) || isTAXII(path) }

// serveData answers with resources of the record.
func (a *app) serveData(at address, w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	for name := range query {
		if values := tidy(query[name]); len(values) > 0 {
			query[name] = values
		} else {
			delete(query, name)
		}
	}
	answer, err := a.api.Answer(r.Context(), *at.route.operation, api.Request{Path: r.URL.Path, Params: at.params, Query: query})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", pageCaching)
	if answer.Passing {
		h.Set("Cache-Control", passingCaching)
	}
	if answer.MovedTo != "" {
		h.Set("Location", answer.MovedTo)
		write(w, http.StatusMovedPermanently, "application/json", nil)
		return nil
	}
	write(w, http.StatusOK, "application/json", answer.Body)
	return nil
}

// failData answers with a problem (RFC 9457), in the language that is asked for.
func (a *app) failData(w http.ResponseWriter, r *http.Request, status int, id string, err error) {
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	body := a.api.Explain(err, status, r.URL.Query().Get("lang"), id)
	write(w, status, "application/problem+json", body)
}

// readMethods are what the API for reading answers.
const readMethods = "GET, HEAD, OPTIONS"

// door stands before the page cache: programs of any origin may read the API and by
// TAXII, as often as their network may. What is in memory counts, too: the number says what a client
// may do, not what it costs.
func (a *app) door(next http.Handler) http.Handler {
	refused := func(err error) http.Handler {
		return a.observe(a.setHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, err) })))
	}
	welcomed := a.setHeaders(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Allow", readMethods)
		h.Set("Access-Control-Allow-Methods", readMethods)
		h.Set("Access-Control-Allow-Headers", "If-None-Match")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOpen(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if !isDrafts(r.URL.Path) { // no page of another site writes
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Expose-Headers", "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-TAXII-Date-Added-First, X-TAXII-Date-Added-Last")
		}
		if r.Method == http.MethodOptions && !isDrafts(r.URL.Path) {
			welcomed.ServeHTTP(w, r)
			return
		}
		if !a.limiter.take(network(a.peer(r)), a.cfg.Now()).tell(w.Header()) {
			refused(errThrottled).ServeHTTP(w, r)
			return
		}
		if isTAXII(r.URL.Path) {
			if err := a.refusedTAXII(r); err != nil {
				refused(err).ServeHTTP(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
