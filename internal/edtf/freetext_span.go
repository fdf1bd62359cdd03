package edtf

import (
	"errors"
	"fmt"
	"time"
)

// end is one end of a span in EDTF, without its qualifier.
type end struct {
	text string // ".." when it is open
	q    Qualifier
}

func (e end) String() string {
	if e.text == ".." {
		return e.text
	}
	return e.text + e.q.suffix()
}

// span is what a text says: one date, or a window with two ends.
type span struct {
	from, to end
	window   bool
}

func single(text string) span { return span{from: end{text: text}} }

func windowOf(from, to string) span {
	return span{from: end{text: from}, to: end{text: to}, window: true}
}

// last is the later end, or the only one.
func (s span) last() end {
	if s.window {
		return s.to
	}
	return s.from
}

// qualified adds a qualifier to both ends.
func (s span) qualified(q Qualifier) span {
	s.from.q |= q
	s.to.q |= q
	return s
}

func (s span) until() span { return span{from: end{text: ".."}, to: s.last(), window: true} }

func (s span) since() span { return span{from: s.from, to: end{text: ".."}, window: true} }

// date reads the span as EDTF, which refuses what does not exist.
func (s span) date() (Date, *TextError) {
	text := s.from.String()
	if s.window {
		text += "/" + s.to.String()
	}
	d, err := Parse(text)
	if err == nil {
		return d, nil
	}
	var parse *ParseError
	if errors.As(err, &parse) && parse.Reason != ReasonMalformed && parse.Reason != ReasonBothEndsOpen {
		return Date{}, problemOf(parse.Reason)
	}
	return Date{}, &TextError{Reason: ReasonNotUnderstood, Word: text}
}

// beside returns the date that comes just before (step -1) or just after
// (step +1) what e says, as fine as that.
func (e end) beside(step int) (end, *TextError) {
	d, problem := span{from: e}.date()
	if problem != nil {
		return end{}, problem
	}
	return end{text: d.from.beside(step), q: e.q}, nil
}

func (p point) beside(step int) string {
	switch p.precision() {
	case PrecisionYear:
		return fmt.Sprintf("%04d", int(p.year)+step)
	case PrecisionMonth:
		first := Day{Year: int(p.year), Month: time.Month(int(p.month) + step), Day: 1}.AddDays(0)
		return first.String()[:len("2025-04")]
	case PrecisionMinute:
		wall := time.Date(int(p.year), time.Month(p.month), int(p.day), int(p.hour), int(p.minute)+step, 0, 0, time.UTC)
		return wall.Format("2006-01-02T15:04") + p.zoneString()
	default:
		if step < 0 {
			return p.firstCivil().AddDays(step).String()
		}
		return p.lastCivil().AddDays(step).String()
	}
}
