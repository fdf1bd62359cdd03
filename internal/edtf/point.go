package edtf

import "fmt"

// endKind tells whether a point is there at all: the ends of an interval may be
// open or unknown, and a single date has no second end.
type endKind uint8

const (
	absent  endKind = iota
	stated          // a date
	open            // ".."
	unknown         // the empty string
)

// zoneKind tells a time whose source gave no zone from one that gave UTC.
type zoneKind uint8

const (
	zoneDefault zoneKind = iota // none given: Africa/Casablanca
	zoneUTC
	zoneOffset
)

// Months that are not months: EDTF writes the season where the month goes, and
// XX where a number is not specified.
const (
	spring      = 21
	winter      = 24
	unspecified = 0xFF
)

// point is a single date, or one end of an interval. It has no pointer, so that
// == is equality; Parse fills it in one way only for each meaning.
type point struct {
	kind      endKind
	qualifier Qualifier
	year      int16
	maskedX   uint8 // last digits of the year that are not specified: 0, 1, 2
	month     uint8 // 0 none, 1–12, 21–24 season, or unspecified
	day       uint8 // 0 none, 1–31, or unspecified

	clock                bool // a time of day is given
	seconds              bool // … to the second
	hour, minute, second uint8
	zone                 zoneKind
	offset               int16 // minutes east of UTC, for zoneOffset
}

func (p point) isSeason() bool { return p.month >= spring && p.month <= winter }

func (p point) precision() Precision {
	switch {
	case p.kind != stated:
		return PrecisionNone
	case p.maskedX == 2:
		return PrecisionCentury
	case p.maskedX == 1:
		return PrecisionDecade
	case p.month == 0 || p.month == unspecified:
		return PrecisionYear
	case p.isSeason():
		return PrecisionSeason
	case p.day == 0 || p.day == unspecified:
		return PrecisionMonth
	case p.clock:
		return PrecisionMinute
	}
	return PrecisionDay
}

// String returns the canonical EDTF of the point.
func (p point) String() string {
	switch p.kind {
	case open:
		return ".."
	case absent, unknown:
		return ""
	case stated:
	}
	var room [len("2025-04-09")]byte
	return string(p.appendDay(room[:0])) + p.clockString() + p.qualifier.suffix()
}

// appendDay writes the year with its month and its day, where there are any. A page
// writes some hundreds of dates, so it is done without fmt.
func (p point) appendDay(b []byte) []byte {
	b = appendDigits(b, int(p.year), 4)
	for i := range p.maskedX {
		b[len(b)-1-int(i)] = 'X'
	}
	return appendField(appendField(b, p.month), p.day)
}

// appendField writes a month or a day with its hyphen, nothing when there is none.
func appendField(b []byte, n uint8) []byte {
	switch n {
	case 0:
		return b
	case unspecified:
		return append(b, "-XX"...)
	}
	return appendDigits(append(b, '-'), int(n), 2)
}

// appendDigits writes a number that is not negative with as many digits, or more where
// it needs them.
func appendDigits(b []byte, n, digits int) []byte {
	if n > 9 || digits > 1 {
		b = appendDigits(b, n/10, digits-1)
	}
	return append(b, byte('0'+n%10))
}

func (p point) clockString() string {
	if !p.clock {
		return ""
	}
	return "T" + p.timeOfDay() + p.zoneString()
}

// timeOfDay is "09:42", or "09:42:10" when the second is given.
func (p point) timeOfDay() string {
	if p.seconds {
		return fmt.Sprintf("%02d:%02d:%02d", p.hour, p.minute, p.second)
	}
	return fmt.Sprintf("%02d:%02d", p.hour, p.minute)
}

func (p point) zoneString() string {
	switch p.zone {
	case zoneUTC:
		return "Z"
	case zoneOffset:
		return offsetString(p.offset)
	case zoneDefault:
	}
	return ""
}

// offsetString is "+01:00".
func offsetString(minutes int16) string {
	sign := '+'
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d:%02d", sign, minutes/60, minutes%60)
}
