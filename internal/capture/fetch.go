package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"syscall"
	"time"

	"github.com/sijil/sijil/internal/register"
)

const (
	fetchTime     = 20 * time.Second
	mostRedirects = 5
)

// errNotPublic means an address that is not on the public network, or a port
// that is not the web's.
var errNotPublic = errors.New("capture: not an address of the public web")

// Fetch gets what stands at an address and examines it, as Intake does. It
// speaks to public addresses only, whatever a name resolves to and wherever a
// page redirects (SSRF). What is wrong is returned as register.Problems, at
// "url" where the address is at fault, else at "file".
func (in *Intake) Fetch(ctx context.Context, address string) (Document, error) {
	return in.fetch(ctx, address, onlyPublic)
}

func (in *Intake) fetch(ctx context.Context, address string, may func(netip.AddrPort) error) (Document, error) {
	u, err := url.Parse(address)
	if err != nil || checkURL(u) != nil {
		return Document{}, register.Problems{{Field: "url", Key: "problem.url-malformed", Value: address}}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Document{}, register.Problems{{Field: "url", Key: "problem.url-malformed", Value: address}}
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (compatible)")
	response, err := fetchClient(may).Do(request)
	if err != nil {
		return Document{}, fetchProblem(ctx, err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		return Document{}, register.Problems{{Field: "url", Key: "problem.fetch-status", Value: fmt.Sprint(response.StatusCode)}}
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, MaxBytes+1)) // decoded
	if err != nil {
		return Document{}, fetchProblem(ctx, err)
	}
	return in.Intake(ctx, bytes.NewReader(content), path.Base(response.Request.URL.Path), response.Header.Get("Content-Type"))
}

func fetchProblem(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errNotPublic):
		return register.Problems{{Field: "url", Key: "problem.fetch-refused"}}
	}
	return register.Problems{{Field: "url", Key: "problem.fetch-failed"}}
}

// fetchClient is the one client that fetches: no proxy, no cookies, no
// connection that is used twice. Every connection is examined when its name is
// resolved already, so that no name can turn into another address afterwards.
func fetchClient(may func(netip.AddrPort) error) *http.Client {
	dialer := &net.Dialer{Timeout: fetchTime / 2, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errNotPublic, err)
		}
		return may(to)
	}}
	return &http.Client{
		Timeout: fetchTime,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableKeepAlives: true,
			TLSHandshakeTimeout: fetchTime / 2, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > mostRedirects {
				return errors.New("capture: too many redirects")
			}
			next.Header.Del("Referer")
			return checkURL(next.URL)
		},
	}
}

// checkURL wants the web's schemes and ports, and no password in the address.
func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errNotPublic
	}
	return nil
}

func onlyPublic(to netip.AddrPort) error {
	if to.Port() != 80 && to.Port() != 443 || !isPublic(to.Addr()) {
		return fmt.Errorf("%w: %s", errNotPublic, to)
	}
	return nil
}

// isPublic reports whether an address is one of the public network: IPv4 but
// for the blocks of the IANA special-purpose registry, multicast and what is
// reserved; of IPv6 the global unicast block, without those in it that lead
// elsewhere or nowhere (2002::/16 and 2001::/32 carry addresses of IPv4).
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	blocked := []string{"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"}
	if addr.Is4() {
		blocked = []string{
			"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
			"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
			"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		}
	} else if !netip.MustParsePrefix("2000::/3").Contains(addr) {
		return false
	}
	return !slices.ContainsFunc(blocked, func(block string) bool { return netip.MustParsePrefix(block).Contains(addr) })
}
