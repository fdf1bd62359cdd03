package edtf

import (
	"fmt"
	"time"
)

const noYear = -1

// term is one date as a text gives it; what it leaves out is zero, its year
// noYear, its weekday noWeekday.
type term struct {
	year, month, day int
	masked           int // digits of the year that are not given: 1 for a decade, 2 for a century
	season           int
	part             int
	joined           bool // day and month are written together: 10-avr-25
	weekday          time.Weekday
	note             itemKind // itemNoDay, itemNoMonth or itemNoMonthOrDay
	clock            string   // "T18:30" with its zone
	q                Qualifier
	fixed            span // what was counted from the day of reference
}

const noWeekday time.Weekday = -1

// term reads one date, with its time of day and what qualifies it.
func (p *textParser) term() (term, *TextError) {
	t := term{year: noYear, weekday: noWeekday}
	t.q = p.qualifiers()
	p.lead()
	t.q |= p.qualifiers()
	if problem := p.clock(&t); problem != nil {
		return t, problem
	}
	p.lead()
	if problem := p.day(&t); problem != nil {
		return t, problem
	}
	if t.clock == "" {
		if problem := p.clock(&t); problem != nil {
			return t, problem
		}
	}
	p.notes(&t)
	return t, nil
}

// lead skips the words before a date that say nothing: "le", "on the", "au mois
// de", "year".
func (p *textParser) lead() {
	for {
		next, after := p.peek(0), p.peek(1)
		switch {
		case next.kind == itemFiller, next.kind == itemFrom, next.kind == itemTo:
		case next.kind == itemAt && (after.kind == itemFiller || after.kind == itemSeason): // à l’automne
		case next.kind == itemUnit && after.kind != itemLast && after.kind != itemThis && after.kind != itemAgo:
		default:
			return
		}
		p.at++
	}
}

// notes reads what stands after a date: uncertain, the day not specified.
func (p *textParser) notes(t *term) {
	for {
		t.q |= p.qualifiers()
		switch kind := p.peek(0).kind; kind {
		case itemNoDay, itemNoMonth, itemNoMonthOrDay:
			t.note = kind
			p.at++
		default:
			return
		}
	}
}

// day reads the date itself.
func (p *textParser) day(t *term) *TextError {
	next := p.peek(0)
	switch {
	case p.relativeAhead():
		return p.relative(t)
	case next.kind == itemWeekday:
		return p.weekday(t)
	case next.kind == itemPart:
		return p.partOf(t)
	case next.kind == itemSeason:
		p.at++
		t.season = next.n
		p.yearAfter(t)
		return nil
	case next.kind == itemDecade:
		return p.decade(t)
	case next.kind == itemMonth:
		return p.monthFirst(t)
	case next.kind == itemNumber:
		return p.numeric(t)
	}
	return p.stuck()
}

// partOf reads the beginning, the middle or the end of a month or a year.
func (p *textParser) partOf(t *term) *TextError {
	t.part = p.peek(0).n
	p.at++
	p.assume(AssumedPart)
	p.sign("-")
	p.lead()
	switch next := p.peek(0); {
	case next.kind == itemMonth:
		t.month = next.n
		p.month()
		p.yearAfter(t)
		return nil
	case next.kind == itemNumber && next.digits == 4:
		t.year = next.n
		p.at++
		return nil
	}
	return p.stuck()
}

// month takes a month, and the same month under its other name: نيسان/أبريل.
func (p *textParser) month() int {
	n := p.peek(0).n
	for p.peek(0).kind == itemMonth && p.peek(0).n == n {
		p.at++
	}
	return n
}

// yearAfter reads the year after a month or a season, when there is one.
func (p *textParser) yearAfter(t *term) {
	start := p.at
	p.skip(itemFiller, itemFrom, itemUnit)
	sign := p.at == start && p.sign("-", "/", ".")
	next := p.peek(0)
	switch {
	case next.kind == itemNumber && next.digits == 4:
		t.year = next.n
		p.at++
	case next.kind == itemNumber && next.digits == 2 && t.month != 0 && t.day != 0 && sign == t.joined && !p.clockAhead(0):
		t.year = p.century(next.n)
		p.at++
	default:
		p.at = start
	}
}

// monthFirst reads a month, and the day where it stands after it as in English.
func (p *textParser) monthFirst(t *term) *TextError {
	t.month = p.month()
	next := p.peek(0)
	if next.kind == itemMonth { // avril-mai 2025
		t.fixed = span{}
		return p.monthToMonth(t, next.n)
	}
	p.skipFiller(itemNumber)
	if next = p.peek(0); next.kind == itemNumber && next.digits <= 2 && !p.clockAhead(0) {
		t.day = next.n
		p.at++
		p.skip(itemOrdinal)
	}
	p.yearAfter(t)
	return nil
}

// monthToMonth reads two months that share a year.
func (p *textParser) monthToMonth(t *term, to int) *TextError {
	second := term{year: noYear, weekday: noWeekday, month: to}
	p.month()
	p.yearAfter(&second)
	first := *t
	s, problem := p.join(first, second)
	t.fixed = s
	return problem
}

// sign takes the next item when it is one of the signs.
func (p *textParser) sign(signs ...string) bool {
	for _, s := range signs {
		if p.peek(0).kind == itemSign && p.peek(0).text == s {
			p.at++
			return true
		}
	}
	return false
}

// decade reads "années 2020", and "années 2000 à 2099" for a century.
func (p *textParser) decade(t *term) *TextError {
	p.at++
	p.lead()
	first := p.peek(0)
	if first.kind != itemNumber || first.digits != 4 {
		return p.stuck()
	}
	p.at++
	t.year, t.masked = first.n, 1
	if joint := p.peek(0).kind; joint != itemTo && joint != itemAt {
		return tens(first.n, 10)
	}
	if last := p.peek(1); last.kind == itemNumber && last.n == first.n+99 {
		p.at += 2
		t.masked = 2
		return tens(first.n, 100)
	}
	t.masked = 0 // the years 2019 to 2021
	return nil
}

// tens refuses a decade or century that does not begin where one does.
func tens(year, length int) *TextError {
	if year%length != 0 {
		return &TextError{Reason: ReasonNotUnderstood, Word: fmt.Sprint(year)}
	}
	return nil
}
