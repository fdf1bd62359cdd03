package register

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// EntryKind is the kind of a timeline entry.
type EntryKind string

// The kinds of timeline entries.
const (
	EntryEvent           EntryKind = "event"
	EntryDataPublication EntryKind = "data-publication"
	EntryStatement       EntryKind = "statement"
	EntryVerification    EntryKind = "verification"
	EntryMeasure         EntryKind = "measure"
	EntryReferralStep    EntryKind = "referral-step"
	EntryContext         EntryKind = "context"
	EntryCorrection      EntryKind = "correction"
)

// EntryKinds lists all kinds of entries, in the order in which filters show
// them. A new kind is one line here, one in entryRanks for its place on a day,
// and, if it is made of events, one in entryKindOf; the tests ask for all.
func EntryKinds() []EntryKind {
	return []EntryKind{
		EntryEvent, EntryDataPublication, EntryStatement, EntryVerification,
		EntryMeasure, EntryReferralStep, EntryContext, EntryCorrection,
	}
}

// ParseEntryKind returns the kind named s; ok is false when there is none.
func ParseEntryKind(s string) (kind EntryKind, ok bool) {
	return EntryKind(s), isCode(EntryKinds(), EntryKind(s))
}

// entryKindOf says under which kind of entry an event is shown.
func entryKindOf(k EventKind) EntryKind {
	switch k {
	case EventDataPublication:
		return EntryDataPublication
	case EventVerification:
		return EntryVerification
	case EventContext:
		return EntryContext
	case EventCorrection:
		return EntryCorrection
	case EventAttack, EventDiscovery, EventRestoration, EventAuthorityNotified, EventPeopleNotified, EventOther:
		return EntryEvent
	}
	return EntryEvent
}

// Entry is one line of a timeline. Exactly one of Event, Statement, Measure
// and Step is set; Referral goes with Step.
type Entry struct {
	Kind EntryKind
	// Anchor is the fragment of the entry's permalink, stable over editions.
	Anchor string
	// Number is the place in the whole timeline, oldest first, from 1,
	// whatever the filter and the order.
	Number int
	Dates  Dates
	Title  Text
	Body   Text
	// Sources are the keys of the sources behind the entry.
	Sources []string
	// Institutions are those that the entry is about: whom an event touched, who
	// spoke, who took a measure, who referred a matter and to whom. Each once.
	Institutions []Ref

	Event     *Event
	Statement *StatementEdition
	Measure   *Measure
	Referral  *Referral
	Step      *Step
}

// Date is the date by which the entry is ordered; zero when not stated.
func (e *Entry) Date() edtf.Date { return e.Dates.Date() }

// Official reports whether the entry is an official statement.
func (e *Entry) Official() bool { return e.Statement != nil && e.Statement.Official }

// Order is the direction of a timeline.
type Order string

// The orders.
const (
	OldestFirst Order = "oldest"
	NewestFirst Order = "newest"
)

// TimelineFilter chooses what of a timeline is shown: entries of one of the
// kinds that are about one of the institutions.
type TimelineFilter struct {
	Kinds []EntryKind // none: all
	// Institutions are slugs; none: all. In says which institutions they are.
	Institutions []string
	Order        Order // "" is OldestFirst
	// Compact shows of each entry what, when and on whose word, and no more.
	Compact bool

	refs []Ref
}

// Has reports whether the filter names the kind.
func (f TimelineFilter) Has(k EntryKind) bool { return slices.Contains(f.Kinds, k) }

// Narrows reports whether the filter can leave entries out.
func (f TimelineFilter) Narrows() bool { return len(f.Kinds)+len(f.Institutions) > 0 }

// IsZero reports whether the filter shows the timeline as it is.
func (f TimelineFilter) IsZero() bool { return !f.Narrows() && f.Order != NewestFirst && !f.Compact }

// In is the filter for the timeline of an edition. ErrInvalid when one of its
// institutions is none of those that the edition shows.
func (f TimelineFilter) In(e *IncidentEdition) (TimelineFilter, error) {
	f.refs = nil
	for _, slug := range f.Institutions {
		i := slices.IndexFunc(e.Institutions, func(inst InstitutionEdition) bool { return inst.Slug == slug })
		if i < 0 {
			return f, fmt.Errorf("%w: institution of the timeline", ErrInvalid)
		}
		f.refs = append(f.refs, Ref(e.Institutions[i].Reference))
	}
	return f, nil
}

// lets reports whether the filter lets the entry through.
func (f TimelineFilter) lets(e *Entry) bool {
	about := func(r Ref) bool { return slices.Contains(f.refs, r) }
	return (len(f.Kinds) == 0 || f.Has(e.Kind)) &&
		(len(f.Institutions) == 0 || slices.ContainsFunc(e.Institutions, about))
}

// Timeline is all of an incident that has its place in time, in order. It is
// not stored: it follows from the published editions.
type Timeline struct {
	Entries []Entry
	// Counts are the numbers of entries of each kind, before any filter.
	Counts map[EntryKind]int
	// About are the numbers of entries about each institution, before any filter.
	About map[Ref]int
	// Total is the number of entries before any filter.
	Total int
}

// Day is a group of a timeline: the entries of one civil day, or of one
// imprecise date. A month is never shown as its first day.
type Day struct {
	// Date is the day, or the imprecise date itself; zero for entries whose
	// date is not stated.
	Date    edtf.Date
	Exact   bool // the date is one civil day
	Entries []Entry
}

