package testkit

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span as a collector got it.
type Span struct {
	Trace, ID, Parent string // Parent is empty for the first of a trace
	Name              string
	Kind              tracepb.Span_SpanKind
	Failed            bool
	Message           string // of what failed
	Events, Links     int
	Attributes        map[string]string
	Program           map[string]string // what is said of the program that made it
}

// Collector is a collector of traces on this machine, which takes OTLP over HTTP in
// protobuf as the specification has it.
type Collector struct {
	URL string

	mu    sync.Mutex
	asked int
	sent  []byte
	spans []Span
	user  string
	// instead answers in the place of the collector while it is set.
	instead http.HandlerFunc
}

// NewCollector starts a collector.
func NewCollector(tb testing.TB) *Collector {
	tb.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	tb.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Instead has another handler answer, or the collector again when it is nil.
func (c *Collector) Instead(answer http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instead = answer
}

// Hang has it answer nobody until the test ends.
func (c *Collector) Hang(tb testing.TB) {
	tb.Helper()
	released := make(chan struct{})
	tb.Cleanup(func() { close(released) })
	c.Instead(func(http.ResponseWriter, *http.Request) { <-released })
}

// Asked is how often something was sent to it, taken or not.
func (c *Collector) Asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// Sent is all that it took, unpacked, byte by byte.
func (c *Collector) Sent() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.sent)
}

// User is who sent last, if he said so, as "name:password".
func (c *Collector) User() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}

// Spans are all that it took.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Find waits for a span, and fails the test if it does not come.
func (c *Collector) Find(tb testing.TB, wanted func(Span) bool) Span {
	tb.Helper()
	for range 200 {
		all := c.Spans()
		if i := slices.IndexFunc(all, wanted); i >= 0 {
			return all[i]
		}
		time.Sleep(50 * time.Millisecond)
	}
	tb.Fatalf("no such span among %+v", c.Spans())
	return Span{}
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asked++
	instead := c.instead
	c.mu.Unlock()
	if instead != nil {
		instead(w, r)
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "what?", http.StatusNotFound)
		return
	}
	message, err := unpacked(r)
	var traces tracepb.TracesData
	if err == nil {
		err = proto.Unmarshal(message, &traces)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, message...)
	c.spans = append(c.spans, spansOf(&traces)...)
	name, password, _ := r.BasicAuth()
	c.user = name + ":" + password
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func unpacked(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	packed, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(packed)
}

func spansOf(traces *tracepb.TracesData) (out []Span) {
	for _, of := range traces.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				out = append(out, Span{
					Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
					Name: s.GetName(), Kind: s.GetKind(), Events: len(s.GetEvents()), Links: len(s.GetLinks()),
					Failed: s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR, Message: s.GetStatus().GetMessage(),
					Attributes: texts(s.GetAttributes()), Program: texts(of.GetResource().GetAttributes()),
				})
			}
		}
	}
	return out
}

// texts are attributes as text.
func texts(attributes []*commonpb.KeyValue) map[string]string {
	out := map[string]string{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			out[a.GetKey()] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			out[a.GetKey()] = strconv.FormatInt(v.IntValue, 10)
		default:
			out[a.GetKey()] = a.GetValue().String()
		}
	}
	return out
}
