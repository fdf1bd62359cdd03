package web

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/web/pagecache"
)

const (
	// probeLimit is how much a network may ask for within probeWindow that is not
	// there, before that looks like a search for what is hidden: an embargoed budget
	// was once found by 32 guesses at its address.
	probeLimit  = 32
	probeWindow = 10 * time.Minute
)

// count tells who counts of an answer that was made, and looks whether somebody
// guesses at addresses.
func (a *app) count(r *http.Request, route string, status int, took time.Duration) {
	class := classOf(r.URL.Path)
	a.cfg.Metrics.Answered(observe.Answer{Class: class, Route: route, Method: r.Method, Status: status, Took: took})
	if status != http.StatusNotFound || class == classFile {
		return
	}
	from := network(a.peer(r))
	if a.probes.take(from, a.cfg.Now()).left == 0 {
		a.cfg.Metrics.Probing()
		a.cfg.Log.LogAttrs(r.Context(), slog.LevelWarn, "a network asks for much that is not there",
			slog.String("network", from), slog.Int("tries", probeLimit), slog.String("class", class))
	}
}

// Classes of addresses, by which requests are counted.
const (
	classPage   = "page"
	classDesk   = "desk"
	classDrafts = "drafts"
	classAPI    = "api"
	classTAXII  = "taxii"
	classFeed   = "feed"
	classEmbed  = "embed"
	classExport = "export"
	classData   = "data" // editions, the log, documents and captures
	classFile   = "file" // of the interface
	classHealth = "health"
)

// classOf is the class of an address, or of the pattern of a route.
func classOf(path string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	second, _, _ := strings.Cut(rest, "/")
	switch {
	case isDrafts(path):
		return classDrafts
	case isAPI(path):
		return classAPI
	case isTAXII(path):
		return classTAXII
	}
	switch first {
	case "feeds":
		return classFeed
	case "embed", "oembed":
		return classEmbed
	case "exports":
		return classExport
	case "editions", "log", "documents", "captures", "stix":
		return classData
	case "assets", "favicon.ico", "manifest.webmanifest":
		return classFile
	case "healthz", "readyz":
		return classHealth
	}
	switch second {
	case "desk":
		return classDesk
	case "exports":
		return classExport
	}
	return classPage
}

// newProbes counts what each network asks for that is not there. The try that takes
// the last of what it may is the one that tells: once for each network and window.
func newProbes() *limiter {
	return &limiter{what: "probes", rate: probeLimit, window: probeWindow}
}

// figures is what the site tells when its figures are read.
func (a *app) figures(cache *pagecache.Cache) observe.Site {
	return observe.Site{
		Cache: func() observe.Cache { return cacheFigures(cache) },
		Work:  a.busy,
		Limited: func() map[string]int64 {
			return map[string]int64{"api": a.limiter.refused(), "token": a.programs.refused(), "export": a.exports.limiter.refused()}
		},
	}
}

// busy is how many places of each class of work are taken.
func (a *app) busy() map[string]observe.Places {
	out := map[string]observe.Places{}
	for class, g := range a.gates {
		out[string(class)] = g.places()
	}
	out[string(ClassExport)] = a.exports.places() // it has a gate of its own
	return out
}

func cacheFigures(cache *pagecache.Cache) observe.Cache {
	s := cache.Stats()
	return observe.Cache{Hits: s.Hits, Made: s.Made, Stale: s.Stale, Pages: s.Pages, Bytes: s.Bytes}
}
