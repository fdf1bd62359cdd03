package pagecache_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/web/pagecache"
)

// site is a server behind the cache whose every move a test decides.
type site struct {
	mu         sync.Mutex
	now        time.Time
	generation int64
	signed     int64 // what the log has signed
	down       bool
	status     int
	careful    bool // of readers with a cookie
	polls      atomic.Int64
	renders    atomic.Int64
	says       string // what pages say; empty: their address and the state
	modified   string // the Last-Modified of pages
	during     func() // called while a page is made
	header     http.Header
}

func newSite() *site {
	return &site{now: time.Date(2025, 4, 10, 12, 0, 0, 0, time.UTC), generation: 1, status: http.StatusOK}
}

func (s *site) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.renders.Add(1)
	if s.during != nil {
		s.during()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.header = r.Header.Clone()
	if strings.HasPrefix(r.URL.Path, "/fr/log") {
		pagecache.ShowsLog(r.Context())
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Request-Id", fmt.Sprint(n))
	w.Header().Set("Set-Cookie", "never=shared")
	if s.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=0")
	if strings.HasPrefix(r.URL.Path, "/fr/dated") {
		w.Header().Set("Last-Modified", "Wed, 09 Apr 2025 10:00:00 GMT")
	}
	if s.modified != "" {
		w.Header().Set("Last-Modified", s.modified)
	}
	w.WriteHeader(s.status)
	if s.says != "" {
		_, _ = fmt.Fprint(w, s.says)
		return
	}
	_, _ = fmt.Fprintf(w, "%s generation %d signed %d %s", r.URL.RequestURI(), s.generation, s.signed, strings.Repeat("page ", 400))
}

func (s *site) cache(maxBytes int64) *pagecache.Cache {
	return pagecache.New(s.config(maxBytes))
}

func (s *site) config(maxBytes int64) pagecache.Config {
	return pagecache.Config{
		Next: s,
		Canonical: func(r *http.Request) (string, bool) {
			if year := r.URL.Query().Get("year"); year != "" {
				return r.URL.Path + "?year=" + year, true
			}
			// A path that holds an escaped "?" or "/" is no page.
			known := strings.HasPrefix(r.URL.Path, "/fr") && r.URL.RawPath == "" && !strings.Contains(r.URL.Path, "?")
			return r.URL.Path, known
		},
		Careful: func(r *http.Request) bool { return s.careful && r.Header.Get("Cookie") != "" },
		Generation: func(context.Context) (pagecache.Generation, error) {
			s.polls.Add(1)
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.down {
				return pagecache.Generation{}, errors.New("down")
			}
			return pagecache.Generation{Record: s.generation, Log: s.signed}, nil
		},
		Day:      func(now time.Time) string { return now.Format(time.DateOnly) },
		Now:      s.clock,
		Log:      slog.New(slog.DiscardHandler),
		MaxBytes: maxBytes,
		// The database answers at once, however busy this machine is.
		Patience: time.Minute,
	}
}

// telling is a cache the pages of which say that they may be old.
func (s *site) telling(maxBytes int64) *pagecache.Cache {
	cfg := s.config(maxBytes)
	cfg.Tell = func(_ http.Header, body []byte, _ time.Time) ([]byte, bool) {
		return append([]byte("it may be old: "), body...), true
	}
	return pagecache.New(cfg)
}

func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAPageIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	first, second := body(t, get(t, c, "/fr/x", "Cookie", "a=b", "Accept-Language", "ar")), body(t, get(t, c, "/fr/x?unknown=1"))
	if first != second || s.renders.Load() != 1 {
		t.Errorf("made %d times, want once", s.renders.Load())
	}
	if len(s.header) != 0 {
		t.Errorf("the page was made from a reader's headers: %v", s.header)
	}
	if got := c.Stats(); got.Hits != 1 || got.Made != 1 || got.Pages != 1 {
		t.Errorf("stats: %+v", got)
	}
	r := get(t, c, "/fr/x")
	if r.Header.Get("Set-Cookie") != "" || r.Header.Get("X-Request-Id") != "" {
		t.Errorf("a shared page carries %v", r.Header)
	}
}

