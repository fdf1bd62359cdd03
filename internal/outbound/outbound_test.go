package outbound_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/outbound"
)

// TestNobodyIsSentElsewhere: who is asked does not send us on.
func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	t.Cleanup(server.Close)
	get := func(client *http.Client) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			return 0
		}
		defer answer.Body.Close() //nolint:errcheck // it was only read
		return answer.StatusCode
	}
	if status := get(outbound.Client(time.Minute)); status != http.StatusFound || asked != 1 {
		t.Errorf("status %d after %d requests", status, asked)
	}
	follows := outbound.Over(outbound.Transport(), time.Minute, nil)
	if get(follows); asked < 3 {
		t.Errorf("control: a client that follows redirects asked %d times", asked-1)
	}
}

// TestASilentServerIsLeft: an answer that does not come is not waited for.
func TestASilentServerIsLeft(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(silent) })
	// Longer than the client waits, and shorter than its transport does for a head.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := outbound.Client(50 * time.Millisecond).Do(request)
	if err == nil {
		_ = answer.Body.Close()
		t.Error("an answer that never came")
	}
	if ctx.Err() != nil {
		t.Error("the client does not know how long it may wait")
	}
}

// TestAnotherProtocolIsRefused: a client's time and its context bound nothing of an answer
// that takes the connection over.
func TestAnotherProtocolIsRefused(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_, _ = io.Copy(io.Discard, connection) // silent for as long as the client stays
		_ = connection.Close()
		close(left)
	}))
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := outbound.Client(time.Second).Do(request)
	if err == nil {
		_ = answer.Body.Close()
	}
	if !errors.Is(err, outbound.ErrOtherProtocol) {
		t.Errorf("an answer in another protocol: %v", err)
	}
	select {
	case <-left:
	case <-time.After(20 * time.Second):
		t.Error("the connection is still held")
	}
}

// TestAnEndlessHeadIsLeft: who is asked cannot fill our memory with headers.
func TestAnEndlessHeadIsLeft(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		length, err := strconv.Atoi(r.URL.Query().Get("head"))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Filler", strings.Repeat("a", length))
	}))
	t.Cleanup(server.Close)
	for head, taken := range map[int]bool{32 << 10: true, 128 << 10: false} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"?head="+strconv.Itoa(head), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := outbound.Client(time.Minute).Do(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		if (err == nil) != taken {
			t.Errorf("%d bytes of headers: %v", head, err)
		}
	}
}
