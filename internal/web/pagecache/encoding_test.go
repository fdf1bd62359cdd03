package pagecache

import (
	"bytes"
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWhatIsWantedMost: the cases of RFC 9110, 12.5.3, and what browsers send.
func TestWhatIsWantedMost(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	p := newContent(&c.packers, http.StatusOK, http.Header{"Content-Type": {"text/html"}}, time.Time{}, []byte(strings.Repeat("page ", 1000)), nil)
	if err := p.packWell(&c.packers); err != nil {
		t.Fatal(err)
	}
	for accept, want := range map[string]string{
		"":                                "",
		"gzip, deflate, br, zstd":         "br",
		"gzip, deflate":                   "gzip",
		"gzip":                            "gzip",
		"x-gzip":                          "gzip",
		"GZIP , BR;q=0":                   "gzip",
		"br;q=0.5, gzip":                  "gzip",
		"br;q=0.5, gzip;q=0.5":            "br",
		"br;q=0.001, gzip;q=0.002":        "gzip",
		"deflate":                         "",
		"*":                               "br",
		"*;q=0.5, br;q=0":                 "gzip",
		"*;q=0":                           "",
		"identity":                        "",
		"identity, gzip;q=0.5":            "",
		"identity;q=0.5, gzip;q=0.5":      "gzip",
		"identity;q=0, gzip;q=0.1":        "gzip",
		"identity;q=0":                    "",
		"gzip;q=0, br;q=0":                "",
		"gzip;q=1.5":                      "",
		"gzip;q=NaN, br;q=x":              "",
		"gzip;q=-1":                       "",
		"gzip;q=0, gzip;q=1":              "", // the first counts
		"br\x00, gzip ; q=0.3 , compress": "gzip",
	} {
		v := p.best([]string{accept})
		got := ""
		for _, f := range v.headers {
			if f.name == "Content-Encoding" {
				got = f.values[0]
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if p.best(nil) != &p.plain || p.best([]string{"deflate", "gzip"}) != p.zipped.Load() {
		t.Error("no line, or two lines")
	}
}

func FuzzAcceptEncoding(f *testing.F) {
	f.Add("gzip;q=0.5, br", "*;q=0")
	f.Fuzz(func(t *testing.T, a, b string) {
		w := weigh([]string{a, b})
		for _, q := range []float64{w.brotli, w.gzip, w.plain} {
			if !(q >= 0 && q <= 1) {
				t.Errorf("%q, %q: weight %v", a, b, q)
			}
		}
	})
}

// TestAPageIsCompressedForWhoTakesIt: nobody pays for what nobody reads, and a crowd
// pays once.
func TestAPageIsCompressedForWhoTakesIt(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	text := []byte(strings.Repeat("page ", 1000))
	p := newContent(&c.packers, http.StatusOK, http.Header{"Content-Type": {"text/html"}}, time.Time{}, text, nil)
	before := p.size()
	for _, accept := range [][]string{nil, {"identity"}, {"deflate"}, {"gzip;q=0"}} {
		if v := p.best(accept); v != &p.plain || p.zipped.Load() != nil {
			t.Errorf("%q: compressed", accept)
		}
	}
	var readers sync.WaitGroup
	got := make([]*variant, 16)
	for i := range got {
		readers.Go(func() { got[i] = p.best([]string{"gzip"}) })
	}
	readers.Wait()
	for _, v := range got {
		if v != got[0] || v == &p.plain {
			t.Fatal("compressed more than once, or not at all")
		}
	}
	if body, err := unzip(got[0].body); err != nil || !bytes.Equal(body, text) {
		t.Errorf("it says something else: %v", err)
	}
	if before < p.size() {
		t.Errorf("it was counted as %d bytes, and has %d", before, p.size())
	}
	bytesOf := make([]byte, 4096)
	_, _ = rand.Read(bytesOf)
	noise := newContent(&c.packers, http.StatusOK, http.Header{"Content-Type": {"text/html"}}, time.Time{}, bytesOf, nil)
	if v := noise.best([]string{"gzip"}); v != &noise.plain {
		t.Error("compressing noise does not pay, and was sent")
	}
}

// TestNotModifiedIsShort: a 304 says what guides caches and what scripts of other sites need,
// and no policy of the page; a page under another policy has another tag.
func TestNotModifiedIsShort(t *testing.T) {
	t.Parallel()
	header := http.Header{
		"Content-Type": {"text/html"}, "Content-Language": {"fr"}, "Content-Security-Policy": {"default-src 'none'"}, "Referrer-Policy": {"same-origin"},
		"Cache-Control": {"public"}, "Vary": {"Accept-Encoding"}, "Strict-Transport-Security": {"max-age=1"}, "Access-Control-Allow-Origin": {"*"},
	}
	body := []byte("page")
	p := newContent(&packers{}, http.StatusOK, header, time.Time{}, body, nil)
	request := httptest.NewRequest(http.MethodGet, "/fr/x", http.NoBody)
	request.Header.Set("If-None-Match", `"`+p.tag+`"`)
	answer := httptest.NewRecorder()
	p.serve(answer, request)
	got := slices.Sorted(maps.Keys(answer.Result().Header))
	want := []string{"Access-Control-Allow-Origin", "Cache-Control", "Etag", "Strict-Transport-Security", "Vary"}
	if answer.Code != http.StatusNotModified || !slices.Equal(got, want) {
		t.Errorf("status %d with %q, want 304 with %q", answer.Code, got, want)
	}
	header = header.Clone()
	header.Set("Content-Security-Policy", "default-src 'self'")
	if other := newContent(&packers{}, http.StatusOK, header, time.Time{}, body, nil); other.tag == p.tag {
		t.Error("the tag is the same under another policy")
	}
}
