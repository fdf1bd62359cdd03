package capture_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
)

// TestAPageOverTLS is captured as it was said, not as it went over the line; a
// server that cannot show who it is is not believed, and asked nothing.
func TestAPageOverTLS(t *testing.T) {
	t.Parallel()
	serve := func(newest uint16) (asked *[]string, server *httptest.Server) {
		asked = new([]string)
		server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*asked = append(*asked, r.Host+" "+r.Proto)
			_, _ = io.WriteString(w, "A text.")
		}))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: newest} // the older is refused
		server.StartTLS()
		t.Cleanup(server.Close)
		return asked, server
	}
	asked, good := serve(tls.VersionTLS13)
	oldAsked, old := serve(tls.VersionTLS11)
	vouched := x509.NewCertPool()
	vouched.AddCert(good.Certificate()) // the same of both: of example.com
	resolver := nameServer(t, func(int) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	take := func(server *httptest.Server, host string, authorities *x509.CertPool) (capture.Taken, error) {
		at := addressOf(t, server)
		in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}, Resolver: resolver, Authorities: authorities})
		return in.Take(t.Context(), fmt.Sprintf("https://%s:%d/", host, at.Port()), taking)
	}
	for name, c := range map[string]struct {
		server      *httptest.Server
		host        string
		authorities *x509.CertPool
	}{
		"nobody vouches for it":      {good, "example.com", nil},
		"a certificate for another":  {good, "other.example", vouched},
		"a version that is not safe": {old, "example.com", vouched},
	} {
		_, err := take(c.server, c.host, c.authorities)
		if got := reasonOf(t, err); got != register.CaptureTLS {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if len(*asked)+len(*oldAsked) > 0 {
		t.Errorf("asked %v %v", *asked, *oldAsked)
	}
	got, err := take(good, "example.com", vouched)
	if err != nil {
		t.Fatal(err)
	}
	hop := got.Answer()
	if got.Text != "A text." || !strings.HasPrefix(string(hop.Response), "HTTP/1.1 200 OK\r\n") || hop.URL.Scheme != "https" {
		t.Errorf("captured %q from %s: %q", got.Text, hop.URL, hop.Response)
	}
	if len(*asked) != 1 || !strings.HasSuffix((*asked)[0], " HTTP/1.1") {
		t.Errorf("asked %v", *asked)
	}
}
