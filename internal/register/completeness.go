package register

import (
	"fmt"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
)

// GapCode says what is missing of a draft. It is the key of a message.
type GapCode string

// What can be missing.
const (
	GapTitle           GapCode = "title"            // in a language
	GapSummary         GapCode = "summary"          // in a language
	GapName            GapCode = "name"             // official name of an institution, in a language
	GapHeading         GapCode = "heading"          // title of a part of the record, in a language
	GapParaphrase      GapCode = "paraphrase"       // of a claim, in a language
	GapKind            GapCode = "kind"             // what it is
	GapSector          GapCode = "sector"           // of an institution
	GapStanding        GapCode = "standing"         // of an incident
	GapInstitution     GapCode = "institution"      // no institution is affected
	GapRole            GapCode = "role"             // of an affected institution
	GapIssuer          GapCode = "issuer"           // who speaks
	GapDate            GapCode = "date"             // not stated
	GapSource          GapCode = "source"           // the record has none
	GapUnsourced       GapCode = "unsourced"        // a part of the record has none
	GapStatement       GapCode = "statement"        // no statement is attached to an incident
	GapFile            GapCode = "file"             // a document whose file is not kept here
	GapOriginal        GapCode = "original"         // known only through others
	GapUnread          GapCode = "unread"           // no whole text of a statement was read
	GapClaims          GapCode = "claims"           // no claim is marked
	GapQuote           GapCode = "quote"            // a claim without its words
	GapAuthority       GapCode = "authority"        // to whom a matter was referred
	GapSteps           GapCode = "steps"            // a referral without steps
	GapUnconfirmed     GapCode = "unconfirmed"      // a referral that nobody confirmed for days
	GapOriginalUnnamed GapCode = "original-unnamed" // the language spoken is not stated
)

// GapCodes lists everything that can be missing.
func GapCodes() []GapCode {
	return []GapCode{
		GapTitle, GapSummary, GapName, GapHeading, GapParaphrase, GapKind, GapSector, GapStanding, GapInstitution,
		GapRole, GapIssuer, GapDate, GapSource, GapUnsourced, GapStatement, GapFile, GapOriginal, GapUnread, GapClaims,
		GapQuote, GapAuthority, GapSteps, GapUnconfirmed, GapOriginalUnnamed,
	}
}

// Gap is one thing that is missing of a draft.
type Gap struct {
	Code GapCode
	// Part is the list in which it is missing, such as "events", and Key the
	// key of what stands there; both are empty for the record's own fields.
	Part, Key string
	Field     string
	// Lang is the language in which a text is missing, empty for what is not
	// a text.
	Lang Lang
	// Days is how long a referral has waited.
	Days int
	// Weight is how much it counts, from 1 to 10.
	Weight int
}

// Path is the path of the field as Problem has it: "events[attack].title", or
// "title".
func (g Gap) Path() string {
	if g.Part == "" {
		return g.Field
	}
	return strings.TrimSuffix(fmt.Sprintf("%s[%s].%s", g.Part, g.Key, g.Field), ".")
}

// Completeness is how complete a draft is.
type Completeness struct {
	// Share is the weight of what is there in all that could be: 0 to 100,
	// and 100 only when nothing is missing.
	Share int
	// Gaps are what is missing, the heaviest first.
	Gaps []Gap
}

// Gauge says by what a draft is measured, besides itself.
type Gauge struct {
	Today edtf.Day
	// Patience is how many days a referral may stay without confirmation
	// until it is missed; 0 misses it never.
	Patience int
	// OriginalsNotSeen are those of the incident's statements that are known
	// only through others.
	OriginalsNotSeen []Ref
	// FilesNotHeld are the hashes of a statement's documents of which no file
	// was attached.
	FilesNotHeld []string
}

// DefaultPatience is how many days a referral may stay unconfirmed where
// nobody has set another number.
const DefaultPatience = 30

// The weights: what a reader cannot do without, what a record should have, and
// what makes it better.
const (
	needed   = 10
	expected = 4
	better   = 2
)
