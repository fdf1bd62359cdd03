package edtf

import (
	"fmt"
	"strings"
	"time"
)

// maxLength is more than the longest canonical date needs (53 bytes), and little
// enough that hostile input costs nothing.
const maxLength = 64

// maxOffset is the greatest distance from UTC that any zone has, in minutes.
const maxOffset = 14 * 60

// Reason tells why a text is not a date. It is a key that callers translate.
type Reason string

// The reasons. The first one that applies is reported.
const (
	ReasonEmpty        Reason = "empty"             // nothing at all
	ReasonTooLong      Reason = "too-long"          // more than 64 bytes
	ReasonNotASCII     Reason = "not-ascii"         // Arabic digits, long dashes, …
	ReasonMalformed    Reason = "malformed"         // not the shape of any date we know
	ReasonYearRange    Reason = "year-out-of-range" // negative, or beyond 9999 (Y17000)
	ReasonNoSuchMonth  Reason = "no-such-month"     // month 13, season 25
	ReasonNoSuchDay    Reason = "no-such-day"       // 30 February
	ReasonNoSuchTime   Reason = "no-such-time"      // 24:00, or no time after the T
	ReasonBadZone      Reason = "bad-zone"          // neither Z nor an offset up to 14:00
	ReasonBothEndsOpen Reason = "both-ends-open"    // neither end is stated: "../.."
	ReasonReversed     Reason = "interval-reversed" // the start is after the end
)

// ParseError is the error of Parse, ParseDay and UnmarshalText.
type ParseError struct {
	Input  string // what was given, cut to 64 bytes
	Reason Reason
}

// Error returns a sentence for logs; for readers, translate the Reason.
func (e *ParseError) Error() string {
	return fmt.Sprintf("edtf: %q is not a date: %s", e.Input, e.Reason)
}

func parseError(s string, reason Reason) *ParseError {
	return &ParseError{Input: s[:min(len(s), maxLength)], Reason: reason}
}

// Parse reads a date in EDTF; the package comment lists the notations. It is
// strict: it trims no space and knows only capital T, Z and X. The error is
// always a *ParseError; the empty string is one too (use UnmarshalText where
// empty means "not stated").
func Parse(s string) (Date, error) {
	d, reason := parse(s)
	if reason != "" {
		return Date{}, parseError(s, reason)
	}
	return d, nil
}

