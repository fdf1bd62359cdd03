package lookalike

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// The longest label and the longest name that the domain name system has.
const (
	maxLabel = 63
	maxName  = 253
)

// ASCII writes the host of an address, where it is in letters of any script, as the
// name that is asked for (its xn-- form, by IDNA 2008 with the mapping of UTS 46), and
// leaves everything else as it is. An address whose host cannot be such a name, or
// has something odd in it, is returned as it was: who judges addresses refuses it.
func ASCII(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || u.User != nil || ascii(u.Hostname()) {
		return address
	}
	scheme, rest, ok := strings.Cut(address, "//")
	if !ok || !strings.EqualFold(scheme, u.Scheme+":") {
		return address
	}
	host, ok := asciiHost(u.Hostname())
	if !ok {
		return address
	}
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return scheme + "//" + host + rest[end:]
}

// asciiHost is the name of a host in ASCII. One that needs no xn-- was written in
// characters that only look like ASCII, and is none.
func asciiHost(host string) (string, bool) {
	name, err := idna.Lookup.ToASCII(host)
	if err != nil || len(name) > maxName || !strings.Contains(name, "xn--") || len(Host(host)) > 0 {
		return "", false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > maxLabel {
			return "", false
		}
	}
	return name, true
}
