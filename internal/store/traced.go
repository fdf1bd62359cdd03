package store

import (
	"context"
	"regexp"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
)

// Option is how a pool is opened, where that is not as usual.
type Option func(*options)

type options struct{ spans trace.TracerProvider }

// TracedBy has a span made of each statement, batch and copy that is sent for something
// which is traced, with its text and without its values. A nil provider makes none.
func TracedBy(spans trace.TracerProvider) Option {
	return func(o *options) { o.spans = spans }
}

func optionsOf(how []Option) options {
	var o options
	for _, set := range how {
		set(&o)
	}
	return o
}

// tracer returns what makes the spans; nil: none are made, which costs nothing.
func (o options) tracer() pgx.QueryTracer {
	if o.spans == nil {
		return nil
	}
	return traced{otelpgx.NewTracer(
		otelpgx.WithTracerProvider(o.spans), otelpgx.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelpgx.WithDisableConnectionDetailsInAttributes(), otelpgx.WithSpanNameCtxFunc(statementName))}
}

// traced takes of the library what a statement, a batch and a copy are: waiting for a
// connection, connecting and preparing are the time before them, and the statements of a
// batch, of which there may be hundreds, are sent as one.
type traced struct{ by *otelpgx.Tracer }

var (
	_ pgx.QueryTracer    = traced{}
	_ pgx.BatchTracer    = traced{}
	_ pgx.CopyFromTracer = traced{}
)

// TraceQueryStart implements pgx.QueryTracer.
func (t traced) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	data.Args = nil // nobody is shown them
	return t.by.TraceQueryStart(ctx, conn, data)
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t traced) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	t.by.TraceQueryEnd(ctx, conn, data)
}

// TraceBatchStart implements pgx.BatchTracer. A batch has the name of its first statement.
func (t traced) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	began := t.by.TraceBatchStart(ctx, conn, data)
	if span := trace.SpanFromContext(began); span.IsRecording() && data.Batch.Len() > 0 {
		span.SetName("BATCH " + statementName(ctx, data.Batch.QueuedQueries[0].SQL))
	}
	return began
}

// TraceBatchQuery implements pgx.BatchTracer.
func (traced) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t traced) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	t.by.TraceBatchEnd(ctx, conn, data)
}

// TraceCopyFromStart implements pgx.CopyFromTracer.
func (t traced) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	return t.by.TraceCopyFromStart(ctx, conn, data)
}

// TraceCopyFromEnd implements pgx.CopyFromTracer.
func (t traced) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	t.by.TraceCopyFromEnd(ctx, conn, data)
}

// tables finds the names of our tables in a statement.
var tables = regexp.MustCompile(`\b(?:desk|record|jobs)\.[a-z_]+`)

// statementName is what a statement does first, and the first table that it names:
// "SELECT record.heads".
func statementName(ctx context.Context, sql string) string {
	name := otelpgx.SQLOperationName(ctx, sql)
	if table := tables.FindString(sql); table != "" {
		name += " " + table
	}
	return name
}
