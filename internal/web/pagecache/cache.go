// Package pagecache keeps finished pages in memory, in front of everything
// else that the server does: a page that is asked for again costs a map
// lookup and a write, not queries, templates and middleware.
//
// What a cached page may depend on is its address, the generation of the
// published record and the day, and nothing else, but for the state of the public
// log where it says so (ShowsLog): the cache asks for a page
// with no header of the reader's request, so that no cookie, language or
// encoding can leak from one reader's page into another's.
package pagecache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// Config says what a cache stands in front of.
type Config struct {
	// Next makes the pages. What it answers is kept when its status is 200, or 410, and
	// its Cache-Control begins with "public".
	Next http.Handler
	// Canonical returns the one address, path and query, under which the
	// requested page is known, so that the order of parameters and unknown
	// ones do not multiply pages. ok is false for what the cache must leave
	// alone; Next then sees the request as it came.
	Canonical func(r *http.Request) (address string, ok bool)
	// Generation tells of what state pages would be that are made now.
	Generation func(ctx context.Context) (Generation, error)
	// Day names the day on which a page was made: some pages count days.
	Day func(now time.Time) string
	Now func() time.Time
	Log *slog.Logger
	// MaxBytes bounds the memory that pages take; 0 means 64 MiB.
	MaxBytes int64
	// Timeout bounds the making of one page; 0 means 10 s.
	Timeout time.Duration
	// Patience is how long a reader waits to be told whether the page in memory is
	// still the newest; 0 means 50 ms. A database that does not answer must not
	// slow the pages that need none.
	Patience time.Duration
	// Careful reports whether the reader may have published something himself, at
	// whatever node: for him the state is asked for where it was not just now. Nil:
	// nobody.
	Careful func(r *http.Request) bool
	// Folder is where pages are saved, so that a server that starts without its
	// database has them; empty: nowhere. It must be this server's own.
	Folder string
	// Peer is from where a request comes, as host and port, for the log and the counts of the
	// server behind: a page is made without the headers by which a proxy says it. Nil: from
	// the other end of the connection.
	Peer func(r *http.Request) string
	// Tell puts a sentence into a page that says since when it may be old; ok is false
	// where there is no place for one. Nil: pages say so by their headers only.
	Tell func(header http.Header, body []byte, since time.Time) (told []byte, ok bool)
}

const (
	defaultMaxBytes = 64 << 20
	defaultTimeout  = 10 * time.Second
	defaultPatience = 50 * time.Millisecond
)

// Generation is a state of what pages show.
type Generation struct {
	Record int64 // grows with every publication
	Log    int64 // grows with every signature of the public log
}

// logMark is the key of a context under which it is noted that a page shows the
// log.
type logMark struct{}

// ShowsLog notes that the page which is being made in a context shows the state
// of the public log: it is old when that has changed. All others live on through
// the signature that follows each publication.
func ShowsLog(ctx context.Context) {
	if mark, ok := ctx.Value(logMark{}).(*atomic.Bool); ok {
		mark.Store(true)
	}
}

// Cache is an http.Handler that answers from memory what it can.
type Cache struct {
	cfg     Config
	known   atomic.Pointer[knowledge]
	turning sync.Mutex // held while what is known changes
	polls   singleflight.Group
	renders singleflight.Group
	shelf   shelf
	packers packers
	packing atomic.Bool // a page is being packed well
	saving  sync.Mutex  // held while pages are written to disk
	// savedPuts and savedAt say what is on disk.
	savedPuts int64
	savedAt   time.Time
	hits      atomic.Int64
	made      atomic.Int64
	aged      atomic.Int64
}

// New returns an empty cache.
func New(cfg Config) *Cache {
	cfg.MaxBytes = cmp.Or(cfg.MaxBytes, defaultMaxBytes)
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	cfg.Patience = cmp.Or(cfg.Patience, defaultPatience)
	if cfg.Peer == nil {
		cfg.Peer = func(r *http.Request) string { return r.RemoteAddr }
	}
	c := &Cache{cfg: cfg}
	c.shelf.max = cfg.MaxBytes
	c.known.Store(&knowledge{})
	c.restore()
	return c
}

// Stats tells what a cache has done since its start.
type Stats struct {
	Hits  int64 // answered from memory
	Made  int64 // pages asked from the server behind
	Stale int64 // answered from memory because the server behind had failed
	Pages int   // now in memory
	Bytes int64 // that they take
}

// Stats returns the figures of the cache.
func (c *Cache) Stats() Stats {
	pages, bytes := c.shelf.size()
	return Stats{Hits: c.hits.Load(), Made: c.made.Load(), Stale: c.aged.Load(), Pages: pages, Bytes: bytes}
}

