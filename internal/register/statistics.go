package register

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/edtf"
)

// StatisticsFilter chooses the incidents that are counted. Empty fields do not
// choose.
type StatisticsFilter struct {
	Sector   string
	Kind     string // RSIT class
	From, To int    // years; an incident whose year is not known is in no range
}

// Validate returns ErrInvalid when a field holds what no link of the register
// can hold.
func (f StatisticsFilter) Validate() error {
	year := func(y int) bool { return y == 0 || y >= 1900 && y <= 9999 }
	switch {
	case f.Sector != "" && !isCode(Sectors(), f.Sector),
		f.Kind != "" && !isCode(IncidentKinds(), f.Kind),
		!year(f.From), !year(f.To), f.From != 0 && f.To != 0 && f.From > f.To:
		return ErrInvalid
	}
	return nil
}

// Statistics are counts over the published record. They count what the register
// holds, never what has happened.
type Statistics struct {
	Incidents int
	// Years are incidents by the year of their first public trace, the earliest
	// first; NoYear have none that is known.
	Years  []Facet
	NoYear int
	// Kinds and Sectors count an incident under each that it has.
	Kinds   []Facet
	Sectors []Facet
	// Delays are from the first public trace to the first official statement.
	Delays DelayStatistics
	// StatementsEach counts incidents by how many statements they show.
	StatementsEach []Facet
	// Phases counts referrals by the step that they have come to.
	Phases []ReferralCount
	// Facts are dated or sourced facts of incidents and statements; of Archived
	// ones at least one source was saved.
	Facts, Archived int
	// Languages counts statements by the languages in which their words are
	// known.
	Languages []Facet
	// CountedAt is when they were counted, where something was published since; zero:
	// they are current.
	CountedAt time.Time
}

// ReferralCount counts the referrals whose last known step and level are these.
type ReferralCount struct {
	Step  string
	Level Level
	Count int
}

// DelayCount is a delay in days with how many incidents have it.
type DelayCount struct {
	Delay edtf.Days
	Count int
}

// DelayStatistics are delays of several incidents.
type DelayStatistics struct {
	Delays []DelayCount
	// Unknown are incidents with an official statement whose delay nobody can
	// say, since a date is missing; Silent have no official statement.
	Unknown, Silent int
	// Institutions are those with most incidents, with the delays of their own.
	Institutions []InstitutionDelays
}

// InstitutionDelays are the delays of the incidents that touched one
// institution.
type InstitutionDelays struct {
	Institution InstitutionBrief
	Delays      []DelayCount
}

// Measured is how many incidents have a delay.
func Measured(delays []DelayCount) int {
	n := 0
	for _, d := range delays {
		n += d.Count
	}
	return n
}

// Median is the interval in which the median of the delays lies: since each
// delay is an interval, it goes from the median of their lowest to that of
// their highest values. Known is false when there are none, or no bound is
// known.
func Median(delays []DelayCount) edtf.Days {
	if Measured(delays) == 0 {
		return edtf.Days{}
	}
	lowest := middle(delays, func(d edtf.Days) float64 {
		if d.MinOpen {
			return math.Inf(-1)
		}
		return float64(d.Min)
	})
	highest := middle(delays, func(d edtf.Days) float64 {
		if d.MaxOpen {
			return math.Inf(1)
		}
		return float64(d.Max)
	})
	out := edtf.Days{Known: true, MinOpen: math.IsInf(lowest, 0), MaxOpen: math.IsInf(highest, 0)}
	if out.MinOpen && out.MaxOpen {
		return edtf.Days{}
	}
	// Half a day is none: the interval is widened to whole days.
	if !out.MinOpen {
		out.Min = int(math.Floor(lowest))
	}
	if !out.MaxOpen {
		out.Max = int(math.Ceil(highest))
	}
	return out
}

// middle is the median of one bound; of an even number, the mean of the two in
// the middle.
func middle(delays []DelayCount, bound func(edtf.Days) float64) float64 {
	sorted := slices.Clone(delays)
	slices.SortFunc(sorted, func(a, b DelayCount) int { return cmp.Compare(bound(a.Delay), bound(b.Delay)) })
	n := Measured(delays)
	at := func(i int) float64 {
		for _, d := range sorted {
			if i < d.Count {
				return bound(d.Delay)
			}
			i -= d.Count
		}
		return 0
	}
	return (at((n-1)/2) + at(n/2)) / 2
}

// DelayClass is a class of the distribution of delays, in days; the last has no
// end.
type DelayClass struct{ From, To int }

// DelayClasses are the classes of the distribution: the same day, three days,
// a week, a month, a quarter, and longer. They follow the yardsticks that laws
// elsewhere know (72 hours, a month).
func DelayClasses() []DelayClass {
	return []DelayClass{{0, 0}, {1, 3}, {4, 7}, {8, 30}, {31, 90}, {91, -1}}
}

// Place counts the delays that lie in a class as a whole, and those that may.
// A delay before the first public trace is none: it counts as the same day.
func (c DelayClass) Place(delays []DelayCount) (certain, possible int) {
	for _, d := range delays {
		low, high := float64(max(d.Delay.Min, 0)), float64(max(d.Delay.Max, 0))
		if d.Delay.MinOpen {
			low = 0
		}
		if d.Delay.MaxOpen {
			high = math.Inf(1)
		}
		to := float64(c.To)
		if c.To < 0 {
			to = math.Inf(1)
		}
		switch {
		case low >= float64(c.From) && high <= to:
			certain += d.Count
		case low <= to && high >= float64(c.From):
			possible += d.Count
		}
	}
	return certain, possible
}

// EarliestCount is the earlier of two moments at which figures were counted, where a
// zero one is now.
func EarliestCount(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// CountFacts counts the facts of a noun, and those of which at least one source
// was saved.
func CountFacts(noun any, sources []Source) (facts, archived int) {
	saved := map[string]bool{}
	for i := range sources {
		saved[sources[i].Key] = sources[i].Capture != nil
	}
	EachFact(noun, func(f *Fact) {
		facts++
		if slices.ContainsFunc(f.Sources, func(key string) bool { return saved[key] }) {
			archived++
		}
	})
	return facts, archived
}
