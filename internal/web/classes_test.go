package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// pooled is a record behind a few connections, each of which a search keeps for
// as long as its statement may take.
type pooled struct {
	*fake
	connections chan struct{}
}

func (p pooled) on(ctx context.Context, took time.Duration) error {
	select {
	case p.connections <- struct{}{}:
		defer func() { <-p.connections }()
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", register.ErrUnavailable, ctx.Err())
	}
	time.Sleep(took) // of a time of its own
	return nil
}

func (p pooled) Search(ctx context.Context, f register.SearchFilter) (register.SearchList, error) {
	if err := p.on(ctx, 3*time.Second); err != nil {
		return register.SearchList{}, err
	}
	return p.fake.Search(ctx, f)
}

func (p pooled) Incidents(ctx context.Context, f register.IncidentFilter) (register.IncidentList, error) {
	if err := p.on(ctx, 3*time.Second); err != nil {
		return register.IncidentList{}, err
	}
	return p.fake.Incidents(ctx, f)
}

func (p pooled) Statement(ctx context.Context, slug string) (*register.StatementView, error) {
	if err := p.on(ctx, 5*time.Millisecond); err != nil {
		return nil, err
	}
	return p.fake.Statement(ctx, slug)
}

// TestAFloodOfSearchesLeavesPages floods a site with searches, in a time of its
// own. Without a bound on them, pages starve: that is the control.
func TestAFloodOfSearchesLeavesPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		flood  string
		limits map[web.Class]int
		want   int // status of a page
	}{
		{"searches, bounded", "/fr/search?q=word-%d&type=statement", nil, http.StatusOK},
		{"filtered lists, bounded", "/fr/incidents?q=word-%d", nil, http.StatusOK},
		{"the API, bounded", "/api/v1/search?q=word-%d", nil, http.StatusOK},
		{"searches, unbounded", "/fr/search?q=word-%d&type=statement", map[web.Class]int{web.ClassSearch: 1000}, http.StatusServiceUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				records := pooled{&fake{generation: 1}, make(chan struct{}, 8)}
				s := newStage(t, func(cfg *web.Config) { cfg.Records, cfg.Limits = records, c.limits })
				testkit.Ask(t, s, "/ar/") // the cache has learned the generation
				var crowd sync.WaitGroup
				var mu sync.Mutex
				statuses := map[int]int{}
				for n := range 100 {
					crowd.Go(func() {
						a := testkit.Ask(t, s, fmt.Sprintf(c.flood, n))
						mu.Lock()
						defer mu.Unlock()
						statuses[a.Status]++
						if a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") == "" {
							t.Error("a search is turned away without a word when to come again")
						}
					})
				}
				synctest.Wait()
				if a := testkit.Ask(t, s, "/fr/statements/communique"); a.Status != c.want {
					t.Errorf("a page: status %d, want %d", a.Status, c.want)
				}
				crowd.Wait()
				if statuses[http.StatusOK] == 0 || statuses[http.StatusServiceUnavailable] == 0 {
					t.Errorf("searches: %v", statuses)
				}
			})
		})
	}
}

// TestAFloodFromOneNetworkLeavesSearches: whoever floods from one network leaves the
// others their searches. From many networks at once there is no such half: that is the
// control.
func TestAFloodFromOneNetworkLeavesSearches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from func(n int) string
		want int
	}{
		"one":  {func(n int) string { return fmt.Sprintf("198.51.100.%d:1", n) }, http.StatusOK},
		"many": {func(n int) string { return fmt.Sprintf("10.%d.0.1:1", n) }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				records := pooled{&fake{generation: 1}, make(chan struct{}, 8)}
				s := newStage(t, func(cfg *web.Config) { cfg.Records = records })
				testkit.Ask(t, s, "/ar/") // the cache has learned the generation
				var crowd sync.WaitGroup
				for n := range 100 {
					crowd.Go(func() {
						testkit.Ask(t, s, fmt.Sprintf("/fr/search?q=word-%d&type=statement", n), func(r *http.Request) { r.RemoteAddr = c.from(n) })
					})
				}
				synctest.Wait()
				for n := range 3 {
					if a := testkit.Ask(t, s, fmt.Sprintf("/ar/search?q=other-%d&type=statement", n), func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" }); a.Status != c.want {
						t.Errorf("somebody else's search, number %d: status %d, want %d", n, a.Status, c.want)
					}
					time.Sleep(100 * time.Millisecond)
				}
				crowd.Wait()
			})
		})
	}
}

