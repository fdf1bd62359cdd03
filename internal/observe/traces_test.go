package observe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/testkit"
)

// notes is a log that may be read while it is written.
type notes struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.String()
}

func tracesTo(t *testing.T, url string, share float64) (*observe.Traces, *notes) {
	t.Helper()
	log := &notes{}
	traces, err := observe.NewTraces(t.Context(), observe.TracesConfig{
		URL: url, Share: share, Version: "v1.2.3", Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return traces, log
}

// request is a request of which a library traces a part, with all that a library may say.
func request(traces *observe.Traces, part func(context.Context)) {
	ctx, end := traces.Request(context.Background(), observe.Asked{ID: "abc", Class: "page", Method: http.MethodGet})
	part(ctx)
	end(observe.Answered{Route: "/{lang}/incidents", Status: http.StatusOK, Whole: true})
}

// say makes a span as a library that has no secrets.
func say(ctx context.Context, by trace.TracerProvider, word string) {
	tracer := by.Tracer("library")
	_, other := tracer.Start(ctx, "other", trace.WithNewRoot())
	_, span := tracer.Start(ctx, "SELECT record.heads", trace.WithAttributes(
		attribute.String("db.query.text", "SELECT 1"), attribute.StringSlice("pgx.query.parameters", []string{word}),
		attribute.String("server.address", word), attribute.String("url.query", word)),
		trace.WithLinks(trace.LinkFromContext(trace.ContextWithSpan(ctx, other), attribute.String("why", word))))
	span.RecordError(errors.New("invalid input syntax: " + word))
	span.SetStatus(codes.Error, word)
	span.End()
	other.End()
}

// bare sends spans as they are.
type bare struct{ url string }

func (bare) Start(context.Context) error { return nil }
func (bare) Stop(context.Context) error  { return nil }

func (b bare) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	message, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/v1/traces", bytes.NewReader(message))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// TestOnlyWhatWasThoughtOfLeaves: whatever a library writes into its spans, and the
// environment into what is said of the program.
func TestOnlyWhatWasThoughtOfLeaves(t *testing.T) {
	const word = "zqmarkerzq"
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "host.name="+word)
	c := testkit.NewCollector(t)
	traces, log := tracesTo(t, strings.Replace(c.URL, "http://", "http://sender:hidden-word@", 1), 1)
	request(traces, func(ctx context.Context) { say(ctx, traces.Provider(), word) })
	if err := traces.Job(t.Context(), "send-mail", func(context.Context) error { return errors.New(word) }); err == nil || err.Error() != word {
		t.Errorf("a job returned %v", err)
	}
	if err := traces.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := c.Find(t, func(s testkit.Span) bool { return s.Name == "GET /{lang}/incidents" })
	part := c.Find(t, func(s testkit.Span) bool { return s.Name == "SELECT record.heads" })
	job := c.Find(t, func(s testkit.Span) bool { return s.Name == "job send-mail" })
	for name, want := range map[string]string{
		"http.request.method": "GET", "http.route": "/{lang}/incidents", "http.response.status_code": "200", "sijil.request.id": "abc", "sijil.request.class": "page",
	} {
		if got := asked.Attributes[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if asked.Kind != tracepb.Span_SPAN_KIND_SERVER || asked.Parent != "" || asked.Failed || asked.Program["service.name"] != "sijil" || asked.Program["service.version"] != "v1.2.3" {
		t.Errorf("the request is %+v", asked)
	}
	if part.Trace != asked.Trace || part.Parent != asked.ID || !part.Failed || part.Message != "" || part.Events+part.Links > 0 ||
		len(part.Attributes) != 1 || part.Attributes["db.query.text"] != "SELECT 1" {
		t.Errorf("its part is %+v", part)
	}
	if job.Parent != "" || !job.Failed || job.Message != "" || job.Attributes["sijil.job.kind"] != "send-mail" {
		t.Errorf("the job is %+v", job)
	}
	if strings.Contains(c.Sent(), word) || c.User() != "sender:hidden-word" || strings.Contains(log.String(), "hidden-word") {
		t.Errorf("too much was said; sent by %s\n%s", c.User(), log)
	}

	sender, err := otlptrace.New(t.Context(), bare{c.URL})
	if err != nil {
		t.Fatal(err)
	}
	as := sdktrace.NewTracerProvider(sdktrace.WithSyncer(sender))
	say(t.Context(), as, word)
	if n := strings.Count(c.Sent(), word); n < 5 {
		t.Errorf("control: a library that says it, in parameters, addresses, links and errors, was heard %d times", n)
	}
}

// TestACollectorThatHangsHoldsUpNobody: neither who makes more spans than can wait, nor
// a stop.
func TestACollectorThatHangsHoldsUpNobody(t *testing.T) {
	t.Parallel()
	const many, soon = 4_000, 2500 * time.Millisecond // more than can wait, and less than the collector has for one batch
	c := testkit.NewCollector(t)
	c.Hang(t)
	traces, _ := tracesTo(t, c.URL, 1)
	took := func(do func()) time.Duration {
		start := time.Now()
		do()
		return time.Since(start)
	}
	flood := func(to *observe.Traces) func() {
		return func() {
			for range many {
				request(to, func(context.Context) {})
			}
		}
	}
	if d := took(flood(traces)); d > soon {
		t.Errorf("%d requests took %v", many, d)
	}
	// What could not wait is counted, to the last one: the collector has given back none yet.
	if lost := traces.Lost(); lost["queue-full"] != many-2048 || lost["not-taken"] != 0 {
		t.Errorf("lost %v of %d", lost, many)
	}
	if d := took(func() {
		if traces.Stop(t.Context()) == nil {
			t.Error("spans were sent to a collector that hangs")
		}
	}); d > soon {
		t.Errorf("the stop took %v", d)
	}
	if c.Asked() == 0 {
		t.Error("control: the collector was never asked")
	}

	// A processor that waits does hang, so that the bound above is one.
	sender, err := otlptrace.New(t.Context(), bare{c.URL})
	if err != nil {
		t.Fatal(err)
	}
	waits := sdktrace.NewTracerProvider(sdktrace.WithBatcher(sender, sdktrace.WithBlocking(), sdktrace.WithMaxQueueSize(16), sdktrace.WithMaxExportBatchSize(8)))
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		for range many {
			_, span := waits.Tracer("").Start(context.Background(), "x")
			span.End()
		}
	}()
	select {
	case <-flooded:
		t.Error("control: one that waits for the collector did not wait")
	case <-time.After(soon):
	}
}

// TestACollectorThatRefuses is told of in the log, once, and once more when it takes
// traces again; nothing is sent twice, and what was lost is counted.
func TestACollectorThatRefuses(t *testing.T) {
	t.Parallel()
	const refused = 3
	c := testkit.NewCollector(t)
	c.Instead(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Error(w, "full", http.StatusServiceUnavailable)
	})
	traces, log := tracesTo(t, strings.Replace(c.URL, "http://", "http://sender:hidden-word@", 1), 1)
	for i := range refused {
		request(traces, func(context.Context) {})
		flush(t, traces)
		if c.Asked() != i+1 {
			t.Errorf("sent %d times, want %d", c.Asked(), i+1)
		}
	}
	if n := strings.Count(log.String(), "traces are lost"); n != 1 || !strings.Contains(log.String(), "503") {
		t.Errorf("told %d times: %s", n, log)
	}
	if lost := traces.Lost(); lost["not-taken"] != refused || lost["queue-full"] != 0 {
		t.Errorf("lost %v, want the %d that were refused", lost, refused)
	}
	c.Instead(nil)
	// More than could wait at once go through one after the other: those that were lost,
	// and those that were sent, take no place any more.
	const after = 3000
	for i := range after {
		request(traces, func(context.Context) {})
		if i%1000 == 999 {
			flush(t, traces)
		}
	}
	if lost := traces.Lost(); lost["not-taken"] != refused || lost["queue-full"] != 0 {
		t.Errorf("lost %v, want none of those that the collector took", lost)
	}
	if n := strings.Count(log.String(), "takes traces again"); n != 1 || len(c.Spans()) != after {
		t.Errorf("told %d times, %d spans: %s", n, len(c.Spans()), log)
	}
	if err := traces.Stop(t.Context()); err != nil {
		t.Error(err)
	}

	away, log := tracesTo(t, "http://sender:hidden-word@127.0.0.1:1", 1)
	request(away, func(context.Context) {})
	if err := away.Stop(t.Context()); err != nil || !strings.Contains(log.String(), "traces are lost") || strings.Contains(log.String(), "hidden-word") {
		t.Errorf("nobody there: %v, %s", err, log)
	}
	if lost := away.Lost(); lost["not-taken"] != 1 {
		t.Errorf("nobody there: lost %v", lost)
	}
}

// flush has what waits sent.
func flush(t *testing.T, traces *observe.Traces) {
	t.Helper()
	provider, ok := traces.Provider().(*sdktrace.TracerProvider)
	if !ok {
		t.Fatal("another provider")
	}
	if err := provider.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestACollectorThatTakesAPart says so with the status of success. Only that part is lost.
func TestACollectorThatTakesAPart(t *testing.T) {
	t.Parallel()
	const sent = 3
	for _, test := range []struct {
		name, answer string // by OTLP: 1: {1: spans that were rejected, 2: why}
		lost         int64
	}{
		{"all taken", "", 0},
		{"all taken, said at length", "\x0a\x00", 0},
		{"all taken, with a warning", "\x0a\x05\x12\x03old", 0},
		{"some rejected", "\x0a\x02\x08\x02", 2},
		{"some rejected, and why", "\x0a\x07\x12\x03old\x08\x01", 1},
		{"some rejected, beside what is not known", "\x12\x01x\x0a\x04\x18\x07\x08\x02", 2},
		{"more rejected than were sent", "\x0a\x03\x08\xac\x02", sent},
		{"fewer than none", "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0},
		{"cut off", "\x0a\x02\x08", 0},
		{"no message", "<html>", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := testkit.NewCollector(t)
			c.Instead(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, test.answer)
			})
			traces, log := tracesTo(t, c.URL, 1)
			for range sent {
				request(traces, func(context.Context) {})
			}
			flush(t, traces)
			if lost := traces.Lost()["not-taken"]; lost != test.lost || c.Asked() != 1 {
				t.Errorf("%d lost, want %d; sent %d times", lost, test.lost, c.Asked())
			}
			if told := strings.Contains(log.String(), "rejected"); told != (test.lost > 0) {
				t.Errorf("told: %s", log)
			}
			if err := traces.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAShareIsTraced, and a trace whole or not at all.
func TestAShareIsTraced(t *testing.T) {
	t.Parallel()
	const all = 400
	for _, share := range []float64{1, 0.25} {
		c := testkit.NewCollector(t)
		traces, _ := tracesTo(t, c.URL, share)
		for range all {
			request(traces, func(ctx context.Context) {
				_, span := traces.Provider().Tracer("library").Start(ctx, "part")
				span.End()
			})
		}
		flush(t, traces)
		begun, parts := map[string]bool{}, 0
		for _, s := range c.Spans() {
			begun[s.ID] = begun[s.ID] || s.Name != "part"
		}
		for _, s := range c.Spans() {
			if s.Name == "part" && begun[s.Parent] {
				parts++
			}
		}
		got := len(c.Spans()) / 2
		if want := share * all; parts != got || float64(got) < want*0.6 || float64(got) > want*1.4 {
			t.Errorf("share %g: %d requests of %d, %d with their part", share, got, all, parts)
		}
	}
}

// TestNoTraces: what is asked of none goes on.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	var traces *observe.Traces
	ctx, end := traces.Request(t.Context(), observe.Asked{})
	end(observe.Answered{})
	if traces.Provider() != nil || traces.Lost() != nil || trace.SpanFromContext(ctx).IsRecording() || traces.Stop(t.Context()) != nil {
		t.Error("none are some")
	}
	asked := errors.New("asked")
	if err := traces.Job(t.Context(), "x", func(context.Context) error { return asked }); !errors.Is(err, asked) {
		t.Errorf("a job returned %v", err)
	}
	for _, url := range []string{"", "collector:4318", "ftp://a:hidden-word@collector", "http://a:hidden-word@b:x:y"} {
		if _, err := observe.NewTraces(t.Context(), observe.TracesConfig{URL: url, Share: 1}); err == nil || strings.Contains(fmt.Sprint(err), "hidden-word") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
