package observe

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"
)

const (
	// waitingSpans is how many spans wait or are being sent, at most: what comes beyond
	// is dropped, and counted, so that a collector that is slow holds up nobody.
	waitingSpans = 2048
	// batchSpans is how many are sent at once, and batchEvery how long the first of
	// them waits.
	batchSpans = 512
	batchEvery = 2 * time.Second
	// sendTimeout is how long a collector may take for a batch. None is sent again.
	sendTimeout = 3 * time.Second
	// flushTimeout is how much longer a stop may take for what still waits.
	flushTimeout = time.Second
	// longestValue bounds each value that is told, in characters: the longest
	// statements are cut.
	longestValue = 4096
)

// TracesConfig is what traces need.
type TracesConfig struct {
	// URL is where a collector takes spans, by OTLP over HTTP: with a name and a
	// password in it, if it asks for them. /v1/traces is meant where it has no path.
	URL string
	// Share is how many of the requests and of the jobs are traced, from 0 to 1.
	Share   float64
	Version string
	Log     *slog.Logger
}

// Traces tell a collector of the operator's what single requests and jobs did, and how
// long each statement of SQL took. Nil Traces tell nobody: what they are asked to trace
// goes on as if it had not been asked.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	lost     *losses
}

// NewTraces begins to send spans. It fails on an address that is none; that the
// collector cannot be reached is no fault, but is logged when there is something to send.
func NewTraces(ctx context.Context, cfg TracesConfig) (*Traces, error) {
	c, err := newCollector(cfg.URL)
	if err != nil {
		return nil, err
	}
	sender, err := otlptrace.New(ctx, c)
	if err != nil {
		return nil, err
	}
	lost := &losses{}
	// The library drops what its queue does not take without a word to anybody. Its queue
	// is longer than what is let into it, so that nothing is dropped there.
	provider := newProvider(cfg.Share, gate{lost: lost, SpanProcessor: sdktrace.NewBatchSpanProcessor(newExporter(sender, cfg, lost),
		sdktrace.WithMaxQueueSize(waitingSpans+batchSpans), sdktrace.WithMaxExportBatchSize(batchSpans),
		sdktrace.WithBatchTimeout(batchEvery), sdktrace.WithExportTimeout(sendTimeout))})
	return &Traces{provider: provider, tracer: provider.Tracer(scopeName), lost: lost}, nil
}

// Why a span was lost.
const (
	lostFull     = "queue-full" // too many were waiting: the collector is slow, or hangs
	lostNotTaken = "not-taken"  // the collector was away, refused it or took too long
)

// losses counts spans: those that wait or are being sent, and those that were dropped.
type losses struct{ waiting, full, notTaken atomic.Int64 }

// gate lets no more spans in than may wait, those among them that are being sent.
type gate struct {
	sdktrace.SpanProcessor
	lost *losses
}

// OnEnd implements sdktrace.SpanProcessor.
func (g gate) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return // nobody wants it
	}
	if g.lost.waiting.Add(1) > waitingSpans {
		g.lost.waiting.Add(-1)
		g.lost.full.Add(1)
		return
	}
	g.SpanProcessor.OnEnd(s)
}

// Lost is how many spans were dropped, by why; nil where there are no traces.
func (t *Traces) Lost() map[string]int64 {
	if t == nil {
		return nil
	}
	return map[string]int64{lostFull: t.lost.full.Load(), lostNotTaken: t.lost.notTaken.Load()}
}

// scopeName says of spans who has made them.
const scopeName = "github.com/sijil/sijil/internal/observe"

// newProvider makes spans. What the library would read from the environment is set here,
// or replaced where spans leave: settings are read once, in cmd.
func newProvider(share float64, to sdktrace.SpanProcessor) *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(to),
		// What a request begins is traced with it, and what nobody asked for is not.
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(share))),
		sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{
			AttributeValueLengthLimit: longestValue, AttributeCountLimit: 16,
			EventCountLimit: 0, LinkCountLimit: 0, // an event is an error with its text, which may name somebody
		}),
	)
}

// Provider is what other libraries make their spans by; nil where there are no traces.
func (t *Traces) Provider() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// Asked is a request that is about to be answered.
type Asked struct {
	ID     string // under which it is logged
	Class  string // as of an Answer
	Method string
}

// Answered is how it was answered.
type Answered struct {
	Route  string // its pattern; "none" where no route fits
	Status int
	Whole  bool // and did not break off
}

// Request begins the span of a request, which end ends. It is never the part of a trace
// that somebody else began: what a traceparent says comes from outside.
func (t *Traces) Request(ctx context.Context, a Asked) (traced context.Context, end func(Answered)) {
	if t == nil {
		return ctx, func(Answered) {}
	}
	method := methodOf(a.Method)
	if method == "other" {
		method = "_OTHER" // as the conventions have it
	}
	ctx, span := t.tracer.Start(ctx, method, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(semconv.HTTPRequestMethodKey.String(method), requestID.String(a.ID), requestClass.String(a.Class)))
	return ctx, func(done Answered) {
		if done.Route != "none" {
			span.SetName(method + " " + done.Route)
			span.SetAttributes(semconv.HTTPRoute(done.Route))
		}
		if done.Status != 0 {
			span.SetAttributes(semconv.HTTPResponseStatusCode(done.Status))
		}
		if !done.Whole || done.Status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Job does a job of a kind within a span, and returns what it returned.
func (t *Traces) Job(ctx context.Context, kind string, do func(context.Context) error) error {
	if t == nil {
		return do(ctx)
	}
	ctx, span := t.tracer.Start(ctx, "job "+kind, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(jobKind.String(kind)))
	defer span.End()
	err := do(ctx)
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	return err
}

// Stop sends what still waits, for as long as ctx and a second at most, and forgets the
// rest.
func (t *Traces) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("the last traces were not sent: %w", err)
	}
	return nil
}
