package register

import "github.com/sijil/sijil/internal/edtf"

// DateBasis says how a date is known.
type DateBasis string

// The bases of a date.
const (
	BasisStated      DateBasis = "stated"       // the source states it
	BasisPublishedOn DateBasis = "published-on" // the day on which the source appeared
	BasisFromURL     DateBasis = "from-url"     // read from the address of the source
	BasisInferred    DateBasis = "inferred"     // concluded, for the reason given
)

// DateBases lists all bases of a date.
func DateBases() []DateBasis {
	return []DateBasis{BasisStated, BasisPublishedOn, BasisFromURL, BasisInferred}
}

// DateAssertion is one assertion of when something happened. Every date of the
// register is one: there is no bare date.
type DateAssertion struct {
	// EDTF is the date with its precision, qualifier and bounds; zero when the
	// source gives only words, which then stand in Wording.
	EDTF edtf.Date `json:"edtf,omitzero"`
	// Wording is what is said of the date where EDTF cannot hold it, such as
	// "some days earlier".
	Wording Text      `json:"wording,omitempty"`
	Basis   DateBasis `json:"basis"`
	// Sources are the keys of the sources that give this date.
	Sources []string `json:"sources,omitempty"`
	// Preferred marks the one assertion, among several that disagree, by which
	// the fact is ordered and shown; Reason then says why.
	Preferred bool `json:"preferred,omitempty"`
	Reason    Text `json:"reason,omitempty"`
}

// Dates are the assertions of when one thing happened, in the order in which
// they are shown. An empty Dates means: not stated.
type Dates []DateAssertion

// Preferred returns the assertion by which the fact is ordered: the preferred
// one, or the only one. ok is false when nothing is stated, or when several
// disagree and none is preferred.
func (ds Dates) Preferred() (d DateAssertion, ok bool) {
	for _, d := range ds {
		if d.Preferred {
			return d, true
		}
	}
	if len(ds) == 1 {
		return ds[0], true
	}
	return DateAssertion{}, false
}

// Date returns the EDTF value of the preferred assertion, zero where nothing
// is stated.
func (ds Dates) Date() edtf.Date {
	d, _ := ds.Preferred()
	return d.EDTF
}

// Disputed reports whether several assertions disagree.
func (ds Dates) Disputed() bool { return len(ds) > 1 }
