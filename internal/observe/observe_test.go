package observe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// pool is a pool whose figures do not change.
type pool store.PoolStat

func (p pool) Stat() store.PoolStat { return store.PoolStat(p) }

// whole are figures of which each has a value.
func whole(t *testing.T, state func(context.Context) (register.Operations, error)) *observe.Metrics {
	t.Helper()
	traces, _ := tracesTo(t, "http://127.0.0.1:1", 1)
	request(traces, func(context.Context) {})
	flush(t, traces)
	m := observe.New(observe.Config{
		Version: "v1.2.3", Schema: 142, Now: time.Now, State: state, Traces: traces,
		Replicas: func() []observe.Replica {
			return []observe.Replica{{Name: "replica-1", Lag: 1500 * time.Millisecond, Usable: true}}
		},
	})
	m.WatchPool("desk", pool{InUse: 2, Idle: 1, Open: 3, Most: 8, Acquired: 100, Waited: 4, WaitedFor: time.Second})
	m.Watch(observe.Site{
		Cache: func() observe.Cache { return observe.Cache{Hits: 7, Made: 3, Stale: 1, Pages: 2, Bytes: 4096} },
		Work: func() map[string]observe.Places {
			return map[string]observe.Places{"page": {Taken: 1, All: 32}, "export": {Taken: 2, All: 4}}
		},
		Limited: func() map[string]int64 { return map[string]int64{"api": 5} },
	})
	m.Answered(observe.Answer{Class: "page", Route: "/{lang}/", Method: "GET", Status: 200, Took: 3 * time.Millisecond})
	m.Answered(observe.Answer{Class: "page", Route: "none", Method: "BREW", Status: 404})
	m.Probing()
	m.SignInFailed("locked-out")
	m.UploadRefused("file-too-large")
	return m
}

func busy(context.Context) (register.Operations, error) {
	at := time.Unix(1_764_000_000, 0)
	return register.Operations{
		Generation: 9, Published: at, Overdue: at, OldestJob: at, Sessions: 2, Present: 1, Backup: at,
		Jobs:  []register.JobCount{{Queue: "default", State: "discarded", Count: 3}},
		Mails: register.MailCount{Waiting: 1, Failed: 2, Oldest: at},
		Log: register.LogState{
			Leaves: 12, Signed: 10, SignedAt: at, UnsignedSince: at,
			Witnesses:  []register.Attested{{By: "witness.example", Size: 8, At: at}, {By: "silent.example"}},
			Timestamps: []register.Attested{{By: "tsa.example", Size: 9, At: at}},
		},
		Archive:   register.ArchiveState{On: true, Last: at, Failed: at.Add(time.Minute)},
		Followers: []register.Follower{{Name: "standby", State: "streaming", Bytes: 64, Lag: time.Second}},
	}, nil
}

// TestFiguresKeepToTheRules of Prometheus: names, units, help, types.
func TestFiguresKeepToTheRules(t *testing.T) {
	t.Parallel()
	problems, err := testutil.GatherAndLint(whole(t, busy).Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	// The linter finds what breaks them.
	bad := prometheus.NewPedanticRegistry()
	bad.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "requests"}))
	if problems, err := testutil.GatherAndLint(bad); err != nil || len(problems) == 0 {
		t.Errorf("a bad name: %v, %v", problems, err)
	}
}