// NewTimeline puts together the timeline of an incident and of the statements
// that it shows, oldest first.
func NewTimeline(inc *Incident, statements []StatementEdition) Timeline {
	var entries []Entry
	for i := range inc.Events {
		entries = append(entries, eventEntry(inc, &inc.Events[i]))
	}
	for i := range statements {
		entries = append(entries, statementEntry(&statements[i]))
	}
	for i := range inc.Measures {
		entries = append(entries, measureEntry(&inc.Measures[i]))
	}
	for i := range inc.Referrals {
		entries = append(entries, stepEntries(&inc.Referrals[i])...)
	}
	entries = inOrder(entries)
	t := Timeline{Entries: entries, Counts: map[EntryKind]int{}, About: map[Ref]int{}, Total: len(entries)}
	for i := range t.Entries {
		e := &t.Entries[i]
		e.Number, e.Institutions = i+1, distinct(e.Institutions)
		t.Counts[e.Kind]++
		for _, r := range e.Institutions {
			t.About[r]++
		}
	}
	return t
}

// inOrder sorts entries. They are large, so that where each comes from is moved about,
// and each entry once.
func inOrder(entries []Entry) []Entry {
	from := make([]int, len(entries))
	for i := range from {
		from[i] = i
	}
	slices.SortStableFunc(from, func(i, j int) int { return compareEntries(&entries[i], &entries[j]) })
	out := make([]Entry, len(entries))
	for to, i := range from {
		out[to] = entries[i]
	}
	return out
}

// distinct are the references that are set, each once, in their order.
func distinct(refs []Ref) []Ref {
	var out []Ref
	for _, r := range refs {
		if r != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// Filter returns the timeline with only what the filter lets through, in its
// order; counts and numbers stay those of the whole.
func (t Timeline) Filter(f TimelineFilter) Timeline {
	out := Timeline{Counts: t.Counts, About: t.About, Total: t.Total}
	for i := range t.Entries {
		if f.lets(&t.Entries[i]) {
			out.Entries = append(out.Entries, t.Entries[i])
		}
	}
	if f.Order == NewestFirst {
		slices.Reverse(out.Entries)
	}
	return out
}

// Days groups the entries by civil day, or by imprecise date, in the order of
// the timeline.
func (t Timeline) Days() []Day {
	var days []Day
	for i := range t.Entries {
		date, exact := dayOf(t.Entries[i].Date())
		if n := len(days); n > 0 && days[n-1].Date == date {
			days[n-1].Entries = t.Entries[i-len(days[n-1].Entries) : i+1 : i+1]
			continue
		}
		days = append(days, Day{Date: date, Exact: exact, Entries: t.Entries[i : i+1 : i+1]})
	}
	return days
}

// dayOf returns the civil day of a date that lies within one day, or the date
// itself.
func dayOf(d edtf.Date) (date edtf.Date, exact bool) {
	first, ok1 := d.FirstDay()
	last, ok2 := d.LastDay()
	if !ok1 || !ok2 || first != last || d.IsInterval() {
		return d, false
	}
	day := first.Date()
	return day, !day.IsZero()
}

// eventEntry is the entry of an event; what shows an exposure is about whose
// data that is said to be, too.
func eventEntry(inc *Incident, e *Event) Entry {
	about := slices.Clone(e.Institutions)
	for i := range inc.Exposures {
		if x := &inc.Exposures[i]; e.Exposure != "" && x.Key == e.Exposure {
			about = append(about, x.Institution)
		}
	}
	return Entry{
		Kind: entryKindOf(e.Kind), Anchor: e.Key, Dates: e.Dates, Title: e.Title, Body: e.Body,
		Sources: e.Sources, Institutions: about, Event: e,
	}
}

func statementEntry(s *StatementEdition) Entry {
	return Entry{
		Kind: EntryStatement, Anchor: s.Slug, Dates: s.Dates, Title: s.Title, Body: s.Summary,
		Sources: s.Sources, Institutions: append([]Ref{s.Issuer}, s.OnBehalfOf...), Statement: s,
	}
}

func measureEntry(m *Measure) Entry {
	return Entry{
		Kind: EntryMeasure, Anchor: m.Key, Dates: m.Dates, Title: m.Title, Body: m.Body,
		Sources: m.Sources, Institutions: m.Institutions, Measure: m,
	}
}

func stepEntries(r *Referral) []Entry {
	out := make([]Entry, 0, len(r.Steps))
	for i := range r.Steps {
		s := &r.Steps[i]
		out = append(out, Entry{
			Kind: EntryReferralStep, Anchor: s.Key, Dates: s.Dates, Title: s.Title, Body: s.Body,
			Sources: s.Sources, Institutions: append(slices.Clone(r.By), r.To), Referral: r, Step: s,
		})
	}
	return out
}

// compareEntries orders entries by date. On the same date it follows the way
// in which things come to light: what happened, what was published, what was
// said, then what follows from it; last by anchor, so that the order is total.
func compareEntries(a, b *Entry) int {
	if by := edtf.Compare(a.Date(), b.Date()); by != 0 {
		return by
	}
	rank := func(e *Entry) int { return slices.Index(entryRanks(), e.Kind) }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Anchor, b.Anchor))
}

func entryRanks() []EntryKind {
	return []EntryKind{
		EntryContext, EntryEvent, EntryDataPublication, EntryStatement, EntryVerification,
		EntryMeasure, EntryReferralStep, EntryCorrection,
	}
}
