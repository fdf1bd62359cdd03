package edtf

import "time"

// relativeAhead reports whether a date comes that is counted from the day of
// reference.
func (p *textParser) relativeAhead() bool {
	next, after := p.peek(0), p.peek(1)
	switch next.kind {
	case itemDay, itemAgo:
		return true
	case itemLast, itemThis:
		return true
	case itemUnit:
		return after.kind == itemLast || after.kind == itemThis || after.kind == itemAgo
	case itemNumber, itemOne, itemAt:
		return isUnit(after.kind) && p.peek(2).kind == itemAgo
	case itemPair:
		return true
	default: // nothing else is meant here
	}
	return false
}

func isUnit(kind itemKind) bool { return kind == itemUnit || kind == itemDecade }

// relative reads a date that is counted from the day of reference.
func (p *textParser) relative(t *term) *TextError {
	p.assume(AssumedRelative)
	next := p.peek(0)
	switch {
	case next.kind == itemDay:
		p.at++
		t.fixed = single(p.ref.AddDays(next.n).String())
		return nil
	case next.kind == itemUnit && p.peek(1).kind != itemAgo:
		which := p.peek(1).kind
		p.at += 2
		t.fixed = p.period(next.n, which)
		return nil
	case next.kind == itemLast || next.kind == itemThis:
		return p.lastOrThis(t, next.kind)
	}
	ago, problem := p.ago()
	t.fixed = ago.fixed
	return problem
}

// lastOrThis reads "last Monday", "this week".
func (p *textParser) lastOrThis(t *term, which itemKind) *TextError {
	p.at++
	next := p.peek(0)
	switch next.kind {
	case itemUnit:
		p.at++
		p.accept(itemThis) // ce mois-ci
		t.fixed = p.period(next.n, which)
	case itemWeekday:
		p.at++
		if which == itemThis && !p.accept(itemLast) {
			t.fixed = single(p.monday().AddDays((next.n + 6) % 7).String())
			return nil
		}
		t.fixed = p.lastWeekday(time.Weekday(next.n), 1)
	default:
		return p.stuck()
	}
	return nil
}

// weekday reads a day of the week: before a date it is checked, alone it is the
// last that came.
func (p *textParser) weekday(t *term) *TextError {
	t.weekday = time.Weekday(p.peek(0).n)
	p.at++
	last := p.accept(itemLast)
	p.skipFiller(itemNumber, itemMonth)
	if next := p.peek(0); !last && (next.kind == itemNumber || next.kind == itemMonth) && !p.clockAhead(0) {
		return p.day(t)
	}
	p.assume(AssumedRelative)
	from := 0
	if last {
		from = 1
	}
	t.fixed = p.lastWeekday(t.weekday, from)
	return nil
}

// lastWeekday is the last such day that is at least so many days ago.
func (p *textParser) lastWeekday(w time.Weekday, atLeast int) span {
	day := p.ref.AddDays(-atLeast)
	for day.Weekday() != w {
		day = day.AddDays(-1)
	}
	return single(day.String())
}

// monday is the first day of the week of the day of reference.
func (p *textParser) monday() Day { return p.ref.AddDays(-(int(p.ref.Weekday()) + 6) % 7) }

// period is this or the last day, week, month or year.
func (p *textParser) period(unit int, which itemKind) span {
	back := 0
	if which == itemLast {
		back = 1
	}
	switch unit {
	case unitDay:
		return single(p.ref.AddDays(-back).String())
	case unitWeek:
		first := p.monday().AddDays(-7 * back)
		return windowOf(first.String(), first.AddDays(6).String())
	}
	return p.back(unit, back)
}

// durationAhead reports whether a number of days, weeks, months or years comes.
func (p *textParser) durationAhead() bool {
	at := 0
	for p.peek(at).kind == itemApproximate {
		at++
	}
	next := p.peek(at)
	return next.kind == itemPair || isUnit(next.kind) && p.peek(at+1).kind == itemNone ||
		(next.kind == itemNumber || next.kind == itemOne) && isUnit(p.peek(at+1).kind)
}

// ago reads how long ago something was; the word for "ago" stands before or
// after.
func (p *textParser) ago() (term, *TextError) {
	p.assume(AssumedRelative)
	p.accept(itemAgo)
	q := p.qualifiers()
	count := 1
	next := p.peek(0)
	switch next.kind {
	case itemNumber:
		count = next.n
		p.at++
	case itemOne, itemAt:
		p.at++
	default: // nothing else is meant here
	}
	unit := p.peek(0)
	switch {
	case unit.kind == itemPair:
		count = 2
	case !isUnit(unit.kind):
		return term{}, p.stuck()
	}
	p.at++
	p.accept(itemAgo)
	if count > 9999 {
		return term{}, problemOf(ReasonYearRange)
	}
	return term{fixed: p.back(unit.n, count).qualified(q)}, nil
}

// back is so many units before the day of reference: never finer than the unit
// says, and a number of weeks only about.
func (p *textParser) back(unit, n int) span {
	switch unit {
	case unitDay:
		return single(p.ref.AddDays(-n).String())
	case unitWeek:
		return single(p.ref.AddDays(-7 * n).String()).qualified(Approximate)
	case unitMonth:
		first := Day{Year: p.ref.Year, Month: p.ref.Month - time.Month(n), Day: 1}.AddDays(0)
		return single(first.String()[:len("2025-04")])
	default:
		return single(Day{Year: p.ref.Year - n}.String()[:4])
	}
}
