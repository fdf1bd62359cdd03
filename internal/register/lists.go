package register

import (
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// Facet is a value of a filter with the number of records that have it, beside
// what else is chosen.
type Facet struct {
	Value string
	Count int
}

// StatementFilter chooses statements. Empty fields do not choose.
type StatementFilter struct {
	Institution string // slug of the issuer
	Kind        StatementKind
	Official    string // "yes" or "no"
	Original    string // "seen" or "not-seen"
	Language    Lang   // in which its words are known
	Year        int
	After       string // cursor
	Most        int    // as of IncidentFilter
	Uncounted   bool   // as of IncidentFilter
}

// Validate returns ErrInvalid when a field holds what no link of the register
// can hold.
func (f StatementFilter) Validate() error {
	switch {
	case f.Kind != "" && !isCode(StatementKinds(), f.Kind),
		f.Official != "" && f.Official != "yes" && f.Official != "no",
		f.Original != "" && f.Original != "seen" && f.Original != "not-seen",
		f.Language != "" && !isCode(Langs(), f.Language),
		f.Year != 0 && (f.Year < 1900 || f.Year > 9999):
		return ErrInvalid
	}
	return nil
}

// IsZero reports whether nothing is chosen; the page does not count.
func (f StatementFilter) IsZero() bool {
	f.After, f.Most, f.Uncounted = "", 0, false
	return f == StatementFilter{}
}

// StatementList is one page of a list of statements, latest first.
type StatementList struct {
	Rows    []StatementRow
	Total   int // of all pages; AtLeast means that there are more, which were not counted
	AtLeast bool
	Next    string // cursor of the next page; empty on the last
	// Facets are the values of each field by its name: "kind", "language",
	// "official", "original", "year"; Sampled means that only the newest statements
	// were counted.
	Sampled bool
	Facets  map[string][]Facet
}

// InstitutionPart is the part that an institution has in the register.
type InstitutionPart string

// The parts.
const (
	PartAffected  InstitutionPart = "affected"  // an incident is said to have touched it
	PartSpeaks    InstitutionPart = "speaks"    // it issued a statement
	PartRefers    InstitutionPart = "refers"    // it made a referral
	PartAuthority InstitutionPart = "authority" // a referral was brought to it
)

// InstitutionParts lists all parts.
func InstitutionParts() []InstitutionPart {
	return []InstitutionPart{PartAffected, PartSpeaks, PartRefers, PartAuthority}
}

// InstitutionFilter chooses institutions. Empty fields do not choose.
type InstitutionFilter struct {
	Kind   InstitutionKind
	Sector string
	Part   InstitutionPart
	// Lang is the language by whose names they are ordered.
	Lang      Lang
	After     string // cursor
	Most      int    // as of IncidentFilter
	Uncounted bool   // as of IncidentFilter
}

// Validate returns ErrInvalid when a field holds what no link of the register
// can hold.
func (f InstitutionFilter) Validate() error {
	switch {
	case f.Kind != "" && !isCode(InstitutionKinds(), f.Kind),
		f.Sector != "" && !isCode(Sectors(), f.Sector),
		f.Part != "" && !isCode(InstitutionParts(), f.Part),
		!isCode(Langs(), f.Lang):
		return ErrInvalid
	}
	return nil
}

// IsZero reports whether nothing is chosen; language and page do not count.
func (f InstitutionFilter) IsZero() bool {
	f.After, f.Lang, f.Most, f.Uncounted = "", "", 0, false
	return f == InstitutionFilter{}
}

// InstitutionRow is an institution as a list shows it.
type InstitutionRow struct {
	InstitutionBrief
	Kind       InstitutionKind
	Sector     string
	Country    string
	Incidents  int // that are said to have touched it
	Statements int // that it issued
	Made       int // referrals
	Received   int // referrals
}

// InstitutionList is one page of a list of institutions, by name.
type InstitutionList struct {
	Rows   []InstitutionRow
	Total  int
	Next   string
	Facets map[string][]Facet // "kind", "sector", "part"
}

// ReferralSilences are the days without a public step by which referrals can be
// chosen.
func ReferralSilences() []int { return []int{30, 90, 365} }

// AuthorityNotNamed stands for referrals whose authority is named by nobody.
const AuthorityNotNamed = "not-named"

// ReferralSort is the order of a list of referrals.
type ReferralSort string

// The orders.
const (
	SortLatestStep  ReferralSort = "latest"  // the last public step first
	SortLongestWait ReferralSort = "longest" // the longest silence first
)

// ReferralSorts lists the orders; the first is used when none is asked for.
func ReferralSorts() []ReferralSort { return []ReferralSort{SortLatestStep, SortLongestWait} }

// ReferralFilter chooses referrals. Empty fields do not choose.
type ReferralFilter struct {
	Authority string // slug, or AuthorityNotNamed
	Kind      ReferralKind
	Step      string // its latest
	Level     Level  // of its latest step
	// Silent is for how many days at least no step has become public, as of
	// Today.
	Silent int
	Today  edtf.Day
	// Incident is the reference of the one that they belong to.
	Incident  string
	Sort      ReferralSort
	After     string
	Most      int  // as of IncidentFilter
	Uncounted bool // as of IncidentFilter
}

// ValidateIn returns ErrInvalid when a field holds what no link of the register
// can hold, where the vocabularies have these terms.
func (f ReferralFilter) ValidateIn(terms *Terms) error {
	switch {
	case f.Kind != "" && !isCode(ReferralKinds(), f.Kind),
		f.Step != "" && !terms.Has(VocabularyStep, f.Step),
		f.Level != "" && !terms.Has(VocabularyLevel, string(f.Level)),
		f.Silent != 0 && !slices.Contains(ReferralSilences(), f.Silent),
		f.Sort != "" && !isCode(ReferralSorts(), f.Sort):
		return ErrInvalid
	}
	return nil
}

// IsZero reports whether nothing is chosen; day, order and page do not count.
func (f ReferralFilter) IsZero() bool {
	f.After, f.Sort, f.Today, f.Most, f.Uncounted = "", "", edtf.Day{}, 0, false
	return f == ReferralFilter{}
}

// ReferralList is one page of a list of referrals.
type ReferralList struct {
	Rows   []ReferralRow
	Total  int
	Next   string
	Facets map[string][]Facet // "kind", "step", "level", "silent"
	// Authorities are those to which most referrals were brought.
	Authorities []AuthorityRow
}

// AuthorityRow is an authority with the referrals that were brought to it; no
// institution for those whose authority is not named.
type AuthorityRow struct {
	Institution *InstitutionBrief
	Referrals   int
	Confirmed   int // by the authority, or by a document
}
