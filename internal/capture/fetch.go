package capture

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"syscall"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"github.com/sijil/sijil/internal/register"
)

const (
	// patience is how long to get and to examine what stands at an address may
	// take in all: less than who sent the form waits for his answer.
	patience      = 20 * time.Second
	mostRedirects = 5
)

// errNotPublic means an address that is not on the public network, or a port
// that is not the web's.
var errNotPublic = errors.New("capture: not an address of the public web")

// Reach is what Fetch may ask, and for how long. The zero Reach is the public
// web; it can be widened by single addresses only, and never turned off.
type Reach struct {
	// Besides are addresses that may be asked though they are not public: those
	// of a server that a test has started.
	Besides []netip.AddrPort
	// Patience is how long a fetch may take in all; 0 means 20 s.
	Patience time.Duration
}

// WithReach returns the intake with another reach.
func (in *Intake) WithReach(r Reach) *Intake {
	out := *in
	out.reach = r
	return &out
}

// may reports why an address that a name has turned out to be may not be
// spoken to.
func (r Reach) may(to netip.AddrPort) error {
	if slices.Contains(r.Besides, to) {
		return nil
	}
	return onlyPublic(to)
}

// Fetch gets what stands at an address and examines it, as Intake does. It
// speaks to public addresses only, whatever a name resolves to and wherever a
// page redirects (SSRF). What is wrong is returned as register.Problems, at
// "url" where the address is at fault, else at "file". A page of the web is at
// fault: what it shows differs from reader to reader and from day to day, and
// it is not a document.
func (in *Intake) Fetch(ctx context.Context, address string) (Document, error) {
	u, err := url.Parse(address)
	if err != nil || checkURL(u) != nil {
		return Document{}, urlProblem("url-malformed", address)
	}
	limited, cancel := context.WithTimeout(ctx, cmp.Or(in.reach.Patience, patience))
	defer cancel()
	d, err := in.fetch(limited, u)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return Document{}, urlProblem("fetch-slow", "")
	}
	return d, err
}

func (in *Intake) fetch(ctx context.Context, u *url.URL) (Document, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Document{}, urlProblem("url-malformed", u.String())
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (compatible)")
	response, err := fetchClient(in.reach.may).Do(request)
	if err != nil {
		return Document{}, fetchProblem(ctx, err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		return Document{}, urlProblem("fetch-status", fmt.Sprint(response.StatusCode))
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, MaxBytes+1)) // decoded
	if err != nil {
		return Document{}, fetchProblem(ctx, err)
	}
	declared := response.Header.Get("Content-Type")
	if isPage(content, declared) {
		return Document{}, urlProblem("fetch-page", "")
	}
	return in.Intake(ctx, bytes.NewReader(content), path.Base(response.Request.URL.Path), declared)
}

// isPage tells a page of the web from a document: by its content, or by what
// its server calls a text, since a page may begin with anything. A PDF that is
// sent as a page is a PDF.
func isPage(content []byte, declared string) bool {
	if kind := sniff(content); kind != "" && kind != register.TypeText {
		return false
	}
	pages := []string{"text/html", "application/xhtml+xml"}
	called, _, err := mime.ParseMediaType(declared)
	return err == nil && slices.Contains(pages, called) ||
		slices.ContainsFunc(pages, mimetype.Detect(content).Is)
}

func urlProblem(key, value string) error {
	return register.Problems{{Field: "url", Key: "problem." + key, Value: value}}
}

func fetchProblem(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errNotPublic):
		return urlProblem("fetch-refused", "")
	}
	return urlProblem("fetch-failed", "")
}

// fetchClient is the one client that fetches: no proxy, no cookies, no
// connection that is used twice; how long it may take, the request's context
// says. Every connection is examined when its name is
// resolved already, so that no name can turn into another address afterwards.
func fetchClient(may func(netip.AddrPort) error) *http.Client {
	dialer := &net.Dialer{Timeout: patience / 2, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errNotPublic, err)
		}
		return may(to)
	}}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableKeepAlives: true,
			TLSHandshakeTimeout: patience / 2, MaxResponseHeaderBytes: 64 << 10,
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
