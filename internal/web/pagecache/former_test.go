package pagecache_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
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
	time.Sleep(2100 * time.Millisecond)
	if c.Stats().Bytes == 0 {
		t.Error("former pages went before their time")
	}
	s.advance(time.Second)
	for end := time.Now().Add(10 * time.Second); c.Stats().Bytes != 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes are kept of pages that are over", c.Stats().Bytes)
		}
	}
}