func TestACrowdWaitsForOnePage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		arrived := make(chan struct{})
		s.during = func() { <-arrived }
		c := s.cache(0)
		var crowd sync.WaitGroup
		for range 50 {
			crowd.Go(func() {
				if r := get(t, c, "/fr/x"); r.StatusCode != http.StatusOK {
					t.Errorf("status %d", r.StatusCode)
				}
			})
		}
		synctest.Wait() // all of them wait
		close(arrived)
		crowd.Wait()
		if n := s.renders.Load(); n != 1 {
			t.Errorf("made %d times for 50 readers", n)
		}
	})
}

func TestAPublicationIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	get(t, c, "/fr/x")
	s.set(func() { s.generation = 2 })
	s.advance(999 * time.Millisecond)
	if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 1") {
		t.Errorf("polled too often: %.40s", b)
	}
	s.advance(time.Millisecond)
	if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 2") {
		t.Errorf("still %.40s", b)
	}
}

// TestWhoPublishedSeesItAtEachNode: who may have published something is not sent what this
// node knew a moment ago; others are, and a crowd of them asks the database no more often.
func TestWhoPublishedSeesItAtEachNode(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.careful = true
	c := s.cache(0)
	get(t, c, "/fr/x")
	s.set(func() { s.generation = 2 })
	s.advance(50 * time.Millisecond)
	if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 1") {
		t.Errorf("a reader: %.40s", b)
	}
	if b := body(t, get(t, c, "/fr/x", "Cookie", "staff")); !strings.Contains(b, "generation 2") {
		t.Errorf("who published: %.40s", b)
	}
	asked := s.polls.Load()
	for range 100 {
		get(t, c, "/fr/x", "Cookie", "staff")
	}
	if n := s.polls.Load() - asked; n != 0 {
		t.Errorf("asked %d times in one moment", n)
	}
}

// TestASignatureRenewsWhatShowsTheLog, and nothing else.
func TestASignatureRenewsWhatShowsTheLog(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	for _, page := range []string{"/fr/x", "/fr/log"} {
		get(t, c, page)
	}
	s.set(func() { s.signed = 7 })
	s.advance(time.Second)
	for page, want := range map[string]string{"/fr/x": "signed 0", "/fr/log": "signed 7"} {
		if b := body(t, get(t, c, page)); !strings.Contains(b, want) {
			t.Errorf("%.40s, want %s", b, want)
		}
	}
	if n := c.Stats().Pages; n != 2 {
		t.Errorf("%d pages in memory", n)
	}
	s.set(func() { s.generation = 2 })
	s.advance(time.Second)
	if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 2 signed 7") {
		t.Errorf("after a publication: %.40s", b)
	}
}

func TestAPageMadeDuringAPublicationIsNotKept(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	var published atomic.Bool
	s.during = func() {
		if published.CompareAndSwap(false, true) {
			s.set(func() { s.generation = 2 })
			s.advance(time.Second)
			get(t, c, "/fr/other") // somebody else learns of the new generation
		}
	}
	get(t, c, "/fr/x")
	get(t, c, "/fr/x")
	if n := s.renders.Load(); n != 3 {
		t.Errorf("made %d pages, want 3: the first of /fr/x must not be kept", n)
	}
}

func TestANewDayMakesNewPages(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	get(t, c, "/fr/x")
	s.advance(12 * time.Hour)
	get(t, c, "/fr/x")
	get(t, c, "/fr/x")
	if n := s.renders.Load(); n != 2 {
		t.Errorf("made %d pages in two days, want 2", n)
	}
}

func TestOldPagesOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	get(t, c, "/fr/x")
	s.set(func() { s.down = true })
	for _, later := range []time.Duration{time.Second, 12 * time.Hour} { // the second passes midnight
		s.advance(later)
		r := get(t, c, "/fr/x")
		if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Status") == "" {
			t.Errorf("after %v: status %d, Cache-Status %q", later, r.StatusCode, r.Header.Get("Cache-Status"))
		}
	}
	if r := get(t, c, "/fr/unknown"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a page that is not in memory: status %d", r.StatusCode)
	}
	s.advance(12 * time.Hour)
	if r := get(t, c, "/fr/x"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after a day: status %d", r.StatusCode)
	}
	s.set(func() { s.down = false })
	s.advance(time.Second)
	if r := get(t, c, "/fr/x"); r.StatusCode != http.StatusOK || r.Header.Get("Cache-Status") != "" {
		t.Errorf("database back: status %d, Cache-Status %q", r.StatusCode, r.Header.Get("Cache-Status"))
	}
}

