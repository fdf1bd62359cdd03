package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/testkit"
)

// uncountable holds tables that nothing but counting reads, as a large register holds up
// whoever counts it, until they are let go of.
func (s *realSite) uncountable(t *testing.T) (release func()) {
	t.Helper()
	tx, err := s.db.Owner().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `LOCK TABLE record.cited_sources, record.incident_institutions IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	release = func() { _ = tx.Rollback(context.Background()) }
	t.Cleanup(release)
	return release
}

// published has the generation counted on, as a publication does.
func (s *realSite) published(t *testing.T) {
	t.Helper()
	if _, err := s.db.Owner().Exec(t.Context(), `UPDATE record.generations SET generation = generation + 1`); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(2 * time.Second) // the page cache asks again
}

// TestFiguresThatTakeLongSayOfWhenTheyAre, in each language and form, until they were
// counted again; no cache keeps them.
func TestFiguresThatTakeLongSayOfWhenTheyAre(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	api := newAPISite(t, s.handler, s.URL)
	sentences := map[string]string{
		"/fr/": "Chiffres comptés le ", "/ar/": "أُحصيت هذه الأرقام بتاريخ ", "/en/": "Counted on ",
		"/fr/statistics": "Chiffres comptés le ", "/ar/statistics": "أُحصيت هذه الأرقام بتاريخ ", "/en/statistics": "Counted on ",
	}
	before := map[string]string{}
	for target, sentence := range sentences {
		var a *testkit.Answer
		until(t, target+" of now", func() bool { // on a busy machine a count of nothing takes its time, too
			a = testkit.Ask(t, s.handler, target)
			return a.Header.Get("Cache-Control") != "no-cache" && a.Status == http.StatusOK
		})
		before[target] = a.Body
		if a.Status != http.StatusOK || strings.Contains(a.Body, sentence) || !strings.HasPrefix(a.Header.Get("Cache-Control"), "public") {
			t.Fatalf("%s, current: status %d, %s", target, a.Status, a.Header.Get("Cache-Control"))
		}
	}
	const file, data = "/fr/statistics/kinds/table.csv", "/api/v1/statistics"
	table := testkit.Ask(t, s.handler, file).Body
	if body := api.ask(t, data).Body; strings.Contains(body, "counted_at") || strings.Contains(table, "counted_at") {
		t.Error("figures of now say of when they are")
	}

	release := s.uncountable(t)
	s.published(t)
	for target, sentence := range sentences {
		a := testkit.Ask(t, s.handler, target)
		if n := strings.Count(a.Body, `<p class="notice">`+sentence); a.Status != http.StatusOK || n != 1 || a.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: status %d, %d sentences (%q), %s", target, a.Status, n, a.Text("p.notice"), a.Header.Get("Cache-Control"))
		}
		if n := a.Page().Find("figure.chart table").Length(); n < 3 {
			t.Errorf("%s has %d charts", target, n)
		}
	}
	if lines := strings.Split(testkit.Ask(t, s.handler, file).Body, "\n"); !strings.HasSuffix(strings.TrimSpace(lines[0]), ",counted_at") || !strings.Contains(lines[1], "Z") {
		t.Errorf("the file: %q", lines)
	}
	a := api.ask(t, data)
	at0, _ := at(decoded(t, a), "data", "counted_at").(string)
	if _, err := time.Parse(time.RFC3339, at0); err != nil || a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the API: status %d, counted at %q, %s", a.Status, at0, a.Header.Get("Cache-Control"))
	}

	release()
	until(t, "figures of now", func() bool { return !strings.Contains(testkit.Ask(t, s.handler, "/fr/statistics").Body, "comptés le") })
	until(t, "key figures of now", func() bool { return !strings.Contains(testkit.Ask(t, s.handler, "/fr/").Body, "comptés le") })
	for target := range sentences { // whoever was served before is not kept
		if a := testkit.Ask(t, s.handler, target); a.Body != before[target] || !strings.HasPrefix(a.Header.Get("Cache-Control"), "public") {
			t.Errorf("%s is another page than before, or not kept: %s", target, a.Header.Get("Cache-Control"))
		}
	}
	if testkit.Ask(t, s.handler, file).Body != table {
		t.Error("the file is another one than before")
	}
}

// TestFiguresThatWereNeverCountedAreAwaited: the front page is there without them, the
// statistics say that they are being counted, and are there at a later word.
func TestFiguresThatWereNeverCountedAreAwaited(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	api := newAPISite(t, s.handler, s.URL)
	release := s.uncountable(t)
	for target, sentence := range map[string]string{
		"/fr/": "en cours de comptage", "/ar/": "يجري الآن إحصاء", "/en/": "are being counted",
	} {
		a := testkit.Ask(t, s.handler, target)
		if a.Status != http.StatusOK || !strings.Contains(a.Body, sentence) || a.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: status %d, %s", target, a.Status, a.Header.Get("Cache-Control"))
		}
		if a.Page().Find("dl.key-figures, figure.chart").Length() != 0 || a.Page().Find(".lead-record").Length() != 1 {
			t.Errorf("%s: figures, or no record", target)
		}
	}
	for target, sentence := range map[string]string{
		"/fr/statistics": "Ces chiffres sont en cours de comptage", "/ar/statistics?sector=health": "يجري إحصاء هذه الأرقام",
		"/en/statistics": "These figures are being counted", "/fr/statistics/kinds/table.csv": "Ces chiffres sont en cours de comptage",
	} {
		a := testkit.Ask(t, s.handler, target)
		if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, sentence) || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d, Retry-After %q", target, a.Status, a.Header.Get("Retry-After"))
		}
	}
	a := api.ask(t, "/api/v1/statistics?lang=fr")
	if kind, _ := decoded(t, a)["type"].(string); a.Status != http.StatusServiceUnavailable || !strings.HasSuffix(kind, "#being-counted") || a.Header.Get("Retry-After") == "" {
		t.Errorf("the API: status %d, %s", a.Status, a.Body)
	}
	release()
	for _, target := range []string{"/fr/statistics", "/ar/statistics?sector=health", "/api/v1/statistics?lang=fr"} {
		until(t, target, func() bool { return testkit.Ask(t, s.handler, target).Status == http.StatusOK })
	}
	until(t, "the key figures", func() bool { return testkit.Ask(t, s.handler, "/fr/").Page().Find("dl.key-figures").Length() == 1 })
}

// until asks again until it is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what + ": not within a minute")
		}
	}
}
