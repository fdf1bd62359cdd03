package web_test

import (
	"net/http"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
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
