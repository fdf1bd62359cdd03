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
	if err != nil {
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
	defer answer.Body.Close() //nolint:errcheck // it was only read
	// What it says is not needed, but read to keep the connection.
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", answer.Status)
	}
	return nil
}
