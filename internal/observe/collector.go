package observe

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/sijil/sijil/internal/outbound"
)

// What we tell beside what the conventions of OpenTelemetry name.
const (
	requestID    = attribute.Key("sijil.request.id")
	requestClass = attribute.Key("sijil.request.class")
	jobKind      = attribute.Key("sijil.job.kind")
	sqlState     = attribute.Key("pgx.sql_state") // as otelpgx calls it
	rowsAffected = attribute.Key("pgx.rows_affected")
)

// told are the attributes that leave; whatever a library adds to them does not.
var told = map[attribute.Key]bool{
	semconv.HTTPRequestMethodKey: true, semconv.HTTPRouteKey: true, semconv.HTTPResponseStatusCodeKey: true,
	requestID: true, requestClass: true, jobKind: true,
	// Texts of SQL are constants of the program: a test holds the store to that.
	semconv.DBSystemNameKey: true, semconv.DBQueryTextKey: true,
	semconv.DBOperationBatchSizeKey: true, semconv.DBCollectionNameKey: true,
	sqlState: true, rowsAffected: true,
}

// reduced is a span without what may name somebody: attributes that nobody has thought
// of, texts of errors (PostgreSQL repeats in them what it was given), and what else the
// environment says of this machine.
type reduced struct {
	sdktrace.ReadOnlySpan
	program *resource.Resource
}

// Attributes implements sdktrace.ReadOnlySpan.
func (r reduced) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(r.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool { return !told[a.Key] })
}

// Events implements sdktrace.ReadOnlySpan.
func (r reduced) Events() []sdktrace.Event { return nil }

// Links implements sdktrace.ReadOnlySpan.
func (r reduced) Links() []sdktrace.Link { return nil }

// Status implements sdktrace.ReadOnlySpan: whether it failed, and not how.
func (r reduced) Status() sdktrace.Status { return sdktrace.Status{Code: r.ReadOnlySpan.Status().Code} }

// Resource implements sdktrace.ReadOnlySpan.
func (r reduced) Resource() *resource.Resource { return r.program }

// exporter sends what may leave. What fails is lost and counted, and logged when it begins
// and ends.
type exporter struct {
	sdktrace.SpanExporter
	program *resource.Resource // which makes the spans
	log     *slog.Logger
	lost    *losses
	failing atomic.Bool
}

func newExporter(to sdktrace.SpanExporter, cfg TracesConfig, lost *losses) *exporter {
	program := resource.NewSchemaless(
		semconv.ServiceName("sijil"), semconv.ServiceVersion(cfg.Version),
		semconv.ServiceInstanceID(rand.Text()), // tells nodes apart, and names none
	)
	return &exporter{SpanExporter: to, program: program, log: cfg.Log, lost: lost}
}

// ExportSpans implements sdktrace.SpanExporter.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	leaving := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		leaving[i] = reduced{s, e.program}
	}
	err := e.SpanExporter.ExportSpans(ctx, leaving)
	e.lost.waiting.Add(-int64(len(spans)))
	if part, ok := errors.AsType[*rejectedError](err); ok {
		e.lost.notTaken.Add(min(part.spans, int64(len(spans))))
	} else if err != nil {
		e.lost.notTaken.Add(int64(len(spans)))
	}
	switch failed := err != nil; {
	case failed && !e.failing.Swap(true):
		e.log.WarnContext(ctx, "traces are lost: the collector does not take them", "error", err)
	case !failed && e.failing.Swap(false):
		e.log.InfoContext(ctx, "the collector takes traces again")
	}
	return nil //nolint:nilerr // told of here, once; the library would say it each time
}

// collector sends spans to a collector by OTLP over HTTP, in protobuf. The exporter of
// OpenTelemetry itself would bring gRPC into the program, and with it pages about its
// inside, for what is one request.
type collector struct {
	client         *http.Client
	address        string
	name, password string
}

// tracesPath is where collectors take spans, unless they say otherwise.
const tracesPath = "/v1/traces"

func newCollector(address string) (*collector, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the address of the collector of traces is none such as http://collector.example:4318") // it may hold a password
	}
	c := &collector{client: outbound.Client(sendTimeout), name: u.User.Username()}
	c.password, _ = u.User.Password()
	u.User = nil // errors name the address
	if strings.Trim(u.Path, "/") == "" {
		u.Path = tracesPath
	}
	c.address = u.String()
	return c, nil
}

// Start implements otlptrace.Client.
func (*collector) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *collector) Stop(context.Context) error {
	c.client.CloseIdleConnections()
	return nil
}

// UploadTraces implements otlptrace.Client. A message of OTLP that sends spans is, on the
// wire, one that stores them.
func (c *collector) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	message, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	var body bytes.Buffer
	packer := gzip.NewWriter(&body)
	if _, err := packer.Write(message); err != nil {
		return err
	}
	if err := packer.Close(); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Content-Encoding", "gzip")
	request.Header.Set("User-Agent", "Sijil")
	if c.name != "" || c.password != "" {
		request.SetBasicAuth(c.name, c.password)
	}
	answer, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()                                     //nolint:errcheck // it was only read
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxSaid)) // the end of it, too: so the connection is kept
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", answer.Status)
	}
	if n := rejectedIn(said); n > 0 && err == nil {
		return &rejectedError{n}
	}
	return nil
}

// maxSaid is how much is read of what a collector answers.
const maxSaid = 64 << 10

// rejectedError is that of a collector that took a part of the spans only.
type rejectedError struct{ spans int64 }

// Error implements error.
func (e *rejectedError) Error() string { return fmt.Sprintf("it rejected %d spans", e.spans) }

// The fields of what a collector answers (ExportTraceServiceResponse of OTLP 1.x,
// collector/trace/v1/trace_service.proto). The generated type would bring gRPC along.
const (
	partialSuccess protowire.Number = 1
	rejectedSpans  protowire.Number = 1
)

// rejectedIn reads how many spans a collector says that it rejected. It says it with the
// status of success; of an answer that is none, 0.
func rejectedIn(answer []byte) (n int64) {
	part, _ := field(answer, partialSuccess)
	_, n = field(part, rejectedSpans)
	return max(n, 0)
}

// field is the value of a field of a message, of bytes or a number; the last, if there are
// several, and the zero value if the message is none.
func field(message []byte, wanted protowire.Number) (content []byte, number int64) {
	for len(message) > 0 {
		at, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, 0
		}
		message = message[n:]
		n = protowire.ConsumeFieldValue(at, kind, message)
		if n < 0 {
			return nil, 0
		}
		switch {
		case at != wanted:
		case kind == protowire.BytesType:
			content, _ = protowire.ConsumeBytes(message)
		case kind == protowire.VarintType:
			value, _ := protowire.ConsumeVarint(message)
			number = int64(value) //nolint:gosec // a signed number is sent as this
		}
		message = message[n:]
	}
	return content, number
}
