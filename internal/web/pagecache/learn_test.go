package pagecache_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/web/pagecache"
)

// TestNewsAreLearnedAtOnce, without the second that asking may take; what is older
// than what is known is no news.
func TestNewsAreLearnedAtOnce(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name         string
		news         pagecache.Generation
		now          int64 // what the database has
		want, signed string
		renders      int64
	}{
		{"a publication", pagecache.Generation{Record: 2}, 2, "generation 2", "generation 2", 4},
		{"a signature", pagecache.Generation{Record: 1, Log: 9}, 1, "generation 1", "generation 1", 3},
		{"nothing new", pagecache.Generation{Record: 1}, 1, "generation 1", "generation 1", 2},
		{"old news", pagecache.Generation{Record: 0}, 1, "generation 1", "generation 1", 2},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s := newSite()
			c := s.cache(0)
			c.Learn(pagecache.Generation{Record: 9}) // nothing is known yet: the first request asks
			for _, page := range []string{"/fr/x", "/fr/log"} {
				get(t, c, page)
			}
			s.set(func() { s.generation = x.now })
			c.Learn(x.news)
			if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, x.want) {
				t.Errorf("%.40s, want %s", b, x.want)
			}
			if b := body(t, get(t, c, "/fr/log")); !strings.Contains(b, x.signed) {
				t.Errorf("%.40s, want %s", b, x.signed)
			}
			if n := s.renders.Load(); n != x.renders {
				t.Errorf("%d pages made, want %d", n, x.renders)
			}
		})
	}
}

func TestWhoIsWokenAsks(t *testing.T) {
	t.Parallel()
	s := newSite()
	c := s.cache(0)
	get(t, c, "/fr/x")
	s.set(func() { s.generation = 2 })
	if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 1") {
		t.Fatalf("not woken, and yet %.40s", b)
	}
	c.Wake()
	if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 2") {
		t.Errorf("woken, and still %.40s", b)
	}
}

// TestALateAnswerDoesNotUndoNews: the database was asked before the publication of
// which the cache learned while it waited. What was made since is still current, and what
// was begun before is not.
func TestALateAnswerDoesNotUndoNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		cfg := s.config(0)
		cfg.Patience = 0 // as in production
		answer, finish := make(chan struct{}), make(chan struct{})
		var hold atomic.Bool
		cfg.Generation = func(context.Context) (pagecache.Generation, error) {
			if hold.Load() {
				<-answer
			}
			return pagecache.Generation{Record: 1}, nil
		}
		cfg.Next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.ServeHTTP(w, r)
			if r.URL.Path == "/fr/slow" {
				<-finish
			}
		})
		c := pagecache.New(cfg)
		get(t, c, "/fr/x")
		slow := ask(t, c, "/fr/slow")
		synctest.Wait()
		hold.Store(true)
		s.advance(2 * time.Second)
		get(t, c, "/fr/x") // has the database asked, and does not wait for long
		s.set(func() { s.generation = 2 })
		c.Learn(pagecache.Generation{Record: 2})
		get(t, c, "/fr/x")
		close(answer)
		synctest.Wait()
		made := s.renders.Load()
		if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 2") || s.renders.Load() != made {
			t.Errorf("the late answer undid the news: %.40s, made %d times more", b, s.renders.Load()-made)
		}
		close(finish)
		<-slow.done
		if b := body(t, get(t, c, "/fr/slow")); !strings.Contains(b, "generation 2") {
			t.Errorf("begun before the news, and kept: %.40s", b)
		}
	})
}

// TestAnAnswerFromBeforeAWakeIsNone: whoever is woken while the database is being asked
// asks again, and neither waits for the answer to the earlier question nor believes it.
func TestAnAnswerFromBeforeAWakeIsNone(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} { // the first answer comes before the next reader, or after
		synctest.Test(t, func(t *testing.T) {
			s := newSite()
			cfg := s.config(0)
			read, hold := cfg.Generation, make(chan struct{})
			var holds atomic.Bool // the next question
			cfg.Generation = func(ctx context.Context) (pagecache.Generation, error) {
				g, err := read(ctx)
				if holds.CompareAndSwap(true, false) {
					<-hold
				}
				return g, err
			}
			c := pagecache.New(cfg)
			get(t, c, "/fr/x")
			holds.Store(true)
			s.advance(time.Second)
			get(t, c, "/fr/x") // has the database asked, and does not wait for long
			s.set(func() { s.generation = 2 })
			c.Wake()
			if !late {
				close(hold)
				synctest.Wait()
			}
			if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 2") {
				t.Errorf("late: %t; woken, and still %.40s", late, b)
			}
			if late {
				close(hold)
				synctest.Wait()
			}
			if b := body(t, get(t, c, "/fr/x")); !strings.Contains(b, "generation 2") {
				t.Errorf("late: %t; the earlier answer undid it: %.40s", late, b)
			}
		})
	}
}
