package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowClients are ways to hold a connection for as long as the server bears it.
// Each does what it does until the server ends the connection, or until stop.
func slowClients() map[string]func(conn net.Conn, stop <-chan struct{}) {
	drip := func(conn net.Conn, stop <-chan struct{}, first, piece string) {
		_, _ = io.WriteString(conn, first)
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				_, _ = io.WriteString(conn, piece)
			}
		}
	}
	return map[string]func(net.Conn, <-chan struct{}){
		"says nothing": func(_ net.Conn, stop <-chan struct{}) { <-stop },
		"headers that never end": func(conn net.Conn, stop <-chan struct{}) {
			drip(conn, stop, "GET / HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n")
		},
		"a body that never ends": func(conn net.Conn, stop <-chan struct{}) {
			drip(conn, stop, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "a")
		},
		"chunks that never end": func(conn net.Conn, stop <-chan struct{}) {
			drip(conn, stop, "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n")
		},
		"does not read the answer": func(conn net.Conn, stop <-chan struct{}) {
			_, _ = io.WriteString(conn, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
			<-stop
		},
		"stays after its answer": func(conn net.Conn, stop <-chan struct{}) {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			_, _ = bufio.NewReader(conn).ReadString('\n')
			<-stop
		},
	}
}

// served listens with a server, and tells of each connection that ends.
func served(t *testing.T, l limits) (address string, ended <-chan struct{}) {
	t.Helper()
	gone := make(chan struct{}, 10)
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/body":
			_, _ = io.Copy(io.Discard, r.Body)
		case "/large":
			for piece := make([]byte, 1<<20); ; {
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		}
	}), slog.New(slog.DiscardHandler), l)
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			gone <- struct{}{}
		}
	}
	listener, err := listen(t.Context(), "127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		_ = server.Close()
		running.Wait()
	})
	return listener.Addr().String(), gone
}

// TestSlowClientsAreCutOff holds connections in all ways, with limits that are a
// fraction of those of production; a server without limits is held by each.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	const limit = 150 * time.Millisecond
	for name, hold := range slowClients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct {
				server  string
				limits  limits
				held    bool
				waiting time.Duration
			}{
				{"ours", limits{header: limit, read: 2 * limit, write: 2 * limit, idle: limit, headers: 1 << 20}, false, 20 * time.Second},
				{"without limits", limits{headers: 1 << 20}, true, 8 * limit},
			} {
				address, ended := served(t, c.limits)
				conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				stop := make(chan struct{})
				var client sync.WaitGroup
				client.Go(func() { hold(conn, stop) })
				held := false
				select {
				case <-ended:
				case <-time.After(c.waiting):
					held = true
				}
				close(stop)
				_ = conn.Close()
				client.Wait()
				if held != c.held {
					t.Errorf("a server %s is held: %t, want %t", c.server, held, c.held)
				}
			}
		})
	}
}

// TestServerLimits: those of production are what SECURITY.md says.
func TestServerLimits(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	l := serverLimits()
	for _, want := range []string{
		fmt.Sprintf("| %d KiB, within %d s;", l.headers>>10, int(l.header.Seconds())),
		fmt.Sprintf("| %d s to come, %d s to go; %d s idle |", int(l.read.Seconds()), int(l.write.Seconds()), int(l.idle.Seconds())),
	} {
		if !strings.Contains(string(document), want) {
			t.Errorf("SECURITY.md does not say %q", want)
		}
	}
}

// TestAmbiguousRequestsAreRefused: what two servers in a row could read as
// different requests is refused, and the connection with it.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	t.Parallel()
	address, _ := served(t, serverLimits())
	for name, request := range map[string]string{
		"two lengths":              "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		"a length that is none":    "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
		"an encoding like chunked": "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"two encodings":            "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"a space before the colon": "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc",
		"two hosts":                "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"no host":                  "GET / HTTP/1.1\r\n\r\n",
		"a broken chunk":           "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request+"GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil && !errors.Is(err, net.ErrClosed) && len(answer) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if n := strings.Count(string(answer), "HTTP/1.1 "); n > 1 {
			t.Errorf("%s: %d answers: %s", name, n, answer)
		}
		if name != "a broken chunk" && !strings.HasPrefix(string(answer), "HTTP/1.1 400") && !strings.HasPrefix(string(answer), "HTTP/1.1 501") {
			t.Errorf("%s: %q", name, answer)
		}
		_ = conn.Close()
	}
	// Two requests one after the other are two: the check sees a second answer.
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // it was read
	_, err = io.WriteString(conn, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if answer, readErr := io.ReadAll(conn); errors.Join(err, readErr) != nil || strings.Count(string(answer), "HTTP/1.1 200") != 2 {
		t.Errorf("%q", answer)
	}
}
