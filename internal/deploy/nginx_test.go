package deploy_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"

	"github.com/sijil/sijil/internal/testkit"
)

// TestComposeScales: the profile "scale" has a standby, two nodes that read from it,
// and nginx before them, each as locked up as the rest.
func TestComposeScales(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithEnv([]string{"SIJIL_BASE_URL=https://sijil.example"}), cli.WithProfiles([]string{"scale"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"standby", "node-1", "node-2", "nginx"} {
		s, ok := p.Services[name]
		if !ok {
			t.Fatalf("there is no service %s among %q", name, p.ServiceNames())
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") ||
			s.User == "" || strings.HasPrefix(s.User, "0") {
			t.Errorf("%s is not locked up", name)
		}
		if strings.HasPrefix(name, "node") && (s.Environment["SIJIL_REPLICA_URLS_FILE"] == nil || s.Environment["SIJIL_TRUSTED_PROXIES"] == nil) {
			t.Errorf("%s reads from no standby, or believes no proxy: %v", name, s.Environment)
		}
		if name != "nginx" && len(s.Ports) > 0 {
			t.Errorf("%s is reached past nginx", name)
		}
	}
}

// TestNginxTakesTheCrowd runs the configuration before two nodes, where nginx is
// installed: a page that a crowd asks for is asked of a node once, what is not to be
// kept each time; an ended node is not noticed, and with both gone a page is still
// there.
func TestNginxTakesTheCrowd(t *testing.T) {
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	var asked, private atomic.Int64
	node := func() *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/fr/desk") {
				private.Add(1)
				w.Header().Set("Cache-Control", "no-store")
			} else {
				asked.Add(1)
				w.Header().Set("Cache-Control", "public, max-age=0, s-maxage=60, stale-if-error=86400")
			}
			_, _ = fmt.Fprintf(w, "%s at %s for %s", r.URL.Path, r.Host, r.Header.Get("X-Forwarded-For"))
		}))
	}
	one, two := node(), node()
	defer one.Close()
	defer two.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", one.Listener.Addr().String(), two.Listener.Addr().String())
	check := func(path, want string) {
		t.Helper()
		a, body := ask(t, front+path, "X-Forwarded-For", "203.0.113.9") // a reader who claims to be somebody else
		if a.StatusCode != http.StatusOK || body != want {
			t.Errorf("%s: status %d, %q", path, a.StatusCode, body)
		}
	}
	for range 20 {
		check("/fr/incidents/x", "/fr/incidents/x at 127.0.0.1 for 127.0.0.1")
		check("/fr/desk", "/fr/desk at 127.0.0.1 for 127.0.0.1")
	}
	if asked.Load() != 1 || private.Load() != 20 {
		t.Errorf("the nodes were asked %d times for a page, and %d of 20 times for what is never kept", asked.Load(), private.Load())
	}
	one.Close()
	for i := range 6 {
		check(fmt.Sprintf("/fr/incidents/%d", i), fmt.Sprintf("/fr/incidents/%d at 127.0.0.1 for 127.0.0.1", i))
		check("/fr/desk", "/fr/desk at 127.0.0.1 for 127.0.0.1")
	}
	two.Close()
	check("/fr/incidents/x", "/fr/incidents/x at 127.0.0.1 for 127.0.0.1")
}

// TestNginxKeepsThreeEncodings: a node that has brotli of nothing yet, as of a page that
// is new, and of styles always, is asked for what it has; each encoding is asked for
// once, however readers spell it, and what Vary names besides is told apart.
func TestNginxKeepsThreeEncodings(t *testing.T) {
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	var asked atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Cache-Control", "public, max-age=0, s-maxage=60")
		w.Header().Add("Vary", "Accept-Encoding")
		if strings.HasPrefix(r.URL.Path, "/taxii2/") {
			w.Header().Add("Vary", "Accept")
			_, _ = io.WriteString(w, r.Header.Get("Accept"))
			return
		}
		if accept := r.Header.Get("Accept-Encoding"); strings.Contains(accept, "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
		}
	}))
	defer node.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", node.Listener.Addr().String(), node.Listener.Addr().String())
	for _, c := range []struct{ accept, want string }{
		{"gzip, deflate, br, zstd", "gzip"},
		{"gzip, deflate, br", "gzip"},
		{"br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip"},
		{"BR,GZIP", "gzip"},
		{"gzip", "gzip"},
		{"deflate, gzip;q=1.0", "gzip"},
		{"br", ""}, // nobody takes it alone
		{"gzip;q=0", ""},
		{"br;q=0, gzip ; q = 0.000", ""},
		{"br;q=0,gzip", ""},
		{"identity", ""},
		{"brotli, gzipped", ""},
	} {
		a, _ := ask(t, front+"/fr/incidents/x", "Accept-Encoding", c.accept)
		if got := a.Header.Get("Content-Encoding"); got != c.want || a.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: answered in %q, want %q; Vary %q", c.accept, got, c.want, a.Header["Vary"])
		}
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("the node was asked %d times for three encodings", n)
	}
	for _, accept := range []string{"application/taxii+json;version=2.1", "text/html", "text/html"} {
		if _, body := ask(t, front+"/taxii2/", "Accept", accept); body != accept {
			t.Errorf("who asked for %q got what was made for %q", accept, body)
		}
	}
}

