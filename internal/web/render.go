package web

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"sync"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/web/public"
)

// pageCaching lets shared caches keep a page for a second, and one second more for who
// comes while it is asked for again, so that a withdrawal is through them as soon as it
// is on our own pages. Browsers ask each time, which costs a 304. One second is enough:
// whatever the crowd, a shared cache then asks once in a second for each page. When this
// server fails it may be kept for a minute, for a start takes no longer: where the database
// is away, this server has pages itself, for a day, and none that it knows to be withdrawn,
// which a shared cache that was not asked meanwhile does not.
const pageCaching = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=60"

// passingCaching is for what says of itself that it is not current: whoever asks next may
// be told more.
const passingCaching = "no-cache"

// immutableCaching is for what never changes at its address.
const immutableCaching = "public, max-age=31536000, immutable"

// buffers are reused: a page of an incident has tens of kilobytes.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render draws a page completely before the first byte is sent: a component
// that fails half-way must not leave half a page with status 200. On an error
// nothing has been written.
func (a *app) render(w http.ResponseWriter, r *http.Request, lang string, status int, page templ.Component) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := page.Render(r.Context(), buffer); err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", pageCaching)
	}
	w.Header().Set("Content-Language", lang)
	write(w, status, "text/html; charset=utf-8", buffer.Bytes())
	return nil
}

// sendFile sends what a page offers to be saved, or to be read by a program. It
// is kept by the caches as pages are.
func sendFile(w http.ResponseWriter, f *public.File) {
	h := w.Header()
	switch {
	case h.Get("Cache-Control") != "":
	case f.Immutable:
		h.Set("Cache-Control", immutableCaching)
	default:
		h.Set("Cache-Control", pageCaching)
	}
	if f.Name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	if f.Shared {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if f.Lang != "" {
		h.Set("Content-Language", f.Lang)
	}
	if !f.ModifiedAt.IsZero() {
		h.Set("Last-Modified", f.ModifiedAt.UTC().Format(http.TimeFormat))
	}
	write(w, http.StatusOK, f.MediaType, f.Body)
}

// write sends a complete answer. Compression, entity tags and 304 are the page
// cache's, which sees the answer next.
func write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// The reader may have left; there is nobody to tell.
	_, _ = w.Write(body) //nolint:gosec // templates and JSON escape what was asked, and no browser guesses another type
}

// redirect sends the reader to another address of this site. Browsers would
// keep a permanent redirect for ever, and a slug may move again, even back: for as long as
// one half of that is kept, the two lead to each other.
func redirect(w http.ResponseWriter, r *http.Request, status int, target string) {
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", pageCaching)
	}
	http.Redirect(w, r, target, status) //nolint:gosec // callers build targets from routes of this site only
}
