package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// serveIn serves a handler until the returned function is called, which gives
// serveHTTP's result.
func serveIn(t *testing.T, handler http.HandlerFunc, drain time.Duration) (address string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := listen(ctx, "127.0.0.1:0", "--addr")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- serveHTTP(ctx, listener, handler, slog.New(slog.DiscardHandler), stopping{drain: drain})
	}()
	return readyURL(listener), func() error {
		cancel()
		return <-ended
	}
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// TestServeHTTPDrains: a request in progress ends well after the stop.
func TestServeHTTPDrains(t *testing.T) {
	began := make(chan struct{})
	address, stop := serveIn(t, func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		time.Sleep(200 * time.Millisecond)
		_, _ = io.WriteString(w, "done")
	}, 5*time.Second)
	answer := make(chan string, 1)
	go func() {
		body, err := get(t, address)
		answer <- body
		if err != nil {
			t.Error(err)
		}
	}()
	<-began
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got := <-answer; got != "done" {
		t.Errorf("the request in progress got %q", got)
	}
	if _, err := get(t, address); err == nil {
		t.Error("it still answers")
	}
}

// TestAStopIsSaidBeforeItComes: for as long as a load balancer may take to see it, who comes
// is answered, and asked to come elsewhere next time.
func TestAStopIsSaidBeforeItComes(t *testing.T) {
	t.Parallel()
	listener, err := listen(t.Context(), "127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") })
		ended <- serveHTTP(ctx, listener, handler, slog.New(slog.DiscardHandler), stopping{notice: time.Hour, drain: 2 * time.Hour})
	}()
	ask := func(leaves bool) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, readyURL(listener), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatalf("leaves: %t; %v", leaves, err)
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "done" || answer.Close != leaves {
			t.Fatalf("leaves: %t; %q, asked to leave: %t, %v", leaves, body, answer.Close, err)
		}
	}
	ask(false)
	stop()
	for range 20 { // longer than a listener that leaves looks for the last time
		ask(true)
		time.Sleep(lastLook / 10)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the listener is closed, and it was not served to its end")
	}
}

// TestServeHTTPDoesNotWaitForever: what takes longer is cut off.
func TestServeHTTPDoesNotWaitForever(t *testing.T) {
	began := make(chan struct{})
	address, stop := serveIn(t, func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	}, 50*time.Millisecond)
	failed := make(chan error, 1)
	go func() {
		_, err := get(t, address)
		failed <- err
	}()
	<-began
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the request was not cut off")
	}
}

// TestWhoCameBeforeTheEndIsAnswered: a connection was taken, and its request comes when
// none is taken any more. net/http's own Shutdown drops it.
func TestWhoCameBeforeTheEndIsAnswered(t *testing.T) {
	t.Parallel()
	address, stop := serveIn(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") }, 30*time.Second)
	host := strings.Trim(strings.TrimPrefix(address, "http:"), "/")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // it was read
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	for { // until nobody listens
		another, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
		if err != nil {
			break
		}
		_ = another.Close()
		time.Sleep(time.Millisecond)
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") || !strings.HasSuffix(string(answer), "done") {
		t.Errorf("%q (%v)", answer, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeHTTPLimitsHeaders(t *testing.T) {
	address, stop := serveIn(t, func(http.ResponseWriter, *http.Request) {}, time.Second)
	defer stop() //nolint:errcheck // its result is tested elsewhere
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Long", strings.Repeat("a", 64<<10))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it is empty
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("64 KiB of headers: %s", response.Status)
	}
}

// TestOptionsOfTheServer: net/http would answer "OPTIONS *" by itself, with 200
// and without our headers.
func TestOptionsOfTheServer(t *testing.T) {
	address, stop := serveIn(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMethodNotAllowed)
	}, time.Second)
	defer stop() //nolint:errcheck // its result is tested elsewhere
	host := strings.Trim(strings.TrimPrefix(address, "http:"), "/")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // it was read
	if _, err := io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 405") {
		t.Errorf("%q (%v)", answer, err)
	}
}

