package edtf

import (
	"fmt"
	"slices"
)

// Understanding says how ParseText read a text, so that whoever wrote it can
// see it and correct it.
type Understanding struct {
	Precision Precision
	Qualifier Qualifier
	// Assumed lists what the text does not say and ParseText took for granted,
	// each once, in the order in which it was met; empty when nothing was.
	Assumed []Assumption
}

// Assumption is something that a text does not say. It is a key that callers
// translate.
type Assumption string

// The assumptions.
const (
	AssumedDayFirst  Assumption = "day-first" // 10/04 is 10 April
	AssumedYear      Assumption = "year"      // no year: the last time that it came
	AssumedCentury   Assumption = "century"   // two digits of a year
	AssumedRelative  Assumption = "relative"  // counted from the day of reference: yesterday, last Monday
	AssumedPart      Assumption = "part"      // early is the first third, late the last
	AssumedDayBefore Assumption = "before"    // before: what is named is left out
	AssumedDayAfter  Assumption = "after"     // after: what is named is left out
	AssumedOnTheHour Assumption = "hour"      // an hour without minutes: on the hour
	AssumedMidnight  Assumption = "midnight"  // midnight is the one with which the day begins
)

// Assumptions lists all assumptions.
func Assumptions() []Assumption {
	return []Assumption{
		AssumedDayFirst, AssumedYear, AssumedCentury, AssumedRelative, AssumedPart,
		AssumedDayBefore, AssumedDayAfter, AssumedOnTheHour, AssumedMidnight,
	}
}

// The reasons that only ParseText gives, besides those of Parse.
const (
	ReasonNotUnderstood Reason = "not-understood" // a word or sign that says nothing here
	ReasonIncomplete    Reason = "incomplete"     // a day without its month, an interval without its end
	ReasonWrongWeekday  Reason = "wrong-weekday"  // that date is another day of the week
	ReasonMonthFirst    Reason = "month-first"    // 04/13/2025: the day goes first
)

// TextReasons lists the reasons that a TextError can have.
func TextReasons() []Reason {
	return []Reason{
		ReasonTooLong, ReasonNotUnderstood, ReasonIncomplete, ReasonWrongWeekday, ReasonMonthFirst,
		ReasonYearRange, ReasonNoSuchMonth, ReasonNoSuchDay, ReasonNoSuchTime, ReasonBadZone, ReasonReversed,
	}
}

// TextError is the error of ParseText.
type TextError struct {
	Input  string // what was given, cut to MaxText bytes
	Reason Reason
	// Word is what was not understood, as it was read; empty where the reason
	// is not ReasonNotUnderstood.
	Word string
	// Suggestion is what may have been meant; zero when nothing can be guessed.
	Suggestion Date
}

// Error returns a sentence for logs; for readers, translate the Reason.
func (e *TextError) Error() string {
	return fmt.Sprintf("edtf: %q is not understood as a date: %s %s", e.Input, e.Reason, e.Word)
}

// MaxText is the length in bytes up to which ParseText reads.
const MaxText = 200

