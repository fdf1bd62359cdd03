package edtf

import "fmt"

// clockAhead reports whether a time of day stands so many items ahead.
func (p *textParser) clockAhead(n int) bool {
	first, second := p.peek(n), p.peek(n+1)
	switch {
	case first.kind == itemClock:
		return true
	case first.kind != itemNumber || first.digits > 2:
		return false
	}
	colon := second.text == ":" && p.peek(n+2).kind == itemNumber
	return colon || second.kind == itemHour || second.kind == itemMorning || second.kind == itemEvening
}

// clock reads a time of day and its zone, when there is one.
func (p *textParser) clock(t *term) *TextError {
	start := p.at
	p.skip(itemFiller)
	intro := p.peek(0)
	switch {
	case intro.kind == itemApproximate && p.clockAhead(1):
		t.q |= Approximate
		p.at++
	case intro.kind == itemAt && (p.clockAhead(1) || intro.n == 1 && p.peek(1).kind == itemNumber):
		p.at++
	case p.peek(0).text == "t" && p.clockAhead(1): // 2025-04-10T18:30 in a window
		p.at++
	case !p.clockAhead(0):
		p.at = start
		return nil
	}
	hour, minute, second := p.timeOfDay()
	hour, problem := p.halfOfDay(hour)
	if problem != nil {
		return problem
	}
	zone, problem := p.zone()
	if problem != nil {
		return problem
	}
	t.clock = fmt.Sprintf("T%02d:%02d%s%s", hour, minute, second, zone)
	p.skipFiller(itemNone)
	return nil
}

func (p *textParser) timeOfDay() (hour, minute int, second string) {
	first := p.peek(0)
	p.at++
	if first.kind == itemClock {
		if first.n == 0 {
			p.assume(AssumedMidnight)
		}
		return first.n, 0, ""
	}
	hour = first.n
	colon := p.sign(":")
	if (colon || p.accept(itemHour)) && p.peek(0).kind == itemNumber && p.peek(0).digits == 2 {
		minute = p.peek(0).n
		p.at++
		if colon && p.peek(1).kind == itemNumber && p.sign(":") {
			second = fmt.Sprintf(":%02d", p.peek(0).n)
			p.at++
		}
		return hour, minute, second
	}
	p.assume(AssumedOnTheHour)
	return hour, 0, ""
}

// halfOfDay applies morning and evening to an hour of the twelve.
func (p *textParser) halfOfDay(hour int) (int, *TextError) {
	p.skipFiller(itemMorning, itemEvening)
	morning := p.accept(itemMorning)
	evening := !morning && p.accept(itemEvening)
	switch {
	case morning && hour > 12:
		return 0, problemOf(ReasonNoSuchTime)
	case morning && hour == 12:
		return 0, nil
	case evening && hour < 12:
		return hour + 12, nil
	}
	return hour, nil
}

// zone reads UTC, UTC+02:00 or +02:00.
func (p *textParser) zone() (string, *TextError) {
	utc := p.accept(itemUTC)
	sign := p.peek(0)
	if sign.kind != itemSign || sign.text != "+" && (!utc || sign.text != "-" || !sign.glued) {
		if utc {
			return "Z", nil
		}
		return "", nil
	}
	p.at++
	hours, minutes := p.peek(0), 0
	if hours.kind != itemNumber || hours.digits > 2 {
		return "", problemOf(ReasonBadZone)
	}
	p.at++
	if p.peek(1).kind == itemNumber && p.sign(":") {
		minutes = p.peek(0).n
		p.at++
	}
	return fmt.Sprintf("%s%02d:%02d", sign.text, hours.n, minutes), nil
}
