package testkit

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sijil/sijil/internal/attest"
)

// Authority is a time-stamping authority (RFC 3161) on this machine, which is
// OpenSSL's, so that the client is not tested by itself.
type Authority struct {
	URL    string
	CAFile string // certificate that vouches for it
	dir    string

	mu sync.Mutex
	// change, while it is set, changes questions before they are answered, and
	// instead answers in the place of the authority.
	change  func(query []byte) []byte
	instead http.HandlerFunc
}

// authorityConfig is for "openssl ts" in its own folder.
const authorityConfig = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[signer]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = authority
[authority]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
`

// NewAuthority makes certificates and starts an authority. It skips the test
// where there is no openssl.
func NewAuthority(tb testing.TB, name string) *Authority {
	tb.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		tb.Skip("openssl is not installed (Debian: apt install openssl)")
	}
	a := &Authority{dir: tb.TempDir()}
	a.CAFile = filepath.Join(a.dir, "ca.pem")
	for file, content := range map[string]string{"openssl.cnf": authorityConfig, "serial": "01\n"} {
		if err := os.WriteFile(filepath.Join(a.dir, file), []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	key := []string{"-utf8", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", "openssl.cnf", "-days", "3650"}
	a.openssl(tb, append([]string{"req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA of " + name, "-extensions", "ca"}, key...)...)
	a.openssl(tb, append([]string{
		"req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=" + name, "-extensions", "signer",
	}, key...)...)
	server := httptest.NewServer(http.HandlerFunc(a.serve))
	tb.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

func (a *Authority) openssl(tb testing.TB, args ...string) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "openssl", args...)
	command.Dir = a.dir
	if out, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("openssl %s: %v\n%s", args[0], err, out)
	}
}

// Change has questions changed before they are answered; nil: not any more.
func (a *Authority) Change(change func(query []byte) []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.change = change
}

// Instead has another handler answer, or the authority again when it is nil.
func (a *Authority) Instead(answer http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.instead = answer
}

func (a *Authority) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.instead != nil {
		a.instead(w, r)
		return
	}
	query, err := io.ReadAll(r.Body)
	if err == nil && a.change != nil {
		query = a.change(query)
	}
	var reply []byte
	if err == nil {
		reply, err = a.answer(r.Context(), query)
	}
	if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(w, fmt.Sprint(err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(reply)
}

// answer asks OpenSSL.
func (a *Authority) answer(ctx context.Context, query []byte) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(a.dir, "query.tsq"), query, 0o600); err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "openssl", "ts", "-reply", "-config", "openssl.cnf", "-section", "authority",
		"-queryfile", "query.tsq", "-out", "reply.tsr")
	command.Dir = a.dir
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("openssl ts: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.ReadFile(filepath.Join(a.dir, "reply.tsr"))
}

// Stamp asks for a timestamp of data.
func (a *Authority) Stamp(tb testing.TB, data []byte) attest.Timestamp {
	tb.Helper()
	asked, err := attest.NewAuthority(attest.NewClient(), a.URL, a.Roots(tb))
	if err != nil {
		tb.Fatal(err)
	}
	stamp, err := asked.Stamp(tb.Context(), data)
	if err != nil {
		tb.Fatal(err)
	}
	return stamp
}

// Roots are the certificates of CAFile.
func (a *Authority) Roots(tb testing.TB) *x509.CertPool {
	tb.Helper()
	pem, err := os.ReadFile(a.CAFile)
	if err != nil {
		tb.Fatal(err)
	}
	roots, err := attest.ParseRoots(pem)
	if err != nil {
		tb.Fatal(err)
	}
	return roots
}

// Verify has OpenSSL check a timestamp of data.
func (a *Authority) Verify(tb testing.TB, reply, data []byte) {
	tb.Helper()
	for file, content := range map[string][]byte{"checked.tsr": reply, "checked.data": data} {
		if err := os.WriteFile(filepath.Join(a.dir, file), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	a.openssl(tb, "ts", "-verify", "-in", "checked.tsr", "-data", "checked.data", "-CAfile", "ca.pem")
}
