package pagecache_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
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
// which the cache learned while it waited.
func TestALateAnswerDoesNotUndoNews(t *testing.T) {
	t.Parallel()
	s := newSite()
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	hold := false
	c := pagecache.New(pagecache.Config{
		Next:      s,
		Canonical: func(r *http.Request) (string, bool) { return r.URL.Path, true },
		Generation: func(context.Context) (pagecache.Generation, error) {
			if hold {
				asked <- struct{}{}
				<-answer
			}
			return pagecache.Generation{Record: 1}, nil
		},
		Day: func(time.Time) string { return "" }, Now: s.clock, Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
	})
	get(t, c, "/fr/x")
	hold = true
	s.advance(2 * time.Second)
	done := make(chan string)
	go func() {
		w := get(t, c, "/fr/x")
		done <- body(t, w)
	}()
	<-asked
	s.set(func() { s.generation = 2 })
	c.Learn(pagecache.Generation{Record: 2})
	close(answer)
	if b := <-done; !strings.Contains(b, "generation 2") {
		t.Errorf("the late answer undid the news: %.40s", b)
	}
}