// TestEveryPlaceIsGivenBack: many come and go, some of them while they wait, from few
// networks and many; in the end all can be had.
func TestEveryPlaceIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		records := pooled{&fake{generation: 1}, make(chan struct{}, 8)}
		s := newStage(t, func(cfg *web.Config) { cfg.Records = records })
		testkit.Ask(t, s, "/ar/")
		ask := func(n int, from string) int {
			return testkit.Ask(t, s, fmt.Sprintf("/fr/search?q=word-%d&type=statement", n), func(r *http.Request) {
				r.RemoteAddr = from
				ctx, cancel := context.WithTimeout(r.Context(), time.Duration(n%40)*100*time.Millisecond)
				t.Cleanup(cancel)
				if n >= 0 {
					*r = *r.WithContext(ctx)
				}
			}).Status
		}
		var crowd sync.WaitGroup
		for n := range 300 {
			crowd.Go(func() {
				time.Sleep(time.Duration(n) * 37 * time.Millisecond)
				ask(n, fmt.Sprintf("10.%d.0.1:1", n%7))
			})
		}
		crowd.Wait()
		time.Sleep(time.Minute)
		var last sync.WaitGroup
		for n := range 4 { // as many as there are places, two of each network
			last.Go(func() {
				if status := ask(-1-n, fmt.Sprintf("10.%d.0.1:1", n/2)); status != http.StatusOK {
					t.Errorf("place %d is gone: status %d", n, status)
				}
			})
		}
		last.Wait()
	})
}

// held are sessions of which one is asked for until it is let go.
type held struct {
	desk.Sessions
	entered chan struct{}
	release chan struct{}
}

func (h *held) Who(ctx context.Context, token string) (desk.Who, error) {
	if token == "held" {
		h.entered <- struct{}{}
		<-h.release
		return desk.Who{}, nil
	}
	return h.Sessions.Who(ctx, token)
}

// TestSignInsHaveABoundOfTheirOwn: while no more can sign in, who is signed in
// works on, and readers read.
func TestSignInsHaveABoundOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := &held{entered: make(chan struct{}, 1), release: make(chan struct{})}
	s := newBoundedSite(t, testkit.Database(t), map[web.Class]int{web.ClassSignIn: 1}, func(c *desk.Config) { h.Sessions, c.Sessions = c.Sessions, h })
	login := url.Values{"email": {testkit.Analyst}, "password": {"wrong"}}
	var first sync.WaitGroup
	first.Go(func() { testkit.Post(t, s, "/fr/desk/login", login, testkit.As("held")) })
	<-h.entered
	if a := testkit.Post(t, s, "/fr/desk/login", login); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("one sign-in too many: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/desk/account", testkit.As(testkit.Analyst)); a.Status != http.StatusOK {
		t.Errorf("the desk: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/"); a.Status != http.StatusOK {
		t.Errorf("a page: status %d", a.Status)
	}
	close(h.release)
	first.Wait()
	if a := testkit.Post(t, s, "/fr/desk/login", login); a.Status == http.StatusServiceUnavailable {
		t.Errorf("with room again: status %d", a.Status)
	}
}

// TestProgramsHaveTheirPlaces: what a program of staff asks for takes a place of the desk,
// and who comes when there is none is told when to come again.
func TestProgramsHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	h := &held{entered: make(chan struct{}, 1), release: make(chan struct{})}
	s := &programs{t: t}
	s.deskSite = newBoundedSite(t, testkit.Founding(t), map[web.Class]int{web.ClassDesk: 1}, func(c *desk.Config) {
		s.auth, h.Sessions, c.Sessions = c.Auth, c.Sessions, h
	})
	s.document = describedAPI(t, s)
	token := s.token(testkit.Analyst, register.ScopeWrite)
	var first sync.WaitGroup
	first.Go(func() { testkit.Ask(t, s, "/fr/desk/account", testkit.As("held")) })
	<-h.entered
	institution := call{method: http.MethodPost, path: "institutions", token: token, body: smallBody("agence")}
	if a := s.ask(institution); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: status %d", a.Status)
	}
	close(h.release)
	first.Wait()
	if a := s.ask(institution); a.Status != http.StatusCreated {
		t.Errorf("with room again: status %d: %s", a.Status, a.Body)
	}
}

