package web

import (
	"net/http"

	"github.com/sijil/sijil/internal/observe"
)

// traced tells what a request did to who collects that; where nobody does, it is not
// there at all. Nothing of a header is told or believed: a page is made for all who wait
// for it, and whoever could give a trace its name could tie our readers to it. Files of
// the interface and what load balancers ask do nothing that could be looked at.
func (a *app) traced(next http.Handler) http.Handler {
	if a.cfg.Traces == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		class := classOf(r.URL.Path)
		is, ok := r.Context().Value(requestKey{}).(*known)
		if !ok || class == classFile || class == classHealth {
			next.ServeHTTP(w, r)
			return
		}
		ctx, end := a.cfg.Traces.Request(r.Context(), observe.Asked{ID: is.id, Class: class, Method: r.Method})
		seen, whole := &observed{ResponseWriter: w}, false
		defer func() { end(observe.Answered{Route: is.route, Status: seen.status, Whole: whole}) }()
		next.ServeHTTP(seen, r.WithContext(ctx))
		whole = true
	})
}
