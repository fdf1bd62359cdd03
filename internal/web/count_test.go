package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// counted is a site over made-up records whose figures a test reads.
func counted(t *testing.T) (s *stage, figures func() string) {
	t.Helper()
	m := observe.New(observe.Config{Version: "test", Now: time.Now})
	s = newStage(t, func(c *web.Config) { c.Metrics, c.APIRate, c.Patience = m, 3, patience })
	return s, func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
		return w.Body.String()
	}
}

// TestWhatIsAnsweredIsCounted by its route and not by its address; what was in
// memory by the page cache alone.
func TestWhatIsAnsweredIsCounted(t *testing.T) {
	t.Parallel()
	h, figures := counted(t)
	for range 3 {
		testkit.Ask(t, h, "/fr/incidents/cnss-2025")
	}
	testkit.Ask(t, h, "/fr/incidents/hidden-word")
	testkit.Ask(t, h, "/hidden-word")
	for i := range 5 {
		testkit.Ask(t, h, fmt.Sprintf("/api/v1/incidents?q=hidden-word-%d", i))
	}
	text := figures()
	for _, line := range []string{
		`sijil_http_requests_total{class="page",method="GET",route="/{lang}/incidents/{slug}",status="200"} 1`,
		`sijil_http_requests_total{class="page",method="GET",route="/{lang}/incidents/{slug}",status="404"} 1`,
		`sijil_http_requests_total{class="page",method="GET",route="none",status="404"} 1`,
		`sijil_http_requests_total{class="api",method="GET",route="none",status="429"} 2`,
		`sijil_http_not_found_total{class="page"} 2`,
		`sijil_page_cache_hits_total 2`,
		`sijil_rate_limited_total{limit="api"} 2`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("not told: %s", line)
		}
	}
	if strings.Contains(text, "hidden-word") || strings.Contains(text, "cnss") {
		t.Error("a figure names what was asked for")
	}
}

// TestGuessesAtAddressesAreNoticed: not 31, as a reader with an old list of links
// makes, but 32, and once; from a network, not from an address.
func TestGuessesAtAddressesAreNoticed(t *testing.T) {
	t.Parallel()
	h, figures := counted(t)
	log := h.log
	from := func(address string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = address } }
	probing := func() (told bool, logged int) {
		return strings.Contains(figures(), "\nsijil_probing_networks_total 1\n"), strings.Count(log.String(), "a network asks for much that is not there")
	}
	for i := range 31 {
		testkit.Ask(t, h, fmt.Sprintf("/fr/incidents/guess-%d", i), from(fmt.Sprintf("192.0.2.%d:1000", i)))
		testkit.Ask(t, h, "/fr/incidents/cnss-2025", from("192.0.2.1:1000"))
		testkit.Ask(t, h, fmt.Sprintf("/assets/%d.css", i), from("192.0.2.1:1000"))
	}
	testkit.Ask(t, h, "/fr/incidents/guess", from("198.51.100.1:1000"))
	if told, logged := probing(); told || logged != 0 {
		t.Fatalf("31 of one network, and one of another: told %t, logged %d times", told, logged)
	}
	for range 3 {
		testkit.Ask(t, h, "/fr/desk/nothing", from("192.0.2.200:1000"))
	}
	if told, logged := probing(); !told || logged != 1 {
		t.Errorf("after 34: told %t, logged %d times", told, logged)
	}
	if !strings.Contains(log.String(), "network=192.0.2.0/24") || strings.Contains(log.String(), "192.0.2.200") {
		t.Error("the log does not name the network, or names the address")
	}
}
