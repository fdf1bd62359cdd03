package register

import (
	"cmp"
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// measure weighs what is there and what is missing.
type measure struct {
	written        Lang
	total, missing int
	gaps           []Gap
}

// ask counts one thing that a draft should have.
func (m *measure) ask(there bool, g Gap) {
	m.total += g.Weight
	if !there {
		m.missing += g.Weight
		m.gaps = append(m.gaps, g)
	}
}

// text asks for a text in all languages of the interface; that in which the
// record is written weighs more.
func (m *measure) text(t Text, g Gap) {
	for _, lang := range Langs() {
		ask := g
		ask.Lang = lang
		if lang != m.written {
			ask.Weight = max(1, g.Weight*2/5)
		}
		m.ask(t[lang] != "", ask)
	}
}

// fact asks that a part of the record is sourced.
func (m *measure) fact(f *Fact, part string) {
	m.ask(f.Sourced(), Gap{Code: GapUnsourced, Part: part, Key: f.Key, Field: "sources", Weight: expected})
}

// dated asks that a part of the record says when.
func (m *measure) dated(f *Fact, part string) {
	m.ask(len(f.Dates) > 0, Gap{Code: GapDate, Part: part, Key: f.Key, Field: "dates", Weight: expected})
}

func (m *measure) result() Completeness {
	slices.SortStableFunc(m.gaps, func(a, b Gap) int { return cmp.Compare(b.Weight, a.Weight) })
	c := Completeness{Share: 100, Gaps: m.gaps}
	if m.total > 0 {
		c.Share = 100 * (m.total - m.missing) / m.total
	}
	return c
}

// Completeness says what is missing of an incident.
func (i *Incident) Completeness(by Gauge) Completeness {
	m := &measure{written: i.Language}
	m.text(i.Title, Gap{Code: GapTitle, Field: "title", Weight: needed})
	m.text(i.Summary, Gap{Code: GapSummary, Field: "summary", Weight: needed})
	m.ask(len(i.Kinds) > 0, Gap{Code: GapKind, Field: "kinds", Weight: needed})
	m.ask(i.Standing != "", Gap{Code: GapStanding, Field: "standing", Weight: expected})
	m.ask(len(i.Affected) > 0, Gap{Code: GapInstitution, Field: "affected", Weight: needed})
	m.ask(!i.Occurred().IsZero(), Gap{Code: GapDate, Field: "events", Weight: needed})
	m.ask(len(CitedSources(i)) > 0, Gap{Code: GapSource, Field: "sources", Weight: needed})
	m.ask(len(i.Statements) > 0, Gap{Code: GapStatement, Field: "statements", Weight: expected})
	for _, ref := range i.Statements {
		seen := !slices.Contains(by.OriginalsNotSeen, ref)
		m.ask(seen, Gap{Code: GapOriginal, Part: "statements", Key: string(ref), Weight: better})
	}
	m.affected(i)
	m.events(i)
	for j := range i.Referrals {
		m.referral(&i.Referrals[j], by)
	}
	return m.result()
}

func (m *measure) affected(i *Incident) {
	for j := range i.Affected {
		a := &i.Affected[j]
		m.fact(&a.Fact, "affected")
		m.ask(len(a.Roles) > 0, Gap{Code: GapRole, Part: "affected", Key: a.Key, Field: "roles", Weight: better})
	}
	for j := range i.Systems {
		m.fact(&i.Systems[j].Fact, "systems")
	}
	for j := range i.Exposures {
		x := &i.Exposures[j]
		m.fact(&x.Fact, "exposures")
		m.text(x.Title, Gap{Code: GapHeading, Part: "exposures", Key: x.Key, Field: "title", Weight: expected})
	}
}

func (m *measure) events(i *Incident) {
	for j := range i.Events {
		e := &i.Events[j]
		m.fact(&e.Fact, "events")
		m.dated(&e.Fact, "events")
		m.text(e.Title, Gap{Code: GapHeading, Part: "events", Key: e.Key, Field: "title", Weight: expected})
	}
	for j := range i.Measures {
		s := &i.Measures[j]
		m.fact(&s.Fact, "measures")
		m.dated(&s.Fact, "measures")
		m.text(s.Title, Gap{Code: GapHeading, Part: "measures", Key: s.Key, Field: "title", Weight: expected})
	}
}

func (m *measure) referral(r *Referral, by Gauge) {
	at := func(code GapCode, field string, weight int) Gap {
		return Gap{Code: code, Part: "referrals", Key: r.Key, Field: field, Weight: weight}
	}
	m.ask(r.To != "" || !r.ToName.IsZero(), at(GapAuthority, "to", expected))
	m.ask(len(r.Steps) > 0, at(GapSteps, "steps", expected))
	for j := range r.Steps {
		m.fact(&r.Steps[j].Fact, "steps")
		m.dated(&r.Steps[j].Fact, "steps")
	}
	stale := at(GapUnconfirmed, "steps", expected)
	waited := r.Waiting(by.Today)
	stale.Days = waited
	m.ask(by.Patience == 0 || waited < by.Patience, stale)
}

// Waiting is for how many days nothing has followed on a referral that nobody
// but a party or the press speaks of; 0 as for UnconfirmedSince.
func (r *Referral) Waiting(today edtf.Day) int {
	since, ok := r.UnconfirmedSince()
	if !ok {
		return 0
	}
	return max(0, today.DaysSince(since))
}

// UnconfirmedSince is the last day that the last dated step of the referral can
// mean. ok is false for a referral that was confirmed or closed, and for one
// without a date.
func (r *Referral) UnconfirmedSince() (day edtf.Day, ok bool) {
	if slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Confirmed() || s.InPhase() == PhaseClosed }) {
		return edtf.Day{}, false
	}
	var last edtf.Date
	for i := range r.Steps {
		last = later(last, r.Steps[i].Dates.Date())
	}
	return last.LastDay()
}

