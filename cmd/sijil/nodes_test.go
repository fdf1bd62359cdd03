//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// nodesVariable has TestNodesAreKilledInTurn kill each several times, as the task
// "nodes" does.
const nodesVariable = "SIJIL_TEST_NODES"

// TestNodesAreKilledInTurn: two nodes behind a proxy, and where it is installed behind
// nginx every second time, read from a primary and a standby that streams from it. Behind
// nginx both nodes are restarted in turn at first, as restartInTurn says. Then one after
// the other is killed as by SIGKILL, and started again, under readers of whom every answer
// is compared with the right one: none is wrong, and none is refused for want of one that
// is left. At last the proxy gives up at the first node, and a node answers wrongly, to
// show that both would have been seen.
func TestNodesAreKilledInTurn(t *testing.T) {
	rounds, away := 1, 1500*time.Millisecond
	if os.Getenv(nodesVariable) != "" {
		rounds, away = 5, 5*time.Second
	}
	f := newFleet(t)
	f.await("both nodes read from the standby", f.streams)
	if f.nginx != nil {
		f.restartInTurn(rounds)
		f.await("both nodes read from the standby again", f.streams)
	} else {
		t.Log("nginx is not installed: nothing is shown of restarts behind it")
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%-10s %-6s %8s %6s %7s %8s %10s\n", "killed", "behind", "requests", "wrong", "failed", "slowest", "recovered")
	for round := range rounds {
		behind, front := "proxy", f.front
		if f.nginx != nil && round%2 == 1 {
			behind, front = "nginx", f.nginx
		}
		for n, v := range f.victims() {
			f.learn(round*len(f.victims()) + n)
			var recovered time.Duration
			seen := f.during(front, func() {
				v.kill()
				time.Sleep(away)
				begin := time.Now()
				v.start()
				f.await(v.name+" works again", v.back)
				recovered = time.Since(begin)
			})
			fmt.Fprintf(&table, "%-10s %-6s %8d %6d %7d %8s %10s\n", v.name, behind, seen.asked, len(seen.wrong), len(seen.failed),
				seen.slowest.Round(time.Millisecond), recovered.Round(10*time.Millisecond))
			for _, w := range seen.wrong {
				t.Errorf("while %s was away: %s", v.name, w)
			}
			if most := seen.asked / v.refused; len(seen.failed) > most {
				t.Errorf("while %s was away %d requests failed, at most %d may, such as: %s", v.name, len(seen.failed), most, seen.failed[0])
			}
			if seen.asked < 20 {
				t.Errorf("while %s was away only %d requests were made", v.name, seen.asked)
			}
		}
	}
	t.Logf("\n%s", table.String())
	f.controls(away)
}

// fleet is an installation of two nodes and two databases.
type fleet struct {
	t       *testing.T
	pair    *testkit.Pair
	nodes   []*process
	front   http.Handler
	nginx   http.Handler // nil where it is not installed
	referee http.Handler // makes the right answers, in another process than the nodes
	right   map[string]string
	targets []string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, pair: testkit.NewPair(t)}
	at := func(role string) string { return f.pair.Primary.URL(f.pair.DB.Name, role) }
	db, err := store.Open(t.Context(), at(store.DeskLogin), store.DeskSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := founding.Publish(t.Context(), db, time.Now); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"DATABASE_URL": at(store.DeskLogin), "SIJIL_PUBLIC_DATABASE_URL": at(store.PublicLogin), "SIJIL_REPLICA_URLS": f.pair.StandbyURL(),
		"SIJIL_BASE_URL": "http://localhost:8099", "SIJIL_SECRET_KEY": strings.Repeat("k", 32), "SIJIL_SMTP_URL": "none",
		"SIJIL_BLOBS": "file:" + t.TempDir(), "SIJIL_CAPTURE": "off", "SIJIL_LOG_LEVEL": "info", "SIJIL_API_RATE": "1000000",
	}
	var sites []*url.URL
	for i := range 2 {
		n := newProcess(t, fmt.Sprintf("node %d", i+1), env)
		f.nodes, sites = append(f.nodes, n), append(sites, n.site)
	}
	f.front = &balancer{nodes: sites, tries: 2 * len(sites)}
	if testkit.Nginx() != "" {
		front, err := url.Parse(testkit.StartNginx(t, "../../internal/deploy/nginx/nginx.conf", sites[0].Host, sites[1].Host))
		if err != nil {
			t.Fatal(err)
		}
		f.nginx = &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(front) },
			Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		}
	}
	public, err := store.Open(t.Context(), at(store.PublicLogin), store.PublicSide)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(public.Close)
	f.referee, err = newHandler(public, site{
		BaseURL: env["SIJIL_BASE_URL"], Logger: slog.New(slog.DiscardHandler), Exports: public, APIRate: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// victim is what is killed and started again.
type victim struct {
	name        string
	kill, start func()
	back        func() bool // it works again
	// refused says that one of so many requests may fail. While the primary is away
	// a node has the standby alone, and where that takes more than half a second to say
	// how far it is, as on a machine that does much else, nobody answers for a moment.
	refused int
}

// nothing may fail while another is left that can answer, as few as are asked.
const nothing = 1 << 30

func (f *fleet) victims() []victim {
	return []victim{
		f.node(0), f.node(1),
		{"standby", func() { f.killServer(f.pair.Standby, f.pair.StopStandby) }, f.pair.StartStandby, f.streams, nothing},
		{"primary", func() { f.killServer(f.pair.Primary, f.pair.StopPrimary) }, f.pair.StartPrimary, f.streams, 10},
	}
}

func (f *fleet) node(i int) victim {
	n := f.nodes[i]
	return victim{n.name, n.kill, n.start, func() bool { return n.works() && n.reads() }, nothing}
}

// killServer kills the first process of a PostgreSQL, by which all others end, and
// lets go of what is left of it.
func (f *fleet) killServer(server *localpg.Server, stop func()) {
	f.t.Helper()
	if err := syscall.Kill(postmaster(server), syscall.SIGKILL); err != nil {
		f.t.Fatal(err)
	}
	<-server.Done()
	stop()
}

// streams reports whether the standby follows the primary, and both nodes work and
// read from it: until then there is but one database to read from.
func (f *fleet) streams() bool {
	ctx, cancel := context.WithTimeout(f.t.Context(), 5*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, f.pair.Primary.URL(f.pair.DB.Name, localpg.Superuser))
	if err != nil {
		return false
	}
	defer connection.Close(ctx) //nolint:errcheck // it was only asked
	var n int
	err = connection.QueryRow(ctx, "SELECT count(*) FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'").Scan(&n)
	return err == nil && n == 1 && f.nodes[0].works() && f.nodes[1].works() && f.nodes[0].reads() && f.nodes[1].reads()
}

func (f *fleet) await(what string, is func() bool) {
	f.t.Helper()
	for begin := time.Now(); time.Since(begin) < patient; time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	f.t.Fatalf("%s: not in %v", what, patient)
}

// learn has the referee make the right answers, some of pages that no node has in
// its memory yet.
func (f *fleet) learn(n int) {
	f.t.Helper()
	f.targets = []string{
		"/fr/", "/ar/incidents", "/fr/incidents/cnss-2025", "/en/institutions", "/fr/search?q=cnss&type=statement", "/feeds/fr/all.atom", "/api/v1/incidents",
	}
	const fresh = 12
	for i := range fresh {
		f.targets = append(f.targets, fmt.Sprintf("/api/v1/statements?limit=%d", 1+(fresh*n+i)%100))
	}
	f.right = map[string]string{}
	f.await("the right answers", func() bool { return testkit.Ask(f.t, f.referee, "/en/").Status == http.StatusOK })
	for _, target := range f.targets {
		a := testkit.Ask(f.t, f.referee, target)
		if a.Status != http.StatusOK {
			f.t.Fatalf("%s: the referee answers %d", target, a.Status)
		}
		f.right[target] = mayBeOld.ReplaceAllLiteralString(a.Body, "")
	}
}

// watched is what readers have seen.
type watched struct {
	mu            sync.Mutex
	asked         int
	wrong, failed []string
	slowest       time.Duration
}

// during has readers ask for as long as something takes, and a little before and
// after.
func (f *fleet) during(front http.Handler, do func()) *watched {
	f.t.Helper()
	const readers, little = 4, 300 * time.Millisecond
	w := &watched{}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	for reader := range readers {
		reading.Go(func() {
			for i := reader; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
				f.ask(front, f.targets[i%len(f.targets)], w)
			}
		})
	}
	time.Sleep(little)
	do()
	time.Sleep(little)
	close(stop)
	reading.Wait()
	return w
}

func (f *fleet) ask(front http.Handler, target string, w *watched) {
	begin := time.Now()
	a := testkit.Ask(f.t, front, target)
	took := time.Since(begin)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	w.slowest = max(w.slowest, took)
	switch body := mayBeOld.ReplaceAllLiteralString(a.Body, ""); {
	case a.Status != http.StatusOK:
		w.failed = append(w.failed, fmt.Sprintf("%s after %v: status %d: %.100s", target, took.Round(time.Millisecond), a.Status, a.Body))
	case body != f.right[target]:
		w.wrong = append(w.wrong, target+": "+difference(body, f.right[target]))
	}
}

// controls show that what must not be would have been seen.
func (f *fleet) controls(away time.Duration) {
	f.t.Helper()
	first := f.node(0)
	impatient := &balancer{nodes: []*url.URL{f.nodes[0].site, f.nodes[1].site}, tries: 1}
	seen := f.during(impatient, func() {
		first.kill()
		time.Sleep(away)
		first.start()
		f.await("the first node works again", first.back)
	})
	if len(seen.failed) == 0 {
		f.t.Error("control: behind a proxy that tries one node only, nothing failed: this test shows nothing")
	} else {
		f.t.Logf("control: one node only is tried: %d of %d failed, such as: %s", len(seen.failed), seen.asked, seen.failed[0])
	}
	seen = f.during(spoilers()["a page of another generation"](f.front), func() { time.Sleep(time.Second) })
	if len(seen.wrong) == 0 {
		f.t.Error("control: a wrong answer is not seen")
	} else {
		f.t.Logf("control: a node that answers wrongly: %d of %d wrong, such as: %s", len(seen.wrong), seen.asked, seen.wrong[0])
	}
}

// balancer hands requests to nodes in turn. One that cannot be reached, is cut
// off or answers that it is not there is passed over, as nginx does by
// proxy_next_upstream; an answer is whole before any of it goes out.
type balancer struct {
	nodes []*url.URL
	tries int
	turn  atomic.Int64
}

// ServeHTTP asks one node after the other.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, said := http.StatusBadGateway, []byte("no node answers")
	first := int(b.turn.Add(1))
	for i := range b.tries {
		node := b.nodes[(first+i)%len(b.nodes)]
		code, header, body, err := b.hand(r, node)
		if err != nil {
			continue
		}
		status, said = code, body
		if code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout {
			continue
		}
		maps.Copy(w.Header(), header)
		break
	}
	w.WriteHeader(status)
	_, _ = w.Write(said)
}

func (b *balancer) hand(r *http.Request, node *url.URL) (status int, header http.Header, body []byte, err error) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, r.Method, node.String()+r.URL.RequestURI(), http.NoBody)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ask: %w", err)
	}
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ask: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read to its end, or given up
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read: %w", err)
	}
	return answer.StatusCode, answer.Header, body, nil
}