func TestADatabaseThatHangsDoesNotHoldPagesInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		hang := make(chan struct{})
		var hangs atomic.Bool
		cfg := s.config(0)
		cfg.Patience = 0 // as in production
		cfg.Generation = func(context.Context) (pagecache.Generation, error) {
			if hangs.Load() {
				<-hang
			}
			return pagecache.Generation{Record: 1}, nil
		}
		c := pagecache.New(cfg)
		get(t, c, "/fr/x")
		hangs.Store(true)
		s.advance(2 * time.Second)
		start := time.Now()
		if r := get(t, c, "/fr/x"); r.StatusCode != http.StatusOK {
			t.Errorf("status %d", r.StatusCode)
		}
		if took := time.Since(start); took != 50*time.Millisecond {
			t.Errorf("took %v of the clock of this test", took)
		}
		s.advance(10 * time.Second)
		if r := get(t, c, "/fr/x"); r.Header.Get("Age") != "12" {
			t.Errorf("nobody has vouched for the page for 12 seconds, and its age is %q", r.Header.Get("Age"))
		}
		close(hang)
	})
}

func TestOnlyGoodPagesAreKept(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 400, 404, 500, 503} {
		s := newSite()
		s.status = status
		c := s.cache(0)
		for range 2 {
			if r := get(t, c, "/fr/x"); r.StatusCode != status || r.Header.Get("Etag") != "" {
				t.Errorf("status %d, ETag %q; want %d without", r.StatusCode, r.Header.Get("Etag"), status)
			}
		}
		if n := s.renders.Load(); n != 2 {
			t.Errorf("status %d was made %d times, want 2", status, n)
		}
	}
}

// TestAWithdrawalIsKept: that a page was withdrawn is said from memory and, after a start,
// from disk while the database is away; what was there before is not, even where nobody
// asked for it between.
func TestAWithdrawalIsKept(t *testing.T) {
	t.Parallel()
	s := newSite()
	folder := t.TempDir()
	c := s.cacheIn(folder)
	for _, address := range []string{"/fr/x", "/fr/unasked"} {
		get(t, c, address)
	}
	s.set(func() { s.generation, s.status, s.says = 2, http.StatusGone, "withdrawn" })
	c.Learn(pagecache.Generation{Record: 2})
	made := s.renders.Load()
	for range 3 {
		r := get(t, c, "/fr/x")
		if r.StatusCode != http.StatusGone || body(t, r) != "withdrawn" || r.Header.Get("Etag") != "" || r.Header.Get("Vary") != "Accept-Encoding" || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("withdrawn: status %d, %v", r.StatusCode, r.Header)
		}
	}
	if n := s.renders.Load() - made; n != 1 {
		t.Errorf("that it is withdrawn was made %d times", n)
	}
	s.set(func() { s.down = true })
	away := func(c *pagecache.Cache, when string) {
		t.Helper()
		for address, want := range map[string]int{"/fr/x": http.StatusGone, "/fr/unasked": http.StatusServiceUnavailable} {
			r := get(t, c, address)
			if marked := r.Header.Get("Cache-Status") != ""; r.StatusCode != want || marked != (want == http.StatusGone) {
				t.Errorf("%s, %s: status %d, want %d; %v", when, address, r.StatusCode, want, r.Header)
			}
		}
	}
	s.advance(10 * time.Second)
	away(c, "in memory")
	stop(c)
	away(s.cacheIn(folder), "on disk")
	// Of what says that nobody may keep it, nothing is kept.
	s.set(func() { s.down = false })
	cfg := s.config(0)
	cfg.Next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		made++
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusGone)
	})
	private := pagecache.New(cfg)
	made = 0
	for range 2 {
		get(t, private, "/fr/x")
	}
	if made != 2 {
		t.Errorf("what is no page was made %d times", made)
	}
}

