package register

import "time"

// FeedFilter chooses the entries of a feed: the editions of records in which the
// record itself changed. Those that only follow what they show are left out,
// since what they follow has an entry of its own.
type FeedFilter struct {
	// About is the reference of the record that the feed is about: an incident with
	// all that it shows, or an institution with all that shows it. Empty: all
	// records.
	About string
	Type  RecordType // of About
	// Referrals chooses incidents only, for a feed about what was brought to the
	// institution.
	Referrals bool
	After     string // cursor
	Most      int
}

// FeedEntry is what happened to a record at a moment: an edition was published, or
// the record departed.
type FeedEntry struct {
	Type      RecordType
	Reference string
	Slug      string
	Number    int // of the edition; 0 for a departure
	At        time.Time
	// Edition is what was published, and Before the edition before it whose content
	// is still there; nil where there is none, or none that is shown any more.
	Edition, Before *Edition
	// Removed is set for an edition that was taken down by law.
	Removed *Tombstone
	// Gone is set while the record, or what it was merged into, is withdrawn, and for
	// a departure.
	Gone *Departure
	// Into is what a merged record was merged into.
	Into *Named
}

// UpdatedAt is when what the entry says last changed.
func (e *FeedEntry) UpdatedAt() time.Time {
	out := e.At
	if e.Removed != nil && e.Removed.At.After(out) {
		out = e.Removed.At
	}
	if e.Gone != nil && e.Gone.At.After(out) {
		out = e.Gone.At
	}
	return out
}

// FeedList is one page of the entries of a feed, the newest first.
type FeedList struct {
	Entries []FeedEntry
	Next    string // cursor of the next page; empty on the last
}
