package pagecache_test

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/web/pagecache"
)

// whatAll is longer than a page must be to be compressed.
var whatAll = strings.Repeat("what all pages say ", 100)

// pack asks for a page until it comes packed as well as it can be.
func pack(t *testing.T, s *site, c *pagecache.Cache, address string) {
	t.Helper()
	get(t, c, address)
	s.advance(3 * time.Second)
	for end := time.Now().Add(10 * time.Second); get(t, c, address, "Accept-Encoding", "br").Header.Get("Content-Encoding") != "br"; {
		if time.Now().After(end) {
			t.Fatal("the page is not packed after ten seconds")
		}
	}
}

func TestWhatSaysTheSameStaysPacked(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*site)
		status int
		packed bool
		body   string // its beginning
		header string // its Last-Modified
	}{
		"nothing of the page changed": {func(*site) {}, http.StatusOK, true, "what all", ""},
		"its text changed":            {func(s *site) { s.says = "another" + whatAll }, http.StatusOK, false, "another", ""},
		"a header changed": {
			func(s *site) { s.modified = "Thu, 10 Apr 2025 10:00:00 GMT" }, http.StatusOK, false, "what all", "Thu, 10 Apr 2025 10:00:00 GMT",
		},
		"it was withdrawn": {func(s *site) { s.status, s.says = http.StatusGone, "gone" }, http.StatusGone, false, "gone", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite()
			s.says = whatAll
			c := s.cache(0)
			pack(t, s, c, "/fr/x")
			s.set(func() { s.generation++; tc.change(s) })
			c.Learn(pagecache.Generation{Record: s.generation})
			renders := s.renders.Load()
			tag := ""
			for range 2 { // made, and from memory
				got := get(t, c, "/fr/x", "Accept-Encoding", "br")
				if packed := got.Header.Get("Content-Encoding") == "br"; packed != tc.packed || got.StatusCode != tc.status {
					t.Errorf("status %d, packed %v; want %d, %v", got.StatusCode, packed, tc.status, tc.packed)
				}
				if got.Header.Get("Last-Modified") != tc.header {
					t.Errorf("Last-Modified is %q, want %q", got.Header.Get("Last-Modified"), tc.header)
				}
				tag = got.Header.Get("Etag")
			}
			if got := body(t, get(t, c, "/fr/x")); !strings.HasPrefix(got, tc.body) {
				t.Errorf("it says %.20q, want %q", got, tc.body)
			}
			if s.renders.Load() == renders {
				t.Error("it was not made anew")
			}
			if tc.status == http.StatusOK && get(t, c, "/fr/x", "If-None-Match", tag).StatusCode != http.StatusNotModified {
				t.Error("a reader who has it is sent it again")
			}
		})
	}
}

// Publications that come while nobody reads a page do not unpack it.
func TestSomeStatesLaterAPageIsStillPacked(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.says = whatAll
	c := s.cache(0)
	pack(t, s, c, "/fr/x")
	for range 3 {
		s.set(func() { s.generation++ })
		c.Learn(pagecache.Generation{Record: s.generation})
	}
	if got := get(t, c, "/fr/x", "Accept-Encoding", "br"); got.Header.Get("Content-Encoding") != "br" {
		t.Errorf("encoding %q, want br", got.Header.Get("Content-Encoding"))
	}
}

// What was published is in memory for a minute after it went at most, and never takes
// more room than pages have.
func TestFormerPagesGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const most = 100 << 10
		s := newSite()
		c := s.cache(most)
		for range 5 {
			for i := range 5 {
				get(t, c, fmt.Sprintf("/fr/%d", i))
			}
			s.set(func() { s.generation++ })
			c.Learn(pagecache.Generation{Record: s.generation})
			if got := c.Stats(); got.Pages != 0 || got.Bytes == 0 || got.Bytes > most {
				t.Fatalf("%+v, want no page that can be served, and up to %d bytes", got, most)
			}
		}
		for i := range 100 {
			get(t, c, fmt.Sprintf("/fr/new-%d", i))
			if got := c.Stats().Bytes; got > most {
				t.Fatalf("%d bytes, want %d at most", got, most)
			}
		}
		s.set(func() { s.generation++ })
		c.Learn(pagecache.Generation{Record: s.generation})
		ctx, stop := context.WithCancel(t.Context())
		kept := make(chan struct{})
		go func() { c.Keep(ctx); close(kept) }()
		defer func() { stop(); <-kept }()
		s.advance(59 * time.Second)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if c.Stats().Bytes == 0 {
			t.Error("former pages went before their time")
		}
		s.advance(time.Second)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := c.Stats().Bytes; got != 0 {
			t.Errorf("%d bytes are kept of pages that are over", got)
		}
	})
}

// TestOnePageAfterTheOtherIsPacked.
func TestOnePageAfterTheOtherIsPacked(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	for _, address := range []string{"/fr/x", "/fr/y"} {
		pack(t, s, c, address)
	}
}

// TestWhatPackingAddsIsCounted: what does not shrink much takes more than was thought of it.
func TestWhatPackingAddsIsCounted(t *testing.T) {
	t.Parallel()
	s := newSite()
	words := make([]string, 500)
	for i := range words {
		words[i] = rand.Text()[:5]
	}
	for range 4000 {
		s.says += words[mathrand.IntN(len(words))] + " "
	}
	c := s.cache(0)
	get(t, c, "/fr/x", "Accept-Encoding", "gzip")
	before := c.Stats().Bytes
	pack(t, s, c, "/fr/x")
	more := int64(len(s.says)) / 8 // two packed ones, of more than a fifth each; a quarter was thought of
	// It is counted just after it can be seen.
	for end := time.Now().Add(10 * time.Second); c.Stats().Bytes < before+more; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes are counted, and %d before it was packed; want %d more", c.Stats().Bytes, before, more)
		}
	}
}
