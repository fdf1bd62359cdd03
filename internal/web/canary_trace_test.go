package web_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// trace notes the statements that the requests which carry it send to PostgreSQL.
type trace struct {
	mu    sync.Mutex
	texts []string
}

type traceKey struct{}

func (t *trace) note(sql string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts = append(t.texts, strings.Join(strings.Fields(sql), " "))
}

// tracer is the tracer of a pool.
type tracer struct{}

func (tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		t.note(data.SQL)
	}
	return ctx
}

func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (tracer) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		t.note(data.SQL)
	}
}

func (tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// traced lets a request carry a trace.
func traced(t *trace) func(*http.Request) {
	return func(r *http.Request) { *r = *r.WithContext(context.WithValue(r.Context(), traceKey{}, t)) }
}

// watch reads the record on connections whose statements are traced.
func (a *aviary) watch(tb testing.TB) {
	tb.Helper()
	config, err := pgxpool.ParseConfig(a.db.PublicURL())
	if err != nil {
		tb.Fatal(err)
	}
	config.ConnConfig.Tracer = tracer{}
	pool, err := pgxpool.NewWithConfig(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	a.records = record.NewStore(store.Wrap(pool))
}

// sameWay asks for what is hidden and for what never was: the same statements, as
// often and in the same order, so that nothing can be measured but noise.
func (a *aviary) sameWay(t *testing.T) {
	t.Helper()
	a.watch(t)
	site := a.fresh(t)
	see(t, site, "/fr/", nobody) // words of vocabularies are read once
	statements := func(target string) []string {
		var all trace
		see(t, site, target, traced(&all))
		return all.texts
	}
	pairs, asked := 0, 0
	for _, p := range a.probes()["as it is"] {
		hidden, absent := statements(p.hidden), statements(p.absent)
		pairs, asked = pairs+1, asked+len(hidden)
		if !slices.Equal(hidden, absent) {
			t.Errorf("%s takes another way than %s:\n%s\nand\n%s", p.hidden, p.absent, strings.Join(hidden, "\n"), strings.Join(absent, "\n"))
		}
	}
	t.Logf("%d pairs of addresses, %d statements", pairs, asked)
	if asked == 0 {
		t.Error("no statement is traced")
	}
	// Control: a site that looks something up where a draft has the name.
	next, p := site, a.probes()["as it is"][0]
	site = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == p.hidden {
			if _, err := a.records.Dumps(r.Context()); err != nil {
				t.Error(err)
			}
		}
		next.ServeHTTP(w, r)
	})
	if slices.Equal(statements(p.hidden), statements(p.absent)) {
		t.Error("control: another way is not noticed")
	}
}

// BenchmarkHiddenAndAbsent asks in turn for a draft and for a name that nothing has, and
// for a name that nothing has and for another one, which is the control: of both it
// reports the median of the ratios of their times, which are to be alike.
func BenchmarkHiddenAndAbsent(b *testing.B) {
	a := newAviary(b)
	a.seed(b)
	site := a.fresh(b)
	for _, before := range []string{"/fr/incidents/", "/api/v1/incidents/", "/feeds/fr/incidents/"} {
		address := func(slug string) string {
			if strings.HasPrefix(before, "/feeds") {
				slug += ".atom"
			}
			return before + slug
		}
		nothing := twin(a.published)
		hidden, absent, other := address(a.published), address(nothing), address(nothing[:len(nothing)-1]+"q")
		ask := func(b *testing.B, target string) float64 {
			b.Helper()
			begin := time.Now()
			if got := testkit.Ask(b, site, target); got.Status != http.StatusNotFound && got.Status != http.StatusBadRequest {
				b.Fatalf("status %d", got.Status)
			}
			return float64(time.Since(begin))
		}
		b.Run(strings.Trim(strings.ReplaceAll(before, "/", "-"), "-"), func(b *testing.B) {
			var ratios, control []float64
			for b.Loop() {
				one, two, three := hidden, absent, other
				if len(ratios)%2 == 1 { // whoever comes later finds the caches warm
					one, two, three = other, absent, hidden
				}
				first, second, third := ask(b, one), ask(b, two), ask(b, three)
				if len(ratios)%2 == 1 {
					first, third = third, first
				}
				ratios, control = append(ratios, first/second), append(control, third/second)
			}
			b.ReportMetric(median(ratios), "hidden/absent")
			b.ReportMetric(median(control), "absent/absent")
		})
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