// ServeHTTP answers from memory, or makes the page once for all who wait for it.
func (c *Cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		c.cfg.Next.ServeHTTP(w, r)
		return
	}
	now := c.cfg.Now()
	age := pollEvery
	if c.cfg.Careful != nil && c.cfg.Careful(r) {
		age = carefulEvery
	}
	know := c.current(now, age) //nolint:contextcheck // a poll is for all readers: it does not end with the one who asked
	address, p, ok := c.find(r)
	switch {
	case !ok || !know.learned():
		c.cfg.Next.ServeHTTP(w, r)
	case p != nil && know.doubtful(now) && know.fits(p, now):
		c.serveStale(w, r, address, p, know, now)
	case p != nil && know.vouchesFor(p, now):
		c.hits.Add(1)
		c.improve(address, p, now)
		p.serve(w, r)
	default:
		c.serveNew(w, r, address, p, know)
	}
}

// find returns the canonical address of the request and the page that is kept
// under it, nil when there is none. A plain address that is already known
// needs no second look, unless an escaped character makes its path look like
// another address: a question mark, or a slash.
func (c *Cache) find(r *http.Request) (address string, p *page, ok bool) {
	if r.URL.RawQuery == "" && r.URL.RawPath == "" && !strings.Contains(r.URL.Path, "?") {
		if p = c.shelf.page(r.URL.Path); p != nil {
			return r.URL.Path, p, true
		}
	}
	address, ok = c.cfg.Canonical(r)
	if !ok {
		return "", nil, false
	}
	return address, c.shelf.page(address), true
}

// serveNew makes the page and serves it. Where that fails, an older page is
// better than none, unless it is too old.
func (c *Cache) serveNew(w http.ResponseWriter, r *http.Request, address string, old *page, know *knowledge) {
	made, err := c.makeOnce(r, address, know)
	switch {
	case r.Context().Err() != nil:
		return // the reader has left
	case old != nil && know.fits(old, c.cfg.Now()) && (err != nil || made.status >= http.StatusInternalServerError):
		c.serveStale(w, r, address, old, know, c.cfg.Now())
	case err != nil:
		c.cfg.Log.ErrorContext(r.Context(), "page cache", "address", address, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	default:
		made.serve(w, r)
	}
}

// makeOnce makes the page, or waits for the one who is making it already.
// Whoever knows of a newer generation does not wait for a page of an older one.
func (c *Cache) makeOnce(r *http.Request, address string, know *knowledge) (*page, error) {
	flight := fmt.Sprintf("%d %d %s %s", know.generation.Record, know.generation.Log, know.day, address)
	// The page is for all who wait, so it does not die with the first reader.
	ctx := context.WithoutCancel(r.Context())
	result := c.renders.DoChan(flight, func() (any, error) {
		return c.make(ctx, c.cfg.Peer(r), address, know)
	})
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case made := <-result:
		if made.Err != nil {
			return nil, made.Err
		}
		return made.Val.(*page), nil
	}
}

// make asks the server behind for the page and keeps it, but only if the
// generation that was known before is still the current one: a page that was
// made while something was published might hold the older text.
func (c *Cache) make(ctx context.Context, peer, address string, know *knowledge) (p *page, err error) {
	defer func() {
		// In a goroutine of its own a panic would end the whole process.
		if v := recover(); v != nil {
			err = fmt.Errorf("panic while making a page: %v", v)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	target, err := url.ParseRequestURI(address)
	if err != nil {
		return nil, err
	}
	var showsLog atomic.Bool
	ctx = context.WithValue(ctx, logMark{}, &showsLog)
	request := (&http.Request{
		Method: http.MethodGet, URL: target, RequestURI: address, RemoteAddr: peer,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody,
	}).WithContext(ctx)
	c.made.Add(1)
	answer := recorder{body: takeBuffer()}
	defer returnBuffer(answer.body)
	c.cfg.Next.ServeHTTP(&answer, request)
	if p, err = c.newPage(&answer, know); err != nil {
		return nil, err
	}
	p.showsLog = showsLog.Load()
	if former := c.shelf.takeFormer(address); former != nil && former.says(p.content) {
		p.content = former.content // most publications change few of the pages that are read
	}
	if p.lasting && c.known.Load().isOf(p) {
		c.shelf.put(address, p)
	}
	return p, nil
}

// settled is for how long a page must have said the same before it is packed well: where
// one publication after another changes it, that would be work for nothing.
const settled = 2 * time.Second

// improve begins to pack a page that is asked for again as well as it can be, one page
// at a time; this reader gets it as it is.
func (c *Cache) improve(address string, p *page, now time.Time) {
	if p.packed.Load() || now.Sub(p.since) < settled || !c.packing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer c.packing.Store(false)
		if err := p.packWell(&c.packers); err != nil {
			c.cfg.Log.Error("page cache: packing a page", "address", address, "error", err)
		}
		p.packed.Store(true)
		c.shelf.recount(address)
	}()
}

// errNoAnswer means that the server behind wrote nothing at all.
var errNoAnswer = errors.New("the handler wrote nothing")
