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
	"testing/synctest"
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
		{"from a file that was cut short", func(t *testing.T, _ *site, folder string) {
			t.Helper()
			name := filepath.Join(folder, "pages")
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, content[:len(content)/2], 0o600); err != nil {
				t.Fatal(err)
			}
		}, http.StatusServiceUnavailable},
		{"from a file with nothing but its beginning", func(t *testing.T, _ *site, folder string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(folder, "pages"), []byte("sijil pages 2\nsum"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, http.StatusServiceUnavailable},
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

// TestADatabaseThatNeverAnswersIsAway: at a start, too, when pages from disk wait for it.
func TestADatabaseThatNeverAnswersIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		cfg := s.config(0)
		cfg.Folder = saved(t, s, "/fr/x")
		cfg.Generation = func(ctx context.Context) (pagecache.Generation, error) {
			<-ctx.Done()
			return pagecache.Generation{}, ctx.Err()
		}
		r := get(t, pagecache.New(cfg), "/fr/x")
		if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Status") == "" {
			t.Errorf("status %d, %v", r.StatusCode, r.Header)
		}
	})
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
	s.set(func() { s.down = true })
	s.advance(time.Minute)
	if b := body(t, get(t, c, "/fr/x")); !strings.HasPrefix(b, "as of 13:00:06: /fr/x") {
		t.Errorf("away for the second time: %.40s", b)
	}
}

// TestAWithdrawalSaysNothingOfItsAge in words: it is no page that could be newer.
func TestAWithdrawalSaysNothingOfItsAge(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.status = http.StatusGone
	c := s.telling(0)
	was := body(t, get(t, c, "/fr/x"))
	s.set(func() { s.down = true })
	s.advance(time.Minute)
	if r := get(t, c, "/fr/x"); r.StatusCode != http.StatusGone || body(t, r) != was || r.Header.Get("Age") != "60" {
		t.Errorf("status %d, %v", r.StatusCode, r.Header)
	}
}

// file is the saved pages as they are on disk.
func file(t *testing.T, folder string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(filepath.Join(folder, "pages"))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// TestPagesAreSavedWhileTheServerRuns, since it may be killed: soon after they are made, not
// again while nothing is new, and again for the time until which they were known to be
// current. What is written takes the place of what was there in one step.
func TestPagesAreSavedWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		s := newSite()
		cfg := s.config(0)
		cfg.Folder, cfg.Now = folder, time.Now // of the bubble
		c := pagecache.New(cfg)
		get(t, c, "/fr/x")
		ctx, cancel := context.WithCancel(t.Context())
		kept := make(chan struct{})
		go func() { c.Keep(ctx); close(kept) }()
		defer func() { cancel(); <-kept }()
		begin, asked := time.Now(), s.polls.Load()
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		pass(31 * time.Second)
		first := file(t, folder)
		if !pagecache.SavedIn(folder, time.Now()) || first.Mode().Perm() != 0o600 {
			t.Errorf("after half a minute: %v", first.Mode())
		}
		if n := s.polls.Load() - asked; n < 30 {
			t.Errorf("nobody reads, and the database was asked %d times in half a minute", n)
		}
		pass(5 * time.Minute)
		if again := file(t, folder); !os.SameFile(first, again) || !first.ModTime().Equal(again.ModTime()) {
			t.Error("what is the same was written again")
		}
		pass(6 * time.Minute)
		if again := file(t, folder); os.SameFile(first, again) {
			t.Error("it was written over, or not at all")
		}
		if !pagecache.SavedIn(folder, begin.Add(24*time.Hour+5*time.Minute)) {
			t.Error("it is not noted until when the pages were known to be current")
		}
	})
}

// TestNoPageIsSavedForEver: one that nobody asks for goes with the day, however often the
// server is started meanwhile.
func TestNoPageIsSavedForEver(t *testing.T) {
	t.Parallel()
	s := newSite()
	folder := saved(t, s, "/fr/x")
	for range 2 {
		s.advance(13 * time.Hour)
		c := s.cacheIn(folder)
		get(t, c, "/fr/new")
		stop(c)
	}
	s.set(func() { s.down = true })
	c := s.cacheIn(folder)
	for address, want := range map[string]int{"/fr/x": http.StatusServiceUnavailable, "/fr/new": http.StatusOK} {
		if r := get(t, c, address); r.StatusCode != want {
			t.Errorf("%s: status %d, want %d", address, r.StatusCode, want)
		}
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
