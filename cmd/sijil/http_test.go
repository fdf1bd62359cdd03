package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
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
