package register

import (
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// Shown is the incident with what was known or possibly known, and no more.
func (k *Knowledge) Shown() *IncidentEdition { return k.cut(edtf.Possibly) }

// Certain is the incident with what was known: the clock counts by it.
func (k *Knowledge) Certain() *IncidentEdition { return k.cut(edtf.Known) }

// LeftOut is the number of entries of the timeline that were not known yet.
func (k *Knowledge) LeftOut() int { return k.count(edtf.NotYet) }

// Possible is the number of entries that were possibly known.
func (k *Knowledge) Possible() int { return k.count(edtf.Possibly) }

// Numbers are the places of the entries in the whole timeline, by anchor: what
// an entry is called does not depend on the day.
func (k *Knowledge) Numbers() map[string]int {
	out := map[string]int{}
	for _, e := range NewTimeline(k.edition.Incident, k.edition.Statements).Entries {
		out[e.Anchor] = e.Number
	}
	return out
}

func (k *Knowledge) count(want edtf.KnownBy) int {
	n := 0
	for _, e := range NewTimeline(k.edition.Incident, k.edition.Statements).Entries {
		if k.Fact(e.Anchor) == want {
			n++
		}
	}
	return n
}

// cut leaves of an edition what was known at least so well.
func (k *Knowledge) cut(least edtf.KnownBy) *IncidentEdition {
	if k.all {
		return k.edition
	}
	c := cutter{Knowledge: k, least: least}
	out := *k.edition
	out.Incident = c.incident(*k.edition.Incident)
	out.Statements = nil
	for _, s := range k.edition.Statements {
		if k.Statement(Ref(s.Reference)) >= least {
			out.Statements = append(out.Statements, c.statement(s))
		}
	}
	out.SourceList = c.cited(&out)
	return &out
}

// cutter makes copies of the parts of an edition without what was not known.
type cutter struct {
	*Knowledge
	least edtf.KnownBy
}

// kept are the items that pass, each copied and trimmed; none of the edition's
// own is touched.
func kept[T any](items []T, pass func(*T) bool, trim func(*T)) []T {
	var out []T
	for _, item := range items {
		if !pass(&item) {
			continue
		}
		trim(&item)
		out = append(out, item)
	}
	return out
}

func (c *cutter) has(f *Fact) bool { return c.Fact(f.Key) >= c.least }

// fact trims what a fact rests on to what was there; it reports whether that is
// all, so that the register's later words about it give nothing away.
func (c *cutter) fact(f *Fact) (told bool) {
	told = c.told(f.allSources(), f.SaidIn)
	f.Sources, f.SaidIn, f.Dates = c.sourced(f.Sources), c.said(f.SaidIn), c.dated(f.Dates)
	return told
}

func (c *cutter) sourced(keys []string) []string {
	return kept(keys, func(key *string) bool { return c.Source(*key) >= c.least }, func(*string) {})
}

func (c *cutter) said(refs []ClaimRef) []ClaimRef {
	return kept(refs, func(ref *ClaimRef) bool { return c.Claim(*ref) >= c.least }, func(*ClaimRef) {})
}

// dated leaves out of dates that disagree those that nobody had given yet; the
// one by which the register orders stays where none would be left.
func (c *cutter) dated(ds Dates) Dates {
	trim := func(d *DateAssertion) { d.Sources = c.sourced(d.Sources) }
	given := kept(ds, func(d *DateAssertion) bool { return len(d.Sources) == 0 || len(c.sourced(d.Sources)) > 0 }, trim)
	if len(given) > 0 {
		return given
	}
	return kept(ds, func(d *DateAssertion) bool { return d.Preferred || len(ds) == 1 }, trim)
}

// unless empties the register's own words where they may tell too much.
func unless(told bool, texts ...*Text) {
	for _, t := range texts {
		if !told {
			*t = nil
		}
	}
}

func (c *cutter) incident(i Incident) *Incident {
	unless(c.complete(), &i.Summary)
	i.Answers = kept(i.Answers, func(a *Answer) bool { return c.has(&a.Fact) }, func(a *Answer) {
		unless(c.fact(&a.Fact), &a.Note)
	})
	i.Affected = kept(i.Affected, func(a *AffectedInstitution) bool { return c.has(&a.Fact) }, func(a *AffectedInstitution) {
		unless(c.fact(&a.Fact), &a.DataExposed, &a.Note)
	})
	i.Systems = kept(i.Systems, func(s *TargetedSystem) bool { return c.has(&s.Fact) }, c.system)
	i.Measures = kept(i.Measures, func(m *Measure) bool { return c.has(&m.Fact) }, func(m *Measure) {
		unless(c.fact(&m.Fact), &m.Body)
	})
	i.Exposures = kept(i.Exposures, func(x *Exposure) bool { return c.has(&x.Fact) }, c.exposure)
	i.Events = kept(i.Events, func(e *Event) bool { return c.has(&e.Fact) }, c.event)
	i.Referrals = kept(i.Referrals, func(r *Referral) bool { return c.has(&r.Fact) }, c.referral)
	i.Statements = kept(i.Statements, func(ref *Ref) bool { return c.Statement(*ref) >= c.least }, func(*Ref) {})
	i.Sources = c.sourced(i.Sources)
	return &i
}

// complete reports whether the whole timeline was known: only then is the
// summary no later than the day.
func (c *cutter) complete() bool { return c.LeftOut() == 0 }

func (c *cutter) system(s *TargetedSystem) {
	c.fact(&s.Fact)
	s.Names = kept(s.Names, func(n *SystemName) bool { return c.SystemName(n) >= c.least }, func(n *SystemName) {
		n.Sources = c.sourced(n.Sources)
	})
}

func (c *cutter) exposure(x *Exposure) {
	unless(c.fact(&x.Fact), &x.Period)
	x.Figures = kept(x.Figures, func(f *Figure) bool { return c.has(&f.Fact) }, func(f *Figure) { c.fact(&f.Fact) })
	x.Authenticity = kept(x.Authenticity, func(p *Position) bool { return c.has(&p.Fact) }, func(p *Position) {
		unless(c.fact(&p.Fact), &p.Note)
	})
}

// event trims an event. Where the word on which it stands had not been given,
// it stood on the press.
func (c *cutter) event(e *Event) {
	worded := len(e.SaidIn) > 0
	unless(c.fact(&e.Fact), &e.Body)
	if worded && len(e.SaidIn) == 0 && (e.Attestation == Acknowledged || e.Attestation == Asserted) {
		e.Attestation = Reported
	}
	e.RelatedBy = kept(e.RelatedBy, func(r *Relating) bool { return c.Relating(r) >= c.least }, func(r *Relating) {
		unless(c.told(r.Sources, oneClaim(r.SaidIn)), &r.Note)
		r.Sources = c.sourced(r.Sources)
	})
	if e.Chain != nil && c.Claim(*e.Chain) < c.least {
		e.Chain = nil
	}
}

func (c *cutter) referral(r *Referral) {
	unless(c.fact(&r.Fact), &r.Note)
	r.Steps = kept(r.Steps, func(s *Step) bool { return c.has(&s.Fact) }, func(s *Step) {
		unless(c.fact(&s.Fact), &s.Body)
	})
	r.PossiblySame = kept(r.PossiblySame, func(key *string) bool { return c.Fact(*key) >= c.least }, func(*string) {})
}

// statement is a statement with the versions, differences and relations that
// there were.
func (c *cutter) statement(s StatementEdition) StatementEdition {
	whole, st := s, *s.Statement
	self := Ref(s.Reference)
	unless(c.told(st.Sources, nil), &st.Summary)
	st.Dates, st.Sources = c.dated(st.Dates), c.sourced(st.Sources)
	if st.Speaker != nil {
		speaker := *st.Speaker
		speaker.Sources = c.sourced(speaker.Sources)
		st.Speaker = &speaker
	}
	st.Renderings = kept(st.Renderings, func(r *Rendering) bool { return c.Rendering(&whole, r) >= c.least }, func(r *Rendering) {
		c.fact(&r.Fact)
	})
	st.Differences = kept(st.Differences, func(d *Difference) bool { return c.Difference(&whole, d) >= c.least }, func(d *Difference) {
		c.fact(&d.Fact)
	})
	st.Claims = kept(st.Claims, func(*Claim) bool { return true }, func(claim *Claim) {
		from := ClaimRef{Statement: self, Claim: claim.Key}
		claim.Sources, claim.SaidIn, claim.Dates = c.sourced(claim.Sources), c.said(claim.SaidIn), c.dated(claim.Dates)
		claim.Quotes = kept(claim.Quotes, func(q *Quote) bool { return c.quoted(&whole, q) }, func(*Quote) {})
		claim.Relations = kept(claim.Relations, func(r *ClaimRelation) bool { return c.Relation(from, *r) >= c.least }, func(*ClaimRelation) {})
	})
	st.Relations = kept(st.Relations, func(r *StatementRelation) bool { return c.Statement(r.Statement) >= c.least }, func(*StatementRelation) {})
	s.Statement = &st
	return s
}

// quoted reports whether the version from which a passage comes was there.
func (c *cutter) quoted(s *StatementEdition, q *Quote) bool {
	r := s.Rendering(q.Rendering)
	return r == nil || c.Rendering(s, r) >= c.least
}

// cited are the sources that the trimmed edition still cites, in its order.
func (c *cutter) cited(e *IncidentEdition) []Source {
	keys := CitedSources(e.Incident)
	for _, s := range e.Statements {
		keys = append(keys, CitedSources(s.Statement)...)
	}
	return kept(c.edition.SourceList, func(s *Source) bool { return slices.Contains(keys, s.Key) }, func(*Source) {})
}
