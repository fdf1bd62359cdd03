package pagecache

import (
	"net/http"
	"strconv"
	"time"
)

// tellAfter is from when on a page says in words that nobody knows whether it is
// current. A database that is started anew is away for less, and no reader needs to
// know; programs are told at once, by headers.
const tellAfter = 5 * time.Second

// toldPage is a page that says since when it may be old.
type toldPage struct {
	since time.Time
	*page
}

// serveStale answers with a page of which it is not known whether it is current. It
// says so: by its age, which is the time since it was last known to be current (RFC
// 9111, 5.1), by its state (RFC 9211), and, after some seconds, in words where it is
// read by people.
func (c *Cache) serveStale(w http.ResponseWriter, r *http.Request, address string, p *page, know *knowledge, now time.Time) {
	c.aged.Add(1)
	age := max(now.Sub(know.confirmed), 0)
	seconds := strconv.FormatInt(int64(age/time.Second), 10)
	h := w.Header()
	h["Age"] = []string{seconds}
	h["Cache-Status"] = []string{"sijil; hit; ttl=-" + seconds + "; detail=database-unreachable"}
	if know.failing && age >= tellAfter {
		p = c.inWords(address, p, know.confirmed)
	}
	p.serve(w, r)
}

// inWords returns the page with a sentence that says since when it may be old, or as it
// is where there is no place for one.
func (c *Cache) inWords(address string, p *page, since time.Time) *page {
	if c.cfg.Tell == nil || p.status != http.StatusOK {
		return p
	}
	if told := p.told.Load(); told != nil && told.since.Equal(since) {
		return told.page
	}
	// Once for all who come at a time; whoever comes later finds it made.
	made, err, _ := c.renders.Do("told "+address, func() (any, error) {
		body, ok := c.cfg.Tell(p.header, p.plain.body, since)
		if !ok {
			return p, nil
		}
		told := &page{content: newContent(&c.packers, p.status, p.header, p.since, body, nil), generation: p.generation, made: p.made}
		told.packed.Store(true)
		return told, nil
	})
	if err != nil {
		c.cfg.Log.Error("page cache: telling that a page may be old", "address", address, "error", err)
		return p
	}
	told := made.(*page)
	// Where there is no room it is made each time, and lets no page go that nobody could
	// make now.
	if told == p || c.shelf.hasRoom(told.content.size()) {
		p.told.Store(&toldPage{since: since, page: told})
		c.shelf.recount(address)
	}
	return told
}
