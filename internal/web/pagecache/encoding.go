package pagecache

import (
	"strconv"
	"strings"
)

// AcceptsGzip reads the lines of Accept-Encoding (RFC 9110, 12.5.3): gzip counts
// unless its weight is zero, in whatever letters and blanks. What cannot be read
// does not count: plain is never wrong. views/assets has the same, because
// neither of the two may know the other; a test holds them together.
func AcceptsGzip(accept []string) bool {
	for _, line := range accept {
		for coding := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(coding, ";")
			if strings.EqualFold(strings.Trim(name, " \t"), "gzip") {
				return weight(parameters) > 0
			}
		}
	}
	return false
}

// weight reads the parameters of a coding: one q, or nothing, which is 1.
func weight(parameters string) float64 {
	if strings.Trim(parameters, " \t") == "" {
		return 1
	}
	name, value, _ := strings.Cut(parameters, "=")
	q, err := strconv.ParseFloat(strings.Trim(value, " \t"), 64)
	if err != nil || !strings.EqualFold(strings.Trim(name, " \t"), "q") {
		return 0
	}
	return q
}
