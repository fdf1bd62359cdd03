package pagecache

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// minZipped is the size from which compressing pays.
const minZipped = 512

// page is a finished answer in its encodings. It never changes, but for the
// mark that it was used.
type page struct {
	generation Generation
	showsLog   bool // it depends on the state of the log
	day        string
	status     int
	lasting    bool // may be kept
	// modified is when what the page holds last changed, for those who ask by time;
	// zero where the server behind does not say.
	modified time.Time
	plain    variant
	zipped   variant // no body when compressing does not pay
	used     atomic.Bool
}

// variant is a page in one encoding, with its headers ready to be sent.
type variant struct {
	body        []byte
	etag        string
	headers     []field
	notModified []field // the headers of a 304
}

// field is a header with its values, as net/http holds them.
type field struct {
	name   string
	values []string
}

// newPage makes a page of what the server behind answered.
func newPage(answer *recorder, know *knowledge) (*page, error) {
	if answer.status == 0 {
		return nil, errNoAnswer
	}
	h := answer.Header()
	// A shared answer carries nothing that belongs to one request or reader.
	h.Del("Set-Cookie")
	h.Del("X-Request-Id")
	h.Del("Date")
	p := &page{generation: know.generation, day: know.day, status: answer.status}
	p.lasting = answer.status == http.StatusOK && strings.HasPrefix(h.Get("Cache-Control"), "public")
	if at, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
		p.modified = at
	}
	body := bytes.Clone(answer.body.Bytes())
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:15])
	zipped, err := compress(body)
	if err != nil {
		return nil, err
	}
	if p.status == http.StatusOK {
		h.Add("Vary", "Accept-Encoding")
	}
	p.plain = newVariant(p.status, h, body, `"`+tag+`"`, "")
	if len(body) >= minZipped && len(zipped) < len(body) {
		p.zipped = newVariant(p.status, h, zipped, `"`+tag+`-gz"`, "gzip")
	}
	return p, nil
}

func newVariant(status int, h http.Header, body []byte, etag, encoding string) variant {
	v := variant{body: body}
	h = h.Clone()
	if status == http.StatusOK {
		// Two encodings are two representations: a strong tag tells them apart.
		v.etag = etag
		h["Etag"] = []string{etag}
	}
	for name, values := range h {
		if name != "Content-Type" && name != "Content-Length" {
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

func compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	// The best level: it is paid once for each generation of a page.
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if _, err := w.Write(body); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return out.Bytes(), nil
}

// size is the memory that the page takes, about.
func (p *page) size() int64 {
	const overhead = 4 << 10 // headers, tags, map
	return int64(len(p.plain.body)+len(p.zipped.body)) + overhead
}

// serve writes the page in the encoding that the reader accepts, or 304 when
// the reader has it. A stale page says so (RFC 9211).
func (p *page) serve(w http.ResponseWriter, r *http.Request, stale bool) {
	v := &p.plain
	if p.zipped.body != nil && AcceptsGzip(r.Header["Accept-Encoding"]) {
		v = &p.zipped
	}
	h := w.Header()
	if stale {
		h["Cache-Status"] = []string{"sijil; hit; detail=database-unreachable"}
	}
	if v.etag != "" && p.has(r.Header) {
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

// known reports whether one of the tags is this page's, in either encoding:
// both carry the same page.
func (p *page) known(ifNoneMatch []string) bool {
	for _, line := range ifNoneMatch {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag != "" && (tag == p.plain.etag || tag == p.zipped.etag) {
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
	body   bytes.Buffer
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
