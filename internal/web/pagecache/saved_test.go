package pagecache_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/sijil/sijil/internal/web/pagecache"
)

// saved runs a server until its pages are on disk, and returns their folder.
func saved(t *testing.T, s *site, addresses ...string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	c := s.cacheIn(folder)
	for _, address := range addresses {
		get(t, c, address)
	}
	stop(c)
	return folder
}

// stop ends a server, which saves its pages.
func stop(c *pagecache.Cache) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.Keep(ctx)
}

func (s *site) cacheIn(folder string) *pagecache.Cache {
	cfg := s.config(0)
	cfg.Folder = folder
	return pagecache.New(cfg)
}

// TestAStartWithoutTheDatabaseHasWhatWasSaved, but nothing that might have been
// withdrawn since, as far as this server can know. What the cases leave as it is shows
// what would come back otherwise.
func TestAStartWithoutTheDatabaseHasWhatWasSaved(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name   string
		before func(t *testing.T, s *site, folder string) // what happens between the two starts
		status int
	}{
		{"at once", func(*testing.T, *site, string) {}, http.StatusOK},
		{"after a night", func(_ *testing.T, s *site, _ string) { s.advance(12 * time.Hour) }, http.StatusOK},
		{"after a day", func(_ *testing.T, s *site, _ string) { s.advance(24 * time.Hour) }, http.StatusServiceUnavailable},
		{"after a clock that was put back", func(_ *testing.T, s *site, _ string) { s.advance(-48 * time.Hour) }, http.StatusServiceUnavailable},
		{"after a withdrawal of which it learned", func(t *testing.T, s *site, folder string) {
			t.Helper()
			c := s.cacheIn(folder)
			get(t, c, "/fr/x")
			s.set(func() { s.generation = 2 })
			c.Learn(pagecache.Generation{Record: 2}) // and is killed: nothing is saved
		}, http.StatusServiceUnavailable},
		{"after a withdrawal that it saw at its start", func(t *testing.T, s *site, folder string) {
			t.Helper()
			s.set(func() { s.generation = 2 })
			get(t, s.cacheIn(folder), "/fr/other")
		}, http.StatusServiceUnavailable},
		{"after a start that saw nothing new", func(t *testing.T, s *site, folder string) {
			t.Helper()
			get(t, s.cacheIn(folder), "/fr/other")
		}, http.StatusOK},
		{"from a damaged file", func(t *testing.T, _ *site, folder string) {
			t.Helper()
			name := filepath.Join(folder, "pages")
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			content[len(content)-3] ^= 1
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}, http.StatusServiceUnavailable},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s := newSite()
			folder := saved(t, s, "/fr/x")
			x.before(t, s, folder)
			s.set(func() { s.down = true })
			if got, want := pagecache.SavedIn(folder, s.clock()), x.status == http.StatusOK; got != want {
				t.Errorf("a start without the database makes sense: %t, want %t", got, want)
			}
			c := s.cacheIn(folder)
			r := get(t, c, "/fr/x", "Accept-Encoding", "gzip")
			if r.StatusCode != x.status {
				t.Fatalf("status %d, want %d", r.StatusCode, x.status)
			}
			if r.StatusCode == http.StatusOK && (r.Header.Get("Age") == "" || r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Etag") == "") {
				t.Errorf("a page from disk: %v", r.Header)
			}
			s.set(func() { s.down = false })
			s.advance(time.Second)
			if r := get(t, c, "/fr/x"); r.StatusCode != http.StatusOK || r.Header.Get("Age") != "" {
				t.Errorf("the database is back: status %d, age %s", r.StatusCode, r.Header.Get("Age"))
			}
		})
	}
}

// TestSavedPagesAreForTheWorstOnly: the program that reads them may be newer than the
// one that made them.
func TestSavedPagesAreForTheWorstOnly(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cacheIn(saved(t, s, "/fr/x", "/fr/log"))
	before := s.renders.Load()
	get(t, c, "/fr/x")
	if s.renders.Load() != before+1 {
		t.Error("a page from disk was served while the database answers")
	}
}

