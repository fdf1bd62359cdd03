package web_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// pageCaching is what shared caches are told of whatever is public, also of what was
// withdrawn and of what has moved: a second, one more while they ask again, and a minute
// when this server fails.
const pageCaching = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=60"

func TestSharedCachesKeepWhatIsPublic(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]struct {
		status  int
		caching string
	}{
		"/fr/":                                {http.StatusOK, pageCaching},
		"/ar/incidents/cnss-2025":             {http.StatusOK, pageCaching},
		"/en/incidents":                       {http.StatusOK, pageCaching},
		"/feeds/fr/incidents/cnss-2025.atom":  {http.StatusOK, pageCaching},
		"/api/v1/incidents":                   {http.StatusOK, pageCaching},
		"/embed/fr/incidents/cnss-2025/clock": {http.StatusOK, pageCaching},
		"/fr/incidents/moved":                 {http.StatusMovedPermanently, pageCaching},
		"/fr/incidents/":                      {http.StatusMovedPermanently, pageCaching},
		"/fr/incidents/withdrawn":             {http.StatusGone, pageCaching},
		"/embed/fr/incidents/withdrawn/clock": {http.StatusGone, pageCaching},
		"/fr/incidents/none":                  {http.StatusNotFound, "no-store"},
		"/fr/incidents?year=0":                {http.StatusBadRequest, "no-store"},
		"/":                                   {http.StatusFound, "no-store"},
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			for range 2 { // made, and from memory where it is kept
				a := testkit.Ask(t, s, target)
				if got := a.Header.Get("Cache-Control"); a.Status != want.status || got != want.caching {
					t.Errorf("status %d, Cache-Control %q; want %d, %q", a.Status, got, want.status, want.caching)
				}
			}
		})
	}
}

// TestStaffAreSentTheNewest: for who comes with a session of the desk the state of the
// record is asked for, also a moment after it was asked for last.
func TestStaffAreSentTheNewest(t *testing.T) {
	t.Parallel()
	asked := &askedFor{fake: &fake{generation: 1}}
	s := newStage(t, func(c *web.Config) { c.Records = asked })
	testkit.Ask(t, s, "/fr/")
	for _, c := range []struct {
		cookie string
		want   int64
	}{{"", 0}, {"lang=fr; __Host-sijil-known=x", 0}, {"__Host-sijil=", 0}, {"lang=fr; __Host-sijil=x", 1}} {
		s.clock.Advance(100 * time.Millisecond)
		before := asked.times.Load()
		testkit.Ask(t, s, "/fr/", func(r *http.Request) { r.Header.Set("Cookie", c.cookie) })
		if n := asked.times.Load() - before; n != c.want {
			t.Errorf("with %q: asked for %d times, want %d", c.cookie, n, c.want)
		}
	}
}

// askedFor counts how often the state of the record is asked for.
type askedFor struct {
	*fake
	times atomic.Int64
}

func (a *askedFor) Generation(ctx context.Context) (register.Generation, error) {
	a.times.Add(1)
	return a.fake.Generation(ctx)
}
