package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/taxii"
)

// errNotAcceptable is a request for another media type than there is.
var errNotAcceptable = errors.New("not acceptable")

// taxiiRoutes are the addresses for clients of TAXII 2.1. {name} is the collection,
// {id} an object; each ends with a slash, as the specification wants it.
func taxiiRoutes() []Route {
	read := register.MayRead
	const objects = taxii.RootPath + "collections/{name}/objects/"
	return []Route{
		exchanged(taxii.DiscoveryPath, read, taxii.Discover),
		exchanged(taxii.RootPath, read, taxii.ShowRoot),
		exchanged(taxii.RootPath+"collections/", read, taxii.ListCollections),
		exchanged(taxii.RootPath+"collections/{name}/", read, taxii.ShowCollection),
		listed(exchanged(taxii.RootPath+"collections/{name}/manifest/", read, taxii.ListManifest, taxii.Params()...)),
		listed(exchanged(objects, read, taxii.ListObjects, taxii.Params()...)),
		listed(exchanged(objects+"{id}/", read, taxii.ShowObject, taxii.Params()...)),
		listed(exchanged(objects+"{id}/versions/", read, taxii.ListVersions, taxii.Params()...)),
	}
}

// exchanged is a route of TAXII.
//
//nolint:unparam // as page
func exchanged(pattern string, needs register.Permission, o taxii.Operation, params ...string) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Permission: needs, Params: params, taxii: o}
}

// isTAXII reports whether an address is one of TAXII, be there something or not.
func isTAXII(path string) bool {
	return strings.HasPrefix(path, taxii.DiscoveryPath) || path+"/" == taxii.DiscoveryPath
}

// serveTAXII answers a client of TAXII.
func (a *app) serveTAXII(at address, w http.ResponseWriter, r *http.Request) error {
	answer, err := at.route.taxii(a.taxii, r.Context(), taxii.Request{
		Collection: at.params["name"], Object: at.params["id"], Query: at.route.known(r.URL.Query()),
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", pageCaching)
	h.Set("Vary", "Accept") // other media types are refused before
	if !answer.First.IsZero() {
		h.Set("X-Taxii-Date-Added-First", taxii.FormatTime(answer.First))
		h.Set("X-Taxii-Date-Added-Last", taxii.FormatTime(answer.Last))
	}
	write(w, http.StatusOK, taxii.MediaType, answer.Body)
	return nil
}

// refusedTAXII says why a request is refused before anything is looked up: another
// media type is asked for, or something is to be written; nil where it is not.
func (a *app) refusedTAXII(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if !taxii.Accepts(r.Header.Values("Accept")) {
			return errNotAcceptable
		}
	case http.MethodPost, http.MethodDelete:
		// Section 5.4: a client without the right to write.
		if at, ok := a.routes.find(r.URL.Path); ok && strings.Contains(at.route.Pattern, "/objects/") {
			return register.ErrForbidden
		}
	}
	return nil
}

// failTAXII answers with an error message resource: in English, since a page in the
// cache is the same for everybody, with the other languages in its details.
func (a *app) failTAXII(w http.ResponseWriter, status int, id string, err error) {
	kind := map[int]string{
		http.StatusForbidden: "read-only", http.StatusNotFound: "not-found", http.StatusMethodNotAllowed: "method-not-allowed",
		http.StatusNotAcceptable: "not-acceptable", http.StatusTooManyRequests: "too-many-requests", http.StatusServiceUnavailable: "unavailable",
		http.StatusBadRequest: "malformed-address",
	}[status]
	parameter := ""
	if p, ok := errors.AsType[*taxii.ParameterError](err); ok {
		kind, parameter = "invalid-parameter", p.Name
	}
	out := taxii.Error{Status: strconv.Itoa(status), Details: map[register.Lang]string{}}
	for _, lang := range register.Langs() {
		loc := a.catalog.Localizer(string(lang))
		words := loc.T("taxii.detail."+cmp.Or(kind, "internal-error"), "parameter", parameter)
		if lang == register.English {
			out.Title, out.Description = loc.T("taxii.title."+cmp.Or(kind, "internal-error")), words
			continue
		}
		out.Details[lang] = words
	}
	if status >= http.StatusInternalServerError {
		out.ID = id
	}
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	body, err := json.Marshal(out)
	if err != nil {
		body = []byte(`{"title":"` + http.StatusText(status) + `"}`)
	}
	write(w, status, taxii.MediaType, append(body, '\n'))
}
