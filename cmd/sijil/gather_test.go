package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// gathered is a connection that gathers, and its other end.
func gathered(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nobody else comes
	if theirs, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if ours, err = (gathering{l}).Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = theirs.Close(), ours.Close() })
	return ours, theirs
}

// arrives is what can be read within a moment, up to n bytes.
func arrives(t *testing.T, c net.Conn, n int, within time.Duration) []byte {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, n)
	read, err := io.ReadFull(c, got)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return got[:read]
}

// TestAFullBufferWaitsForTheRest, and for nothing else.
func TestAFullBufferWaitsForTheRest(t *testing.T) {
	full, rest := bytes.Repeat([]byte("a"), fullBuffer), []byte("the rest")
	for name, then := range map[string]func(c net.Conn) ([]byte, error){
		"a write": func(c net.Conn) ([]byte, error) { _, err := c.Write(rest); return rest, err },
		"a copy": func(c net.Conn) ([]byte, error) {
			_, err := c.(io.ReaderFrom).ReadFrom(bytes.NewReader(rest))
			return rest, err
		},
		"a read": func(c net.Conn) ([]byte, error) {
			go func() { _, _ = c.Read(make([]byte, 1)) }() // until the connection is closed
			return nil, nil
		},
		"a deadline":      func(c net.Conn) ([]byte, error) { return nil, c.SetReadDeadline(time.Now().Add(time.Minute)) },
		"a half close":    func(c net.Conn) ([]byte, error) { return nil, c.(interface{ CloseWrite() error }).CloseWrite() },
		"a close":         func(c net.Conn) ([]byte, error) { return nil, c.Close() },
		"a second buffer": func(c net.Conn) ([]byte, error) { _, err := c.Write(full); return full, err },
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := gathered(t)
			if n, err := ours.Write(full); n != fullBuffer || err != nil {
				t.Fatal(n, err)
			}
			if early := arrives(t, theirs, 1, 30*time.Millisecond); len(early) > 0 {
				t.Fatal("it did not wait")
			}
			more, err := then(ours)
			if err != nil {
				t.Fatal(err)
			}
			want := append(bytes.Clone(full), more...)
			if got := arrives(t, theirs, len(want), 5*time.Second); !bytes.Equal(got, want) {
				t.Errorf("%d bytes of %d arrived", len(got), len(want))
			}
		})
	}
	t.Run("less than a buffer does not wait", func(t *testing.T) {
		ours, theirs := gathered(t)
		if _, err := ours.Write(rest); err != nil {
			t.Fatal(err)
		}
		if got := arrives(t, theirs, len(rest), 5*time.Second); !bytes.Equal(got, rest) {
			t.Errorf("%q arrived", got)
		}
	})
	t.Run("a close waits for nobody who does not read", func(t *testing.T) {
		ours, _ := gathered(t)
		written := make(chan error, 1)
		var pieces atomic.Int64
		go func() {
			for {
				if _, err := ours.Write(make([]byte, 1<<16)); err != nil {
					written <- err
					return
				}
				pieces.Add(1)
			}
		}()
		for before := int64(-1); pieces.Load() != before; time.Sleep(100 * time.Millisecond) { // until nothing goes out any more
			before = pieces.Load()
		}
		closed := make(chan error, 1)
		go func() { closed <- ours.Close() }()
		for _, ended := range []chan error{closed, written} {
			select {
			case err := <-ended: // with an error or without: who does not read is cut off
				t.Log(err)
			case <-time.After(10 * time.Second):
				t.Fatal("it waits")
			}
		}
	})
	t.Run("who has left is told of", func(t *testing.T) {
		ours, _ := gathered(t)
		if err := ours.(*gatheringConn).TCPConn.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := ours.Write(full); err != nil {
			t.Fatal(err)
		}
		if _, err := ours.Write(rest); err == nil {
			t.Error("a write to a closed connection is said to have succeeded")
		}
	})
}

// TestAnswersOfEveryLengthArriveAtOnce over one connection, those that fill a buffer to
// its last byte among them.
func TestAnswersOfEveryLengthArriveAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	listener, err := listen(ctx, "127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		if r.URL.Query().Has("length") {
			w.Header().Set("Content-Length", strconv.Itoa(n))
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), n))
	})
	ended := make(chan error, 1)
	go func() {
		ended <- serveHTTP(ctx, listener, handler, slog.New(slog.DiscardHandler), stopping{drain: time.Second})
	}()
	client := http.Client{Timeout: 5 * time.Second}
	for n := range 3 * fullBuffer {
		if n%fullBuffer > 8 && n%fullBuffer < fullBuffer-400 {
			continue // far from the end of a buffer
		}
		for _, length := range []string{"", "&length"} {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listener.Addr().String()+"/?n="+strconv.Itoa(n)+length, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client.Do(request)
			if err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
			body, err := io.ReadAll(answer.Body)
			if err != nil || len(body) != n {
				t.Fatalf("%d bytes of %d, %v", len(body), n, err)
			}
			_ = answer.Body.Close()
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