// UnconfirmedSince is since when the incident has a referral that nobody
// confirmed: the earliest, where there are several.
func (i *Incident) UnconfirmedSince() (day edtf.Day, ok bool) {
	for j := range i.Referrals {
		since, waits := i.Referrals[j].UnconfirmedSince()
		if waits && (!ok || since.Compare(day) < 0) {
			day, ok = since, true
		}
	}
	return day, ok
}

// Completeness says what is missing of a statement.
func (s *Statement) Completeness(by Gauge) Completeness {
	m := &measure{written: s.Language}
	m.text(s.Title, Gap{Code: GapTitle, Field: "title", Weight: needed})
	m.text(s.Summary, Gap{Code: GapSummary, Field: "summary", Weight: needed})
	m.ask(s.Kind != "", Gap{Code: GapKind, Field: "kind", Weight: needed})
	m.ask(s.Issuer != "" || !s.IssuerName.IsZero(), Gap{Code: GapIssuer, Field: "issuer", Weight: needed})
	m.ask(len(s.Dates) > 0, Gap{Code: GapDate, Field: "dates", Weight: needed})
	m.ask(len(s.Sources) > 0 || len(s.Documents) > 0, Gap{Code: GapSource, Field: "sources", Weight: needed})
	for j := range s.Documents {
		d := &s.Documents[j]
		m.ask(!slices.Contains(by.FilesNotHeld, d.SHA256), Gap{Code: GapFile, Part: "documents", Key: d.Key, Field: "sha256", Weight: needed})
	}
	m.ask(!s.OriginalNotSeen, Gap{Code: GapOriginal, Field: "original_not_seen", Weight: expected})
	m.ask(s.OriginalLanguage != "", Gap{Code: GapOriginalUnnamed, Field: "original_language", Weight: better})
	m.ask(s.ReadInFull(), Gap{Code: GapUnread, Field: "renderings", Weight: expected})
	m.ask(len(s.Claims) > 0, Gap{Code: GapClaims, Field: "claims", Weight: expected})
	for j := range s.Claims {
		c := &s.Claims[j]
		m.fact(&c.Fact, "claims")
		m.ask(len(c.Quotes) > 0, Gap{Code: GapQuote, Part: "claims", Key: c.Key, Field: "quotes", Weight: expected})
		m.text(c.Paraphrase, Gap{Code: GapParaphrase, Part: "claims", Key: c.Key, Field: "paraphrase", Weight: expected})
	}
	return m.result()
}

// Completeness says what is missing of an institution.
func (i *Institution) Completeness() Completeness {
	m := &measure{written: i.Language}
	m.text(i.NameText(NameOfficial), Gap{Code: GapName, Field: "names", Weight: needed})
	m.ask(i.Kind != "", Gap{Code: GapKind, Field: "kind", Weight: needed})
	m.ask(i.Sector != "", Gap{Code: GapSector, Field: "sector", Weight: better})
	m.ask(len(CitedSources(i)) > 0, Gap{Code: GapSource, Field: "sources", Weight: expected})
	return m.result()
}