func TestEncodingsAndTags(t *testing.T) {
	t.Parallel()
	c := newSite().cache(0)
	plain := get(t, c, "/fr/x")
	zipped := get(t, c, "/fr/x", "Accept-Encoding", "br, gzip;q=0.5")
	if zipped.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Fatal("encodings are mixed up")
	}
	unzip, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzip)
	if err != nil || string(text) != body(t, plain) {
		t.Errorf("the compressed page differs: %v", err)
	}
	for _, accept := range []string{"gzip;q=0", "gzip;Q=0", "gzip ; q = 0.000", "br,\tgzip;\tq=0", "gzip;q=none"} {
		if refused := get(t, c, "/fr/x", "Accept-Encoding", accept); refused.Header.Get("Content-Encoding") != "" {
			t.Errorf("%q: gzip was refused and sent", accept)
		}
	}
	tag, tagZipped := plain.Header.Get("Etag"), zipped.Header.Get("Etag")
	if tag == "" || tag == tagZipped || plain.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("tags %q and %q, Vary %q", tag, tagZipped, plain.Header.Get("Vary"))
	}
	for _, have := range []string{tag, tagZipped, "W/" + tag, `"other", ` + tag, "*"} {
		r := get(t, c, "/fr/x", "If-None-Match", have)
		if r.StatusCode != http.StatusNotModified || body(t, r) != "" || r.Header.Get("Etag") == "" {
			t.Errorf("If-None-Match %s: status %d", have, r.StatusCode)
		}
	}
	if r := get(t, c, "/fr/x", "If-None-Match", `"other"`); r.StatusCode != http.StatusOK {
		t.Errorf("another tag: status %d", r.StatusCode)
	}
}

// TestWhatWasPackedInAHurryIsReplaced: a proxy that has a page from its first moment gets
// the smaller one when it asks whether that is still current, and keeps it.
func TestWhatWasPackedInAHurryIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.says = whatAll
	c := s.cache(0)
	hurried := get(t, c, "/fr/x", "Accept-Encoding", "br, gzip").Header.Get("Etag")
	ask := func(accept, have string) *http.Response {
		t.Helper()
		return get(t, c, "/fr/x", "Accept-Encoding", accept, "If-None-Match", have)
	}
	if got := ask("br, gzip", hurried); got.StatusCode != http.StatusNotModified {
		t.Errorf("nothing better is there: status %d", got.StatusCode)
	}
	pack(t, s, c, "/fr/x")
	for accept, encoding := range map[string]string{"br, gzip": "br", "gzip": "gzip"} {
		got := ask(accept, hurried)
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != encoding {
			t.Errorf("%s: status %d in %q, want it in %q", accept, got.StatusCode, got.Header.Get("Content-Encoding"), encoding)
		}
		for _, accept := range []string{"br, gzip", "gzip", "identity"} {
			if again := ask(accept, got.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
				t.Errorf("who has it in %s and asks for %s: status %d", encoding, accept, again.StatusCode)
			}
		}
	}
	if got := ask("identity", hurried); got.StatusCode != http.StatusNotModified {
		t.Errorf("who would be sent the larger one: status %d", got.StatusCode)
	}
}

// TestWhoAsksByTime is told by time, but by the tag where he names one.
func TestWhoAsksByTime(t *testing.T) {
	t.Parallel()
	c := newSite().cache(0)
	for _, x := range []struct {
		target, since, tag string
		want               int
	}{
		{"/fr/dated", "Wed, 09 Apr 2025 10:00:00 GMT", "", http.StatusNotModified},
		{"/fr/dated", "Wed, 09 Apr 2025 09:59:59 GMT", "", http.StatusOK},
		{"/fr/dated", "yesterday", "", http.StatusOK},
		{"/fr/dated", "Wed, 09 Apr 2025 10:00:00 GMT", `"other"`, http.StatusOK},
		{"/fr/undated", "Wed, 09 Apr 2025 10:00:00 GMT", "", http.StatusOK},
	} {
		headers := []string{"If-Modified-Since", x.since}
		if x.tag != "" {
			headers = append(headers, "If-None-Match", x.tag)
		}
		if r := get(t, c, x.target, headers...); r.StatusCode != x.want {
			t.Errorf("%s since %q, %q: status %d, want %d", x.target, x.since, x.tag, r.StatusCode, x.want)
		}
	}
}