// busyLibrary takes its time to open a file, and counts how many it opens at once.
type busyLibrary struct {
	blob.Store
	mu        sync.Mutex
	now, most int
}

func (l *busyLibrary) Open(ctx context.Context, sha string) (io.ReadCloser, blob.Info, error) {
	l.mu.Lock()
	l.now++
	l.most = max(l.most, l.now)
	l.mu.Unlock()
	time.Sleep(3 * time.Second) // of a time of its own
	l.mu.Lock()
	l.now--
	l.mu.Unlock()
	return l.Store.Open(ctx, sha)
}

// TestAFloodOfDocumentsLeavesTheRest: files have places of their own, and whoever finds
// none is told when to come again; pages, searches, exports and data are answered
// meanwhile. Without the bound all files are opened at once: that is the control.
func TestAFloodOfDocumentsLeavesTheRest(t *testing.T) {
	t.Parallel()
	const crowd = 200
	for name, c := range map[string]struct {
		limits map[web.Class]int
		opened int // at once
		served bool
	}{
		"bounded":   {nil, web.DefaultLimits()[web.ClassFetch], false},
		"unbounded": {map[web.Class]int{web.ClassFetch: 1000}, crowd, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, _ := library(t)
			synctest.Test(t, func(t *testing.T) {
				files := &busyLibrary{Store: folder}
				s := newStage(t, func(cfg *web.Config) { cfg.Blobs, cfg.Limits = files, c.limits })
				testkit.Ask(t, s, "/ar/") // the cache has learned the generation
				at := "/documents/" + register.HashOf([]byte(paper))
				var mu sync.Mutex
				statuses := map[int]int{}
				var all sync.WaitGroup
				for n := range crowd {
					all.Go(func() {
						a := testkit.Ask(t, s, at, func(r *http.Request) { r.RemoteAddr = fmt.Sprintf("10.%d.0.1:1", n) })
						mu.Lock()
						defer mu.Unlock()
						statuses[a.Status]++
						if a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") == "" {
							t.Error("somebody is turned away without a word when to come again")
						}
					})
				}
				synctest.Wait()
				for _, other := range []string{"/fr/statements/communique", "/fr/search?q=x&type=statement", "/fr/incidents?q=x", "/api/v1/incidents?limit=1"} {
					if a := testkit.Ask(t, s, other); a.Status != http.StatusOK {
						t.Errorf("%s: status %d", other, a.Status)
					}
				}
				all.Wait()
				if files.most != c.opened {
					t.Errorf("%d files are opened at once, want %d", files.most, c.opened)
				}
				if c.served != (statuses[http.StatusOK] == crowd) || c.served != (statuses[http.StatusServiceUnavailable] == 0) {
					t.Errorf("files: %v", statuses)
				}
			})
		})
	}
}

