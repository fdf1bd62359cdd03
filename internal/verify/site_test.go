package verify_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sijil/sijil/internal/verify"
)

// hostile answers with a part of a register, and badly with the rest.
func hostile(t *testing.T, b *built, at string, badly http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == at {
			badly(w, r)
			return
		}
		if says, ok := b.gone[name]; ok {
			w.WriteHeader(http.StatusGone)
			_, _ = w.Write(says)
			return
		}
		_, _ = w.Write(b.files[name])
	}))
	t.Cleanup(server.Close)
	return server
}

func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write(make([]byte, 1<<16)); err != nil {
			return
		}
	}
}

// TestHostileServers: all ends, and nothing is proved.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it went elsewhere") }))
	t.Cleanup(elsewhere.Close)
	b := example(t)
	entries := fmt.Sprintf("log/tile/entries/000.p/%d", len(b.entries))
	tile := fmt.Sprintf("log/tile/0/000.p/%d", len(b.entries))
	shorter := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("short"))
	}
	for name, test := range map[string]struct {
		at      string
		badly   http.HandlerFunc
		verdict verify.Verdict
	}{
		"endless checkpoint": {"log/checkpoint", endless, verify.Broken},
		"endless entries":    {entries, endless, verify.Broken},
		"endless tile":       {tile, endless, verify.Broken},
		"endless edition":    {"editions/st-2026-0001/1.json", endless, verify.Broken},
		"endless proof":      {"editions/st-2026-0001/1.proof", endless, verify.Broken},
		"endless document":   {"documents/" + documentOf(b), endless, verify.Broken},
		"endless keys":       {"log/keys", endless, verify.Broken}, // it follows from the log
		"wrong length":       {"editions/st-2026-0001/1.json", shorter, verify.Unchecked},
		"elsewhere": {"editions/st-2026-0001/1.json", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		}, verify.Unchecked},
		"in a circle": {"editions/st-2026-0001/1.json", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, verify.Unchecked},
		"an error":  {entries, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, verify.Unchecked},
		"no answer": {tile, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, verify.Unchecked},
		"no tile":   {tile, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, verify.Broken},
		"no log":    {"log/checkpoint", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, verify.Unchecked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site, err := verify.NewSite(hostile(t, b, test.at, test.badly).URL, http.DefaultTransport)
			if err != nil {
				t.Fatal(err)
			}
			site.Hurry()
			r := verify.Log(t.Context(), site, verify.Options{Keys: b.keys.VerifierKeys()})
			if r.Verdict() != test.verdict {
				t.Errorf("%s, want %s: %v", r.Verdict(), test.verdict, r.Problems)
			}
		})
	}
}

func documentOf(b *built) string {
	for name := range b.files {
		if sha, ok := strings.CutPrefix(name, "documents/"); ok {
			return sha
		}
	}
	return ""
}

// TestABusySiteIsAskedAgain after it has had the time that it asks for.
func TestABusySiteIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := example(t)
	var asked atomic.Int64
	server := hostile(t, b, "log/checkpoint", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(b.files["log/checkpoint"])
	})
	site, err := verify.NewSite(server.URL, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	site.Hurry()
	if r := verify.Log(t.Context(), site, verify.Options{Keys: b.keys.VerifierKeys()}); r.Verdict() != verify.Proved {
		t.Errorf("%s: %v", r.Verdict(), r.Problems)
	}
}

func TestAddressesOfSites(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://sijil.example", "https://sijil.example/", "https://sijil.example/log", "https://sijil.example/log/"} {
		if s, err := verify.NewSite(address, nil); err != nil || s.Address() != "https://sijil.example" {
			t.Errorf("%s: %v, %v", address, s, err)
		}
	}
	for _, address := range []string{"", "sijil.example", "ftp://sijil.example", "https://u:p@sijil.example", "https://sijil.example/?q", "/log", "https://"} {
		if _, err := verify.NewSite(address, nil); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}
