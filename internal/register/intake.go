package register

import "time"

// ImportFormat is a format in which files of others are brought in.
type ImportFormat string

// The formats of imports.
const (
	ImportVERIS ImportFormat = "veris" // VERIS 1.3.4, JSON or JSON Lines
	ImportCSV   ImportFormat = "csv"   // a table, with a mapping
	ImportSTIX  ImportFormat = "stix"  // a bundle of STIX 2.1
)

// ImportFormats lists all formats of imports.
func ImportFormats() []ImportFormat { return []ImportFormat{ImportVERIS, ImportCSV, ImportSTIX} }

// ImportReason is why a line of a file was left out, or stays a draft where what
// is imported is published.
type ImportReason string

// The reasons for which something is left out.
const (
	SkipUnreadable   ImportReason = "unreadable"    // not what the format asks for, or too long
	SkipNoIdentifier ImportReason = "no-identifier" // it could not be recognised again
	SkipNoPlace      ImportReason = "no-place"      // the register has no notion of it
	SkipRefused      ImportReason = "refused"       // the database cannot hold it
)

// The reasons for which something stays a draft.
const (
	HoldNoVictim      ImportReason = "no-victim"      // nobody says whom it touched
	HoldNaturalPerson ImportReason = "natural-person" // the victim is one, or is named after one
	HoldInvalid       ImportReason = "invalid"        // validation refuses it
	HoldNotPublic     ImportReason = "not-public"     // it points to a draft of somebody else
	HoldFourEyes      ImportReason = "four-eyes"      // who is to publish it had a part in it
)

// ImportReasons lists all reasons.
func ImportReasons() []ImportReason {
	return []ImportReason{
		SkipUnreadable, SkipNoIdentifier, SkipNoPlace, SkipRefused,
		HoldNoVictim, HoldNaturalPerson, HoldInvalid, HoldNotPublic, HoldFourEyes,
	}
}

// Origin is where a record came from, word for word. It is for staff only: it
// may name natural persons.
type Origin struct {
	Format ImportFormat
	// ID is the identifier there, by which it is recognised again.
	ID string
	// Line is that on which it begins in its file, from 1.
	Line int
	Raw  []byte // UTF-8
}

// Arrival is what one line or object of a file becomes: one or no incident, one or no
// statement, and institutions, which are recognised where the register has them.
// It points to them, and to each other, by slug.
type Arrival struct {
	Origin Origin
	// Skip is why it is left out; then nothing but Origin's line, and the identifier
	// where it has one, is set. Hold is why it stays a draft.
	Skip, Hold ImportReason
	// Detail says more of it, in the words of the format.
	Detail string

	Institutions []Institution
	Statement    *Statement
	Incident     *Incident
	Sources      []Source
}

// ImportNote is a line of a file of which something is to be reported.
type ImportNote struct {
	Line     int
	OriginID string
	Reason   ImportReason
	Detail   string
	// Draft means that it was made, but is not published; else it was left out.
	Draft bool
}

// ImportCounts is what became of the lines of a file.
type ImportCounts struct {
	Items     int // lines, rows or objects that were dealt with
	Made      int // of them, became drafts
	Published int // of those made, are public
	Known     int // were there already
	Skipped   int
	// Institutions that were made with them, and those that were recognised.
	InstitutionsMade, InstitutionsRecognised int
}

// Add counts others to them.
func (c *ImportCounts) Add(o ImportCounts) {
	c.Items += o.Items
	c.Made += o.Made
	c.Published += o.Published
	c.Known += o.Known
	c.Skipped += o.Skipped
	c.InstitutionsMade += o.InstitutionsMade
	c.InstitutionsRecognised += o.InstitutionsRecognised
}

// ImportRun is one import of a file.
type ImportRun struct {
	ID     string
	Format ImportFormat
	Name   string // of the file
	// SHA256 is of the file and, for CSV, its mapping; empty for a stream.
	SHA256 string
	// StartedBy is the account whose drafts they become; PublishAs who publishes
	// them, empty for drafts.
	StartedBy, PublishAs string
	StartedAt            time.Time
	ConfirmedAt          time.Time // zero while somebody looks at what it would make
	FinishedAt           time.Time // zero while it goes on
	Failure              string
	ImportCounts
}
