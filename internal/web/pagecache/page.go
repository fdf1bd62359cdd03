package pagecache

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// page is a finished answer, with the state and the day for which it holds.
type page struct {
	*content
	generation Generation
	showsLog   bool // it depends on the state of the log
	day        string
	made       time.Time
	lasting    bool        // may be kept
	used       atomic.Bool // lately
	counted    int64       // the bytes that the shelf counts for it
	// former is since when it is of a state that is over; zero while it is current.
	former time.Time
	// told is the page with a sentence that says since when nobody knows whether it is
	// current; nil until that is so.
	told atomic.Pointer[toldPage]
}

// size is the memory that the page takes, about.
func (p *page) size() int64 {
	size := p.content.size()
	if told := p.told.Load(); told != nil && told.page != p {
		size += told.content.size()
	}
	return size
}

// newPage makes a page of what the server behind answered.
func (c *Cache) newPage(answer *recorder, know *knowledge) (*page, error) {
	if answer.status == 0 {
		return nil, errNoAnswer
	}
	h := answer.Header()
	// A shared answer carries nothing that belongs to one request or reader.
	h.Del("Set-Cookie")
	h.Del("X-Request-Id")
	h.Del("Date")
	h.Del("Content-Length")
	// That a page was withdrawn is kept as the page was: while the database is away, it is
	// known all the same.
	lasting := (answer.status == http.StatusOK || answer.status == http.StatusGone) && strings.HasPrefix(h.Get("Cache-Control"), "public")
	if answer.status == http.StatusOK || lasting {
		h.Add("Vary", "Accept-Encoding")
	}
	now := c.cfg.Now()
	return &page{
		content:    newContent(&c.packers, answer.status, h, now, bytes.Clone(answer.body.Bytes()), nil),
		generation: know.generation, day: know.day, made: now,
		lasting: lasting,
	}, nil
}

// recorder takes what the server behind answers.
type recorder struct {
	header http.Header
	status int
	body   *bytes.Buffer
}

// buffers are used again: what is kept of them is copied, in its own size.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// mostBuffered is from what size on a buffer is not kept.
const mostBuffered = 1 << 20

func takeBuffer() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

func returnBuffer(b *bytes.Buffer) {
	if b.Cap() <= mostBuffered {
		b.Reset()
		buffers.Put(b)
	}
}

func (a *recorder) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