// TestEscapedCharactersAreNoOtherAddress: a path that holds a question mark or a
// slash, escaped, must not get the page of the address that it looks like.
func TestEscapedCharactersAreNoOtherAddress(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	get(t, c, "/fr/x?year=2025")
	get(t, c, "/fr/x/y")
	for _, target := range []string{"/fr/x%3Fyear=2025", "/fr/x%2Fy"} {
		before := s.renders.Load()
		get(t, c, target)
		if s.renders.Load() == before {
			t.Errorf("%s was served from the page of another address", target)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	t.Parallel()
	c := newSite().cache(0)
	for range 2 {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/fr/x", http.NoBody))
		if w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
			t.Errorf("status %d, %d bytes, length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
		}
	}
}

func TestOthersPassUntouched(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	get(t, c, "/assets/x", "Accept-Language", "ar")
	get(t, c, "/assets/x")
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/fr/x", http.NoBody))
	if n := s.renders.Load(); n != 3 {
		t.Errorf("%d of 3 requests came through", n)
	}
}

func TestAPanicStaysInItsRequest(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.during = func() { panic("template") }
	if r := get(t, s.cache(0), "/fr/x"); r.StatusCode != http.StatusInternalServerError {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 100 << 10
	s := newSite()
	c := s.telling(limit)
	for year := range 200 {
		get(t, c, fmt.Sprintf("/fr/x?year=%d", year))
		get(t, c, "/fr/hot")
		if got := c.Stats(); got.Bytes > limit {
			t.Fatalf("%d bytes after %d pages", got.Bytes, year)
		}
	}
	if n := s.renders.Load(); n != 200+1 {
		t.Errorf("%d pages made: the page that everybody reads was let go for those that nobody asked for again", n)
	}
	// What says that it may be old is a page of its own, and counts as one; it lets none go.
	kept := c.Stats().Pages
	s.set(func() { s.down = true })
	s.advance(10 * time.Second)
	for range 2 {
		for year := range 200 {
			get(t, c, fmt.Sprintf("/fr/x?year=%d", year))
		}
	}
	if r := get(t, c, "/fr/hot"); !strings.HasPrefix(body(t, r), "it may be old") {
		t.Error("the page that everybody reads does not say so")
	}
	if got := c.Stats(); got.Bytes > limit || got.Pages != kept {
		t.Errorf("%d bytes, and %d pages of %d, while the database is away", got.Bytes, got.Pages, kept)
	}
}

// TestAHugePagePushesNoneOut: it is served, and not kept.
func TestAHugePagePushesNoneOut(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(100 << 10)
	for i := range 5 {
		get(t, c, fmt.Sprintf("/fr/%d", i))
	}
	before := c.Stats()
	s.set(func() { s.says = strings.Repeat("a long page ", 4<<10) })
	if b := body(t, get(t, c, "/fr/huge")); b != s.says {
		t.Errorf("%d bytes of it are sent, of %d", len(b), len(s.says))
	}
	if after := c.Stats(); after.Pages != before.Pages || after.Bytes != before.Bytes {
		t.Errorf("%+v, and %+v before", after, before)
	}
}

// TestWhatPagesSayOfTheirAgeIsCounted, like any other page.
func TestWhatPagesSayOfTheirAgeIsCounted(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.telling(0)
	size := len(body(t, get(t, c, "/fr/x")))
	before := c.Stats().Bytes
	s.set(func() { s.down = true })
	s.advance(10 * time.Second)
	for range 2 {
		if r := get(t, c, "/fr/x"); !strings.HasPrefix(body(t, r), "it may be old") {
			t.Fatal("it does not say so")
		}
	}
	if more := c.Stats().Bytes - before; more < int64(size) {
		t.Errorf("%d bytes more are counted, of %d", more, size)
	}
}
