package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/testkit"
)

// TestServeTraces only where it is told to, whatever the libraries would read from the
// environment; what was done until the end is sent before it ends, with the jobs; and a
// collector that hangs delays neither answers nor the end.
func TestServeTraces(t *testing.T) {
	_, env := production(t)
	c := testkit.NewCollector(t)
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": c.URL + "/v1/traces", "OTEL_TRACES_EXPORTER": "otlp",
		"OTEL_TRACES_SAMPLER": "always_on", "OTEL_BSP_SCHEDULE_DELAY": "1",
	} {
		t.Setenv(name, value)
	}
	env["SIJIL_DRAIN_TIMEOUT"] = "1s"
	visit := func(first func()) {
		t.Helper()
		s := serving(t, env, `"msg":"serving"`)
		first()
		if status, _ := s.status(t, "/fr/incidents?year=2025"); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}
	visit(func() {})
	if c.Asked() > 0 {
		t.Errorf("without SIJIL_TRACES_URL %d batches were sent", c.Asked())
	}

	env["SIJIL_TRACES_URL"], env["SIJIL_TRACES_SHARE"] = c.URL, "1"
	visit(func() { // a job of the start is done and told of; when, is River's to say
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			if slices.ContainsFunc(c.Spans(), func(s testkit.Span) bool { return strings.HasPrefix(s.Name, "job ") }) {
				return
			}
			if time.Now().After(deadline) {
				t.Error("no job was told of")
				return
			}
		}
	})
	// It has ended: nothing comes later.
	all, page, job := c.Spans(), testkit.Span{}, testkit.Span{}
	for _, s := range all {
		switch {
		case s.Name == "GET /{lang}/incidents":
			page = s
		case strings.HasPrefix(s.Name, "job "):
			job = s
		}
	}
	statements := func(of testkit.Span) (n int) {
		for _, s := range all {
			if s.Parent == of.ID && s.Attributes["db.query.text"] != "" {
				n++
			}
		}
		return n
	}
	if page.Attributes["http.response.status_code"] != "200" || page.Program["service.version"] != buildVersion() || statements(page) == 0 {
		t.Errorf("the page is %+v with %d statements", page, statements(page))
	}
	if job.ID == "" || strings.Contains(c.Sent(), "year=2025") {
		t.Errorf("a job is %+v", job)
	}

	env["SIJIL_DRAIN_TIMEOUT"] = "5s"
	c.Hang(t)
	s, before := serving(t, env, `"msg":"serving"`), c.Asked()
	for c.Asked() == before { // it holds what the jobs of the start have sent
		time.Sleep(50 * time.Millisecond)
	}
	start := time.Now()
	if status, _ := s.status(t, "/fr/incidents?year=2024"); status != http.StatusOK || time.Since(start) > 2*time.Second {
		t.Errorf("while the collector hangs: status %d after %v", status, time.Since(start))
	}
	start = time.Now()
	if err := s.stop(); err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("the end took %v: %v", time.Since(start), err)
	}
}
