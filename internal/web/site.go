package web

import (
	"net/http"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/pagecache"
	"github.com/sijil/sijil/internal/web/public"
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
