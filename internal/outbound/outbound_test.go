package outbound_test

import (
	"net/http"
	"net/http/httptest"
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
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := outbound.Client(50 * time.Millisecond).Do(request)
	if err == nil {
		_ = answer.Body.Close()
		t.Error("an answer that never came")
	}
}
