package web

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/web/public"
)

// document hands out a document that a current edition names. A copy may be
// kept, but is asked for again each time: what is withdrawn is gone at once.
func (a *app) document(w http.ResponseWriter, r *http.Request) error {
	release, err := a.slot(r.Context())
	if err != nil {
		return err
	}
	defer release()
	d, err := a.pages.Document(r.Context(), strings.TrimPrefix(r.URL.Path, "/documents/"))
	if err != nil {
		return err
	}
	headers := public.DocumentHeaders(d)
	headers.Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == headers.Get("ETag") {
		maps.Copy(w.Header(), headers)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	content, size, err := a.pages.Content(r.Context(), d)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // it was only read
	headers.Set("Content-Length", strconv.FormatInt(size, 10))
	maps.Copy(w.Header(), headers)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(w, content)
	return err
}
