package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// TestAPageFromMemorySaysSinceWhen, in the language of the page; a file says it by its
// headers, and a page that is current says nothing.
func TestAPageFromMemorySaysSinceWhen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	words := map[string]string{"/fr/": "Cette page date du", "/ar/": "هذه الصفحة بتاريخ", "/en/": "This page is as of", "/feeds/fr/all.atom": ""}
	for target := range words {
		testkit.Ask(t, s, target)
	}
	s.records.fail(register.ErrUnavailable)
	s.clock.Advance(10 * time.Second)
	for target, sentence := range words {
		a := testkit.Ask(t, s, target)
		if a.Status != http.StatusOK || a.Header.Get("Age") != "10" {
			t.Errorf("%s: status %d, age %q", target, a.Status, a.Header.Get("Age"))
		}
		if sentence == "" {
			if strings.Contains(a.Body, "notice--warn") {
				t.Errorf("%s has a sentence in it", target)
			}
			continue
		}
		if n := strings.Count(a.Body, `<p class="notice notice--warn">`+sentence); n != 1 || !strings.Contains(a.Body, `tabindex="-1"><p class="notice`) {
			t.Errorf("%s: %d sentences", target, n)
		}
	}
	s.records.fail(nil)
	s.wait()
	for target, sentence := range words {
		if a := testkit.Ask(t, s, target); sentence != "" && strings.Contains(a.Body, sentence) || a.Header.Get("Age") != "" {
			t.Errorf("%s says that it is old while the database answers", target)
		}
	}
}

// TestWithoutARecordThereIsWhatNeedsNone.
func TestWithoutARecordThereIsWhatNeedsNone(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(c *web.Config) { c.Records = nil })
	for target, want := range map[string]int{
		"/": http.StatusFound, "/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable, "/fr/": http.StatusServiceUnavailable,
		"/lang/ar": http.StatusSeeOther, "/lang/xx": http.StatusServiceUnavailable, "/api/v1/incidents": http.StatusServiceUnavailable,
		"/taxii2/": http.StatusServiceUnavailable, "/fr/desk": http.StatusServiceUnavailable, "/documents/x": http.StatusServiceUnavailable,
		"/security.txt": http.StatusMovedPermanently,
	} {
		a := testkit.Ask(t, s, target, with("Accept", "*/*"))
		if a.Status != want || want == http.StatusServiceUnavailable && a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d, want %d", target, a.Status, want)
		}
	}
}
