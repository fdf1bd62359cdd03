// Package observe makes figures of what the program does, in the form that
// Prometheus reads, and traces of single requests for whoever collects those. It
// knows no page and asks no database: others tell it, or are asked by small
// interfaces when the figures are read. No figure and no trace names a reader, a
// record or a person: what traces tell is a list (collector.go).
package observe

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Pool is a pool of connections to the database.
type Pool interface{ Stat() store.PoolStat }

// Replica is a copy of the database that this node reads from.
type Replica struct {
	Name   string
	Lag    time.Duration // behind the primary
	Usable bool          // it is read from now
}

// Config is what is asked when figures are read. What is nil is not shown.
type Config struct {
	Version string
	Schema  uint
	Now     func() time.Time
	// State reads how the installation does; nil where this program has no desk.
	State func(context.Context) (register.Operations, error)
	// Replicas tells of the replicas that this node reads from.
	Replicas func() []Replica
	// Traces are asked what they lost.
	Traces *Traces
}

// Metrics are the figures of the program. A nil Metrics takes what it is told and
// forgets it, so that nobody has to ask whether somebody counts.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	missed   *prometheus.CounterVec
	probing  prometheus.Counter
	signIns  *prometheus.CounterVec
	uploads  *prometheus.CounterVec
	site     atomic.Pointer[Site]
	pools    pools
}

// Answer is an answer that was made: one that was in memory is counted by the
// page cache alone, which costs it one addition.
type Answer struct {
	// Class is what kind of address was asked for, Route its pattern; "none" where
	// no route fits.
	Class, Route, Method string
	Status               int
	Took                 time.Duration
}

// Cache is what the page cache has counted since its start, and holds now.
type Cache struct {
	Hits, Made, Stale int64
	Pages             int
	Bytes             int64
}

// Places is how many of a number of places are taken.
type Places struct{ Taken, All int }

// Site is what the server of pages is asked for when figures are read.
type Site struct {
	Cache func() Cache
	Work  func() map[string]Places // by class: pages in the making, searches, exports …
	// Limited is how many requests were refused for their number, by the limit.
	Limited func() map[string]int64
}

// buckets are the upper bounds of durations: a page takes milliseconds, and no
// answer but an export more than some seconds.
func buckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
}

// New returns the figures of the program.
func New(cfg Config) *Metrics {
	m := &Metrics{
		registry: prometheus.NewPedanticRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sijil_http_requests_total", Help: "Requests that were answered otherwise than from the page cache.",
		}, []string{"class", "route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sijil_http_request_duration_seconds", Help: "Time that these answers took.", Buckets: buckets(),
		}, []string{"class", "route"}),
		missed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sijil_http_not_found_total", Help: "Requests for what is not there, or is hidden.",
		}, []string{"class"}),
		probing: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sijil_probing_networks_total", Help: "Networks that asked, within ten minutes, for more addresses that are not there than a reader does.",
		}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sijil_sign_in_failures_total", Help: "Sign-ins and proofs that failed, by what was wrong.",
		}, []string{"reason"}),
		uploads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sijil_uploads_refused_total", Help: "Uploaded files that were refused, by what was wrong.",
		}, []string{"reason"}),
	}
	m.registry.MustRegister(
		m.requests, m.took, m.missed, m.probing, m.signIns, m.uploads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		buildInfo(cfg), &siteCollector{site: m.site.Load}, &m.pools, &stateCollector{cfg: cfg},
		&traceCollector{traces: cfg.Traces},
	)
	for _, reason := range signInReasons() {
		m.signIns.WithLabelValues(reason)
	}
	return m
}

// signInReasons are what can be wrong with a sign-in: each is there from the
// start, so that the first one is seen as a rise.
func signInReasons() []string {
	return []string{"sign-in-failed", "code-refused", "passkey-refused", "proof-failed", "locked-out", "token-refused"}
}

func buildInfo(cfg Config) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sijil_build_info", Help: "Always 1; its labels say which build this is.",
		ConstLabels: prometheus.Labels{"version": cfg.Version, "schema": strconv.FormatUint(uint64(cfg.Schema), 10)},
	}, func() float64 { return 1 })
}

// WatchPool names a pool of connections by what it is for. Pools are opened one
// after the other.
func (m *Metrics) WatchPool(side string, p Pool) {
	if m != nil {
		m.pools.add(side, p)
	}
}

// Watch names the server of pages, which is made after the figures.
func (m *Metrics) Watch(s Site) {
	if m != nil {
		m.site.Store(&s)
	}
}

// Answered counts an answer that was made.
func (m *Metrics) Answered(a Answer) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(a.Class, a.Route, methodOf(a.Method), strconv.Itoa(a.Status)).Inc()
	m.took.WithLabelValues(a.Class, a.Route).Observe(a.Took.Seconds())
	if a.Status == http.StatusNotFound {
		m.missed.WithLabelValues(a.Class).Inc()
	}
}

// methodOf bounds the methods that are told apart: anybody may send any word.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodOptions:
		return method
	}
	return "other"
}

// Probing counts a network that asks for too much that is not there.
func (m *Metrics) Probing() {
	if m != nil {
		m.probing.Inc()
	}
}

// SignInFailed counts a sign-in or a proof that failed; the reason is an action
// of the audit, or "token-refused".
func (m *Metrics) SignInFailed(reason string) {
	if m != nil {
		m.signIns.WithLabelValues(reason).Inc()
	}
}

// UploadRefused counts a file that was refused; the reason is the key of what its
// sender was told.
func (m *Metrics) UploadRefused(reason string) {
	if m != nil {
		m.uploads.WithLabelValues(reason).Inc()
	}
}

// Handler answers "/metrics" with all figures, and nothing else.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		// What cannot be read now is left out, and the rest is told.
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 3,
	}))
	return mux
}

// Gatherer gives the figures to who reads them otherwise.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Names lists the figures of this program, whether they have a value now or not;
// those of the language and of the process are left out.
func Names() []string {
	m := New(Config{Now: func() time.Time { return time.Time{} }, State: func(context.Context) (register.Operations, error) { return register.Operations{}, nil }})
	described := make(chan *prometheus.Desc, 256)
	m.registry.Describe(described)
	close(described)
	var names []string
	for d := range described {
		// A description tells its name to nobody but by its text.
		_, rest, _ := strings.Cut(d.String(), `fqName: "`)
		name, _, _ := strings.Cut(rest, `"`)
		if strings.HasPrefix(name, "sijil_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
