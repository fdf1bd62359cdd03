package pagecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// minZipped is the size from which compressing pays.
const minZipped = 512

// page is a finished answer in its encodings. What it says never changes; what is
// added later is how it is packed.
type page struct {
	generation Generation
	showsLog   bool // it depends on the state of the log
	day        string
	made       time.Time
	status     int
	lasting    bool // may be kept
	// modified is when what the page holds last changed, for those who ask by time;
	// zero where the server behind does not say.
	modified time.Time
	header   http.Header // of all encodings
	tag      string      // of the content, without quotes; "" where there is none
	plain    variant
	packers  *packers                // nil when compressing cannot pay
	zip      sync.Once               // at the first reader who takes it
	zipped   atomic.Pointer[variant] // nil until then, and when compressing does not pay
	brotli   atomic.Pointer[variant] // nil until it was made
	packed   atomic.Bool             // as well as it can be
	used     atomic.Bool             // lately
	counted  int64                   // the bytes that the shelf counts for it
	// told is the page with a sentence that says since when nobody knows whether it is
	// current; nil until that is so.
	told atomic.Pointer[toldPage]
}

// variant is a page in one encoding, with its headers ready to be sent.
type variant struct {
	body        []byte
	headers     []field
	notModified []field // the headers of a 304
}

// field is a header with its values, as net/http holds them.
type field struct {
	name   string
	values []string
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
	if answer.status == http.StatusOK {
		h.Add("Vary", "Accept-Encoding")
	}
	p := &page{generation: know.generation, day: know.day, made: c.cfg.Now(), status: answer.status, header: h}
	p.lasting = answer.status == http.StatusOK && strings.HasPrefix(h.Get("Cache-Control"), "public")
	c.fill(p, bytes.Clone(answer.body.Bytes()), nil)
	return p, nil
}

// fill gives the page its content; zipped may be known already. Where it is not, the
// page is compressed when somebody asks for that.
func (c *Cache) fill(p *page, body, zipped []byte) {
	if at, err := http.ParseTime(p.header.Get("Last-Modified")); err == nil {
		p.modified = at
	}
	if p.status == http.StatusOK {
		// Of the content, so that what changes it changes the tag: a new edition, a new
		// template, a new day.
		sum := sha256.Sum256(body)
		p.tag = base64.RawURLEncoding.EncodeToString(sum[:15])
	}
	p.plain = p.variant(body, "", "")
	switch {
	case len(zipped) > 0:
		v := p.variant(zipped, "gzip", "-g1")
		p.zipped.Store(&v)
	case p.packs(body):
		p.packers = &c.packers
	}
}

// quick returns the page compressed in a hurry, or better where it is already; nil
// where that does not pay.
func (p *page) quick() *variant {
	if p.packers != nil {
		p.zip.Do(func() {
			zipped, err := p.packers.gzip(p.plain.body, quickLevel)
			if err != nil || len(zipped) >= len(p.plain.body) {
				return
			}
			v := p.variant(zipped, "gzip", "-g1")
			p.zipped.Store(&v)
		})
	}
	return p.zipped.Load()
}

// packs reports whether compressing can pay: pictures are compressed already.
func (p *page) packs(body []byte) bool {
	mediaType := p.header.Get("Content-Type")
	return len(body) >= minZipped && (!strings.HasPrefix(mediaType, "image/") || strings.HasPrefix(mediaType, "image/svg"))
}

// packWell makes the encodings that take their time.
func (c *Cache) packWell(p *page) error {
	if p.quick() == nil {
		return nil // nothing is gained by it
	}
	zipped, err := c.packers.gzip(p.plain.body, goodLevel)
	if err != nil {
		return err
	}
	br, err := c.packers.br(p.plain.body)
	if err != nil {
		return err
	}
	vz, vb := p.variant(zipped, "gzip", "-g9"), p.variant(br, "br", "-br")
	p.zipped.Store(&vz)
	p.brotli.Store(&vb)
	return nil
}

// variant readies the page for one encoding. Two encodings are two representations,
// and so are two levels of one: a strong tag tells them apart, by its end.
func (p *page) variant(body []byte, encoding, mark string) variant {
	v := variant{body: body}
	h := p.header.Clone()
	if p.tag != "" {
		h["Etag"] = []string{`"` + p.tag + mark + `"`}
	}
	for name, values := range h {
		if name != "Content-Type" {
			v.notModified = append(v.notModified, field{name, values})
		}
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	for name, values := range h {
		v.headers = append(v.headers, field{name, values})
	}
	return v
}

// size is the memory that the page takes, about.
func (p *page) size() int64 {
	const overhead = 6 << 10 // headers, tags, map
	size := int64(len(p.plain.body)) + overhead
	for _, v := range []*variant{p.zipped.Load(), p.brotli.Load()} {
		if v != nil {
			size += int64(len(v.body))
		}
	}
	if p.packers != nil && p.zipped.Load() == nil {
		size += int64(len(p.plain.body) / 4) // it will be a text, compressed
	}
	return size
}

// best returns the page in the encoding that the reader wants most, the smallest
// where he does not care.
func (p *page) best(accept []string) *variant {
	if len(accept) == 0 || p.packers == nil && p.zipped.Load() == nil {
		return &p.plain
	}
	w := weigh(accept)
	best, most := &p.plain, w.plain
	if w.gzip > 0 && w.gzip >= most {
		if zipped := p.quick(); zipped != nil {
			best, most = zipped, w.gzip
		}
	}
	if br := p.brotli.Load(); br != nil && w.brotli > 0 && w.brotli >= most {
		best = br
	}
	return best
}

// serve writes the page in the encoding that the reader accepts, or 304 when
// the reader has it.
func (p *page) serve(w http.ResponseWriter, r *http.Request) {
	v := p.best(r.Header["Accept-Encoding"])
	h := w.Header()
	if p.tag != "" && p.has(r.Header) {
		setAll(h, v.notModified)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	setAll(h, v.headers)
	w.WriteHeader(p.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(v.body) // the reader has left: nobody to tell
	}
}

// has reports whether the reader has the page, by its tag or, where he names none, by
// its time (RFC 9110, section 13.2.2).
func (p *page) has(asked http.Header) bool {
	if tags := asked["If-None-Match"]; len(tags) > 0 {
		return p.known(tags)
	}
	if p.modified.IsZero() {
		return false
	}
	since, err := http.ParseTime(asked.Get("If-Modified-Since"))
	return err == nil && !p.modified.After(since)
}

func setAll(h http.Header, fields []field) {
	for i := range fields {
		h[fields[i].name] = fields[i].values
	}
}

// known reports whether one of the tags is this page's, in whatever encoding: all
// carry the same page.
func (p *page) known(ifNoneMatch []string) bool {
	for _, line := range ifNoneMatch {
		for tag := range strings.SplitSeq(line, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" {
				return true
			}
			end, ok := strings.CutPrefix(strings.TrimPrefix(tag, "W/"), `"`+p.tag)
			if !ok {
				continue
			}
			switch end {
			case `"`, `-g1"`, `-g9"`, `-br"`:
				return true
			}
		}
	}
	return false
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