// ParseText reads a date as people write it, in French, Arabic (the names of
// the months of Morocco, of the Levant and of the Gulf; any digits) and
// English, and in EDTF. ref is the day from which "yesterday" is counted, in
// Africa/Casablanca.
//
//	10/04/2025   10.4.2025   2025-04-10 18:30   10 avril 2025 à 18h30
//	Thursday 10 April 2025                      the day of the week is checked
//	avril 2025   été 2025   2025   2020s        never made finer than they are
//	vers 2025   حوالي 2025   2025~              approximate
//	peut-être 2025   maybe 2025   2025?         uncertain
//	avant le 10 avril   قبل   before            the day itself left out
//	au plus tard le 10 avril   by               the day itself included
//	après   since   منذ   entre … et …   9-12 avril 2025
//	début avril, mi-avril, fin avril            days 1–10, 11–20, 21 to the end
//	début 2025, mi-2025, fin 2025               months 1–4, 5–8, 9–12
//	hier   lundi dernier   3 days ago   الأسبوع الماضي
//	inconnue   unknown   غير معروف              not stated
//
// The day always goes before the month. What is not said and was taken for
// granted stands in the Understanding. Empty text, and text that says that the
// date is not known, is the zero Date. The error is always a *TextError.
//
// Whatever Text writes in the styles Long, Full and Short is read back as the
// date that it was, but for what Text does not tell: an open end from an
// unknown one, a zone whose clocks are those of Casablanca, and a year before
// 1000, which it writes with fewer than four digits.
func ParseText(s string, ref Day) (Date, Understanding, error) {
	if len(s) > MaxText {
		return Date{}, Understanding{}, &TextError{Input: s[:MaxText], Reason: ReasonTooLong}
	}
	folded := foldText(s)
	if d, ok := parseFoldedEDTF(folded); ok {
		return d, understand(d, nil), nil
	}
	p := textParser{items: readItems(folded), ref: ref}
	d, problem := p.parse()
	if problem != nil {
		problem.Input = s
		return Date{}, Understanding{}, problem
	}
	return d, understand(d, p.assumed), nil
}

func understand(d Date, assumed []Assumption) Understanding {
	return Understanding{Precision: d.Precision(), Qualifier: d.Qualifier(), Assumed: assumed}
}

// textParser reads the items of one text from the first to the last.
type textParser struct {
	items   []item
	at      int
	ref     Day
	assumed []Assumption
}

func (p *textParser) assume(a Assumption) {
	if !slices.Contains(p.assumed, a) {
		p.assumed = append(p.assumed, a)
	}
}

func problemOf(reason Reason) *TextError { return &TextError{Reason: reason} }

// peek returns the item n places ahead; the zero item, of no kind, after the end.
func (p *textParser) peek(n int) item {
	if p.at+n < len(p.items) {
		return p.items[p.at+n]
	}
	return item{}
}

// accept takes the next item when it is of one of the kinds.
func (p *textParser) accept(kinds ...itemKind) bool {
	if !slices.Contains(kinds, p.peek(0).kind) {
		return false
	}
	p.at++
	return true
}

func (p *textParser) skip(kinds ...itemKind) {
	for p.accept(kinds...) {
	}
}

// stuck says what cannot be read here.
func (p *textParser) stuck() *TextError {
	if p.at >= len(p.items) {
		return problemOf(ReasonIncomplete)
	}
	return &TextError{Reason: ReasonNotUnderstood, Word: p.items[p.at].text}
}

// parse reads the whole text.
func (p *textParser) parse() (Date, *TextError) {
	if p.notStated() {
		return Date{}, nil
	}
	q := p.qualifiers()
	span, problem := p.bounded()
	if problem != nil {
		return Date{}, problem
	}
	q |= p.qualifiers()
	p.skip(itemFiller)
	if p.at < len(p.items) {
		return Date{}, p.stuck()
	}
	return span.qualified(q).date()
}

// notStated reports whether the text says that the date is not known.
func (p *textParser) notStated() bool {
	unknown := func(i item) bool { return i.kind == itemUnknown || i.text == "?" || i.text == "-" }
	says := func(i item) bool { return i.kind != itemFiller && !unknown(i) }
	return len(p.items) == 0 || slices.ContainsFunc(p.items, unknown) && !slices.ContainsFunc(p.items, says)
}

// qualifiers reads what says that the whole date is approximate or uncertain.
func (p *textParser) qualifiers() Qualifier {
	q := Exact
	for {
		p.skipFiller(itemApproximate, itemUncertain)
		switch next := p.peek(0); next.kind {
		case itemApproximate:
			q |= Approximate
		case itemUncertain:
			q |= Uncertain
		case itemBoth:
			q |= ApproximateAndUncertain
		default:
			return q
		}
		p.at++
	}
}

// skipFiller skips a word that says nothing when one of the kinds follows it.
func (p *textParser) skipFiller(others ...itemKind) {
	if p.peek(0).kind == itemFiller && slices.Contains(others, p.peek(1).kind) {
		p.at++
	}
}
