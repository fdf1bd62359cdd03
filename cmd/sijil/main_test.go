package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// call runs the program with arguments and an environment and returns its exit
// code and what it printed.
func call(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out, errOut bytes.Buffer
	getenv := func(name string) string { return env[name] }
	code = exitCode(run(ctx, args, getenv, &out, &errOut), &errOut)
	return code, out.String(), errOut.String()
}

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args string
		code int
		want string // in what is printed
	}{
		{"", 2, "a command is missing"},
		{"help", 0, "healthcheck"},
		{"--help", 0, "healthcheck"},
		{"sever", 2, `there is no command "sever"`},
		{"demo --nothing", 2, "demo: flag provided but not defined: -nothing"},
		{"demo extra words", 2, `demo: "extra words" is too much`},
		{"demo -h", 0, "-data-dir"},
		{"demo --addr nonsense", 1, "--addr"},
		{"serve extra", 2, "is too much"},
		{"serve -h", 0, "README.md"},
		{"migrate", 2, "up, down, status or version is missing"},
		{"migrate sideways", 2, `there is no "sideways"`},
		{"migrate up --all", 2, `goes with "down" only`},
		{"migrate up down", 2, "is too much"},
		{"migrate up", 1, "DATABASE_URL is not set"},
		{"migrate -h", 0, "undo the last migration"},
		{"healthcheck extra", 2, "is too much"},
		{"healthcheck --url :", 2, "healthcheck"},
		{"version extra", 2, "is too much"},
		{"import register", 2, "register FILE"},
		{"export", 2, "a word is missing"},
		{"export pdf", 2, `no format "pdf"`},
		{"export jsonl --incident SJ-2025-0001 --sector health", 2, "filters choose among all"},
		{"export jsonl", 1, "SIJIL_PUBLIC_DATABASE_URL"},
		{"version", 0, "schema"},
	} {
		t.Run(test.args, func(t *testing.T) {
			code, stdout, stderr := call(t, nil, strings.Fields(test.args)...)
			if code != test.code || !strings.Contains(stdout+stderr, test.want) {
				t.Errorf("code %d, want %d\nstdout: %s\nstderr: %s", code, test.code, stdout, stderr)
			}
			if test.code == 0 && stderr != "" || test.code != 0 && stdout != "" {
				t.Errorf("printed to the wrong side\nstdout: %s\nstderr: %s", stdout, stderr)
			}
		})
	}
}

func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte(testkit.EmptyDatabase(t).OwnerURL()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DATABASE_URL_FILE": path}
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"migrate status", 1, `run "sijil migrate up"`},
		{"migrate up", 0, "version"},
		{"migrate status", 0, "version"},
		{"migrate down", 0, "version"},
		{"migrate status", 1, `run "sijil migrate up"`},
		{"migrate down --all", 0, "version 0 of"},
		{"migrate up", 0, "version"},
	} {
		code, stdout, stderr := call(t, env, strings.Fields(test.args)...)
		if code != test.code || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("%s: code %d, want %d\nstdout: %s\nstderr: %s", test.args, code, test.code, stdout, stderr)
		}
	}
}

// serverDir is a folder that PostgreSQL's account can enter.
func serverDir(t *testing.T) string {
	t.Helper()
	return serverDirIn(t, "/tmp")
}

func serverDirIn(t *testing.T, parent string) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "sijil-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// production is a server as an operator should have it, with an environment
// that "serve" accepts.
func production(t *testing.T) (server *localpg.Server, env map[string]string) {
	t.Helper()
	return productionOn(t, localpg.Options{DataDir: serverDir(t), BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv})
}

