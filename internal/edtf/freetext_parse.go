package edtf

import "slices"

// bounded reads a window, a date, or a date with words that say on which side
// of it something happened.
func (p *textParser) bounded() (span, *TextError) {
	p.skipFiller(itemBefore, itemAtLatest, itemAfter, itemAtEarliest, itemBetween)
	head := p.peek(0)
	switch head.kind {
	case itemBefore, itemAfter:
		return p.beyond(head)
	case itemAtLatest:
		p.at++
		s, problem := p.window(itemTo)
		return s.until(), problem
	case itemAtEarliest:
		return p.sinceWhen(head)
	case itemBetween:
		p.at++
		return p.window(itemAnd, itemTo, itemAt, itemSign)
	default: // nothing else is meant here
	}
	s, problem := p.window(itemTo, itemAt, itemAtLatest, itemSign)
	if problem != nil {
		return span{}, problem
	}
	switch {
	case p.accept(itemAtLatest):
		return s.until(), nil
	case p.accept(itemAtEarliest), head.kind == itemFrom && head.n == 1 && !s.window:
		return s.since(), nil
	}
	return s, nil
}

// beyond reads "before" and "after", which leave out what they name. In Arabic
// "before three days" is three days ago.
func (p *textParser) beyond(head item) (span, *TextError) {
	p.at++
	if head.text == "قبل" && p.durationAhead() {
		t, problem := p.ago()
		return t.fixed, problem
	}
	s, problem := p.window(itemTo)
	if problem != nil {
		return span{}, problem
	}
	if head.kind == itemBefore {
		p.assume(AssumedDayBefore)
		to, problem := s.from.beside(-1)
		return span{from: end{text: ".."}, to: to, window: true}, problem
	}
	p.assume(AssumedDayAfter)
	from, problem := s.last().beside(+1)
	return span{from: from, to: end{text: ".."}, window: true}, problem
}

// sinceWhen reads "since". In Arabic "since three days" is three days ago.
func (p *textParser) sinceWhen(head item) (span, *TextError) {
	p.at++
	if p.durationAhead() {
		t, problem := p.ago()
		if head.text == "منذ" {
			return t.fixed, problem
		}
		return t.fixed.since(), problem
	}
	s, problem := p.window(itemTo, itemAt, itemAtLatest, itemSign)
	if s.window || problem != nil {
		return s, problem
	}
	return s.since(), nil
}

// window reads one date, or two with one of the joints between them.
func (p *textParser) window(joints ...itemKind) (span, *TextError) {
	p.accept(itemFrom)
	first, problem := p.term()
	if problem != nil {
		return span{}, problem
	}
	if !p.jointAhead(joints) {
		return p.resolve(first)
	}
	p.at++
	second, problem := p.term()
	if problem != nil {
		return span{}, problem
	}
	return p.join(first, second)
}

// jointAhead reports whether another date follows. "At the latest" joins only
// when it does not stand last.
func (p *textParser) jointAhead(joints []itemKind) bool {
	next := p.peek(0)
	if !slices.Contains(joints, next.kind) {
		return false
	}
	if next.kind == itemSign {
		return next.text == "-" || next.text == "/"
	}
	return next.kind != itemAtLatest || p.at+1 < len(p.items)
}

// join makes a window of two dates. What one of them leaves out, month or year,
// it has from the other.
func (p *textParser) join(first, second term) (span, *TextError) {
	borrowedYear := p.borrow(&first, &second)
	from, problem := p.resolve(first)
	if problem != nil {
		return span{}, problem
	}
	to, problem := p.resolve(second)
	if problem != nil {
		return span{}, problem
	}
	s := span{from: from.from, to: to.last(), window: true}
	if _, problem := s.date(); problem != nil && problem.Reason == ReasonReversed && borrowedYear && first.month > second.month {
		first.year-- // from December to January
		from, problem = p.resolve(first)
		s.from = from.from
		return s, problem
	}
	return s, nil
}

// borrow fills what one of two dates leaves out; it reports whether the first
// has its year from the second.
func (p *textParser) borrow(first, second *term) bool {
	if first.fixed.from.text != "" || second.fixed.from.text != "" {
		return false
	}
	if first.month == 0 && first.day != 0 {
		first.month = second.month
	}
	if second.month == 0 && second.day != 0 {
		second.month = first.month
	}
	switch {
	case first.year == noYear && second.year == noYear:
		p.assumeYear(second)
		first.year = second.year
		return true
	case first.year == noYear:
		first.year = second.year
		return true
	case second.year == noYear:
		second.year = first.year
		if first.month > second.month {
			second.year++
		}
	}
	return false
}
