package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/localpg"
)

// started is a server in production that runs beside its test.
type started struct {
	address string
	stop    func() error
}

// serving starts a server, and returns when a line of its log holds a word.
func serving(t *testing.T, env map[string]string, word string, flags ...string) started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	log, ended := make(lines, 10_000), make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve"}, flags...), func(name string) string { return env[name] }, log, log)
	}()
	s := started{stop: func() error { cancel(); return <-ended }}
	for {
		select {
		case line := <-log:
			if !strings.Contains(line, word) {
				continue
			}
			_, rest, _ := strings.Cut(line, `"addr":"`)
			s.address, _, _ = strings.Cut(rest, `"`)
			return s
		case err := <-ended:
			cancel()
			t.Fatalf("the server has ended: %v", err)
		case <-time.After(time.Minute):
			cancel()
			t.Fatalf("no line of the log holds %q", word)
		}
	}
}

// status asks for a page and returns its status and its age.
func (s started) status(t *testing.T, target string) (status int, age string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Errorf("%s: %v", target, err)
		return 0, ""
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header.Get("Age")
}

// hide makes PostgreSQL unreachable, until the function that it returns is called.
func hide(t *testing.T, server *localpg.Server) (show func()) {
	t.Helper()
	u, err := url.Parse(server.URL("sijil", "any"))
	if err != nil {
		t.Fatal(err)
	}
	sockets, err := filepath.Glob(filepath.Join(u.Query().Get("host"), ".s.PGSQL.*[0-9]"))
	if err != nil || len(sockets) != 1 {
		t.Fatalf("sockets %v: %v", sockets, err)
	}
	if err := os.Rename(sockets[0], sockets[0]+".hidden"); err != nil {
		t.Fatal(err)
	}
	shown := false
	show = func() {
		if !shown {
			shown = true
			if err := os.Rename(sockets[0]+".hidden", sockets[0]); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(show)
	return show
}

// TestServeStartsWithoutItsDatabase where it has saved pages, answers what it has, and is
// whole again, on the same address and without a refused connection, when the database
// comes back. The control is a server without a folder, which does not start.
func TestServeStartsWithoutItsDatabase(t *testing.T) {
	server, env := production(t)
	env["SIJIL_CACHE_DIR"], env["SIJIL_DRAIN_TIMEOUT"] = t.TempDir(), "1s"
	first := serving(t, env, `"msg":"serving"`)
	env["SIJIL_ADDR"] = first.address
	if status, age := first.status(t, "/fr/incidents"); status != http.StatusOK || age != "" {
		t.Fatalf("at first: status %d, age %q", status, age)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	show := hide(t, server)
	second := serving(t, env, "pages saved in SIJIL_CACHE_DIR are shown")
	second.address = first.address
	for target, want := range map[string]int{
		"/fr/incidents": http.StatusOK, "/fr/statements": http.StatusServiceUnavailable, "/": http.StatusOK, "/healthz": http.StatusOK,
		"/readyz": http.StatusServiceUnavailable, "/fr/desk/login": http.StatusServiceUnavailable, "/documents/x": http.StatusServiceUnavailable,
	} {
		if target == "/" {
			want = http.StatusFound
		}
		status, age := second.status(t, target)
		if status != want || (age != "") != (target == "/fr/incidents") {
			t.Errorf("%s without the database: status %d, age %q; want %d", target, status, age, want)
		}
	}
	show()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		status, _ := second.status(t, "/readyz") // a connection that is refused fails the test
		if status == http.StatusOK || time.Now().After(deadline) {
			break
		}
	}
	for _, target := range []string{"/fr/incidents", "/fr/statements", "/fr/desk/login"} {
		if status, age := second.status(t, target); status != http.StatusOK || age != "" {
			t.Errorf("%s when the database is back: status %d, age %q", target, status, age)
		}
	}
	if err := second.stop(); err != nil {
		t.Error(err)
	}
	hide(t, server)
	delete(env, "SIJIL_CACHE_DIR")
	if code, _, stderr := call(t, env, "serve"); code != 1 || !strings.Contains(stderr, "the database cannot be reached") {
		t.Errorf("without a folder: code %d, %s", code, stderr)
	}
}
