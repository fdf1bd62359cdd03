package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/pagecache"
	"github.com/sijil/sijil/internal/web/public"
	"github.com/sijil/sijil/views/assets"
)

// Site is the server of the whole site.
type Site struct {
	door  http.Handler
	cache *pagecache.Cache
	pages *public.Pages
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.door.ServeHTTP(w, r) }

// Learn tells the site of a generation of what is published, as soon as somebody
// hears of it: pages that are older are shown no more. Without it the site asks the
// database each second. What comes late, and is older than what is known, does no harm.
func (s *Site) Learn(g register.Generation) {
	s.pages.Learn(g) // before a page is made of the new generation
	s.cache.Learn(pagecache.Generation(g))
}

// Wake has the site ask the database with the next request: for who cannot tell
// whether he has missed something.
func (s *Site) Wake() { s.cache.Wake() }

// CacheStats returns the figures of the page cache.
func (s *Site) CacheStats() pagecache.Stats { return s.cache.Stats() }

// Keep has the site ask for what is new each second, also while nobody reads, and
// save its pages to disk (Config.CacheFolder) from time to time and when ctx ends,
// which it waits for.
func (s *Site) Keep(ctx context.Context) { s.cache.Keep(ctx) }

// tellOld puts into a page, before everything else of its own, that it may be old. Files
// and what programs read say so by their headers only.
func (a *app) tellOld(header http.Header, body []byte, since time.Time) (told []byte, ok bool) {
	if !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		return nil, false
	}
	before, rest, ok := bytes.Cut(body, []byte("<main"))
	tag, after, closed := bytes.Cut(rest, []byte(">"))
	if !ok || !closed {
		return nil, false
	}
	var sentence bytes.Buffer
	if err := a.pages.MaybeOld(header.Get("Content-Language"), since).Render(context.Background(), &sentence); err != nil {
		return nil, false
	}
	return slices.Concat(before, []byte("<main"), tag, []byte(">"), sentence.Bytes(), after), true
}

// away is the site while the database has not answered since the start: what was saved
// is shown by the page cache, and here is all that needs no database.
func (a *app) away(w http.ResponseWriter, r *http.Request) {
	err := register.ErrUnavailable
	if at, ok := a.routes.find(r.URL.Path); ok && slices.Contains(bare(), at.route.Pattern) {
		err = at.route.plain(a, w, r)
	}
	if err != nil {
		a.fail(w, r, err)
	}
}

// bare are the routes that need no database.
func bare() []string {
	return []string{"/", "/lang/{lang}", "/healthz", "/favicon.ico", "/security.txt", assets.Prefix + "*"}
}

// noGeneration is the generation while the database is away.
func noGeneration(context.Context) (pagecache.Generation, error) {
	return pagecache.Generation{}, register.ErrUnavailable
}
