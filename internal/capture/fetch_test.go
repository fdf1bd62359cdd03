package capture_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
)

func TestOnlyPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"93.184.215.14:443": true, "93.184.215.14:80": true, "[2a00:1450:4007::1]:443": true,
		"93.184.215.14:22": false, "[2a00:1450:4007::1]:8080": false,
		"127.0.0.1:80": false, "10.1.2.3:80": false, "172.31.0.1:443": false, "192.168.1.1:80": false, "169.254.169.254:80": false,
		"100.64.0.1:80": false, "0.0.0.0:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "192.0.2.1:80": false,
		"198.18.0.1:80": false, "[::1]:80": false, "[::]:80": false, "[fe80::1%eth0]:80": false, "[2a00:1450:4007::1%eth0]:443": false, "[fc00::1]:80": false,
		"[ff02::1]:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:a9fe:a9fe]:80": false, "[64:ff9b::7f00:1]:80": false,
		"[2002:7f00:1::]:80": false, "[2001:0:4136:e378::1]:80": false, "[2001:db8::1]:80": false, "[3fff::1]:80": false,
	} {
		if err := capture.OnlyPublic(netip.MustParseAddrPort(address)); (err == nil) != public {
			t.Errorf("%s: %v", address, err)
		}
	}
	// The first and the last address of each block that is not the public network's, and
	// those before and after it, which are, unless another block begins there.
	for _, block := range []struct{ before, first, last, after string }{
		{"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
		{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
		{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
		{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
		{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
		{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
		{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
		{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
		{"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"},
		{"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"},
		{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
		{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
		{"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"},
		{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
		{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
		{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
		{"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
		{"", "240.0.0.0", "255.255.255.255", ""},
		{"", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
		{"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
		{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
		{"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
		{"2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"},
		{"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
		{"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	} {
		for address, public := range map[string]bool{block.before: true, block.first: false, block.last: false, block.after: true} {
			if address == "" {
				continue
			}
			if err := capture.OnlyPublic(netip.AddrPortFrom(netip.MustParseAddr(address), 443)); (err == nil) != public {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
}

// TestFetchRefuses asks for this machine in every way in which it can be written.
func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	t.Cleanup(server.Close)
	in := intake(t)
	for address, want := range map[string]string{
		server.URL: "fetch-refused", "http://127.0.0.1/": "fetch-refused", "http://localhost/": "fetch-refused",
		"http://[::1]/": "fetch-refused", "http://[::ffff:127.0.0.1]/": "fetch-refused", "http://0.0.0.0/": "fetch-refused",
		"http://169.254.169.254/latest/meta-data/": "fetch-refused",
		"http://2130706433/":                       "url-malformed", "http://0x7f.1/": "url-malformed",
		"http://017700000001/": "url-malformed", "http://127.1/": "url-malformed",
		"file:///etc/passwd": "url-malformed", "ftp://example.org/": "url-malformed", "http://user:pass@example.org/": "url-malformed",
		"//example.org/": "url-malformed", "": "url-malformed", "http:///x": "url-malformed", "gopher://x/": "url-malformed",
	} {
		var problems register.Problems
		_, err := in.Fetch(t.Context(), address)
		if !errors.As(err, &problems) || problems[0].Field != "url" || !strings.Contains(want, strings.TrimPrefix(problems[0].Key, "problem.")) {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
}

// TestFetch asks servers that are not what they should be. The test's own
// server may be spoken to, and nothing else.
func TestFetch(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the inner server was asked") }))
	t.Cleanup(inner.Close)
	packed := bomb(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/good.txt", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("it told: %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "A communiqué.")
	})
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "x"})
		http.Redirect(w, r, "/good.txt", http.StatusFound)
	})
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/missing", http.NotFound)
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html><p>A page.") })
	mux.HandleFunc("/bare", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "A page without a tag.")
	})
	mux.HandleFunc("/paper", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html") // servers that do not know better
		_, _ = w.Write(letter("A communiqué."))
	})
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/dripping", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "short")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{addressOf(t, server)}, Patience: 3 * time.Second})
	for _, at := range []string{"/good.txt", "/once"} {
		d, err := in.Fetch(t.Context(), server.URL+at)
		if err != nil || d.Name != "good.txt" || d.Extraction.Text() != "A communiqué." {
			t.Errorf("%s: %+v %v", at, d.File, err)
		}
	}
	if d, err := in.Fetch(t.Context(), server.URL+"/paper"); err != nil || d.Type != register.TypePDF || !slices.Contains(d.Warnings, register.FileNameDiffers) {
		t.Errorf("a PDF that is sent as a page: %+v %v", d.File, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Fetch(gone, server.URL+"/good.txt"); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	for at, want := range map[string]string{
		"/inside": "fetch-refused", "/file": "fetch-refused", "/loop": "fetch-failed", "/missing": "fetch-status",
		"/bomb": "file-too-large", "/short": "fetch-failed", "/page": "fetch-page", "/bare": "fetch-page", "/never": "fetch-slow", "/dripping": "fetch-slow",
	} {
		var problems register.Problems
		_, err := in.Fetch(t.Context(), server.URL+at)
		if !errors.As(err, &problems) || problems[0].Key != "problem."+want {
			t.Errorf("%s: %v, want %s", at, err, want)
		}
	}
}

// addressOf is where a test's server listens.
func addressOf(t *testing.T, server *httptest.Server) netip.AddrPort {
	t.Helper()
	at, err := netip.ParseAddrPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// bomb is little that unpacks to ten times what a file may have. It is packed before
// anybody asks: to do that takes a busy machine as long as a visit may take.
func bomb(t *testing.T) []byte {
	t.Helper()
	var member bytes.Buffer
	z := gzip.NewWriter(&member)
	if _, err := io.CopyN(z, endless{}, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(member.Bytes(), 10*capture.MaxBytes>>20)
}

// endless is text without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}
