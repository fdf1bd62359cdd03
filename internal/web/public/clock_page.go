package public

import (
	"fmt"
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/ui"
)

// dialsShown is how many figures the clock has in one line.
const dialsShown = 5

// dials are the telling figures of the clock: the first official word, the
// first own word of each affected institution, the referral, the notification,
// and the silence that still lasts.
func (c *incidentComposer) dials(clock register.Clock) []ui.Dial {
	var out []ui.Dial
	first, _ := clock.Stage(register.StageFirstStatement)
	for _, s := range clock.Stages {
		switch s.Code {
		case register.StageOwnStatement:
			if s.Stated() && s.Anchor == first.Anchor {
				continue // the same word twice
			}
			out = append(out, c.dial(s))
		case register.StageFirstStatement, register.StageAuthorityNotified, register.StageReferral:
			out = append(out, c.dial(s))
		case register.StageFirstTrace, register.StagePeopleNotified, register.StageConfirmation:
		}
	}
	if len(out) >= dialsShown {
		out = out[:dialsShown-1]
	}
	return append(out, c.silence(clock))
}

func (c *incidentComposer) dial(s register.Stage) ui.Dial {
	label := c.stageLabel(s)
	if !s.Stated() {
		label = c.loc.T("clock.not-stated", "stage", label)
	} else if key := doubtOf(s.Dates); key != "" {
		label = c.loc.T(key, "stage", label)
	}
	return ui.Dial{Figure: c.days(s.Delay), Label: label, Open: !s.Stated()}
}

// doubtOf is the key of the words for what a delay rests on: a date that is
// disputed, or inferred, or both; "" for none of them.
func doubtOf(ds register.Dates) string {
	d, _ := ds.Preferred()
	inferred := d.Basis == register.BasisInferred
	switch {
	case ds.Disputed() && inferred:
		return "clock.disputed-inferred"
	case ds.Disputed():
		return "clock.disputed"
	case inferred:
		return "clock.inferred"
	}
	return ""
}

// silence is how long nothing has been heard: of a referral that is open, or
// else officially.
func (c *incidentComposer) silence(clock register.Clock) ui.Dial {
	if clock.SinceReferral.Known {
		return ui.Dial{Figure: c.days(clock.SinceReferral), Label: c.loc.T("clock.since-referral"), Open: true}
	}
	return ui.Dial{Figure: c.days(clock.SinceOfficial), Label: c.loc.T("clock.since-official"), Open: true}
}

// stageLabel names a stage, with whose word it is.
func (c *incidentComposer) stageLabel(s register.Stage) string {
	who := c.institutionText(s.Institution).S
	switch {
	case s.Code == register.StageOwnStatement && who != "":
		return c.loc.T("clock.own-statement-of", "who", who)
	case s.Code == register.StageFirstStatement && who != "":
		return c.loc.T("clock.first-statement-of", "who", who)
	}
	return c.loc.Label("stage", string(s.Code))
}

// clock is the clock in detail: every stage on one scale of days.
func (c *incidentComposer) clock(clock register.Clock) ui.Clock {
	scale := newScale(clock)
	out := ui.Clock{Ticks: c.ticks(scale), Column: strconv.FormatFloat(1/float64(max(scale.columns, 1)), 'f', 5, 64)}
	for _, s := range clock.Stages {
		row := ui.Stage{
			Class: stageClass(s), Label: c.plain(c.stageLabel(s)),
			Date: c.dates(s.Dates, edtf.DayMonth), Delay: c.days(s.Delay),
		}
		switch {
		case !s.Stated():
			row.Date = ui.Date{Mark: markNone}
		case s.Code == register.StageFirstTrace:
			row.Delay = c.loc.T("clock.start")
			fallthrough
		default:
			row.Href = c.entryAddress(s.Anchor)
			scale.place(&row, s.Dates.Date())
			if row.Date.Mark == markKept {
				row.Hollow = true
				row.Date.Note = c.loc.Series(nonEmpty(c.loc.Label("precision", markKept), row.Date.Note))
			}
		}
		out.Stages = append(out.Stages, row)
	}
	for _, law := range []string{"gdpr", "nis2", "ma-05-20"} {
		out.Yardsticks = append(out.Yardsticks, ui.Labelled{
			Label: c.loc.T("yardstick." + law + ".name"), Text: c.plain(c.loc.T("yardstick." + law + ".delay")),
		})
	}
	return out
}