// TestFilesOfStaffHaveABoundOfTheirOwn: while a file is drawn or brought in there is no
// room for a second, nor for one that a reader asks for; forms without files, and pages,
// go on.
func TestFilesOfStaffHaveABoundOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := &held{entered: make(chan struct{}, 1), release: make(chan struct{})}
	s := newBoundedSite(t, testkit.Database(t), map[web.Class]int{web.ClassFetch: 1}, func(c *desk.Config) { h.Sessions, c.Sessions = c.Sessions, h })
	none := strings.Repeat("0", 64)
	multipart := with("Content-Type", "multipart/form-data; boundary=x")
	files := map[string]func() *testkit.Answer{
		"a document at the desk": func() *testkit.Answer {
			return testkit.Ask(t, s, "/fr/desk/documents/"+none, testkit.As(testkit.Analyst))
		},
		"its picture": func() *testkit.Answer {
			return testkit.Ask(t, s, "/fr/desk/documents/"+none+"/pages/1", testkit.As(testkit.Analyst))
		},
		"a copy of a source": func() *testkit.Answer {
			return testkit.Ask(t, s, capturesPath+"/1/warc", testkit.As(testkit.Analyst))
		},
		"a form with files": func() *testkit.Answer {
			return testkit.Post(t, s, "/fr/desk/statements/new", nil, testkit.As(testkit.Analyst), multipart)
		},
		"a document of a reader": func() *testkit.Answer { return testkit.Ask(t, s, "/documents/"+none) },
		"an open copy":           func() *testkit.Answer { return testkit.Ask(t, s, "/captures/"+none) },
	}
	var first sync.WaitGroup
	first.Go(func() { testkit.Ask(t, s, "/fr/desk/documents/"+none, testkit.As("held")) })
	<-h.entered
	var more sync.WaitGroup
	for name, ask := range files {
		more.Go(func() {
			if a := ask(); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
				t.Errorf("%s, one too many: status %d", name, a.Status)
			}
		})
	}
	more.Wait()
	for at, as := range map[string]func(*http.Request){"/fr/desk/account": testkit.As(testkit.Analyst), "/fr/": with("Accept", "text/html")} {
		if a := testkit.Ask(t, s, at, as); a.Status != http.StatusOK {
			t.Errorf("%s: status %d", at, a.Status)
		}
	}
	if a := testkit.Post(t, s, "/fr/desk/statements/new", url.Values{}, testkit.As(testkit.Analyst)); a.Status == http.StatusServiceUnavailable {
		t.Errorf("a form without files: status %d", a.Status)
	}
	close(h.release)
	first.Wait()
	for name, ask := range files {
		if a := ask(); a.Status == http.StatusServiceUnavailable {
			t.Errorf("%s, with room again: status %d", name, a.Status)
		}
	}
}

// TestClassesOfRequests is the table of what is counted as what.
func TestClassesOfRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, target, media string
		want                  web.Class
	}{
		{http.MethodGet, "/fr/", "", web.ClassPage},
		{http.MethodGet, "/fr/incidents", "", web.ClassPage},
		{http.MethodGet, "/fr/incidents?utm=x", "", web.ClassPage},
		{http.MethodGet, "/fr/incidents?q=cnss", "", web.ClassSearch},
		{http.MethodGet, "/fr/incidents.csv?year=2025", "", web.ClassSearch},
		{http.MethodGet, "/fr/incidents/cnss-2025?kind=statement", "", web.ClassPage},
		{http.MethodGet, "/ar/search", "", web.ClassSearch},
		{http.MethodGet, "/fr/statistics", "", web.ClassSearch},
		{http.MethodGet, "/api/v1/incidents/SJ-2025-0001", "", web.ClassPage},
		{http.MethodGet, "/api/v1/incidents?limit=50", "", web.ClassSearch},
		{http.MethodGet, "/api/v1/search?q=x", "", web.ClassSearch},
		{http.MethodGet, "/fr/exports/jsonl", "", web.ClassExport},
		{http.MethodPost, "/fr/desk/login", "application/x-www-form-urlencoded", web.ClassSignIn},
		{http.MethodPost, "/fr/desk/confirm", "application/x-www-form-urlencoded", web.ClassSignIn},
		{http.MethodGet, "/fr/desk/login", "", web.ClassDesk},
		{http.MethodPost, "/fr/desk/statements/new", "multipart/form-data; boundary=x", web.ClassFetch},
		{http.MethodPost, "/fr/desk/statements/new", "application/x-www-form-urlencoded", web.ClassDesk},
		{http.MethodPost, "/api/v1/drafts/incidents", "application/json", web.ClassDesk},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http://sijil.test"+c.target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if c.media != "" {
			r.Header.Set("Content-Type", c.media)
		}
		if got := web.ClassOf(r); got != c.want {
			t.Errorf("%s %s is %q, want %q", c.method, c.target, got, c.want)
		}
	}
}