func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestFiguresSayWhatHappened(t *testing.T) {
	t.Parallel()
	text := scrape(t, whole(t, busy))
	for _, line := range []string{
		`sijil_build_info{schema="142",version="v1.2.3"} 1`,
		`sijil_http_requests_total{class="page",method="GET",route="/{lang}/",status="200"} 1`,
		`sijil_http_requests_total{class="page",method="other",route="none",status="404"} 1`,
		`sijil_http_request_duration_seconds_bucket{class="page",route="/{lang}/",le="0.005"} 1`,
		`sijil_http_not_found_total{class="page"} 1`,
		`sijil_probing_networks_total 1`,
		`sijil_sign_in_failures_total{reason="locked-out"} 1`,
		`sijil_sign_in_failures_total{reason="sign-in-failed"} 0`,
		`sijil_sign_in_failures_total{reason="token-refused"} 0`,
		`sijil_uploads_refused_total{reason="file-too-large"} 1`,
		`sijil_page_cache_hits_total 7`, `sijil_page_cache_stale_total 1`, `sijil_work_running{class="export"} 2`, `sijil_work_limit{class="export"} 4`,
		`sijil_rate_limited_total{limit="api"} 5`,
		`sijil_trace_spans_dropped_total{reason="not-taken"} 1`, `sijil_trace_spans_dropped_total{reason="queue-full"} 0`,
		`sijil_db_pool_connections{side="desk",state="in-use"} 2`, `sijil_db_pool_wait_seconds_total{side="desk"} 1`,
		`sijil_database_up 1`, `sijil_jobs{queue="default",state="discarded"} 3`, `sijil_mails{state="failed"} 2`,
		`sijil_publication_overdue_since_timestamp_seconds 1.764e+09`, `sijil_log_unsigned_leaves 2`, `sijil_log_checkpoint_timestamp_seconds 1.764e+09`,
		`sijil_log_witness_missing_leaves{witness="witness.example"} 2`, `sijil_log_witness_missing_leaves{witness="silent.example"} 10`,
		`sijil_log_undated_leaves{authority="tsa.example"} 1`,
		`sijil_backup_timestamp_seconds 1.764e+09`, `sijil_wal_archive_failing 1`,
		`sijil_follower_lag_seconds{follower="standby",state="streaming"} 1`, `sijil_replica_lag_seconds{replica="replica-1"} 1.5`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("not told: %s", line)
		}
	}
	if !strings.Contains(text, "\ngo_goroutines ") || !strings.Contains(text, "\nprocess_open_fds ") {
		t.Error("nothing is told of the process")
	}
}

// TestADatabaseThatIsDownIsTold, and takes no other figure along.
func TestADatabaseThatIsDownIsTold(t *testing.T) {
	t.Parallel()
	text := scrape(t, whole(t, func(context.Context) (register.Operations, error) {
		return register.Operations{}, errors.New("down")
	}))
	for part, want := range map[string]bool{
		"\nsijil_database_up 0\n": true, "\nsijil_page_cache_hits_total 7\n": true, "sijil_jobs{": false, "sijil_log_leaves": false,
	} {
		if strings.Contains(text, part) != want {
			t.Errorf("%q is told: %t", part, !want)
		}
	}
}

// TestNobodyCounts: what has no figures is told as any other.
func TestNobodyCounts(t *testing.T) {
	t.Parallel()
	var m *observe.Metrics
	m.Answered(observe.Answer{})
	m.Probing()
	m.SignInFailed("x")
	m.UploadRefused("x")
	m.Watch(observe.Site{})
	m.WatchPool("x", pool{})
	// And of traces that are off nothing is told.
	if text := scrape(t, observe.New(observe.Config{})); strings.Contains(text, "sijil_trace_spans") || !strings.Contains(text, "sijil_probing") {
		t.Errorf("without traces: %s", text)
	}
}

func TestNothingElseIsAnswered(t *testing.T) {
	t.Parallel()
	h := whole(t, busy).Handler()
	for _, r := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/debug/pprof/", http.StatusNotFound},
		{http.MethodPost, "/metrics", http.StatusMethodNotAllowed},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(r.method, r.path, http.NoBody))
		if w.Code != r.want {
			t.Errorf("%s %s: status %d, want %d", r.method, r.path, w.Code, r.want)
		}
	}
}

// TestEveryFigureHasAName in the list: those that are told are no others.
func TestEveryFigureHasAName(t *testing.T) {
	t.Parallel()
	families, err := whole(t, busy).Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "sijil_") {
			told++
			if !slices.Contains(observe.Names(), name) {
				t.Errorf("%s is not listed", name)
			}
		}
	}
	if listed := len(observe.Names()); listed != told {
		t.Errorf("%d are listed, %d are told by a program in which all happened", listed, told)
	}
}
