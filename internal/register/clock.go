package register

import (
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// StageCode names a stage of the disclosure clock.
type StageCode string

// The stages, in the order of the clock.
const (
	StageFirstTrace        StageCode = "first-trace"
	StageFirstStatement    StageCode = "first-statement"
	StageOwnStatement      StageCode = "own-statement" // of one affected institution
	StageAuthorityNotified StageCode = "authority-notified"
	StagePeopleNotified    StageCode = "people-notified"
	StageReferral          StageCode = "referral"
	StageConfirmation      StageCode = "confirmation" // of a referral, by the authority
)

// StageCodes lists the stages in the order of the clock.
func StageCodes() []StageCode {
	return []StageCode{
		StageFirstTrace, StageFirstStatement, StageOwnStatement, StageAuthorityNotified,
		StagePeopleNotified, StageReferral, StageConfirmation,
	}
}

// Stage is one stage of the disclosure clock.
type Stage struct {
	Code StageCode
	// Institution is whose statement it is, for StageFirstStatement and
	// StageOwnStatement; empty otherwise.
	Institution Ref
	Dates       Dates
	// Anchor is the entry of the timeline that it rests on; empty when nothing
	// is stated.
	Anchor string
	// Delay is the time since the first public trace in whole days, an
	// interval when a date is imprecise.
	Delay edtf.Days
}

// Stated reports whether anything is known of the stage.
func (s Stage) Stated() bool { return s.Anchor != "" }

// Clock is the disclosure clock of an incident: how long it took until what
// was said and done. It is derived, never entered.
type Clock struct {
	Stages []Stage
	// SinceOfficial are the days since the last official word.
	SinceOfficial edtf.Days
	// SinceReferral are the days since the last public step of a referral that
	// is not closed; Known is false when there is none.
	SinceReferral edtf.Days
}

// Stage returns the first stage with the code.
func (c Clock) Stage(code StageCode) (Stage, bool) {
	for _, s := range c.Stages {
		if s.Code == code {
			return s, true
		}
	}
	return Stage{}, false
}

// NewClock derives the disclosure clock of an incident, as it stands on a day.
func NewClock(inc *Incident, statements []StatementEdition, today edtf.Day) Clock {
	start := firstTrace(inc)
	stages := []Stage{start, firstStatement(statements)}
	for _, a := range inc.Affected {
		stages = append(stages, ownStatement(a.Institution, statements))
	}
	stages = append(stages,
		eventStage(StageAuthorityNotified, inc, EventAuthorityNotified),
		eventStage(StagePeopleNotified, inc, EventPeopleNotified),
		stepStage(StageReferral, inc, func(*Step) bool { return true }),
		stepStage(StageConfirmation, inc, (*Step).Confirmed),
	)
	for i := range stages {
		if stages[i].Stated() && start.Stated() {
			stages[i].Delay = edtf.DaysBetween(start.Dates.Date(), stages[i].Dates.Date()).ClampMin0()
		}
	}
	return Clock{
		Stages:        stages,
		SinceOfficial: since(lastOfficial(statements), today),
		SinceReferral: since(lastOpenStep(inc), today),
	}
}

// firstTrace is the earliest dated attack, discovery or publication of data.
func firstTrace(inc *Incident) Stage {
	return eventStage(StageFirstTrace, inc, EventAttack, EventDiscovery, EventDataPublication)
}

func eventStage(code StageCode, inc *Incident, kinds ...EventKind) Stage {
	out := Stage{Code: code}
	for i := range inc.Events {
		e := &inc.Events[i]
		if slices.Contains(kinds, e.Kind) {
			out.take(e.Dates, e.Key)
		}
	}
	return out
}

func stepStage(code StageCode, inc *Incident, want func(*Step) bool) Stage {
	out := Stage{Code: code}
	for i := range inc.Referrals {
		for j := range inc.Referrals[i].Steps {
			if s := &inc.Referrals[i].Steps[j]; want(s) {
				out.take(s.Dates, s.Key)
			}
		}
	}
	return out
}

func firstStatement(statements []StatementEdition) Stage {
	out := Stage{Code: StageFirstStatement}
	for _, s := range statements {
		if s.Official && out.take(s.Dates, s.Slug) {
			out.Institution = s.Issuer
		}
	}
	return out
}

func ownStatement(institution Ref, statements []StatementEdition) Stage {
	out := Stage{Code: StageOwnStatement, Institution: institution}
	for _, s := range statements {
		if s.Official && s.Issuer == institution {
			out.take(s.Dates, s.Slug)
		}
	}
	return out
}

// take makes the dates those of the stage when they are earlier; it reports
// whether it did.
func (s *Stage) take(dates Dates, anchor string) bool {
	if dates.Date().IsZero() || s.Stated() && edtf.Compare(dates.Date(), s.Dates.Date()) >= 0 {
		return false
	}
	s.Dates, s.Anchor = dates, anchor
	return true
}

func lastOfficial(statements []StatementEdition) edtf.Date {
	var last edtf.Date
	for _, s := range statements {
		if s.Official {
			last = later(last, s.Dates.Date())
		}
	}
	return last
}

// lastOpenStep is the date of the last public step of the referrals that are
// not closed.
func lastOpenStep(inc *Incident) edtf.Date {
	var last edtf.Date
	for i := range inc.Referrals {
		if s, ok := inc.Referrals[i].Latest(); ok && s.InPhase() != PhaseClosed {
			last = later(last, s.Dates.Date())
		}
	}
	return last
}

// later returns the later of two dates; a zero date is none.
func later(a, b edtf.Date) edtf.Date {
	if a.IsZero() || !b.IsZero() && edtf.Compare(b, a) > 0 {
		return b
	}
	return a
}

func since(d edtf.Date, today edtf.Day) edtf.Days {
	to := today.Date()
	if to.IsZero() || d.IsZero() {
		return edtf.Days{}
	}
	return edtf.DaysBetween(d, to).ClampMin0()
}
