package edtf

import (
	"cmp"
	"fmt"
	"time"
)

// Day is a civil day, in Africa/Casablanca where a zone matters. The zero value
// is no day.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

const secondsPerDay = 24 * 60 * 60

// DayOf returns the day that it is in Africa/Casablanca at t.
func DayOf(t time.Time) Day { return dayIn(t.In(Location())) }

// dayIn returns the day that t shows in its own location.
func dayIn(t time.Time) Day {
	year, month, day := t.Date()
	return Day{Year: year, Month: month, Day: day}
}

// ParseDay reads a single complete day, "2025-04-08", without qualifier or time.
// The error is always a *ParseError.
func ParseDay(s string) (Day, error) {
	d, err := Parse(s)
	if err != nil {
		return Day{}, err
	}
	if d.interval || d.Precision() != PrecisionDay || d.Qualifier() != Exact {
		return Day{}, parseError(s, ReasonMalformed)
	}
	return d.from.firstCivil(), nil
}

// IsZero reports whether this is no day.
func (d Day) IsZero() bool { return d == Day{} }

// String returns "2025-04-08".
func (d Day) String() string {
	if d.Year < 0 || d.Month < 0 || d.Day < 0 { // no day
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	var room [len("2025-04-08")]byte
	b := append(appendDigits(room[:0], d.Year, 4), '-')
	b = append(appendDigits(b, int(d.Month), 2), '-')
	return string(appendDigits(b, d.Day, 2))
}

// Date returns the day as an exact Date; zero when there is no such day or its
// year is not within 0000 and 9999.
func (d Day) Date() Date {
	if d.Year < 0 || d.Year > 9999 || d != d.AddDays(0) {
		return Date{}
	}
	return Date{from: point{kind: stated, year: int16(d.Year), month: uint8(d.Month), day: uint8(d.Day)}} //nolint:gosec // a Day that exists is within bounds
}

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.midnightUTC().Weekday() }

// AddDays returns the day that is n days later, or earlier when n is negative.
func (d Day) AddDays(n int) Day { return dayIn(d.midnightUTC().AddDate(0, 0, n)) }

// DaysSince returns how many days d is after other; negative when it is before.
func (d Day) DaysSince(other Day) int {
	return int((d.midnightUTC().Unix() - other.midnightUTC().Unix()) / secondsPerDay)
}

// Compare returns -1, 0 or +1 as d is before, equal to or after other.
func (d Day) Compare(other Day) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// midnightUTC stands for the day in calendar arithmetic: UTC has no clock changes.
func (d Day) midnightUTC() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// start returns the first instant of the day in Africa/Casablanca. That is not
// always midnight: on 1 June 2008 clocks went from 00:00 to 01:00.
func (d Day) start() time.Time {
	first, _ := wallClock(d.midnightUTC())
	return first
}

// end returns the last instant of the day, one nanosecond before the next.
func (d Day) end() time.Time { return d.AddDays(1).start().Add(-1) }

// daysIn returns the length of a month; day 0 of the next one is its last.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
