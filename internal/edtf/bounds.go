package edtf

import (
	"sync"
	"time"
	_ "time/tzdata" // minimal systems have no zone files, and Ramadan is in them
)

// Location returns Africa/Casablanca, the zone of dates that state none.
func Location() *time.Location { return casablanca() }

// casablanca cannot fail, as the zones are compiled in, unless $ZONEINFO points
// to broken ones; then the year-round offset is better than a panic.
var casablanca = sync.OnceValue(func() *time.Location {
	const name = "Africa/Casablanca"
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.FixedZone(name, 60*60)
	}
	return location
})

// Earliest returns the first instant that the date can mean, in its zone; false
// when the date is not stated or its start is open or unknown. "Approximate" and
// "uncertain" do not widen the bounds: the source gives no measure of its doubt,
// and any that we chose would be our invention. Show the qualifier instead.
func (d Date) Earliest() (time.Time, bool) {
	p := d.from
	if p.kind != stated {
		return time.Time{}, false
	}
	return p.earliest(), true
}

// Latest returns the last instant that the date can mean, inclusive: one
// nanosecond before the next day, minute or second begins. It returns false when
// the date is not stated or its end is open or unknown. As for Earliest,
// qualifiers do not widen it.
func (d Date) Latest() (time.Time, bool) {
	p := d.last()
	if p.kind != stated {
		return time.Time{}, false
	}
	return p.latest(), true
}

// FirstDay returns the first civil day that the date can mean; false as for
// Earliest. Days are those of Africa/Casablanca, also for a time that was given
// in another zone, so that all delays count on one calendar.
func (d Date) FirstDay() (Day, bool) {
	p := d.from
	if p.kind != stated {
		return Day{}, false
	}
	if p.zone != zoneDefault {
		return DayOf(p.earliest()), true
	}
	return p.firstCivil(), true
}

// LastDay returns the last civil day that the date can mean, in
// Africa/Casablanca; false as for Latest.
func (d Date) LastDay() (Day, bool) {
	p := d.last()
	if p.kind != stated {
		return Day{}, false
	}
	if p.zone != zoneDefault {
		return DayOf(p.latest()), true
	}
	return p.lastCivil(), true
}

func (d Date) last() point {
	if d.interval {
		return d.to
	}
	return d.from
}

// civilMonths returns the first month that the point can mean, and how many it
// spans from there. EDTF does not define seasons. These take whole months that
// hold both the meteorological and the astronomical season of the northern
// hemisphere (spring: March to June); winter begins in December of its year,
// as its code, 24, comes after autumn's.
func (p point) civilMonths() (year int, month time.Month, count int) {
	year = int(p.year)
	switch p.precision() {
	case PrecisionCentury:
		return year, time.January, 1200
	case PrecisionDecade:
		return year, time.January, 120
	case PrecisionYear:
		return year, time.January, 12
	case PrecisionSeason:
		return year, time.Month(p.month-spring+1) * 3, 4
	default:
		return year, time.Month(p.month), 1
	}
}

// firstCivil and lastCivil are the civil days as written, whatever the zone.
func (p point) firstCivil() Day {
	if p.precision() >= PrecisionDay {
		return Day{Year: int(p.year), Month: time.Month(p.month), Day: int(p.day)}
	}
	year, month, _ := p.civilMonths()
	return Day{Year: year, Month: month, Day: 1}
}

func (p point) lastCivil() Day {
	if p.precision() >= PrecisionDay {
		return p.firstCivil()
	}
	year, month, count := p.civilMonths()
	return Day{Year: year, Month: month + time.Month(count), Day: 0}.AddDays(0)
}

func (p point) earliest() time.Time {
	if !p.clock {
		return p.firstCivil().start()
	}
	first, _ := p.instants()
	return first
}

func (p point) latest() time.Time {
	if !p.clock {
		return p.lastCivil().end()
	}
	_, last := p.instants()
	if p.seconds {
		return last.Add(time.Second - 1)
	}
	return last.Add(time.Minute - 1)
}

// instants returns the first and the last instant at which a clock in the
// point's zone began to show its time.
func (p point) instants() (first, last time.Time) {
	wall := time.Date(int(p.year), time.Month(p.month), int(p.day),
		int(p.hour), int(p.minute), int(p.second), 0, time.UTC)
	switch p.zone {
	case zoneUTC:
		return wall, wall
	case zoneOffset:
		t := at(wall, int(p.offset)*60, time.FixedZone("", int(p.offset)*60))
		return t, t
	case zoneDefault:
	}
	return wallClock(wall)
}

// wallClock returns the first and the last instant at which clocks in
// Africa/Casablanca show the time that wall shows in UTC. They differ when
// clocks go back (02:30 comes twice on 23 February 2025, as Ramadan begins). A
// time that clocks skip is read as if they had not yet gone forward. time.Date
// leaves both cases undefined.
func wallClock(wall time.Time) (first, last time.Time) {
	before := at(wall, offsetAt(wall.AddDate(0, 0, -1)), Location())
	after := at(wall, offsetAt(wall.AddDate(0, 0, 1)), Location())
	switch {
	case !shows(after, wall):
		return before, before
	case !shows(before, wall):
		return after, after
	}
	return before, after
}

// at returns the instant at which a clock so many seconds ahead of UTC shows wall.
func at(wall time.Time, offset int, location *time.Location) time.Time {
	return wall.Add(-time.Duration(offset) * time.Second).In(location)
}

func offsetAt(t time.Time) int {
	_, offset := t.In(Location()).Zone()
	return offset
}

func shows(t, wall time.Time) bool {
	return t.Hour() == wall.Hour() && t.Minute() == wall.Minute() && t.Day() == wall.Day()
}
