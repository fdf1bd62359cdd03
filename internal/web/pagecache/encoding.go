package pagecache

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// The codings in which pages are kept, and how much work goes into each. A page is
// made with the quick one, since somebody waits for it; the good ones are made once it
// has lasted and is asked for again. Measured on the page of the founding record
// (90 KB): gzip 1 takes a quarter of the time of gzip 9 and leaves a quarter more;
// brotli 6 leaves a tenth less than gzip 9 in twice its time; brotli 9 and 11 take fifty
// times as long as brotli 6 for one and nine percent.
const (
	quickLevel  = 1
	goodLevel   = 9
	brotliLevel = 6
)

// weights is how much a reader wants each coding (RFC 9110, 12.5.3): 0 is not at all.
type weights struct{ brotli, gzip, plain float64 }

// unasked is the weight of a page as it is, where nothing is said of it: it may
// always be sent, but less gladly than whatever was asked for.
const unasked = 0.0001

// weigh reads the lines of Accept-Encoding. Names count in whatever letters and
// blanks, each once, and "*" is all that are not named. What cannot be read does not
// count: a page as it is is never wrong.
func weigh(accept []string) weights {
	w := weights{-1, -1, -1}
	rest := 0.0
	for _, line := range accept {
		for coding := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(coding, ";")
			switch name = strings.Trim(name, " \t"); {
			case strings.EqualFold(name, "br"):
				first(&w.brotli, parameters)
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				first(&w.gzip, parameters)
			case strings.EqualFold(name, "identity"):
				first(&w.plain, parameters)
			case name == "*":
				rest = weight(parameters)
			}
		}
	}
	for _, part := range []*float64{&w.brotli, &w.gzip} {
		if *part < 0 {
			*part = rest
		}
	}
	if w.plain < 0 {
		w.plain = unasked
	}
	return w
}

// first reads a weight that is not known yet.
func first(into *float64, parameters string) {
	if *into < 0 {
		*into = weight(parameters)
	}
}

// weight reads the parameters of a coding: one q, or nothing, which is 1.
func weight(parameters string) float64 {
	if strings.Trim(parameters, " \t") == "" {
		return 1
	}
	name, value, _ := strings.Cut(parameters, "=")
	q, err := strconv.ParseFloat(strings.Trim(value, " \t"), 64)
	if err != nil || !strings.EqualFold(strings.Trim(name, " \t"), "q") || math.IsNaN(q) || q < 0 || q > 1 {
		return 0
	}
	return q
}

// AcceptsGzip reports whether a reader takes gzip. views/assets has the same, because
// neither of the two may know the other; a test holds them together.
func AcceptsGzip(accept []string) bool { return weigh(accept).gzip > 0 }

// packer compresses; a new one needs a megabyte, so they are used again.
type packer interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// packers are the compressors that wait for work, by coding and level.
type packers struct{ quick, good, brotli sync.Pool }

// gzip compresses at one of the two levels.
func (p *packers) gzip(body []byte, level int) ([]byte, error) {
	pool := &p.good
	if level == quickLevel {
		pool = &p.quick
	}
	w, _ := pool.Get().(packer)
	if w == nil {
		fresh, err := gzip.NewWriterLevel(io.Discard, level)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		w = fresh
	}
	defer pool.Put(w)
	return pack(w, body)
}

// br compresses with brotli.
func (p *packers) br(body []byte) ([]byte, error) {
	w, _ := p.brotli.Get().(packer)
	if w == nil {
		w = brotli.NewWriterLevel(io.Discard, brotliLevel)
	}
	defer p.brotli.Put(w)
	return pack(w, body)
}

func pack(w packer, body []byte) ([]byte, error) {
	out := takeBuffer()
	defer returnBuffer(out)
	w.Reset(out)
	if _, err := w.Write(body); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil // of its own size: it is kept
}

// unzip is the way back, for pages that were saved.
func unzip(zipped []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return body, nil
}
