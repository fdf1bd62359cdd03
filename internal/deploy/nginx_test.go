package deploy_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
)

// TestComposeScales: the profile "scale" has a standby, two nodes that read from it,
// and nginx before them, each as locked up as the rest.
func TestComposeScales(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithEnv([]string{"SIJIL_BASE_URL=https://sijil.example"}), cli.WithProfiles([]string{"scale"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"standby", "node-1", "node-2", "nginx"} {
		s, ok := p.Services[name]
		if !ok {
			t.Fatalf("there is no service %s among %q", name, p.ServiceNames())
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") ||
			s.User == "" || strings.HasPrefix(s.User, "0") {
			t.Errorf("%s is not locked up", name)
		}
		if strings.HasPrefix(name, "node") && (s.Environment["SIJIL_REPLICA_URLS_FILE"] == nil || s.Environment["SIJIL_TRUSTED_PROXIES"] == nil) {
			t.Errorf("%s reads from no standby, or believes no proxy: %v", name, s.Environment)
		}
		if name != "nginx" && len(s.Ports) > 0 {
			t.Errorf("%s is reached past nginx", name)
		}
	}
}

// TestNginxTakesTheCrowd runs the configuration before two nodes, where nginx is
// installed: a page that a crowd asks for is asked of a node once, what is not to be
// kept each time; an ended node is not noticed, and with both gone a page is still
// there.
func TestNginxTakesTheCrowd(t *testing.T) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program = "/usr/sbin/nginx"; !isThere(program) {
			t.Skip("nginx is not installed")
		}
	}
	var asked, private atomic.Int64
	node := func() *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/fr/desk") {
				private.Add(1)
				w.Header().Set("Cache-Control", "no-store")
			} else {
				asked.Add(1)
				w.Header().Set("Cache-Control", "public, max-age=0, s-maxage=60, stale-if-error=86400")
			}
			_, _ = fmt.Fprintf(w, "%s at %s for %s", r.URL.Path, r.Host, r.Header.Get("X-Forwarded-For"))
		}))
	}
	one, two := node(), node()
	defer one.Close()
	defer two.Close()
	front := startNginx(t, program, one.Listener.Addr().String(), two.Listener.Addr().String())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	ask := func(path, want string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", "203.0.113.9") // a reader who claims to be somebody else
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close() //nolint:errcheck // it was only read
		body, _ := io.ReadAll(a.Body)
		if a.StatusCode != http.StatusOK || string(body) != want {
			t.Errorf("%s: status %d, %q", path, a.StatusCode, body)
		}
	}
	for range 20 {
		ask("/fr/incidents/x", "/fr/incidents/x at 127.0.0.1 for 127.0.0.1")
		ask("/fr/desk", "/fr/desk at 127.0.0.1 for 127.0.0.1")
	}
	if asked.Load() != 1 || private.Load() != 20 {
		t.Errorf("the nodes were asked %d times for a page, and %d of 20 times for what is never kept", asked.Load(), private.Load())
	}
	one.Close()
	for i := range 6 {
		ask(fmt.Sprintf("/fr/incidents/%d", i), fmt.Sprintf("/fr/incidents/%d at 127.0.0.1 for 127.0.0.1", i))
		ask("/fr/desk", "/fr/desk at 127.0.0.1 for 127.0.0.1")
	}
	two.Close()
	ask("/fr/incidents/x", "/fr/incidents/x at 127.0.0.1 for 127.0.0.1")
}

func isThere(path string) bool { _, err := os.Stat(path); return err == nil }

// startNginx runs the very configuration with the addresses of the test's nodes.
func startNginx(t *testing.T, program, one, two string) (front string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sijil-nginx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	makeCertificate(t, dir)
	content, err := os.ReadFile("nginx/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	plain, secure := freePort(t), freePort(t)
	conf := strings.NewReplacer(
		"node-1:8080", one, "node-2:8080", two, "listen 8080", "listen 127.0.0.1:"+plain, "listen 8443", "listen 127.0.0.1:"+secure,
		"/etc/nginx/certificates", dir, " /tmp/", " "+dir+"/",
	).Replace(string(content))
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte("user root;\n"+conf), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, "-t", "-c", file, "-p", dir, "-e", "stderr").CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(context.Background(), program, "-c", file, "-p", dir, "-e", "stderr", "-g", "daemon off;")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+secure); err == nil {
			_ = c.Close()
			return "https://127.0.0.1:" + secure
		}
	}
	t.Fatal("nginx does not listen")
	return ""
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it is to be free
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// makeCertificate writes one that nobody vouches for.
func makeCertificate(t *testing.T, dir string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
		"-keyout", filepath.Join(dir, "privkey.pem"), "-out", filepath.Join(dir, "fullchain.pem"), "-subj", "/CN=localhost", "-days", "1").CombinedOutput()
	if err != nil {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
}
