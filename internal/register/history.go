package register

import (
	"time"

	"github.com/sijil/sijil/internal/edtf"
)

// Tombstone stands in the place of an edition whose content was taken down by
// law.
type Tombstone struct {
	Reason Text
	At     time.Time
}

// EditionMark is an edition as the history of its record names it.
type EditionMark struct {
	Number       int
	SHA256       string
	PublishedAt  time.Time
	Reason       Text // empty for one that was taken down
	AuthorRole   AccountRole
	ReviewerRole AccountRole
	Removed      *Tombstone // nil while the content is there
}

// History is a record with all its editions, the newest first.
type History struct {
	Type      RecordType
	Reference string
	Slug      string
	// MergedInto is the slug of the record that took its place; empty for one
	// that stands for itself.
	MergedInto string
	Editions   []EditionMark
}

// Current is the number of the newest edition.
func (h *History) Current() int {
	if len(h.Editions) == 0 {
		return 0
	}
	return h.Editions[0].Number
}

// On is what the register had published of the record by the end of a day in
// Morocco; ok is false when that was nothing.
func (h *History) On(day edtf.Day) (e EditionMark, ok bool) {
	for _, e := range h.Editions {
		if edtf.DayOf(e.PublishedAt).Compare(day) <= 0 {
			return e, true
		}
	}
	return EditionMark{}, false
}

// First is the first edition; ok is false when there is none.
func (h *History) First() (e EditionMark, ok bool) {
	if len(h.Editions) == 0 {
		return EditionMark{}, false
	}
	return h.Editions[len(h.Editions)-1], true
}

// PastEdition is one edition of a record with the editions that it pins, as
// they were when it was published.
type PastEdition struct {
	Edition
	Pinned []Edition
	// Gone are the pinned records that are shown no more.
	Gone []Gone
	// Slug and Current are those of the record now, MergedInto as in History.
	Slug       string
	Current    int
	MergedInto string
	// Related are the statements to which a statement points, as they are now.
	Related map[Ref]StatementEdition
}

// Superseded reports whether a later edition took the place of this one.
func (p *PastEdition) Superseded() bool { return p.Number < p.Current || p.MergedInto != "" }

// IncidentEdition is the incident as this edition shows it.
func (p *PastEdition) IncidentEdition() *IncidentEdition {
	e := NewIncidentEdition(p.Edition, p.Pinned)
	e.Gone = p.Gone
	return e
}

// StatementView is the statement as this edition shows it: what other records
// say of it now is not the edition's.
func (p *PastEdition) StatementView() *StatementView {
	v := &StatementView{
		StatementEdition: NewStatementEdition(p.Edition), PublishedAt: p.PublishedAt, Reason: p.Reason,
		Correction: p.Correction, Gone: p.Gone, Related: p.Related,
	}
	for _, pinned := range p.Pinned {
		if pinned.Type == TypeInstitution {
			v.Institutions = append(v.Institutions, NewInstitutionEdition(pinned))
		}
	}
	return v
}

// InstitutionView is the institution as this edition shows it.
func (p *PastEdition) InstitutionView() *InstitutionView {
	return &InstitutionView{
		InstitutionEdition: NewInstitutionEdition(p.Edition), PublishedAt: p.PublishedAt, Reason: p.Reason, Correction: p.Correction,
	}
}

// Edition is the edition with a number; ok is false when there is none.
func (h *History) Edition(number int) (e EditionMark, ok bool) {
	for _, e := range h.Editions {
		if e.Number == number {
			return e, true
		}
	}
	return EditionMark{}, false
}

// Named is what a public record is called now, and where it is.
type Named struct {
	Type RecordType
	Slug string
	Name Text
}
