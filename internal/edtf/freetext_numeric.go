package edtf

import "time"

// numeric reads a date that begins with a number.
func (p *textParser) numeric(t *term) *TextError {
	first := p.peek(0)
	switch {
	case first.n == 0 && first.digits <= 2:
		return problemOf(ReasonNoSuchDay)
	case first.digits == 8 && first.n > 0: // 20250410
		p.at++
		t.year, t.month, t.day = first.n/10000, first.n/100%100, first.n%100
		return nil
	case p.allNumbers(0, 2, 4) && p.peek(1).text == p.peek(3).text && p.dateSign(1):
		p.at += 5
		return p.threeNumbers(t, first, p.peek(-3), p.peek(-1))
	case p.allNumbers(0, 1, 2) && p.peek(2).digits == 4 && first.digits <= 2: // 10 04 2025
		p.at += 3
		return p.threeNumbers(t, first, p.peek(-2), p.peek(-1))
	case p.allNumbers(0, 2) && p.dateSign(1) && p.twoNumbers(t, first, p.peek(2)):
		return nil
	case first.digits == 4:
		return p.yearAlone(t)
	case first.digits <= 2:
		return p.dayFirst(t)
	}
	return p.stuck()
}

func (p *textParser) allNumbers(ahead ...int) bool {
	for _, n := range ahead {
		if p.peek(n).kind != itemNumber {
			return false
		}
	}
	return true
}

func (p *textParser) dateSign(n int) bool {
	s := p.peek(n)
	return s.kind == itemSign && (s.text == "/" || s.text == "." || s.text == "-")
}

// threeNumbers are a day, month and year, or a year, month and day.
func (p *textParser) threeNumbers(t *term, a, b, c item) *TextError {
	switch {
	case b.n == 0:
		return problemOf(ReasonNoSuchMonth)
	case a.digits == 4 && c.n == 0:
		return problemOf(ReasonNoSuchDay)
	}
	if a.digits == 4 {
		t.year, t.month, t.day = a.n, b.n, c.n
		return nil
	}
	t.year = c.n
	switch c.digits {
	case 4:
	case 2:
		t.year = p.century(c.n)
	default:
		return &TextError{Reason: ReasonNotUnderstood, Word: c.text}
	}
	return p.dayThenMonth(t, a.n, b.n)
}

// dayThenMonth sets day and month in the order of this register, and says where
// another order was possible.
func (p *textParser) dayThenMonth(t *term, day, month int) *TextError {
	t.day, t.month = day, month
	switch {
	case month > 12 && day <= 12:
		t.day, t.month = month, day
		swapped, _ := p.resolve(*t)
		suggestion, _ := swapped.date()
		return &TextError{Reason: ReasonMonthFirst, Suggestion: suggestion}
	case month <= 12 && day <= 12 && day != month:
		p.assume(AssumedDayFirst)
	}
	return nil
}

// twoNumbers are a year and month, a month and year, or a day and month; two
// years or days with a hyphen between them are a window, and not for here.
func (p *textParser) twoNumbers(t *term, a, b item) bool {
	hyphen := p.peek(1).text == "-"
	switch {
	case a.digits == 4 && b.digits <= 2 && b.n != 0:
		t.year, t.month = a.n, b.n
	case a.digits <= 2 && b.digits == 4:
		t.month, t.year = a.n, b.n
	case a.digits <= 2 && b.digits <= 2 && !hyphen && a.n <= 31 && b.n >= 1 && b.n <= 12:
		t.day, t.month = a.n, b.n
		if a.n <= 12 && a.n != b.n {
			p.assume(AssumedDayFirst)
		}
	default:
		return false
	}
	p.at += 3
	return true
}

// yearAlone reads a year, and the s of 2020s.
func (p *textParser) yearAlone(t *term) *TextError {
	t.year = p.peek(0).n
	p.at++
	if p.peek(0).glued && p.accept(itemPlural) {
		t.masked = 1
		return tens(t.year, 10)
	}
	return nil
}

