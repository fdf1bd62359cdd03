package exchange

import (
	"fmt"
	"net/url"
	"strings"
)

// URI writes an address as RFC 3986 wants it: what may not stand in one is encoded.
// It is empty for what is no address of the web.
func URI(address string) string {
	const allowed = "-._~:/?@!$&'()*+,;="
	var out strings.Builder
	fragment := false
	for i := range len(address) {
		c := address[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(allowed, c) >= 0,
			c == '%' && i+2 < len(address) && isHex(address[i+1]) && isHex(address[i+2]),
			c == '#' && !fragment:
			fragment = fragment || c == '#'
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	u, err := url.Parse(out.String())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return out.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
