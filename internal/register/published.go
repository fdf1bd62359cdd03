package register

import "time"

// Published is the current edition of a record with its place in time.
type Published struct {
	Edition
	// FirstPublishedAt is when the first edition of the record was published, and
	// ChangedAt when the current one was.
	FirstPublishedAt, ChangedAt time.Time
}

// Departure is a record that was public and is not shown any more.
type Departure struct {
	Type      RecordType
	Reference string
	At        time.Time
	// Into is the record into which it was merged; empty for one that was
	// withdrawn.
	Into   string
	Notice Text // the public reason of a withdrawal
	// Removed means by law: the content exists no more.
	Removed bool
}

// Changes are records in the order in which they last changed, for who keeps a
// copy of the register.
type Changes struct {
	// References are those that are shown; Gone are those that are shown no more,
	// whatever was chosen, since nobody can say any more what they were.
	References []string
	Gone       []Departure
	Next       string // cursor of the next page; empty on the last
}

// Part names a part of a record: a claim of a statement, a referral of an
// incident, a source that a record cites.
type Part struct{ Reference, Key string }

// PartList is one page of parts of records.
type PartList struct {
	Parts []Part
	Next  string
}

// ClaimFilter chooses claims. Empty fields do not choose.
type ClaimFilter struct {
	Statement   string // reference
	Incident    string // reference
	Institution string // slug of who issued the statement
	Topic       string
	Modality    Modality
	// Since chooses claims of statements that have changed since, in the order of
	// the changes; else they come in the order of their references.
	Since time.Time
	After string // cursor
	Most  int
}

// SourceFilter chooses sources. Empty fields do not choose.
type SourceFilter struct {
	Record string    // reference of a record that cites them
	Since  time.Time // as of ClaimFilter, of the records that cite them
	After  string
	Most   int
}

// Citing tells which records cite a source now.
type Citing struct {
	// By are the records with the highest references, the highest first; there are
	// More.
	By   []string
	More bool
	// Latest is the one of them that changed last: it shows the source as it was
	// known then.
	Latest string
}

// EditionFilter chooses editions of all records. Empty fields do not choose.
type EditionFilter struct {
	Record string
	Type   RecordType
	// Since chooses editions that were published since, the oldest first; else the
	// newest come first.
	Since time.Time
	After string
	Most  int
}

// EditionRow is an edition as a list shows it.
type EditionRow struct {
	EditionMark
	Type       RecordType
	Reference  string
	Correction Correction
	Current    bool
	Pins       []Pin
}

// EditionList is one page of a list of editions.
type EditionList struct {
	Rows []EditionRow
	Next string
}

// Change is a record as it stands since it last changed: shown, or shown no more.
type Change struct {
	Type      RecordType
	Reference string
	At        time.Time
	// FirstPublishedAt is when its first edition was published.
	FirstPublishedAt time.Time
	// Exactly one of these is set.
	Published *Published
	Gone      *Departure
}

// ChangeFilter chooses records of all types, in the order in which they last changed.
type ChangeFilter struct {
	Types []RecordType
	// Since leaves out what has not changed after it.
	Since time.Time
	// From is the first place that is not left out; a zero place is the beginning.
	From ChangePlace
	Most int
}

// ChangePlace is a place in the order of changes.
type ChangePlace struct {
	At        time.Time
	Reference string
}
