package capture

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// errNotPublic means an address that is not on the public network, or a port
// that is not the web's.
var errNotPublic = errors.New("capture: not an address of the public web")

// Reach is what may be fetched, and for how long. The zero Reach is the public
// web; it can be widened by single addresses only, and never turned off.
type Reach struct {
	// Besides are addresses that may be asked though they are not public: those
	// of a server that a test has started.
	Besides []netip.AddrPort
	// Patience is how long a fetch may take in all; 0 means 20 s for a form
	// and 45 s in the background.
	Patience time.Duration
	// Resolver finds the addresses of a name; nil is the system's.
	Resolver *net.Resolver
	// Authorities vouch for the servers of https; nil are the system's.
	Authorities *x509.CertPool
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

// dialer examines every connection when its name is resolved already, so that
// no name can turn into another address afterwards.
func (r Reach) dialer() *net.Dialer {
	return &net.Dialer{Timeout: patience / 2, Resolver: r.Resolver, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errNotPublic, err)
		}
		return r.may(to)
	}}
}

// checkURL wants the web's schemes, no password in the address, and a host that
// is a name or an address in its one usual form.
func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || isOddNumber(u.Hostname()) {
		return errNotPublic
	}
	return nil
}

// isOddNumber reports whether a host ends in a number, and is therefore an
// address of IPv4 to some that read it (URL Standard, "ends in a number
// checker"), without being written as one: 2130706433, 0x7f.1, 017700000001,
// 127.1, 127.0.0.1 with a dot at its end. Nobody publishes at such an address.
func isOddNumber(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false // what it is, is asked when it is dialled
	}
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	if digits, isHex := strings.CutPrefix(strings.ToLower(last), "0x"); isHex {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
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