// productionOn is production on a PostgreSQL of these options.
func productionOn(t *testing.T, options localpg.Options) (server *localpg.Server, env map[string]string) {
	t.Helper()
	ctx := context.Background()
	server, err := localpg.Start(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	migrated(t, server, "sijil")
	return server, environment(t, server)
}

// environment is what "serve" accepts on a server.
func environment(t *testing.T, server *localpg.Server) map[string]string {
	t.Helper()
	return map[string]string{
		"DATABASE_URL":              server.URL("sijil", store.DeskLogin),
		"SIJIL_PUBLIC_DATABASE_URL": server.URL("sijil", store.PublicLogin),
		"SIJIL_BASE_URL":            "https://sijil.example",
		"SIJIL_SECRET_KEY":          strings.Repeat("k", 32),
		"SIJIL_SMTP_URL":            "none",
		"SIJIL_BLOBS":               "file:" + t.TempDir(),
		"SIJIL_ADDR":                "127.0.0.1:0",
	}
}

// migrated makes a database that the program can work with.
func migrated(t *testing.T, server *localpg.Server, name string) {
	t.Helper()
	ctx := context.Background()
	owner := server.URL(name, localpg.Superuser)
	err := errors.Join(
		store.EnsureDatabase(ctx, server.URL("postgres", localpg.Superuser), name),
		store.Migrator{URL: owner}.Up(ctx),
		store.EnsureLogins(ctx, owner))
	if err != nil {
		t.Fatal(err)
	}
}

// TestServeRefuses changes one thing at a time in a good environment.
func TestServeRefuses(t *testing.T) {
	server, good := production(t)
	migrated(t, server, "other")
	for _, test := range []struct {
		name     string
		variable string
		value    string
		want     string
	}{
		{"missing", "DATABASE_URL", "", "DATABASE_URL is not set"},
		{"missing public", "SIJIL_PUBLIC_DATABASE_URL", "", "SIJIL_PUBLIC_DATABASE_URL is not set"},
		{"missing origin", "SIJIL_BASE_URL", "", "SIJIL_BASE_URL is not set"},
		{"unreachable", "DATABASE_URL", "postgres://web_desk@/sijil?host=/nowhere", "DATABASE_URL: the database cannot be reached"},
		{
			"unreachable public", "SIJIL_PUBLIC_DATABASE_URL", "postgres://web_public@/sijil?host=/nowhere",
			"SIJIL_PUBLIC_DATABASE_URL: the database cannot be reached",
		},
		{"not migrated", "DATABASE_URL", server.URL("postgres", store.DeskLogin), `DATABASE_URL: the database schema is at version 0`},
		{
			"public side as owner", "SIJIL_PUBLIC_DATABASE_URL", server.URL("sijil", localpg.Superuser),
			"SIJIL_PUBLIC_DATABASE_URL: the role sijil is a superuser",
		},
		{"desk as owner", "DATABASE_URL", server.URL("sijil", localpg.Superuser), "DATABASE_URL: the role sijil is a superuser"},
		{
			"another database", "SIJIL_PUBLIC_DATABASE_URL", server.URL("other", store.PublicLogin),
			"SIJIL_PUBLIC_DATABASE_URL: it leads to another database (other) than the desk's address (sijil)",
		},
		{"both the same", "SIJIL_PUBLIC_DATABASE_URL", good["DATABASE_URL"], "SIJIL_PUBLIC_DATABASE_URL uses the same role"},
		{"not durable", "DATABASE_URL", good["DATABASE_URL"] + "&options=-c%20synchronous_commit%3Doff", "DATABASE_URL: the database could lose"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := maps.Clone(good)
			env[test.variable] = test.value
			code, _, stderr := call(t, env, "serve")
			if code != 1 || !strings.Contains(stderr, test.want) {
				t.Errorf("code %d, want 1 and %q in %s", code, test.want, stderr)
			}
		})
	}
}

// lines is where a program writes that runs beside its test.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// TestServeIsNotReadyWhenItStops, and leaves no connection behind.
func TestServeIsNotReadyWhenItStops(t *testing.T) {
	server, env := production(t)
	env["SIJIL_DRAIN_TIMEOUT"] = "5s"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log, ended := make(lines, 1000), make(chan error, 1)
	go func() { ended <- run(ctx, []string{"serve"}, func(name string) string { return env[name] }, log, log) }()
	var address string
	for address == "" { // lines before it warn of what was left out
		select {
		case line := <-log:
			_, rest, _ := strings.Cut(line, `"addr":"`)
			address, _, _ = strings.Cut(rest, `"`)
		case err := <-ended:
			t.Fatal(err)
		}
	}
	ready := func() int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/readyz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if got := ready(); got != http.StatusOK {
		t.Errorf("before the stop: %d", got)
	}
	cancel()
	if got := ready(); got != http.StatusServiceUnavailable {
		t.Errorf("while it stops: %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := sessions(t, server, store.DeskLogin); n != 0 {
		t.Errorf("%d sessions of the desk are left", n)
	}
}

// sessions counts the connections of a role.
func sessions(t *testing.T, server *localpg.Server, role string) (n int) {
	t.Helper()
	db, err := store.Open(t.Context(), server.URL("sijil", localpg.Superuser), store.DeskSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const sql = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usename = $1"
	if err := db.Querier().QueryRow(t.Context(), sql, role).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHealthcheck(t *testing.T) {
	for _, test := range []struct {
		status, code int
	}{{http.StatusOK, 0}, {http.StatusServiceUnavailable, 1}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/healthz" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(test.status)
		}))
		defer server.Close()
		_, port, err := net.SplitHostPort(server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		for _, addr := range []string{":" + port, "0.0.0.0:" + port, "127.0.0.1:" + port} {
			if code, _, stderr := call(t, map[string]string{"SIJIL_ADDR": addr}, "healthcheck"); code != test.code {
				t.Errorf("%s, status %d: code %d, %s", addr, test.status, code, stderr)
			}
		}
	}
	if code, _, _ := call(t, nil, "healthcheck", "--url", "http://127.0.0.1:1/healthz"); code != 1 {
		t.Errorf("nobody there: code %d", code)
	}
}