// TestNginxDoesNotGoBackToWhatWasWithdrawn: not where a node fails, whether anybody has
// asked since or not; and where all are away, not once anybody has.
func TestNginxDoesNotGoBackToWhatWasWithdrawn(t *testing.T) {
	t.Parallel()
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	const lasts = 3100 * time.Millisecond // s-maxage and stale-while-revalidate, as nginx counts seconds
	var withdrawn, failing atomic.Bool
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=60")
		switch {
		case failing.Load():
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusServiceUnavailable)
		case withdrawn.Load():
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer node.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", node.Listener.Addr().String(), node.Listener.Addr().String())
	sees := func(when, path string, want int) {
		t.Helper()
		if a, _ := ask(t, front+path, "Accept", "text/html"); a.StatusCode != want {
			t.Errorf("%s, %s: status %d from %q, want %d", when, path, a.StatusCode, a.Header.Get("X-Cache"), want)
		}
	}
	const asked, unasked = "/fr/asked", "/fr/unasked"
	sees("published", asked, http.StatusOK)
	sees("published", unasked, http.StatusOK)
	withdrawn.Store(true)
	time.Sleep(lasts)
	sees("withdrawn", asked, http.StatusGone)
	failing.Store(true)
	time.Sleep(lasts)
	sees("the node fails", asked, http.StatusServiceUnavailable)
	sees("the node fails", unasked, http.StatusServiceUnavailable)
	node.Close()
	sees("all nodes are away", asked, http.StatusGone)
}

// TestNginxShowsStaffWhatTheyPublished at once, and readers from then on.
func TestNginxShowsStaffWhatTheyPublished(t *testing.T) {
	t.Parallel()
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	var edition atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=0, s-maxage=60")
		_, _ = fmt.Fprint(w, edition.Load())
	}))
	defer node.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", node.Listener.Addr().String(), node.Listener.Addr().String())
	for _, c := range []struct {
		who, cookie string
		edition     int64
		want        string
	}{
		{"a reader", "", 0, "0"},
		{"a reader", "lang=ar", 1, "0"},
		{"whose browser is known at the desk", "__Host-sijil-known=x", 1, "0"},
		{"who has left the desk", "__Host-sijil=; lang=ar", 1, "0"},
		{"staff", "lang=ar; __Host-sijil=x", 1, "1"},
		{"a reader", "", 2, "1"},
		{"staff", "__Host-sijil=x", 2, "2"},
	} {
		edition.Store(c.edition)
		if _, body := ask(t, front+"/fr/incidents/x", "Cookie", c.cookie); body != c.want {
			t.Errorf("%s, %q, while there is %d: sees %s, want %s", c.who, c.cookie, c.edition, body, c.want)
		}
	}
}

// TestNginxTakesFormsForTheDeskOnly: nobody fills its memory with what no node would read.
func TestNginxTakesFormsForTheDeskOnly(t *testing.T) {
	t.Parallel()
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	var came atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body) // what came of it counts
		came.Add(n)
	}))
	defer node.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", node.Listener.Addr().String(), node.Listener.Addr().String())
	for _, c := range []struct {
		path         string
		bytes, comes int
		status       int
	}{
		{"/fr/incidents", 1 << 20, 0, http.StatusRequestEntityTooLarge},
		{"/api/v1/incidents", 1 << 20, 0, http.StatusRequestEntityTooLarge},
		{"/fr/desk/statements/new", 20 << 20, 20 << 20, http.StatusOK},
		{"/api/v1/drafts/incidents", 1 << 20, 1 << 20, http.StatusOK},
	} {
		came.Store(0)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, front+c.path, strings.NewReader(strings.Repeat("x", c.bytes)))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := reader.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.status || came.Load() != int64(c.comes) {
			t.Errorf("%s: status %d, %d bytes came; want %d, %d", c.path, answer.StatusCode, came.Load(), c.status, c.comes)
		}
	}
}

