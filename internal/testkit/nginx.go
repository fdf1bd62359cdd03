package testkit

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Nginx is the program of nginx; empty where it is not installed.
func Nginx() string {
	if program, err := exec.LookPath("nginx"); err == nil {
		return program
	}
	const usual = "/usr/sbin/nginx" // which is not in the path of everybody
	if _, err := os.Stat(usual); err == nil {
		return usual
	}
	return ""
}

// StartNginx runs the very configuration that is delivered, a file, with the addresses of
// a test's two nodes, until the test ends. It returns where it listens with TLS,
// by a certificate that nobody vouches for.
func StartNginx(tb testing.TB, conf, one, two string) (front string) {
	tb.Helper()
	dir, err := os.MkdirTemp("/tmp", "sijil-nginx-") //nolint:usetesting // its workers are of another account
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	makeCertificate(tb, dir)
	content, err := os.ReadFile(conf)
	if err != nil {
		tb.Fatal(err)
	}
	plain, secure := freePort(tb), freePort(tb)
	changed := strings.NewReplacer(
		"node-1:8080", one, "node-2:8080", two, "listen 8080", "listen 127.0.0.1:"+plain, "listen 8443", "listen 127.0.0.1:"+secure,
		"/etc/nginx/certificates", dir, " /tmp/", " "+dir+"/",
	).Replace(string(content))
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte("user root;\n"+changed), 0o600); err != nil {
		tb.Fatal(err)
	}
	if out, err := exec.CommandContext(tb.Context(), Nginx(), "-t", "-c", file, "-p", dir, "-e", "stderr").CombinedOutput(); err != nil {
		tb.Fatalf("nginx -t: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(context.Background(), Nginx(), "-c", file, "-p", dir, "-e", "stderr", "-g", "daemon off;")
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if c, err := (&net.Dialer{}).DialContext(tb.Context(), "tcp", "127.0.0.1:"+secure); err == nil {
			_ = c.Close()
			return "https://127.0.0.1:" + secure
		}
	}
	tb.Fatal("nginx does not listen")
	return ""
}

func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it is to be free
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// makeCertificate writes one that nobody vouches for.
func makeCertificate(tb testing.TB, dir string) {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
		"-keyout", filepath.Join(dir, "privkey.pem"), "-out", filepath.Join(dir, "fullchain.pem"), "-subj", "/CN=localhost", "-days", "1").CombinedOutput()
	if err != nil {
		tb.Fatalf("openssl: %v\n%s", err, out)
	}
}
