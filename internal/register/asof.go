package register

import (
	"github.com/sijil/sijil/internal/edtf"
)

// Knowledge is what could be known of an incident at the end of a day in
// Morocco, by what had been said and published by then in the world; when this
// register published it is another matter. It is derived from an edition, whose
// dates are today's: it says what that edition shows to have been public.
//
// A statement is known from when it was made. Everything else is known from
// when the first statement that says it was made, or the first source that
// carries it appeared: never from when it happened. A date that does not tell
// makes a thing possibly known, and so does none at all, so that nothing is left
// out in silence. Two things bound it. Nothing was reported before it happened:
// a source whose day is not known appeared no earlier than the latest thing that
// it is cited for, and nothing was said of an incident before its first trace.
// And whatever an edition holds was known when the edition was published.
type Knowledge struct {
	Day     edtf.Day
	edition *IncidentEdition
	// all means that the day is not before the edition's own.
	all        bool
	first      edtf.Day // of the incident's first trace; zero when it has none
	sources    map[string]edtf.KnownBy
	statements map[Ref]edtf.KnownBy
	facts      map[string]edtf.KnownBy
}

// KnownOn derives what was known of an incident on a day.
func KnownOn(e *IncidentEdition, day edtf.Day) *Knowledge {
	k := &Knowledge{
		Day: day, edition: e,
		sources: map[string]edtf.KnownBy{}, statements: map[Ref]edtf.KnownBy{}, facts: map[string]edtf.KnownBy{},
	}
	k.all = !e.PublishedAt.IsZero() && edtf.DayOf(e.PublishedAt).Compare(day) <= 0
	k.first, _ = firstTrace(e.Incident).Dates.Date().FirstDay()
	bounds := k.sourceBounds()
	for i := range e.SourceList {
		s := &e.SourceList[i]
		k.sources[s.Key] = k.sourceKnown(s, bounds[s.Key])
	}
	for i := range e.Statements {
		s := &e.Statements[i]
		k.statements[Ref(s.Reference)] = k.statementKnown(s)
	}
	EachFact(e.Incident, func(f *Fact) { k.facts[f.Key] = k.factKnown(f) })
	for i := range e.Events {
		k.facts[e.Events[i].Key] = k.eventKnown(&e.Events[i])
	}
	for i := range e.Statements {
		k.facts[e.Statements[i].Slug] = k.statements[Ref(e.Statements[i].Reference)]
	}
	return k
}

// Fact tells of a part of the incident by its key, and of an entry of its
// timeline by its anchor.
func (k *Knowledge) Fact(key string) edtf.KnownBy {
	if known, ok := k.facts[key]; ok {
		return known
	}
	return k.date(edtf.Date{}, edtf.Day{})
}

// Statement tells of a statement; one that the edition does not show has no
// date here.
func (k *Knowledge) Statement(ref Ref) edtf.KnownBy {
	if known, ok := k.statements[ref]; ok {
		return known
	}
	return k.date(edtf.Date{}, edtf.Day{})
}

// Claim tells of a claim: it was made with its statement.
func (k *Knowledge) Claim(ref ClaimRef) edtf.KnownBy { return k.Statement(ref.Statement) }

// Source tells of a source by its key.
func (k *Knowledge) Source(key string) edtf.KnownBy {
	if known, ok := k.sources[key]; ok {
		return known
	}
	return k.date(edtf.Date{}, edtf.Day{})
}

// Relation tells of the relation of a claim to an earlier one: both must have
// been made.
func (k *Knowledge) Relation(from ClaimRef, r ClaimRelation) edtf.KnownBy {
	return min(k.Claim(from), k.Claim(r.To))
}

// Rendering tells of a version of a statement: of when it appeared, where its
// sources say that.
func (k *Knowledge) Rendering(s *StatementEdition, r *Rendering) edtf.KnownBy {
	said := k.Statement(Ref(s.Reference))
	if len(r.Sources) == 0 && len(r.Dates) == 0 {
		return said
	}
	known := edtf.NotYet
	if len(r.Dates) > 0 {
		known = k.dates(r.Dates)
	}
	return min(said, max(known, k.any(r.Sources, nil)))
}

// Difference tells of a difference between versions of a statement: all of
// them must have appeared.
func (k *Knowledge) Difference(s *StatementEdition, d *Difference) edtf.KnownBy {
	known := k.Statement(Ref(s.Reference))
	for _, key := range d.Between {
		if r := s.Rendering(key); r != nil {
			known = min(known, k.Rendering(s, r))
		}
	}
	return known
}

// SystemName tells of the name that a party gives to a system.
func (k *Knowledge) SystemName(n *SystemName) edtf.KnownBy {
	return k.backed(n.Sources, oneClaim(n.SaidIn))
}

// Relating tells of somebody's assertion that an event is related.
func (k *Knowledge) Relating(r *Relating) edtf.KnownBy {
	return k.backed(r.Sources, oneClaim(r.SaidIn))
}