// TestNginxHasNobodyWaitForWhatIsNotKept: a crowd at the front door, and for a file,
// reaches a node at once, where nginx would let in one after the other; one that comes
// for what is not there does after a second. What a reader has of a file is his node's
// to know.
func TestNginxHasNobodyWaitForWhatIsNotKept(t *testing.T) {
	t.Parallel()
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	const crowd = 8
	var here atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", `"a"`)
		if r.Header.Get("If-None-Match") == `"a"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		here.Add(1)
		for begin := time.Now(); here.Load() < crowd && time.Since(begin) < 3*time.Second; {
			time.Sleep(time.Millisecond)
		}
		w.Header().Set("X-Together", strconv.FormatBool(here.Load() == crowd))
		if r.URL.Path == "/fr/nothing" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer node.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", node.Listener.Addr().String(), node.Listener.Addr().String())
	for _, path := range []string{
		"/", "/lang/ar", "/documents/0f", "/captures/0f", "/exports/all.jsonl", "/fr/exports/incidents.csv", "/fr/nothing",
	} {
		here.Store(0)
		var together atomic.Int64
		var all sync.WaitGroup
		for range crowd {
			all.Go(func() {
				if a, _ := ask(t, front+path, "Accept", "text/html"); a.Header.Get("X-Together") == "true" {
					together.Add(1)
				}
			})
		}
		all.Wait()
		if together.Load() != crowd {
			t.Errorf("%s: %d of %d were at the node at the same time", path, together.Load(), crowd)
		}
	}
	for _, path := range []string{"/documents/0f", "/captures/0f", "/exports/all.jsonl"} {
		if a, _ := ask(t, front+path, "If-None-Match", `"a"`); a.StatusCode != http.StatusNotModified {
			t.Errorf("%s: who has it is answered %d", path, a.StatusCode)
		}
	}
}

// TestNginxAsksANodeThatIsJustBack: a node is away, and nginx leaves it alone for a
// while; it comes back, and before nginx would look, the other one is away. Nobody is
// refused, as in a restart of one after the other.
func TestNginxAsksANodeThatIsJustBack(t *testing.T) {
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	serve := func(address string) *httptest.Server {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
		}))
		_ = s.Listener.Close()
		s.Listener = l
		s.Start()
		return s
	}
	one, two := serve("127.0.0.1:0"), serve("127.0.0.1:0")
	first := one.Listener.Addr().String()
	front := testkit.StartNginx(t, "nginx/nginx.conf", first, two.Listener.Addr().String())
	answered := func(when string) (all bool) {
		t.Helper()
		all = true
		for i := range 12 {
			path := []string{"/fr/incidents/x", "/fr/desk"}[i%2]
			if a, _ := ask(t, front+path, "Accept", "text/html"); a.StatusCode != http.StatusOK {
				all = false
				t.Logf("%s, %s: status %d", when, path, a.StatusCode)
			}
		}
		return all
	}
	one.Close()
	if !answered("the first is away") {
		t.Error("refused while the second was there")
	}
	one = serve(first)
	two.Close()
	if !answered("the first is back, the second is away") {
		t.Error("refused while the first was there")
	}
	one.Close()
	if answered("both are away") {
		t.Error("answered while nobody was there: the test asks somebody else")
	}
}

// TestNginxBoundsWhatAConnectionHolds: of who asks for as much as he may at a time, and reads
// none of it, nginx keeps a few megabytes; and it may open what its connections need.
func TestNginxBoundsWhatAConnectionHolds(t *testing.T) {
	t.Parallel()
	const most = 4 << 20 // bytes
	content, err := os.ReadFile("nginx/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	said := func(form string) (numbers []int) {
		t.Helper()
		found := regexp.MustCompile(form).FindStringSubmatch(string(content))
		if found == nil {
			t.Fatalf("nginx.conf does not say %s", form)
		}
		for _, s := range found[1:] {
			n, err := strconv.Atoi(s)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, n)
		}
		return numbers
	}
	if testkit.Nginx() == "" {
		t.Skip("nginx is not installed")
	}
	node := httptest.NewServer(http.NotFoundHandler())
	defer node.Close()
	front := testkit.StartNginx(t, "nginx/nginx.conf", node.Listener.Addr().String(), node.Listener.Addr().String())
	streams, buffers := mostStreams(t, front), said(`\boutput_buffers (\d+) (\d+)k;`)
	if holds := streams * buffers[0] * buffers[1] << 10; holds > most {
		t.Errorf("a connection holds %d streams of %d KiB, %d bytes", streams, buffers[0]*buffers[1], holds)
	}
	connections, kept := said(`\bworker_connections (\d+);`)[0], said(`\bopen_file_cache max=(\d+)`)[0]
	if files := said(`\bworker_rlimit_nofile (\d+);`)[0]; files < 2*connections+kept {
		t.Errorf("%d files may be open, for %d connections and %d pages", files, connections, kept)
	}
}

// mostStreams is how many streams a server of HTTP/2 says that it takes in a connection at
// a time; what it says nothing of is taken for 128.
func mostStreams(t *testing.T, front string) int {
	t.Helper()
	c, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}}).DialContext(
		t.Context(), "tcp", strings.TrimPrefix(front, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // it was only read
	const settings, ack = 4, 1
	if _, err := c.Write(append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0, 0, 0, settings, 0, 0, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		var head [9]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			t.Fatal(err)
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(c, payload); err != nil {
			t.Fatal(err)
		}
		if head[3] != settings || head[4]&ack != 0 {
			continue
		}
		for ; len(payload) >= 6; payload = payload[6:] {
			if binary.BigEndian.Uint16(payload) == 3 { // SETTINGS_MAX_CONCURRENT_STREAMS
				return int(binary.BigEndian.Uint32(payload[2:]))
			}
		}
		return 128
	}
}

// reader is somebody who does not ask who vouches for nginx, and reads what is sent as
// it is.
var reader = &http.Client{Transport: &http.Transport{
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableCompression: true,
}}

// ask asks for an address with one header, and returns the answer with its body.
func ask(t *testing.T, address, header, value string) (answer *http.Response, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(header, value)
	answer, err = reader.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(all)
}