func parse(s string) (Date, Reason) {
	switch {
	case s == "":
		return Date{}, ReasonEmpty
	case len(s) > maxLength:
		return Date{}, ReasonTooLong
	case !isASCII(s):
		return Date{}, ReasonNotASCII
	}
	if from, to, ok := strings.Cut(s, "/"); ok {
		return parseInterval(from, to)
	}
	p, reason := parsePoint(s)
	return Date{from: p}, reason
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func parseInterval(from, to string) (Date, Reason) {
	start, reason := parseEnd(from)
	if reason != "" {
		return Date{}, reason
	}
	end, reason := parseEnd(to)
	if reason != "" {
		return Date{}, reason
	}
	if start.kind != stated && end.kind != stated {
		return Date{}, ReasonBothEndsOpen
	}
	// Only what is impossible is refused: 2025-04-20/2025-04 can be true.
	if start.kind == stated && end.kind == stated && start.earliest().After(end.latest()) {
		return Date{}, ReasonReversed
	}
	return Date{from: start, to: end, interval: true}, ""
}

func parseEnd(s string) (point, Reason) {
	switch s {
	case "":
		return point{kind: unknown}, ""
	case "..":
		return point{kind: open}, ""
	}
	return parsePoint(s)
}

// parsePoint reads one date with its qualifier; s is not empty.
func parsePoint(s string) (point, Reason) {
	if s[0] == 'Y' || s[0] == '-' {
		return point{}, ReasonYearRange
	}
	p := point{kind: stated}
	switch s[len(s)-1] {
	case '~':
		p.qualifier = Approximate
	case '?':
		p.qualifier = Uncertain
	case '%':
		p.qualifier = ApproximateAndUncertain
	}
	if p.qualifier != Exact {
		s = s[:len(s)-1]
	}
	date, clock, hasClock := strings.Cut(s, "T")
	if reason := p.readDate(date); reason != "" {
		return point{}, reason
	}
	if !hasClock {
		return p, ""
	}
	return p, p.readClock(clock)
}

// readDate reads YYYY, YYYY-MM or YYYY-MM-DD with what is not specified in it.
func (p *point) readDate(s string) Reason {
	hyphens := (len(s) <= 4 || s[4] == '-') && (len(s) <= 7 || s[7] == '-')
	if len(s) != 4 && len(s) != 7 && len(s) != 10 || !hyphens {
		return ReasonMalformed
	}
	if !p.readYear(s[:4]) || p.maskedX > 0 && len(s) > 4 {
		return ReasonMalformed
	}
	if len(s) == 4 {
		return ""
	}
	if reason := p.readMonth(s[5:7]); reason != "" || len(s) == 7 {
		return reason
	}
	return p.readDay(s[8:])
}

func (p *point) readYear(s string) bool {
	digits := strings.TrimRight(s, "X")
	masked := len(s) - len(digits)
	if masked > 2 {
		return false
	}
	year, ok := number(digits + "00"[:masked])
	p.year, p.maskedX = int16(year), uint8(masked) //nolint:gosec // at most four digits
	return ok
}

func (p *point) readMonth(s string) Reason {
	if s == "XX" {
		p.month = unspecified
		return ""
	}
	month, ok := number(s)
	p.month = uint8(month) //nolint:gosec // at most two digits
	switch {
	case !ok:
		return ReasonMalformed
	case p.isSeason() || month >= 1 && month <= 12:
		return ""
	}
	return ReasonNoSuchMonth
}

func (p *point) readDay(s string) Reason {
	day, ok := number(s)
	switch {
	case p.isSeason():
		return ReasonMalformed
	case s == "XX":
		p.day = unspecified
		return ""
	case !ok || p.month == unspecified:
		return ReasonMalformed
	case day < 1 || day > daysIn(int(p.year), time.Month(p.month)):
		return ReasonNoSuchDay
	}
	p.day = uint8(day) //nolint:gosec // at most two digits
	return ""
}

// readClock reads HH:MM or HH:MM:SS, and the zone.
func (p *point) readClock(s string) Reason {
	if p.precision() != PrecisionDay {
		return ReasonMalformed
	}
	clock, zone := s, ""
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		clock, zone = s[:i], s[i:]
	}
	if !p.readTime(clock) {
		return ReasonNoSuchTime
	}
	if !p.readZone(zone) {
		return ReasonBadZone
	}
	return ""
}

func (p *point) readTime(s string) bool {
	if len(s) != 5 && len(s) != 8 || s[2] != ':' {
		return false
	}
	hour, okHour := number(s[:2])
	minute, okMinute := number(s[3:5])
	second, okSecond := 0, true
	if len(s) == 8 {
		second, okSecond = number(s[6:])
		okSecond = okSecond && s[5] == ':'
		p.seconds = true
	}
	p.clock, p.hour, p.minute, p.second = true, uint8(hour), uint8(minute), uint8(second) //nolint:gosec // at most two digits each
	return okHour && okMinute && okSecond && hour < 24 && minute < 60 && second < 60
}

// readZone reads "", Z, ±HH or ±HH:MM. "+00:00" becomes Z; "-00:00" is refused,
// as ISO 8601 does.
func (p *point) readZone(s string) bool {
	switch s {
	case "":
		return true
	case "Z", "+00", "+00:00":
		p.zone = zoneUTC
		return true
	}
	if len(s) == 3 {
		s += ":00"
	}
	if len(s) != 6 || s[3] != ':' {
		return false
	}
	hours, okHours := number(s[1:3])
	minutes, okMinutes := number(s[4:])
	offset := hours*60 + minutes
	if s[0] == '-' {
		offset = -offset
	}
	p.zone, p.offset = zoneOffset, int16(offset) //nolint:gosec // checked above
	return okHours && okMinutes && minutes < 60 && offset != 0 && offset >= -maxOffset && offset <= maxOffset
}

// number reads a few ASCII digits and nothing else: strconv would take a sign.
func number(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}
