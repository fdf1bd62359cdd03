package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// The places of the servers among the ports of a run.
const (
	atStatic = iota
	atProxy
	atPass
	atOwn
	atTrim
	atBare
	atHandler
	atSlow
	atBlob
	atCold
	atWaste
	atStampede
	atDjango
	atMetrics
	atStart
	places // how many there are
)

const (
	page      = "/fr/incidents/cnss-2025"
	page40    = "/fr/incidents/banc-40-1"
	page200   = "/fr/incidents/banc-200-1"
	database  = "sijil"
	startTime = 30 * time.Second
)

// bench is one run.
type bench struct {
	plan
	postgres    *localpg.Server
	pgPID       int
	started     []*exec.Cmd
	institution register.Ref // of the incidents
	missing     []string     // peers that are not installed
	targets     map[string]target
	uncounted   bool          // new generations are not, for comparison
	begun       time.Duration // from the start of the program to its first page
	samples     map[string][]sample
	rows        []row
}

// prepare makes the data and starts everything.
func prepare(ctx context.Context, p plan) (*bench, error) {
	b := &bench{plan: p, targets: map[string]target{}, samples: map[string][]sample{}}
	for n := range int(places) {
		if !free(ctx, b.at(n)) {
			return b, fmt.Errorf("%s is taken: choose other ports with -port", b.at(n))
		}
	}
	for _, tool := range []string{"wrk", "taskset"} {
		if _, err := exec.LookPath(tool); err != nil {
			return b, fmt.Errorf("%w: install Debian's wrk and util-linux", err)
		}
	}
	binary := p.in("sijil")
	say("building the program")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/sijil") //nolint:gosec // our own words
	if out, err := build.CombinedOutput(); err != nil {
		return b, fmt.Errorf("go build: %w\n%s", err, out)
	}
	// The load, and what writes, is on core 1.
	if err := pin(ctx, 1, os.Getpid()); err != nil {
		return b, err
	}
	runtime.GOMAXPROCS(1)
	say("making the data")
	if err := b.startPostgres(ctx); err != nil {
		return b, err
	}
	if err := b.fill(ctx); err != nil {
		return b, err
	}
	say("starting servers")
	if err := b.startServe(ctx, binary); err != nil {
		return b, err
	}
	if err := b.keepPage(ctx); err != nil {
		return b, err
	}
	if err := os.WriteFile(b.in("each.lua"), []byte(fmt.Sprintf(eachScript, alike)), 0o600); err != nil {
		return b, err
	}
	return b, errors.Join(b.startPrototypes(ctx), b.startNginx(ctx), b.startDjango(ctx))
}

