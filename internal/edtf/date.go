package edtf

import (
	"fmt"
	"strings"
)

// Date is an uncertain date. It is immutable and canonical: two dates are equal
// (==) exactly when their String is the same. The zero value means "not stated".
type Date struct {
	// from is the date itself when this is no interval, and its start otherwise.
	from, to point
	interval bool
}

// Qualifier is how sure the source is of a date.
type Qualifier uint8

// The qualifiers. They are bits, so that those of two ends can be joined.
const (
	Exact                   Qualifier = 0
	Approximate             Qualifier = 1
	Uncertain               Qualifier = 2
	ApproximateAndUncertain           = Approximate | Uncertain
)

// String returns "exact", "approximate", "uncertain" or
// "approximate-and-uncertain": a key, not a text for readers.
func (q Qualifier) String() string {
	switch q {
	case Exact:
		return "exact"
	case Approximate:
		return "approximate"
	case Uncertain:
		return "uncertain"
	case ApproximateAndUncertain:
		return "approximate-and-uncertain"
	}
	return fmt.Sprintf("Qualifier(%d)", uint8(q))
}

// suffix is the EDTF character of the qualifier.
func (q Qualifier) suffix() string {
	switch q {
	case Approximate:
		return "~"
	case Uncertain:
		return "?"
	case ApproximateAndUncertain:
		return "%"
	default:
		return ""
	}
}

// Precision is how fine a date is; a greater value is finer.
type Precision uint8

// The precisions, from none (a date that is not stated) to the finest. A time
// that is given to the second has PrecisionMinute too: nothing here depends on
// the difference, and String and the bounds keep the second.
const (
	PrecisionNone Precision = iota
	PrecisionCentury
	PrecisionDecade
	PrecisionYear
	PrecisionSeason
	PrecisionMonth
	PrecisionDay
	PrecisionMinute
)

// String returns "none", "century", "decade", "year", "season", "month", "day"
// or "minute": a key, not a text for readers.
func (p Precision) String() string {
	names := [...]string{"none", "century", "decade", "year", "season", "month", "day", "minute"}
	if int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("Precision(%d)", uint8(p))
}

// IsZero reports whether the date is not stated.
func (d Date) IsZero() bool { return d == Date{} }

// IsInterval reports whether the date is written as an interval.
func (d Date) IsInterval() bool { return d.interval }

// OpenStart reports whether d is an interval without a stated start, be it open
// ("..") or unknown (empty): neither says since when, and both read the same.
func (d Date) OpenStart() bool { return d.interval && d.from.kind != stated }

// OpenEnd reports whether d is an interval without a stated end, open or unknown.
func (d Date) OpenEnd() bool { return d.interval && d.to.kind != stated }

// Start returns the start of an interval, zero when it is open or unknown. A
// date that is no interval is its own start.
func (d Date) Start() Date { return d.endOf(d.from) }

// End returns the end of an interval, zero when it is open or unknown. A date
// that is no interval is its own end.
func (d Date) End() Date { return d.endOf(d.to) }

func (d Date) endOf(p point) Date {
	switch {
	case !d.interval:
		return d
	case p.kind != stated:
		return Date{}
	}
	return Date{from: p}
}

// Qualifier returns the qualifier of the date; for an interval, those of both
// ends together.
func (d Date) Qualifier() Qualifier { return d.from.qualifier | d.to.qualifier }

// Precision returns the precision that is known: digits that are not specified
// count for nothing (2025-04-XX has PrecisionMonth). For an interval it is the
// coarser one of its stated ends; for the zero Date, PrecisionNone.
func (d Date) Precision() Precision {
	from, to := d.from.precision(), d.to.precision()
	switch {
	case d.to.kind != stated:
		return from
	case d.from.kind != stated:
		return to
	}
	return min(from, to)
}

// String returns the date in canonical EDTF, "" for the zero Date.
func (d Date) String() string {
	if !d.interval {
		return d.from.String()
	}
	return d.from.String() + "/" + d.to.String()
}

// MarshalText returns the canonical EDTF, empty for the zero Date. It never fails.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads EDTF as Parse does; empty text is the zero Date. On an
// error, a *ParseError, it leaves d as it was.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// HTMLDateTime returns the most precise value that the datetime attribute of
// HTML's time element allows: "2025", "2025-04", "2025-04-08" or
// "2025-04-09T09:42" (with its zone when one was given). It returns "" for what
// HTML has no notation for: intervals, seasons, decades, centuries, year 0.
// Qualifiers have none either and are left to the visible text.
func (d Date) HTMLDateTime() string {
	p := d.from
	switch {
	case d.interval || p.kind != stated || p.year == 0:
		return ""
	case p.precision() < PrecisionYear || p.precision() == PrecisionSeason:
		return ""
	}
	p.qualifier = Exact
	return strings.TrimSuffix(strings.TrimSuffix(p.String(), "-XX"), "-XX")
}
