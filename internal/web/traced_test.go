package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// tracedSite is a site that tells a collector of each request.
type tracedSite struct {
	http.Handler
	traces  *observe.Traces
	working *store.DB
}

func newTracedSite(t *testing.T, db *testkit.DB, collector string) tracedSite {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	traces, err := observe.NewTraces(t.Context(), observe.TracesConfig{URL: collector, Share: 1, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	open := func(url string, side store.Side) *store.DB {
		opened, err := store.Open(t.Context(), url, side, store.TracedBy(traces.Provider()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(opened.Close)
		return opened
	}
	public, working := open(db.PublicURL(), store.PublicSide), open(db.DeskURL(), store.DeskSide)
	clock := testkit.NewClock(testkit.FoundingDay())
	signing, err := auth.New(auth.Config{
		DB: working, Now: clock.Now, Secret: strings.Repeat("k", auth.MinSecret), Origin: "http://sijil.test",
		Cost: auth.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: record.NewStore(public), Now: clock.Now, Log: log, Patience: patience, Traces: traces,
		Desk: &desk.Config{Editorial: editorial.New(working, clock.Now), Sessions: desk.NewSessions(signing), Auth: signing, Now: clock.Now},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracedSite{site, traces, working}
}

// first are the spans of requests, and below those of a trace that are in one.
func first(all []testkit.Span) []testkit.Span {
	return slices.DeleteFunc(slices.Clone(all), func(s testkit.Span) bool { return s.Parent != "" })
}

func below(all []testkit.Span, first testkit.Span) []testkit.Span {
	return slices.DeleteFunc(slices.Clone(all), func(s testkit.Span) bool { return s.Parent != first.ID || s.Trace != first.Trace })
}

// TestARequestIsTraced with the statements that it sent; one that was answered from
// memory, and what asks for no work, is not.
func TestARequestIsTraced(t *testing.T) {
	t.Parallel()
	c := testkit.NewCollector(t)
	s := newTracedSite(t, testkit.Founding(t), c.URL)
	for range 3 {
		if a := testkit.Ask(t, s, "/fr/incidents/cnss-2025"); a.Status != http.StatusOK {
			t.Fatalf("status %d", a.Status)
		}
	}
	for _, target := range []string{"/healthz", "/readyz", "/favicon.ico"} {
		testkit.Ask(t, s, target)
	}
	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	form := testkit.Post(t, s, "/fr/desk/login", url.Values{"email": {"nobody@example.org"}, "password": {"x"}}, with("Traceparent", "00-"+parent+"-00f067aa0ba902b7-00"))
	missing := testkit.Ask(t, s, "/fr/nothing-of-this-name")
	if err := s.traces.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	all := c.Spans()
	var got []string
	for _, asked := range first(all) {
		got = append(got, asked.Name+" "+asked.Attributes["http.response.status_code"])
	}
	want := []string{"GET /{lang}/incidents/{slug} 200", "POST /{lang}/desk/login 422", "GET 404"}
	if !slices.Equal(got, want) {
		t.Fatalf("traced are %q, want %q", got, want)
	}
	page, signIn, none := first(all)[0], first(all)[1], first(all)[2]
	if signIn.Attributes["sijil.request.id"] != form.Header.Get("X-Request-Id") || none.Attributes["sijil.request.id"] != missing.Header.Get("X-Request-Id") ||
		signIn.Attributes["sijil.request.class"] != "desk" || page.Attributes["http.route"] != "/{lang}/incidents/{slug}" {
		t.Errorf("the requests are %+v", first(all))
	}
	if strings.Contains(strings.Join([]string{signIn.Trace, signIn.Parent}, " "), parent) {
		t.Error("a reader has named the trace")
	}
	statements := below(all, page)
	i := slices.IndexFunc(statements, func(s testkit.Span) bool { return s.Name == "WITH record.slugs" })
	if i < 0 || !strings.Contains(statements[i].Attributes["db.query.text"], "@slug") || statements[i].Attributes["pgx.rows_affected"] == "" {
		t.Errorf("the statements of a page are %+v", statements)
	}
	if len(below(all, signIn)) == 0 {
		t.Error("a sign-in sent no statement")
	}
	if len(first(all))+len(below(all, page))+len(below(all, signIn))+len(below(all, none)) != len(all) {
		t.Errorf("some spans are of no request: %+v", all)
	}
}

// TestTracesTellOfNobody: neither what readers look for, nor what forms hold, nor where
// links lead, nor what PostgreSQL repeats of a value that it refuses.
func TestTracesTellOfNobody(t *testing.T) {
	t.Parallel()
	const marker = "zqmarkerzq"
	c, db := testkit.NewCollector(t), testkit.Founding(t)
	s := newTracedSite(t, db, c.URL)
	who := url.Values{"email": {marker + "@example.org"}, "password": {marker + " " + marker}}
	for range 12 { // until it is locked
		testkit.Post(t, s, "/fr/desk/login", who)
	}
	testkit.Post(t, s, "/fr/desk/forgot", who)
	testkit.Post(t, s, "/fr/desk/reset/"+marker, url.Values{"password": {marker + marker}, "code": {marker}})
	targets := []string{
		"/fr/incidents?q=" + marker, "/fr/search?q=" + marker, "/api/v1/search?q=" + marker, "/fr/incidents/" + marker, "/fr/" + marker + "?x=" + marker,
		"/fr/desk/invitation/" + marker, "/fr/desk/activity?by=" + marker, "/oembed?url=" + marker,
	}
	for _, target := range targets {
		testkit.Ask(t, s, target, with("Referer", "http://sijil.test/?q="+marker), with("User-Agent", marker), with("X-Forwarded-For", marker),
			with("Tracestate", "a="+marker), with("Baggage", "who="+marker))
	}
	testkit.Ask(t, s, "/fr/desk", testkit.As(marker))
	refused := func(ctx context.Context, q store.Querier) {
		var id string
		if err := q.QueryRow(ctx, "SELECT @value::text::uuid::text", pgx.NamedArgs{"value": marker}).Scan(&id); err == nil || !strings.Contains(err.Error(), marker) {
			t.Errorf("PostgreSQL does not repeat what it refuses: %v", err)
		}
	}
	ctx, end := s.traces.Request(t.Context(), observe.Asked{})
	refused(ctx, s.working.Querier())
	end(observe.Answered{Route: "/control"})
	if err := s.traces.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	sent := c.Sent()
	if i := strings.Index(sent, marker); i >= 0 {
		t.Errorf("the collector is told: %q", sent[max(0, i-300):min(len(sent), i+100)])
	}
	if n := len(first(c.Spans())); n < 14+len(targets) {
		t.Errorf("%d requests were traced: it was not looked at", n)
	}
	failed := slices.IndexFunc(c.Spans(), func(s testkit.Span) bool { return s.Failed && s.Attributes["pgx.sql_state"] == "22P02" })
	if failed < 0 {
		t.Error("a statement that failed is not told as such")
	}

	// The same statement, as the library tells it where nobody takes anything away.
	kept := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept))
	config, err := pgxpool.ParseConfig(db.DeskURL())
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.Tracer = otelpgx.NewTracer(otelpgx.WithTracerProvider(provider), otelpgx.WithIncludeQueryParameters())
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	began, span := provider.Tracer("control").Start(t.Context(), "control")
	refused(began, pool)
	span.End()
	told := 0
	for _, s := range kept.GetSpans() {
		told += strings.Count(s.Status.Description, marker)
		for _, a := range s.Attributes {
			told += strings.Count(a.Value.String(), marker)
		}
	}
	if told < 2 {
		t.Errorf("control: a library that tells values and errors told them %d times", told)
	}
}

// TestACollectorThatHangsSlowsNobody who asks for a page.
func TestACollectorThatHangsSlowsNobody(t *testing.T) {
	t.Parallel()
	c := testkit.NewCollector(t)
	c.Hang(t)
	s := newTracedSite(t, testkit.Founding(t), c.URL)
	ask := func() time.Duration {
		start := time.Now()
		for range 5 {
			if a := testkit.Ask(t, s, "/fr/nothing-of-this-name"); a.Status != http.StatusNotFound {
				t.Errorf("status %d", a.Status)
			}
		}
		return time.Since(start)
	}
	before := ask()
	for c.Asked() == 0 { // from now on it holds a batch
		time.Sleep(10 * time.Millisecond)
	}
	if during := ask(); during > before+time.Second {
		t.Errorf("took %v, and %v before the collector hung", during, before)
	}
	start := time.Now()
	if err := s.traces.Stop(t.Context()); err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("the stop took %v: %v", time.Since(start), err)
	}
}