// dayFirst reads a day, its month in words and its year. In a window the month
// or the year can stand with the other end.
func (p *textParser) dayFirst(t *term) *TextError {
	t.day = p.peek(0).n
	p.at++
	p.skip(itemOrdinal)
	start := p.at
	p.skip(itemFiller, itemFrom, itemUnit)
	if p.at == start && p.peek(1).kind == itemMonth {
		t.joined = p.sign("-", "/", ".")
	}
	if p.peek(0).kind != itemMonth {
		p.at = start
		p.yearAfter(t)
		return nil
	}
	t.month = p.month()
	p.yearAfter(t)
	return nil
}

// century completes a year of two digits: the last that is not after the year
// that follows the day of reference.
func (p *textParser) century(twoDigits int) int {
	p.assume(AssumedCentury)
	year := p.ref.Year/100*100 + twoDigits
	if year > p.ref.Year+1 {
		year -= 100
	}
	return year
}

// assumeYear takes the last year in which the date came, not after the day of
// reference.
func (p *textParser) assumeYear(t *term) {
	p.assume(AssumedYear)
	for t.year = p.ref.Year; t.year > p.ref.Year-9; t.year-- {
		s, problem := p.resolve(*t)
		if problem != nil {
			continue
		}
		d, problem := s.date()
		if first, ok := d.FirstDay(); problem == nil && ok && first.Compare(p.ref) <= 0 {
			return
		}
	}
	t.year = p.ref.Year
}

// resolve writes a term in EDTF.
func (p *textParser) resolve(t term) (span, *TextError) {
	if t.fixed.from.text != "" {
		s := t.fixed.qualified(t.q)
		if t.clock != "" {
			s.from.text += t.clock
		}
		return s, nil
	}
	if t.day != 0 && t.month == 0 {
		return span{}, problemOf(ReasonIncomplete)
	}
	if t.year == noYear {
		p.assumeYear(&t)
	}
	if t.part != 0 {
		return t.partSpan().qualified(t.q), nil
	}
	s := single(t.edtf() + t.clock).qualified(t.q)
	if t.weekday == noWeekday {
		return s, nil
	}
	return s, t.checkWeekday(s)
}

// checkWeekday refuses a day of the week that the date does not have.
func (t term) checkWeekday(s span) *TextError {
	d, problem := s.date()
	if problem != nil {
		return problem
	}
	if day := d.from.firstCivil(); d.Precision() < PrecisionDay || day.Weekday() != t.weekday {
		return &TextError{Reason: ReasonWrongWeekday, Suggestion: d}
	}
	return nil
}

// edtf writes the day, month, season, year, decade or century.
func (t term) edtf() string {
	text := (Day{Year: t.year, Month: time.Month(t.month), Day: t.day}).String()
	year, month := text[:4], text[:len("2025-04")]
	switch {
	case t.masked != 0:
		return year[:4-t.masked] + "XX"[:t.masked]
	case t.season != 0:
		return (Day{Year: t.year, Month: time.Month(t.season)}).String()[:len("2025-21")]
	case t.day != 0:
		return text
	case t.note == itemNoMonthOrDay:
		return year + "-XX-XX"
	case t.note == itemNoMonth:
		return year + "-XX"
	case t.month == 0:
		return year
	case t.note == itemNoDay:
		return month + "-XX"
	}
	return month
}

// partSpan is a third of a month, or of a year.
func (t term) partSpan() span {
	if t.month == 0 {
		first := Day{Year: t.year, Month: time.Month(t.part*4 - 3)}
		last := Day{Year: t.year, Month: time.Month(t.part * 4)}
		return windowOf(first.String()[:7], last.String()[:7])
	}
	first := Day{Year: t.year, Month: time.Month(t.month), Day: t.part*10 - 9}
	last := first
	last.Day += 9
	if t.part == partLate {
		last.Day = daysIn(t.year, time.Month(t.month))
	}
	return windowOf(first.String(), last.String())
}
