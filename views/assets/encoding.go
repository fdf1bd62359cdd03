package assets

import (
	"strconv"
	"strings"
)

// AcceptsGzip reads the lines of Accept-Encoding (RFC 9110, 12.5.3) as the page
// cache does: gzip counts unless its weight is zero, in whatever letters and
// blanks, and "*" where it is not named; what cannot be read does not count.
func AcceptsGzip(accept []string) bool {
	others := false
	for _, line := range accept {
		for coding := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(coding, ";")
			switch name = strings.Trim(name, " \t"); {
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				return weight(parameters) > 0
			case name == "*":
				others = weight(parameters) > 0
			}
		}
	}
	return others
}

// weight reads the parameters of a coding: one q, or nothing, which is 1.
func weight(parameters string) float64 {
	if strings.Trim(parameters, " \t") == "" {
		return 1
	}
	name, value, _ := strings.Cut(parameters, "=")
	q, err := strconv.ParseFloat(strings.Trim(value, " \t"), 64)
	if err != nil || !strings.EqualFold(strings.Trim(name, " \t"), "q") || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
