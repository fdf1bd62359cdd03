// Package web speaks HTTP for the register: routes, middleware, the page
// cache, errors and rendering; public pages are made in web/public.
//
// Echo only routes here. Middleware is plain net/http, and page handlers
// return values, so that Echo's successor costs one file.
package web

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/web/api"
	"github.com/sijil/sijil/internal/web/desk"
	"github.com/sijil/sijil/internal/web/drafts"
	"github.com/sijil/sijil/internal/web/pagecache"
	"github.com/sijil/sijil/internal/web/public"
	"github.com/sijil/sijil/internal/web/taxii"
)

// Records is the published record, as pages, the API and TAXII read it.
type Records interface {
	public.Records
	api.Records
	taxii.Records
}

// Config is what the server needs from outside.
type Config struct {
	// BaseURL is the public origin, such as "https://sijil.example"; canonical
	// addresses begin with it, whatever the Host header of a request says.
	BaseURL string
	// Operator is who runs the site, for the pages that name him.
	Operator public.Operator
	// Records is the published record; nil while the database has not answered since
	// the start: then there is what was saved in CacheFolder, and nothing else.
	Records Records
	// Blobs holds the contents of documents; nil: none is handed out.
	Blobs public.Blobs
	Log   *slog.Logger
	Now   func() time.Time
	// Desk is the working side; nil on a server that shows the public side only.
	Desk *desk.Config
	// DeskOnly shows nothing but the desk, and what its pages need.
	DeskOnly bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed; none
	// means that readers connect directly.
	TrustedProxies []netip.Prefix
	// APIRate is how many requests to the API a network may make in a minute; 0
	// means its default.
	APIRate int
	// Hub is the WebSub hub that tells of what is new in feeds; empty: none does.
	Hub string
	// Exports is what files of any length are made of; the zero value: there are none.
	Exports public.Exports
	// ExportRate is how many of them a network may ask for in a minute; 0 means 30.
	ExportRate int
	// TokenRate is how many requests a token may make in a minute; 0 means 120.
	TokenRate int
	// Limits bound how much is done at the same time, by class; a class that is not
	// in it has its default (DefaultLimits).
	Limits map[Class]int
	// CacheBytes bounds the page cache; 0 means its default.
	CacheBytes int64
	// CacheFolder is where pages are saved, so that a start without the database has
	// them; empty: nowhere.
	CacheFolder string
	// Timeout bounds the answer to one request; 0 means 4 s.
	Timeout time.Duration
	// Patience is how long a reader waits to be told whether a page in memory is
	// still the newest; 0 means 50 ms.
	Patience time.Duration
	// Draining reports whether the server is about to stop: it answers, but is
	// ready no more. Nil means never.
	Draining func() bool
	// Metrics are told of what is answered; nil: nobody counts.
	Metrics *observe.Metrics
	// Traces tell what single requests did; nil: nothing is told.
	Traces *observe.Traces
}

const (
	// defaultTimeout is what a reader waits at most while the database hangs: a
	// page takes milliseconds, and its statements end after 3 s.
	defaultTimeout = 4 * time.Second
	// deskTimeout leaves room for what staff wait for: uploads, publications.
	deskTimeout = 25 * time.Second
)

// app is the server's parts.
type app struct {
	cfg     Config
	catalog *i18n.Catalog
	pages   *public.Pages
	desk    *desk.Desk // nil: the public side only
	origins *http.CrossOriginProtection
	api     *api.API
	taxii   *taxii.Server
	limiter *limiter
	drafts  *drafts.Drafts // nil, as desk
	// programs counts the requests of each token.
	programs *limiter
	probes   *limiter // what each network asks for that is not there
	routes   table
	gates    map[Class]*gate
	uploads  *gate // forms with files
	exports  *exports
	secure   bool   // readers come by https
	wake     func() // has the page cache look whether something was published
}

// New returns the whole site. It fails on a base URL that is not an origin.
func New(cfg Config) (*Site, error) {
	base, err := origin(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	catalog, err := i18n.Load(cfg.Log)
	if err != nil {
		return nil, err
	}
	cfg.Timeout, cfg.APIRate = cmp.Or(cfg.Timeout, defaultTimeout), cmp.Or(cfg.APIRate, defaultRate)
	isAway := cfg.Records == nil
	cfg.Records = watched{cfg.Records}
	a := &app{
		cfg:      cfg,
		catalog:  catalog,
		pages:    public.New(cfg.Records, cfg.Blobs, catalog, public.Site{BaseURL: base.String(), Operator: cfg.Operator, APIRate: cfg.APIRate, Hub: cfg.Hub}, cfg.Now).WithExports(cfg.Exports),
		api:      api.New(cfg.Records, catalog, base.String(), cfg.Now, endpoints()),
		taxii:    taxii.New(cfg.Records, base.String()),
		limiter:  newLimiter("network", cfg.APIRate),
		programs: newLimiter("token", cmp.Or(cfg.TokenRate, defaultTokenRate)),
		probes:   newProbes(),
		origins:  http.NewCrossOriginProtection(),
		routes:   newTable(Routes()),
		gates:    newGates(cfg.Limits),
		uploads:  newGate(mostUploads),
		exports:  newExports(cmp.Or(cfg.Limits[ClassExport], DefaultLimits()[ClassExport]), cmp.Or(cfg.ExportRate, defaultExportRate)),
		secure:   base.Scheme == "https",
	}
	var cache *pagecache.Cache
	if cfg.Desk != nil {
		side := *cfg.Desk
		side.Cache = func() observe.Cache { return cacheFigures(cache) }
		a.desk = desk.New(side, catalog, base.String())
		a.drafts = drafts.New(cfg.Desk.Editorial, cfg.Desk.Auth, catalog, base.String())
	}
	next, generation := a.router(), a.generation
	if isAway {
		next, generation = http.HandlerFunc(a.away), noGeneration
	}
	cache = pagecache.New(pagecache.Config{
		Next:       a.middleware(next),
		Canonical:  a.routes.canonical,
		Generation: generation,
		Day:        func(now time.Time) string { return edtf.DayOf(now).String() },
		Now:        cfg.Now,
		Log:        cfg.Log,
		MaxBytes:   cfg.CacheBytes,
		Timeout:    cfg.Timeout,
		Patience:   cfg.Patience,
		Careful:    a.isStaff,
		Folder:     cfg.CacheFolder,
		Peer:       a.peerText,
		Tell:       a.tellOld,
	})
	a.wake = cache.Wake
	cfg.Metrics.Watch(a.figures(cache))
	return &Site{door: a.door(cache), cache: cache, pages: a.pages}, nil
}

// origin reads a base URL: scheme and host, nothing else.
func origin(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || *u != (url.URL{Scheme: u.Scheme, Host: u.Host}) {
		return nil, fmt.Errorf("base URL %q is not an origin such as https://sijil.example", s)
	}
	return u, nil
}