func TestReadyURL(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:0": "http://localhost:", "[::1]:0": "http://localhost:", ":0": "http://localhost:",
	} {
		listener, err := listen(t.Context(), addr, "--addr")
		if err != nil {
			t.Logf("%s: %v", addr, err) // a machine without IPv6
			continue
		}
		if got := readyURL(listener); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "/") {
			t.Errorf("%s: %s", addr, got)
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTakenPort(t *testing.T) {
	address, stop := serveIn(t, func(http.ResponseWriter, *http.Request) {}, time.Second)
	defer stop() //nolint:errcheck // its result is tested elsewhere
	taken := "127.0.0.1:" + strings.TrimSuffix(address[strings.LastIndex(address, ":")+1:], "/")
	code, stdout, stderr := call(t, nil, "demo", "--addr", taken, "--data-dir", serverDir(t))
	if code != 1 || !strings.Contains(stderr, "--addr") || stdout != "" {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
}

// shop is a server that can be ended and opened again at its address.
type shop struct {
	t       *testing.T
	notice  time.Duration
	address string
	ready   atomic.Bool // as whoever sends readers sees it
	end     func() error
}

func (s *shop) open() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := listen(ctx, s.address, "--addr")
	if err != nil {
		s.t.Fatal(err)
	}
	if at := listener.Addr().String(); at != s.address { // who asks reads it all the time
		s.address = at
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" && ctx.Err() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = fmt.Fprint(w, n)
	})
	ended := make(chan error, 1)
	go func() {
		ended <- serveHTTP(ctx, listener, handler, slog.New(slog.DiscardHandler), stopping{notice: s.notice, drain: 10 * time.Second})
	}()
	s.end = func() error { cancel(); return <-ended }
}

// TestARollingRestartLosesNoRequest: readers and slow uploads, on connections that
// are kept, go to two servers of which one after the other is restarted. Where who
// is about to stop says nothing of it, requests fail, which is the control.
func TestARollingRestartLosesNoRequest(t *testing.T) {
	t.Parallel()
	if lost := restartInTurn(t, 400*time.Millisecond, true); lost != 0 {
		t.Errorf("%d requests failed", lost)
	}
	if lost := restartInTurn(t, 0, false); lost == 0 {
		t.Error("without notice and readiness no request fails either: this test shows nothing")
	}
}

// restartInTurn returns how many requests failed while both servers were restarted.
func restartInTurn(t *testing.T, notice time.Duration, follow bool) (lost int64) {
	t.Helper()
	shops := []*shop{{t: t, notice: notice, address: "127.0.0.1:0"}, {t: t, notice: notice, address: "127.0.0.1:0"}}
	ctx, cancel := context.WithCancel(t.Context())
	var watching, working sync.WaitGroup
	for _, s := range shops {
		s.open()
		s.ready.Store(true)
		if follow {
			watching.Go(func() { s.watch(ctx) })
		}
	}
	var failed, turn atomic.Int64
	done := make(chan struct{})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	for worker := range 8 {
		working.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				s := shops[turn.Add(1)%2]
				if !s.ready.Load() {
					continue
				}
				if !sent(client, s.address, worker < 3) {
					failed.Add(1)
				}
			}
		})
	}
	for _, s := range shops {
		time.Sleep(100 * time.Millisecond) // while it is at work
		if err := s.end(); err != nil {
			t.Error(err)
		}
		if !follow {
			time.Sleep(50 * time.Millisecond)
		}
		s.open()
		for follow && !s.ready.Load() {
			time.Sleep(time.Millisecond)
		}
	}
	close(done)
	working.Wait()
	cancel()
	watching.Wait()
	for _, s := range shops {
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
	return failed.Load()
}

// watch follows what the server says of itself, as a load balancer does.
func (s *shop) watch(ctx context.Context) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for ctx.Err() == nil {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", http.NoBody)
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		s.ready.Store(err == nil && answer.StatusCode == http.StatusOK)
		time.Sleep(10 * time.Millisecond)
	}
}

// sent reports whether a request was answered rightly: an upload in two parts with
// a pause between, or a short one.
func sent(client *http.Client, address string, uploads bool) bool {
	method, body, want := http.MethodGet, io.Reader(http.NoBody), "0"
	if uploads {
		reader, writer := io.Pipe()
		go func() {
			_, _ = writer.Write(make([]byte, 32<<10))
			time.Sleep(60 * time.Millisecond)
			_, _ = writer.Write(make([]byte, 32<<10))
			_ = writer.Close()
		}()
		method, body, want = http.MethodPost, reader, "65536"
	}
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+address+"/", body)
	if err != nil {
		return false
	}
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	said, err := io.ReadAll(answer.Body)
	return err == nil && string(said) == want
}