func oneClaim(ref ClaimRef) []ClaimRef {
	if ref.Statement == "" {
		return nil
	}
	return []ClaimRef{ref}
}

// date tells of one date: of what has none it cannot be said. Nothing that
// may be, is before the bound, or before the incident's first trace.
func (k *Knowledge) date(d edtf.Date, bound edtf.Day) edtf.KnownBy {
	if k.all {
		return edtf.Known
	}
	known := edtf.Possibly
	if !d.IsZero() {
		known = d.KnownBy(k.Day)
	}
	if known == edtf.Possibly && (k.before(bound) || k.before(k.first)) {
		return edtf.NotYet
	}
	return known
}

// before reports whether the day is before a bound; a zero bound is none.
func (k *Knowledge) before(bound edtf.Day) bool { return !bound.IsZero() && k.Day.Compare(bound) < 0 }

// dates tells of several dates of one thing: it is known when all say so, and
// possibly known when some do.
func (k *Knowledge) dates(ds Dates) edtf.KnownBy {
	if len(ds) == 0 {
		return k.date(edtf.Date{}, edtf.Day{})
	}
	least, most := edtf.Known, edtf.NotYet
	for _, d := range ds {
		known := k.date(d.EDTF, edtf.Day{})
		least, most = min(least, known), max(most, known)
	}
	if least != edtf.Known && most != edtf.NotYet {
		return edtf.Possibly
	}
	return most
}

// sourceKnown tells when a source appeared: when it says so, and no later than
// somebody read it.
func (k *Knowledge) sourceKnown(s *Source, bound edtf.Day) edtf.KnownBy {
	read := s.Accessed.KnownBy(k.Day)
	if s.Capture != nil {
		read = max(read, s.Capture.CapturedAt.KnownBy(k.Day))
	}
	if read == edtf.Known {
		return edtf.Known
	}
	return k.date(s.Published, bound)
}

// sourceBounds are the days before which sources cannot have appeared: the
// first on which the latest thing can have happened that they are cited for.
func (k *Knowledge) sourceBounds() map[string]edtf.Day {
	out := map[string]edtf.Day{}
	raise := func(keys []string, ds Dates) {
		day, ok := ds.Date().FirstDay()
		for _, key := range keys {
			if ok && out[key].Compare(day) < 0 {
				out[key] = day
			}
		}
	}
	EachFact(k.edition.Incident, func(f *Fact) { raise(f.allSources(), f.Dates) })
	for i := range k.edition.Statements {
		s := k.edition.Statements[i].Statement
		raise(CitedSources(s), s.Dates)
	}
	return out
}

// allSources are the sources of a fact and of its dates.
func (f *Fact) allSources() []string {
	out := append([]string{}, f.Sources...)
	for _, d := range f.Dates {
		out = append(out, d.Sources...)
	}
	return out
}

// statementKnown tells when a statement was made: by its dates, and no later
// than a source that carries it appeared.
func (k *Knowledge) statementKnown(s *StatementEdition) edtf.KnownBy {
	said := k.dates(s.Dates)
	if said == edtf.Possibly && k.any(s.Sources, nil) == edtf.Known {
		return edtf.Known
	}
	return said
}

// factKnown tells of a fact by what stands behind it.
func (k *Knowledge) factKnown(f *Fact) edtf.KnownBy {
	if first, ok := f.Dates.Date().FirstDay(); ok && k.before(first) && !k.all {
		return edtf.NotYet
	}
	return k.backed(f.allSources(), f.SaidIn)
}

func (k *Knowledge) eventKnown(e *Event) edtf.KnownBy {
	known := k.factKnown(&e.Fact)
	if e.Kind != EventContext || len(e.RelatedBy) == 0 {
		return known
	}
	related := edtf.NotYet
	for i := range e.RelatedBy {
		related = max(related, k.Relating(&e.RelatedBy[i]))
	}
	return min(known, related)
}

// backed tells of what rests on sources and claims: any of them is enough. Of
// what rests on nothing it cannot be said.
func (k *Knowledge) backed(sources []string, claims []ClaimRef) edtf.KnownBy {
	if len(sources) == 0 && len(claims) == 0 {
		return k.date(edtf.Date{}, edtf.Day{})
	}
	return k.any(sources, claims)
}

func (k *Knowledge) any(sources []string, claims []ClaimRef) edtf.KnownBy {
	known := edtf.NotYet
	for _, key := range sources {
		known = max(known, k.Source(key))
	}
	for _, ref := range claims {
		known = max(known, k.Claim(ref))
	}
	return known
}

// told reports whether nothing behind a text was still to come: what the
// register wrote of a thing later may tell more than was known of it.
func (k *Knowledge) told(sources []string, claims []ClaimRef) bool {
	for _, key := range sources {
		if k.Source(key) == edtf.NotYet {
			return false
		}
	}
	for _, ref := range claims {
		if k.Claim(ref) == edtf.NotYet {
			return false
		}
	}
	return true
}
