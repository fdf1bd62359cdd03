package pagecache_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/web/pagecache"
)

// asked is a request that runs beside its test.
type asked struct {
	answer *httptest.ResponseRecorder
	done   chan struct{} // closed when it is answered
	leave  context.CancelFunc
}

// ask begins a request.
func ask(t *testing.T, c *pagecache.Cache, target string) asked {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	a := asked{answer: httptest.NewRecorder(), done: make(chan struct{}), leave: leave}
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	go func() {
		defer close(a.done)
		c.ServeHTTP(a.answer, request)
	}()
	return a
}

// answered reports whether a request has its answer.
func (a asked) answered() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// held has the first page of an address wait, with what it says, until the function that it
// returns is called.
func (s *site) held(address string) (next http.Handler, release func()) {
	wait := make(chan struct{})
	var held atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		if r.URL.Path == address && held.CompareAndSwap(false, true) {
			<-wait
		}
	}), func() { close(wait) }
}

// TestNobodyWaitsForAPageOfAnOlderState: whoever comes after a publication gets what it
// says, though somebody still waits for the page of before; and that page, when it is
// finished, does not take the place of the newer one.
func TestNobodyWaitsForAPageOfAnOlderState(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"/fr/x", "/fr/log"} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite()
			cfg := s.config(0)
			next, release := s.held(address)
			cfg.Next = next
			c := pagecache.New(cfg)
			get(t, c, "/fr/other") // it knows the state
			news, want := pagecache.Generation{Record: 2}, "generation 2 signed 0"
			if address == "/fr/log" {
				news, want = pagecache.Generation{Record: 1, Log: 7}, "generation 1 signed 7"
			}
			before := ask(t, c, address)
			synctest.Wait()
			s.set(func() { s.generation, s.signed = news.Record, news.Log })
			c.Learn(news)
			after := ask(t, c, address)
			synctest.Wait()
			if !after.answered() {
				t.Fatal("who came after the news waits for a page of before")
			}
			if b := after.answer.Body.String(); !strings.Contains(b, want) {
				t.Errorf("%.50s, want %s", b, want)
			}
			release()
			<-before.done
			made := s.renders.Load()
			if b := body(t, get(t, c, address)); !strings.Contains(b, want) || s.renders.Load() != made {
				t.Errorf("%.50s; made %d times more: the late page took the place of the newer one", b, s.renders.Load()-made)
			}
		})
	}
}

// TestWhoLeavesTakesNoPageAlong: a reader who leaves waits no longer, and who waits with
// him gets the page all the same.
func TestWhoLeavesTakesNoPageAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		cfg := s.config(0)
		finish := make(chan struct{})
		cfg.Next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-finish:
				s.ServeHTTP(w, r)
			case <-r.Context().Done(): // as a query ends with its request
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		c := pagecache.New(cfg)
		first := ask(t, c, "/fr/x")
		synctest.Wait()
		second := ask(t, c, "/fr/x")
		synctest.Wait()
		first.leave()
		synctest.Wait()
		if !first.answered() {
			t.Error("who has left still waits")
		}
		close(finish)
		<-second.done
		if second.answer.Code != http.StatusOK || s.renders.Load() != 1 {
			t.Errorf("who waited with him: status %d, made %d times", second.answer.Code, s.renders.Load())
		}
		<-first.done
	})
}

// TestThePageOfYesterdayIsBetterThanNone: on a new day pages are made anew; where that
// fails though the database says of what state it is, the one of the day before is shown,
// and says so.
func TestThePageOfYesterdayIsBetterThanNone(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(*site){
		"it is refused": func(s *site) { s.status = http.StatusServiceUnavailable },
		"it panics":     func(s *site) { s.during = func() { panic("template") } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite()
			c := s.cache(0)
			was := body(t, get(t, c, "/fr/x"))
			s.advance(12 * time.Hour)
			breaks(s)
			r := get(t, c, "/fr/x")
			if r.StatusCode != http.StatusOK || body(t, r) != was || r.Header.Get("Cache-Status") == "" || r.Header.Get("Retry-After") != "" {
				t.Errorf("status %d, %v", r.StatusCode, r.Header)
			}
			if got := c.Stats().Stale; got != 1 {
				t.Errorf("%d answers are counted as old", got)
			}
		})
	}
}

// TestHowAPageIsAskedFor: by the reader's address, which is logged and counted there, and
// within a time.
func TestHowAPageIsAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		cfg := s.config(0)
		cfg.Timeout = 7 * time.Second
		cfg.Peer = func(r *http.Request) string { return r.Header.Get("X-Forwarded-For") + ":0" }
		cfg.Next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			until, bounded := r.Context().Deadline()
			if r.RemoteAddr != "192.0.2.7:0" || !bounded || time.Until(until) != 7*time.Second {
				t.Errorf("asked for by %s, until %v", r.RemoteAddr, until)
			}
			s.ServeHTTP(w, r)
		})
		get(t, pagecache.New(cfg), "/fr/x", "X-Forwarded-For", "192.0.2.7")
	})
}

// TestWhatBelongsToOneAnswerIsNotShared: neither the moment of the first, nor the length of
// one encoding; but what else an answer depends on is said with its encoding.
func TestWhatBelongsToOneAnswerIsNotShared(t *testing.T) {
	t.Parallel()
	s := newSite()
	cfg := s.config(0)
	cfg.Next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Thu, 10 Apr 2025 12:00:00 GMT")
		w.Header().Set("Content-Length", "12345")
		w.Header().Set("Vary", "Origin")
		s.ServeHTTP(w, r)
	})
	c := pagecache.New(cfg)
	for range 2 {
		r := get(t, c, "/fr/x")
		if got := fmt.Sprint(len(body(t, r))); r.Header.Get("Date") != "" || r.Header.Get("Content-Length") != got {
			t.Errorf("of %s bytes: %v", got, r.Header)
		}
		if got := strings.Join(r.Header.Values("Vary"), ", "); got != "Origin, Accept-Encoding" {
			t.Errorf("Vary: %s", got)
		}
		r = get(t, c, "/fr/x", "If-None-Match", r.Header.Get("Etag"))
		if r.StatusCode != http.StatusNotModified || r.Header.Get("Content-Length") != "" {
			t.Errorf("who has it: status %d, %v", r.StatusCode, r.Header)
		}
	}
}
