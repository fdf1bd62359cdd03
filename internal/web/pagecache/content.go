package pagecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// minZipped is the size from which compressing pays.
const minZipped = 512

// content is what a page says, in its encodings. It never changes; what is added later
// is how it is packed. Pages of one address share it for as long as they say the same.
type content struct {
	status   int
	since    time.Time   // when it was said first
	header   http.Header // of all encodings
	modified time.Time   // by Last-Modified, for those who ask by time; zero where there is none
	tag      string      // of the body, without quotes; "" where there is none
	plain    variant
	packers  *packers                // nil when compressing cannot pay
	zip      sync.Once               // at the first reader who takes it
	zipped   atomic.Pointer[variant] // nil until then, and when compressing does not pay
	brotli   atomic.Pointer[variant] // nil until it was made
	packed   atomic.Bool             // as well as it can be
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

// ofThePage are headers that a 304 leaves out (RFC 9110, section 15.4.5): the reader has
// them with the page, and with others it would have another tag. What guides caches, and
// what a script of another site must be allowed, is in each answer.
var ofThePage = map[string]bool{
	"Content-Language": true, "Content-Security-Policy": true, "Content-Type": true, "Cross-Origin-Opener-Policy": true,
	"Cross-Origin-Resource-Policy": true, "Permissions-Policy": true, "Referrer-Policy": true, "X-Content-Type-Options": true,
}

// newContent readies a body; zipped may be known already. Where it is not, the body is
// compressed when somebody asks for that.
func newContent(by *packers, status int, header http.Header, since time.Time, body, zipped []byte) *content {
	p := &content{status: status, header: header, since: since}
	if at, err := http.ParseTime(header.Get("Last-Modified")); err == nil {
		p.modified = at
	}
	if status == http.StatusOK {
		p.tag = tagOf(header, body)
	}
	p.plain = p.variant(body, "", "")
	switch {
	case len(zipped) > 0:
		v := p.variant(zipped, "gzip", "-g1")
		p.zipped.Store(&v)
	case p.packs(body):
		p.packers = by
	}
	return p
}

// tagOf is the tag of what changes it: a new edition, a new template, a new day, and a new
// policy in the headers, which a 304 does not send again.
func tagOf(header http.Header, body []byte) string {
	sum := sha256.New()
	_ = header.Write(sum) // sorted by name; a hash takes everything
	sum.Write(body)
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:15])
}

// says reports whether the content is, byte for byte and header for header, another one.
func (p *content) says(other *content) bool {
	return p.status == other.status && bytes.Equal(p.plain.body, other.plain.body) &&
		maps.EqualFunc(p.header, other.header, slices.Equal[[]string])
}

// quick returns the content compressed in a hurry, or better where it is already; nil
// where that does not pay.
func (p *content) quick() *variant {
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
func (p *content) packs(body []byte) bool {
	mediaType := p.header.Get("Content-Type")
	return len(body) >= minZipped && (!strings.HasPrefix(mediaType, "image/") || strings.HasPrefix(mediaType, "image/svg"))
}

// packWell makes the encodings that take their time.
func (p *content) packWell(by *packers) error {
	if p.quick() == nil {
		return nil // nothing is gained by it
	}
	zipped, err := by.gzip(p.plain.body, goodLevel)
	if err != nil {
		return err
	}
	br, err := by.br(p.plain.body)
	if err != nil {
		return err
	}
	vz, vb := p.variant(zipped, "gzip", "-g9"), p.variant(br, "br", "-br")
	p.zipped.Store(&vz)
	p.brotli.Store(&vb)
	return nil
}

// variant readies the content for one encoding. Two encodings are two representations,
// and so are two levels of one: a strong tag tells them apart, by its end.
func (p *content) variant(body []byte, encoding, mark string) variant {
	v := variant{body: body}
	h := p.header.Clone()
	if p.tag != "" {
		h["Etag"] = []string{`"` + p.tag + mark + `"`}
	}
	for name, values := range h {
		if !ofThePage[name] {
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

// size is the memory that the content takes, about.
func (p *content) size() int64 {
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

// best returns the content in the encoding that the reader wants most, the smallest
// where he does not care.
func (p *content) best(accept []string) *variant {
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

// serve writes the content in the encoding that the reader accepts, or 304 when
// the reader has it.
func (p *content) serve(w http.ResponseWriter, r *http.Request) {
	v := p.best(r.Header["Accept-Encoding"])
	h := w.Header()
	if p.tag != "" && p.has(r.Header, v) {
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

// has reports whether the reader has the content, by its tag or, where he names none, by
// its time (RFC 9110, section 13.2.2). What he would be sent is v.
func (p *content) has(asked http.Header, v *variant) bool {
	if tags := asked["If-None-Match"]; len(tags) > 0 {
		return p.known(tags, v)
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

// known reports whether one of the tags is that of this content, in whatever encoding;
// what was packed in a hurry only until it is packed well. A proxy that was told that it
// has the page would send everybody the larger one, for as long as the page says the same.
func (p *content) known(ifNoneMatch []string, v *variant) bool {
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
			case `"`, `-g9"`, `-br"`:
				return true
			case `-g1"`:
				if v == &p.plain || p.brotli.Load() == nil {
					return true
				}
			}
		}
	}
	return false
}
