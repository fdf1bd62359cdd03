package edtf

import (
	"strconv"
	"strings"
	"time"
)

// Style is how much of a date Text writes. None ever adds precision: in each of
// them a month stays a month.
type Style uint8

// The styles, shown for the same day in French. A time of day follows in all.
const (
	Long     Style = iota // 8 avril 2025
	Full                  // mardi 8 avril 2025
	Short                 // 8 avr. 2025
	DayMonth              // 8 avril, under a heading that gives the year
)

// Text writes the date for readers, "" when it is not stated. The language is
// "fr", "ar" or "en", also as in "fr-MA"; any other is answered in English.
//
// What is not known is said: "vers avril 2025", "8 avril 2025 (incertain)",
// "avril 2025 (jour non précisé)", "du 9 au 12 avril 2025", "au plus tard le 12
// avril 2025" (open or unknown start). A zone is written only when clocks there
// differ from those of Africa/Casablanca at that time.
//
// Spaces are plain ones, not U+00A0, so that a date can be searched, copied and
// compared as it is typed; a page keeps it on one line with CSS (white-space).
func (d Date) Text(lang string, s Style) string {
	l := languageOf(lang)
	switch {
	case d.IsZero():
		return ""
	case !d.interval || d.from == d.to:
		return l.alone(d.from, s)
	case d.OpenStart():
		return l.atLatest(l.bound(d.to, s))
	case d.OpenEnd():
		return l.atEarliest(l.bound(d.from, s))
	case sharesMonth(d.from, d.to):
		return l.window(l.dayOnly(d.from, s), l.bound(d.to, s))
	}
	return l.window(l.bound(d.from, s), l.bound(d.to, s))
}

// language is the table of one language. To add one, write its table in a file
// and name it in languageOf. All so far put day, month and year in this order.
type language struct {
	months       [12]string
	shortMonths  [12]string
	weekdays     [7]string // from Sunday, as time.Weekday
	seasons      [4]string // from spring
	firstOfMonth string    // the number of the first day of a month
	comma        string    // with its space: before a time, between notes

	// Notes, written in parentheses after the date.
	uncertain    string
	approximate  string // only where around cannot be said, at the ends of intervals
	noDay        string
	noMonth      string
	noMonthOrDay string

	decade  func(year string) string        // from its first year
	century func(first, last string) string // from its first and last year

	// Sentences around one date or two; they depend on what kind of date it is.
	around     func(phrase) string
	atLatest   func(phrase) string
	atEarliest func(phrase) string
	window     func(from, to phrase) string
}

// languageOf returns the table of a language tag, by its first subtag. Tables
// are functions, not variables, so that nothing can change them.
func languageOf(tag string) language {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	switch strings.ToLower(tag) {
	case "fr":
		return french()
	case "ar":
		return arabic()
	default:
		return english()
	}
}

// phrase is the bare name of a date with what prepositions need to know of it.
type phrase struct {
	text      string
	precision Precision
	month     time.Month // for PrecisionMonth
	season    int        // 0 spring … 3 winter, for PrecisionSeason
	weekday   bool       // text begins with the day of the week
}

// alone writes a date that stands by itself.
func (l language) alone(p point, s Style) string {
	ph := l.phrase(p, s)
	text := ph.text
	if p.qualifier&Approximate != 0 {
		text = l.around(ph)
	}
	return text + l.notes(p, false)
}

// bound writes the end of an interval. "Approximate" is a note there: "du vers
// le 9 avril" is no French.
func (l language) bound(p point, s Style) phrase {
	ph := l.phrase(p, s)
	ph.text += l.notes(p, true)
	return ph
}

// sharesMonth reports whether an interval can be written with its month and
// year once: two bare days.
func sharesMonth(from, to point) bool {
	bare := func(p point) bool { return p.precision() == PrecisionDay && p.qualifier == Exact }
	return bare(from) && bare(to) && from.year == to.year && from.month == to.month
}

func (l language) dayOnly(p point, s Style) phrase {
	return phrase{text: l.dayName(p, s), precision: PrecisionDay, weekday: s == Full}
}

// notes writes what the name of the date does not say, in parentheses.
func (l language) notes(p point, withApproximate bool) string {
	var notes []string
	switch {
	case p.month == unspecified && p.day == unspecified:
		notes = append(notes, l.noMonthOrDay)
	case p.month == unspecified:
		notes = append(notes, l.noMonth)
	case p.day == unspecified:
		notes = append(notes, l.noDay)
	}
	if withApproximate && p.qualifier&Approximate != 0 {
		notes = append(notes, l.approximate)
	}
	if p.qualifier&Uncertain != 0 {
		notes = append(notes, l.uncertain)
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, l.comma) + ")"
}

func (l language) phrase(p point, s Style) phrase {
	year := int(p.year)
	ph := phrase{precision: p.precision()}
	switch ph.precision {
	case PrecisionCentury:
		ph.text = l.century(strconv.Itoa(year), strconv.Itoa(year+99))
	case PrecisionDecade:
		ph.text = l.decade(strconv.Itoa(year))
	case PrecisionSeason:
		ph.season = int(p.month - spring)
		ph.text = withYear(l.seasons[ph.season], year, s)
	case PrecisionMonth:
		ph.month = time.Month(p.month)
		ph.text = withYear(l.monthName(p, s), year, s)
	case PrecisionDay, PrecisionMinute:
		ph.weekday = s == Full
		ph.text = withYear(l.dayName(p, s)+" "+l.monthName(p, s), year, s) + l.timeText(p)
	default:
		ph.text = strconv.Itoa(year)
	}
	return ph
}

func withYear(text string, year int, s Style) string {
	if s == DayMonth {
		return text
	}
	return text + " " + strconv.Itoa(year)
}

func (l language) monthName(p point, s Style) string {
	if s == Short {
		return l.shortMonths[p.month-1]
	}
	return l.months[p.month-1]
}

// dayName writes the number of the day, after its weekday when the style is Full.
func (l language) dayName(p point, s Style) string {
	name := strconv.Itoa(int(p.day))
	if p.day == 1 {
		name = l.firstOfMonth
	}
	if s == Full {
		name = l.weekdays[p.firstCivil().Weekday()] + " " + name
	}
	return name
}

func (l language) timeText(p point) string {
	if !p.clock {
		return ""
	}
	return l.comma + p.timeOfDay() + zoneText(p)
}

// zoneText names the zone of a time where readers in Morocco would be misled
// without it. "UTC" is written so in all three languages.
func zoneText(p point) string {
	if p.zone == zoneDefault || offsetAt(p.earliest()) == int(p.offset)*60 {
		return ""
	}
	if p.zone == zoneUTC {
		return " UTC"
	}
	return " UTC" + offsetString(p.offset)
}
