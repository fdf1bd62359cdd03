package register

import "unicode/utf8"

// PageSize is how many rows a page of a list shows.
const PageSize = 20

// MaxQuery is the length in characters up to which a search is read.
const MaxQuery = 200

// IncidentSort is the order of a list of incidents.
type IncidentSort string

// The orders.
const (
	SortRelevance IncidentSort = "relevance" // what fits a search best first
	SortOccurred  IncidentSort = "occurred"  // newest incident first
	SortPublished IncidentSort = "published" // last published first
)

// IncidentSorts lists the orders of a list without a search; the first is used
// when none is asked for.
func IncidentSorts() []IncidentSort { return []IncidentSort{SortOccurred, SortPublished} }

// SearchSorts lists the orders of what a search finds, likewise.
func SearchSorts() []IncidentSort { return []IncidentSort{SortRelevance, SortOccurred, SortPublished} }

// Sorts lists the orders that the filter's list can have; the first is used when
// none is asked for.
func (f IncidentFilter) Sorts() []IncidentSort {
	if f.Query != "" {
		return SearchSorts()
	}
	return IncidentSorts()
}

// IncidentFilter chooses incidents. Empty fields do not choose.
type IncidentFilter struct {
	Query       string // words in any language
	Institution string // slug
	Sector      string
	Kind        string // RSIT class or "class/type"
	Standing    string
	Year        int
	Referral    string // step code, or "none"
	Official    string // "yes" or "no": whether an official statement is known
	Language    Lang   // in which words of its statements are known
	Sort        IncidentSort
	After       string // cursor
	// Lang is the reader's, whose excerpts come first. It does not choose.
	Lang Lang
	// Most is how many rows are read alone, without counts of facets; 0: one page
	// with all that it shows. It does not choose.
	Most int
	// Uncounted leaves out the number of all rows, too: counting costs more than a
	// page in a large register. It does not choose.
	Uncounted bool
}

// Validate returns ErrInvalid when a field holds what no link of the register
// can hold.
func (f IncidentFilter) Validate() error {
	switch {
	case utf8.RuneCountInString(f.Query) > MaxQuery,
		f.Kind != "" && !isCode(IncidentKinds(), f.Kind),
		f.Sector != "" && !isCode(Sectors(), f.Sector),
		f.Standing != "" && !termCode.MatchString(f.Standing),
		f.Referral != "" && !termCode.MatchString(f.Referral),
		f.Official != "" && f.Official != "yes" && f.Official != "no",
		f.Language != "" && !isCode(Langs(), f.Language),
		f.Sort != "" && !isCode(f.Sorts(), f.Sort),
		f.Year != 0 && (f.Year < 1900 || f.Year > 9999):
		return ErrInvalid
	}
	return nil
}

// ValidateIn is Validate where the vocabularies have these terms: a code that
// is none is in no link either.
func (f IncidentFilter) ValidateIn(terms *Terms) error {
	if f.Standing != "" && !terms.Has(VocabularyStanding, f.Standing) ||
		f.Referral != "" && f.Referral != "none" && !terms.Has(VocabularyStep, f.Referral) {
		return ErrInvalid
	}
	return f.Validate()
}

// IsZero reports whether nothing is chosen; order and page do not count.
func (f IncidentFilter) IsZero() bool {
	f.Sort, f.After, f.Lang, f.Most, f.Uncounted = "", "", "", 0, false
	return f == IncidentFilter{}
}