// pin holds a process with all its threads, and what they start from now on, to a core.
func pin(ctx context.Context, core, pid int) error {
	out, err := exec.CommandContext(ctx, "taskset", "-acp", strconv.Itoa(core), strconv.Itoa(pid)).CombinedOutput() //nolint:gosec // numbers
	if err != nil {
		return fmt.Errorf("taskset: %w\n%s", err, out)
	}
	return nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// startPostgres starts a private PostgreSQL on core 0.
func (b *bench) startPostgres(ctx context.Context) error {
	var err error
	b.postgres, err = localpg.Start(ctx, localpg.Options{DataDir: b.in("data"), Getenv: os.Getenv, Progress: io.Discard})
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(b.postgres.DataDir(), "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	if b.pgPID, err = strconv.Atoi(first); err != nil {
		return err
	}
	return pin(ctx, 0, b.pgPID)
}

// start runs a server on core 0.
func (b *bench) start(ctx context.Context, env []string, words ...string) (pid int, err error) {
	command := exec.CommandContext(ctx, "taskset", append([]string{"-c", "0"}, words...)...) //nolint:gosec // our own words
	command.Env = append(append(os.Environ(), "GOMAXPROCS=1"), env...)
	log, err := os.Create(b.in(fmt.Sprintf("log-%d", len(b.started))))
	if err != nil {
		return 0, err
	}
	command.Stdout, command.Stderr = log, log
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	if err := command.Start(); err != nil {
		return 0, err
	}
	b.started = append(b.started, command)
	return command.Process.Pid, log.Close()
}

// await waits until an address answers with 200.
func await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("status %d", answer.StatusCode)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", url, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// startServe starts the program as in production: logs, headers, metrics.
func (b *bench) startServe(ctx context.Context, binary string) error {
	env := append(b.settings(database), "SIJIL_ADDR="+b.at(atTrim), "SIJIL_METRICS_ADDR="+b.at(atMetrics), "SIJIL_CACHE_DIR="+b.in("cache"))
	pid, err := b.start(ctx, env, binary, "serve")
	if err != nil {
		return err
	}
	if err := await(ctx, "http://"+b.at(atTrim)+page); err != nil {
		return fmt.Errorf("%w; its log is %s", err, b.log(len(b.started)-1))
	}
	b.add("trim", atTrim, page, 32, []string{"Accept-Encoding: gzip"}, pid, b.pgPID)
	b.add("trim-40", atTrim, page40, 32, []string{"Accept-Encoding: gzip"}, pid, b.pgPID)
	return nil
}

// settings are those of the program that serves from a database of the run.
func (b *bench) settings(from string) []string {
	return []string{
		"DATABASE_URL=" + b.postgres.URL(from, store.DeskLogin), "SIJIL_PUBLIC_DATABASE_URL=" + b.postgres.URL(from, store.PublicLogin),
		"SIJIL_BASE_URL=https://sijil.example", "SIJIL_SECRET_KEY=" + strings.Repeat("k", 32), "SIJIL_SMTP_URL=none", "SIJIL_CAPTURE=off",
		"SIJIL_BLOBS=file:" + b.in("blobs"), "SIJIL_DUMP_DAYS=0",
	}
}

func (b *bench) log(n int) string {
	content, _ := os.ReadFile(b.in(fmt.Sprintf("log-%d", n))) // to explain another error
	return string(content)
}

// add notes a target.
func (b *bench) add(name string, place int, path string, connections int, headers []string, roots ...int) {
	b.targets[name] = target{name: name, url: "http://" + b.at(place) + path, headers: headers, connections: connections, roots: roots}
}

// unchanged notes a target whose readers have the page already, by its tag.
func (b *bench) unchanged(name, tag string) {
	t := b.targets[name]
	t.name, t.headers = name+"-304", append([]string{"If-None-Match: " + tag}, t.headers...)
	b.targets[t.name] = t
}

// each has the readers of a target ask for all incidents that are alike in turn.
func (b *bench) each(names ...string) {
	for _, name := range names {
		if t, ok := b.targets[name]; ok {
			t.script = b.in("each.lua")
			b.targets[name] = t
		}
	}
}

// fetch returns a page, in an encoding.
func fetch(ctx context.Context, url, encoding string) (body []byte, tag string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	request.Header.Set("Accept-Encoding", encoding)
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	body, err = io.ReadAll(answer.Body)
	return body, answer.Header.Get("Etag"), err
}

// packed returns the tag of a page once it is packed as well as it will be.
func packed(ctx context.Context, url string) (tag string, err error) {
	for deadline := time.Now().Add(startTime); ; {
		_, tag, err := fetch(ctx, url, "gzip")
		if err != nil || strings.Contains(tag, "-g9") {
			return tag, err
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("%s is not packed well after %s: tag %s", url, startTime, tag)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// keepPage writes the very bytes of our page where nginx and the prototypes find them.
func (b *bench) keepPage(ctx context.Context) error {
	url := b.targets["trim"].url
	if _, err := packed(ctx, url); err != nil {
		return err
	}
	zipped, tag, err := fetch(ctx, url, "gzip")
	if err != nil {
		return err
	}
	plain, _, err := fetch(ctx, url, "identity")
	if err != nil {
		return err
	}
	if r, err := gzip.NewReader(bytes.NewReader(zipped)); err != nil {
		return err
	} else if unzipped, err := io.ReadAll(r); err != nil || !bytes.Equal(unzipped, plain) {
		return fmt.Errorf("the page differs from itself: %w", err)
	}
	b.unchanged("trim", tag)
	root := b.in("static")
	return errors.Join(os.Mkdir(root, 0o755), os.WriteFile(root+"/page.html", plain, 0o644), os.WriteFile(root+"/page.html.gz", zipped, 0o644)) //nolint:gosec // nginx reads it under another account
}

// startPrototypes starts the small servers.
func (b *bench) startPrototypes(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	file, url := b.in("static/page.html"), b.postgres.URL(database, store.PublicLogin)
	zip := []string{"Accept-Encoding: gzip"}
	for _, x := range []struct {
		kind, source, path string
		place, connections int
		headers            []string
		queries            bool
	}{
		{"bare", file, page, atBare, 32, zip, false},
		{"handler", file, page, atHandler, 32, zip, false},
		{"slow", file, page, atSlow, 32, zip, false},
		{"blob", url, page40, atBlob, coldReaders, nil, true},
		{"cold", url, page40, atCold, coldReaders, nil, true},
		{"waste", url, page40, atWaste, 1, nil, true},
		{"stampede", url, page, atStampede, 64, zip, true},
	} {
		pid, err := b.start(ctx, nil, self, "prototype", x.kind, b.at(x.place), x.source)
		if err != nil {
			return err
		}
		roots := []int{pid}
		if x.queries {
			roots = append(roots, b.pgPID)
		}
		b.add(x.kind, x.place, x.path, x.connections, x.headers, roots...)
		if err := await(ctx, b.targets[x.kind].url); err != nil {
			return fmt.Errorf("prototype %s: %w; its log is %s", x.kind, err, b.log(len(b.started)-1))
		}
	}
	b.add("cold-200", atCold, page200, coldReaders, nil, b.targets["cold"].roots...)
	b.add("waste-200", atWaste, page200, 1, nil, b.targets["waste"].roots...)
	b.each("blob", "cold", "cold-200", "waste", "waste-200")
	tag, err := packed(ctx, b.targets["handler"].url)
	b.unchanged("handler", tag)
	return err
}

const nginxConfig = `
worker_processes 1;
pid %[1]s/nginx.pid;
error_log %[1]s/nginx-error.log warn;
daemon off;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path %[1]s/nginx-body; proxy_temp_path %[1]s/nginx-proxy; fastcgi_temp_path %[1]s/nginx-f; uwsgi_temp_path %[1]s/nginx-u; scgi_temp_path %[1]s/nginx-s;
  proxy_cache_path %[1]s/nginx-cache keys_zone=pages:10m max_size=100m use_temp_path=off;
  upstream sijil { server %[4]s; keepalive 16; }
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Accept-Encoding $packing;
  server { listen %[2]s; root %[1]s/static; gzip_static on; gzip_vary on; open_file_cache max=100; }
  server { listen %[5]s; location / { proxy_pass http://sijil; } }
  server {
    listen %[3]s;
    sendfile off; tcp_nopush off; output_buffers 1 64k; open_file_cache max=10000 inactive=60s;
    location / {
      proxy_pass http://sijil;
      proxy_cache pages; proxy_cache_key "$host$request_uri $packing $accept"; proxy_ignore_headers Vary; proxy_cache_lock on; proxy_cache_background_update on;
      proxy_cache_use_stale error timeout http_502 http_504; proxy_cache_revalidate on; add_header X-Cache $upstream_cache_status;
    }
  }
  server {
    listen %[6]s;
    sendfile off; tcp_nopush off; output_buffers 1 64k; open_file_cache max=10000 inactive=60s;
    location / {
      proxy_pass http://%[2]s;
      proxy_cache pages; proxy_cache_key "own $host$request_uri $packing $accept"; proxy_ignore_headers Vary; proxy_cache_valid 1h;
      add_header X-Cache $upstream_cache_status;
    }
  }
  map $http_accept_encoding $packing { default ""; ~*\bgzip\b "gzip"; }
  map $request_uri $accept { default ""; ~^/taxii2/ $http_accept; }
}
`

// startNginx starts nginx four times in one: with the bytes of the page, with its cache
// in front of the server in production, as internal/deploy/nginx has it, for the control
// without the cache, and with the cache in front of the first, which no program behind it
// can surpass.
func (b *bench) startNginx(ctx context.Context) error {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		b.missing = append(b.missing, "nginx")
		return nil //nolint:nilerr // a peer that is not there is left out
	}
	config := fmt.Sprintf(nginxConfig, b.folder, b.at(atStatic), b.at(atProxy), b.at(atTrim), b.at(atPass), b.at(atOwn))
	if err := os.WriteFile(b.in("nginx.conf"), []byte(config), 0o600); err != nil {
		return err
	}
	pid, err := b.start(ctx, nil, nginx, "-p", b.folder, "-c", b.in("nginx.conf"))
	if err != nil {
		return err
	}
	zip := []string{"Accept-Encoding: gzip"}
	b.add("nginx", atStatic, "/page.html", 32, zip, pid)
	both := append(slices.Clone(b.targets["trim"].roots), pid)
	b.add("proxy", atProxy, page, 32, zip, both...)
	b.add("pass", atPass, page, 32, zip, both...)
	b.add("own", atOwn, "/page.html", 32, zip, pid)
	for _, name := range []string{"nginx", "proxy", "pass", "own"} {
		if err := await(ctx, b.targets[name].url); err != nil {
			return fmt.Errorf("nginx: %w; its log is %s", err, b.log(len(b.started)-1))
		}
	}
	_, tag, err := fetch(ctx, b.targets["nginx"].url, "gzip")
	b.unchanged("nginx", tag)
	return err
}

// close stops everything; the database last.
func (b *bench) close() error {
	var err error
	for _, command := range b.started {
		_ = command.Process.Signal(os.Interrupt) // it may have ended
	}
	for _, command := range b.started {
		_ = command.Wait() // however it ends
	}
	if b.postgres != nil {
		err = b.postgres.Stop(context.Background())
	}
	return err
}

// free reports whether nobody listens at an address.
func free(ctx context.Context, address string) bool {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