func stageClass(s register.Stage) string {
	if !s.Stated() {
		return "none"
	}
	switch s.Code {
	case register.StageFirstTrace:
		return "attack"
	case register.StageFirstStatement, register.StageOwnStatement:
		return "statement"
	case register.StageAuthorityNotified, register.StagePeopleNotified:
		return "measure"
	case register.StageReferral, register.StageConfirmation:
		return "referral"
	}
	return "none"
}

// scale is the row of days that stages are drawn on: columns of step days each,
// from the day before the first.
type scale struct {
	from          edtf.Day
	step, columns int
}

// columnsAtMost is how many columns a scale may have, for a phone's width.
const columnsAtMost = 8

// newScale spans all stated stages, with one day to spare before the first.
func newScale(clock register.Clock) scale {
	var first, last edtf.Day
	for _, s := range clock.Stages {
		from, okFrom := s.Dates.Date().FirstDay()
		to, okTo := s.Dates.Date().LastDay()
		for _, d := range []struct {
			day edtf.Day
			ok  bool
		}{{from, okFrom}, {to, okTo}} {
			if !d.ok {
				continue
			}
			if first.IsZero() || d.day.Compare(first) < 0 {
				first = d.day
			}
			if last.IsZero() || d.day.Compare(last) > 0 {
				last = d.day
			}
		}
	}
	if first.IsZero() {
		return scale{}
	}
	first = first.AddDays(-1)
	days := last.DaysSince(first) + 1
	for _, step := range []int{1, 2, 3, 5, 7, 10, 14, 30, 60, 90, 180, 365} {
		if columns := (days + step - 1) / step; columns <= columnsAtMost {
			return scale{from: first, step: step, columns: max(columns, 2)}
		}
	}
	return scale{from: first, step: (days + columnsAtMost - 1) / columnsAtMost, columns: columnsAtMost}
}

// ticks are the labels of the columns: bare days within one month.
func (c *incidentComposer) ticks(s scale) []string {
	var out []string
	last := s.from.AddDays(s.step * (s.columns - 1))
	for i := range s.columns {
		day := s.from.AddDays(i * s.step)
		label := strconv.Itoa(day.Day)
		if day.Month != last.Month || i == 0 || day.Year != s.from.Year {
			label = day.Date().Text(c.loc.Lang(), edtf.DayMonth)
		}
		out = append(out, label)
	}
	return out
}

// place draws a date on the scale: an exact day as a point in its middle, any
// other as the range in which the day lies. A range without a bound runs to the
// end of the scale.
func (s scale) place(row *ui.Stage, d edtf.Date) {
	if s.columns == 0 || d.IsZero() {
		return
	}
	total := float64(s.step * s.columns)
	at := func(days float64) float64 { return min(max(100*days/total, 0), 100) }
	first, okFirst := d.FirstDay()
	last, okLast := d.LastDay()
	if okFirst && okLast && first == last && !d.IsInterval() {
		row.Point = fmt.Sprintf("%.1f%%", at(float64(first.DaysSince(s.from))+0.5))
		return
	}
	start, end := 0.0, 100.0
	if okFirst {
		start = at(float64(first.DaysSince(s.from)))
	}
	if okLast {
		end = at(float64(last.DaysSince(s.from)) + 1)
		row.End = fmt.Sprintf("%.1f%%", end)
	}
	row.Start, row.Width = fmt.Sprintf("%.1f%%", start), fmt.Sprintf("%.1f%%", end-start)
}
