package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// slow is a record that answers when it is told to.
type slow struct {
	*fake
	entered chan struct{}
	answer  chan struct{}
}

func (s *slow) Statement(ctx context.Context, slug string) (*register.StatementView, error) {
	s.entered <- struct{}{}
	<-s.answer
	return s.fake.Statement(ctx, slug)
}

func TestACrowdOfPagesIsTurnedAway(t *testing.T) {
	t.Parallel()
	records := &slow{fake: &fake{generation: 1}, entered: make(chan struct{}, 10), answer: make(chan struct{})}
	s := newStage(t, func(c *web.Config) { c.Records, c.Limits = records, map[web.Class]int{web.ClassPage: 1} })
	testkit.Ask(t, s, "/ar/") // in memory from here on
	var first sync.WaitGroup
	first.Go(func() {
		if a := testkit.Ask(t, s, "/fr/statements/communique"); a.Status != http.StatusOK {
			t.Errorf("the one in the making: status %d", a.Status)
		}
	})
	<-records.entered
	if a := testkit.Ask(t, s, "/fr/incidents"); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/ar/"); a.Status != http.StatusOK {
		t.Errorf("a page in memory: status %d", a.Status)
	}
	close(records.answer)
	first.Wait()
}

// hung is a record whose database takes requests and never answers.
type hung struct{ *fake }

func (h hung) Statement(ctx context.Context, _ string) (*register.StatementView, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestAHungDatabaseCostsAFewSeconds in a time of its own.
func TestAHungDatabaseCostsAFewSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, func(c *web.Config) { c.Records = hung{&fake{generation: 1}} })
		begin := time.Now()
		a := testkit.Ask(t, s, "/fr/statements/communique")
		if took := time.Since(begin); a.Status != http.StatusServiceUnavailable || took > 5*time.Second {
			t.Errorf("status %d after %v", a.Status, took)
		}
	})
}

// FuzzAddress asks for anything: the answer is never a fault of ours, and never
// leads to another site.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{
		"/", "/fr", "/fr/incidents?kind=data-leak&year=2025", "/ar/incidents/cnss-2025/?order=newest", "/lang/ar?to=//evil.example",
		"//evil.example//", "/fr//incidents//", "/assets/..%2f", "/en/statements/%D8%A7?%00", "/lang/en?to=%2Fincidents%3Fq%3Dx", "/fr/incidents?q=;&a=%zz",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" || !strings.HasPrefix(target, "/") || strings.Contains(target, "panics") {
			t.Skip("net/http does not let it in")
		}
		s := newStage(t)
		a := testkit.Ask(t, s, "/", func(r *http.Request) { r.URL, r.RequestURI = u, target })
		if a.Status >= http.StatusInternalServerError {
			t.Errorf("%q: status %d", target, a.Status)
		}
		if to := a.Header.Get("Location"); to != "" && (to[0] != '/' || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n")) {
			t.Errorf("%q leads to %q", target, to)
		}
	})
}