// TestADatabaseThatAnswersSlowlyIsNotAway: at a start, pages from disk wait until it has
// said what was published meanwhile, or has not answered at all.
func TestADatabaseThatAnswersSlowlyIsNotAway(t *testing.T) {
	t.Parallel()
	s := newSite()
	folder := saved(t, s, "/fr/x")
	s.set(func() { s.generation, s.status = 2, http.StatusGone })
	cfg := s.config(0)
	cfg.Folder = folder
	answer := cfg.Generation
	cfg.Generation = func(ctx context.Context) (pagecache.Generation, error) {
		time.Sleep(300 * time.Millisecond) // longer than the patience of a reader
		return answer(ctx)
	}
	if r := get(t, pagecache.New(cfg), "/fr/x"); r.StatusCode != http.StatusGone || r.Header.Get("Cache-Status") != "" {
		t.Errorf("a page that was withdrawn while the server was off: status %d, %v", r.StatusCode, r.Header)
	}
}

func TestWhatIsOldIsMarked(t *testing.T) {
	t.Parallel()
	s := newSite()
	cfg := s.config(0)
	cfg.Tell = func(header http.Header, body []byte, since time.Time) ([]byte, bool) {
		if !strings.HasPrefix(header.Get("Content-Type"), "text/html") || bytes.Contains(body, []byte("/fr/file")) {
			return nil, false
		}
		return append([]byte("as of "+since.Format(time.TimeOnly)+": "), body...), true
	}
	c := pagecache.New(cfg)
	for _, address := range []string{"/fr/x", "/fr/file"} {
		get(t, c, address)
	}
	tag := get(t, c, "/fr/x").Header.Get("Etag")
	s.set(func() { s.down = true })
	for _, x := range []struct {
		after           time.Duration
		address, accept string
		age, begins     string
	}{
		{time.Second, "/fr/x", "", "1", "/fr/x"},
		{3 * time.Second, "/fr/x", "", "4", "/fr/x"},
		{time.Second, "/fr/x", "", "5", "as of 12:00:00: /fr/x"},
		{time.Hour, "/fr/x", "", "3605", "as of 12:00:00: /fr/x"},
		{0, "/fr/file", "", "3605", "/fr/file"},
	} {
		s.advance(x.after)
		r := get(t, c, x.address)
		if r.Header.Get("Age") != x.age || r.Header.Get("Cache-Status") != "sijil; hit; ttl=-"+x.age+"; detail=database-unreachable" {
			t.Errorf("%s: %v", x.address, r.Header)
		}
		if b := body(t, r); !strings.HasPrefix(b, x.begins) {
			t.Errorf("%s of age %s: %.40s", x.address, x.age, b)
		}
	}
	if r := get(t, c, "/fr/x", "If-None-Match", tag); r.StatusCode != http.StatusOK {
		t.Error("who has the page without the sentence is not given the one with it")
	}
	s.set(func() { s.down = false })
	s.advance(time.Second)
	if r := get(t, c, "/fr/x"); r.Header.Get("Age") != "" || r.Header.Get("Cache-Status") != "" || r.Header.Get("Etag") != tag {
		t.Errorf("the database is back: %v", r.Header)
	}
}

// TestAPageThatLastsIsPackedWell, not one that nobody asks for again.
func TestAPageThatLastsIsPackedWell(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	plain := body(t, get(t, c, "/fr/x"))
	first := get(t, c, "/fr/x", "Accept-Encoding", "gzip, br")
	if got := first.Header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("a new page is sent in %q", got)
	}
	s.advance(3 * time.Second)
	var br *http.Response
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if br = get(t, c, "/fr/x", "Accept-Encoding", "gzip, br"); br.Header.Get("Content-Encoding") == "br" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no brotli after ten seconds")
		}
	}
	text, err := io.ReadAll(brotli.NewReader(br.Body))
	if err != nil || string(text) != plain {
		t.Errorf("the page in brotli differs: %v", err)
	}
	zipped := get(t, c, "/fr/x", "Accept-Encoding", "gzip")
	tags := map[string]bool{first.Header.Get("Etag"): true, br.Header.Get("Etag"): true, zipped.Header.Get("Etag"): true}
	if len(tags) != 3 {
		t.Errorf("other bytes under the same tag: %v", tags)
	}
	for tag := range tags {
		if r := get(t, c, "/fr/x", "If-None-Match", tag); r.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d", tag, r.StatusCode)
		}
	}
	packed, err := strconv.Atoi(br.Header.Get("Content-Length"))
	if err != nil {
		t.Fatal(err)
	}
	least := int64(len(plain) + len(body(t, zipped)) + packed)
	// It is counted just after it can be seen.
	for deadline := time.Now().Add(10 * time.Second); c.Stats().Bytes < least; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are counted, and %d kept", c.Stats().Bytes, least)
		}
	}
}
