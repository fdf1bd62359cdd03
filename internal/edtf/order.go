package edtf

import "cmp"

// Compare returns -1, 0 or +1 as a comes before, with or after b in a timeline.
// It is a total order, and 0 only for equal dates.
//
// Dates are ordered by Latest, then by Earliest, then the finer precision first,
// then by their text. The reason: a date that is only bounded above is placed
// where it is known to have happened by, and a month is never read as its first
// day, so "April 2025" stands after 8 April 2025, at the end of the month.
//
// An interval whose end is open is placed by the end of its start, the last
// thing that is known of it. One whose start is open is placed by its latest,
// before the others with that latest. A date that is not stated comes last.
func Compare(a, b Date) int {
	switch {
	case a == b:
		return 0
	case a.IsZero():
		return +1
	case b.IsZero():
		return -1
	}
	if by := compareLatest(a.placedBy(), b.placedBy()); by != 0 {
		return by
	}
	if by := compareEarliest(a, b); by != 0 {
		return by
	}
	if by := cmp.Compare(b.Precision(), a.Precision()); by != 0 {
		return by
	}
	return cmp.Compare(a.String(), b.String())
}

// placedBy is the point whose latest instant a stated date is ordered by.
func (d Date) placedBy() point {
	if d.OpenEnd() {
		return d.from
	}
	return d.last()
}

// compareLatest compares the last instants of two points. Days come in the order of
// their instants: which those are, in a zone whose clocks change, need not be asked of
// points without a time of day, as most dates of a timeline are.
func compareLatest(a, b point) int {
	if a.clock || b.clock {
		return a.latest().Compare(b.latest())
	}
	return a.lastCivil().Compare(b.lastCivil())
}

// compareEarliest compares the first instants of two dates; one that has none comes
// first.
func compareEarliest(a, b Date) int {
	okA, okB := a.from.kind == stated, b.from.kind == stated
	switch {
	case okA && okB && (a.from.clock || b.from.clock):
		return a.from.earliest().Compare(b.from.earliest())
	case okA && okB:
		return a.from.firstCivil().Compare(b.from.firstCivil())
	case okA:
		return +1
	case okB:
		return -1
	}
	return 0
}

// KnownBy is what can be said, on a day, of whether something had happened.
type KnownBy int

// The answers of Date.KnownBy, from no to yes.
const (
	NotYet   KnownBy = iota // it had not
	Possibly                // the date does not tell
	Known                   // it had
)

// String returns "not-yet", "possibly" or "known": a key, not a text for readers.
func (k KnownBy) String() string {
	switch k {
	case Possibly:
		return "possibly"
	case Known:
		return "known"
	default:
		return "not-yet"
	}
}

// KnownBy tells whether what d dates had happened by the end of the day in
// Africa/Casablanca: Known when Latest is not after that end, NotYet when
// Earliest is, else Possibly. An open end is never Known, as it may still be to
// come. A date that is not stated is NotYet: an undated thing enters no view of
// the past.
func (d Date) KnownBy(day Day) KnownBy {
	if d.IsZero() {
		return NotYet
	}
	end := day.end()
	if latest, ok := d.Latest(); ok && !latest.After(end) {
		return Known
	}
	if earliest, ok := d.Earliest(); ok && earliest.After(end) {
		return NotYet
	}
	return Possibly
}

// Days is a delay in whole civil days, as an interval from Min to Max since the
// dates that it is measured between can be imprecise. Min is negative when the
// dates overlap, Max too when the second is wholly before the first.
type Days struct {
	Min, Max int
	// MinOpen and MaxOpen say that there is no such bound; Min or Max is then 0.
	MinOpen, MaxOpen bool
	// Known is false when nothing is known of the delay; the rest is then zero.
	Known bool
}

// DaysBetween returns the delay from one date to the other, in civil days of
// Africa/Casablanca. Two exact days give Min == Max. An open or unknown end
// makes the bound that depends on it open. Known is false when one of the dates
// is not stated, or when both bounds are open.
func DaysBetween(from, to Date) Days {
	days := Days{Known: true}
	days.Min, days.MinOpen = daysSince(to.FirstDay, from.LastDay)
	days.Max, days.MaxOpen = daysSince(to.LastDay, from.FirstDay)
	if days.MinOpen && days.MaxOpen {
		return Days{}
	}
	return days
}

func daysSince(later, earlier func() (Day, bool)) (days int, isOpen bool) {
	to, okTo := later()
	from, okFrom := earlier()
	if !okTo || !okFrom {
		return 0, true
	}
	return to.DaysSince(from), false
}

// Exact reports whether the delay is one number of days, Min and Max alike.
func (d Days) Exact() bool {
	return d.Known && !d.MinOpen && !d.MaxOpen && d.Min == d.Max
}

// ClampMin0 returns the delay for callers who know that the second date cannot
// be before the first: a Min that is negative or open becomes 0. A delay that is
// wholly negative contradicts them and is returned as it is, to be seen.
func (d Days) ClampMin0() Days {
	reversed := !d.MaxOpen && d.Max < 0
	if !d.Known || reversed {
		return d
	}
	if d.MinOpen || d.Min < 0 {
		d.Min, d.MinOpen = 0, false
	}
	return d
}
