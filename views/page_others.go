package views

import "github.com/sijil/sijil/views/ui"

// StatementPage is one statement: who said it, when and where, in which
// renderings, and what is claimed in it.
type StatementPage struct {
	Frame
	Of       *EditionNotice // as in IncidentPage
	Gone     []Gone
	Rubric   []string
	Tags     []ui.Tag
	Title    ui.Text
	AltTitle ui.Text
	Summary  ui.Text
	Facts    []ui.Fact
	Dispute  *ui.Versions

	Missing    string // says that the original was not seen; empty when it was
	Renderings []Rendering
	Documents  []Document
	Claims     []Claim
	// Wordings are its texts, beside each other where there are several.
	Wordings    []Wording
	WordingNote string // what of them is shown
	Changes     []TextChange
	// Versions are the columns of the table of differences.
	Differences []Difference
	Relations   []ui.Labelled
	Incidents   []ui.Row
	Sources     ui.Sources
	Seal        ui.Seal
	Contents    []ui.Link
	Cite        *Cite
	Share       ui.Link
}

// Rendering is the statement as one publisher gave it.
type Rendering struct {
	Anchor    string
	Language  string
	Publisher string
	Kind      string
	Read      string // whether the whole text was read
	Date      ui.Date
	Note      ui.Text
	Cites     []ui.Cite
}

// Document is a file that carries the statement.
type Document struct {
	Anchor              string
	Name, Details, Hash string
	Read                string // in which language its text was read; "" where it was not
	Date                ui.Date
	Cites               []ui.Cite
	Text                ui.Text // where it is none of the statement's own texts
	Href                string  // where it is handed out; "" where it is not
	Absent              string  // said of a document of which no copy is kept
}

// Claim is one assertion of the statement.
type Claim struct {
	Anchor     string
	Number     string
	Topic      string
	Mark       ui.Mark
	Paraphrase ui.Text
	Passages   []ui.Link // where it stands in the texts of the page
	Quotes     []ui.Quote
	Facts      []ui.Labelled
	Relations  []ClaimRelation
	Cites      []ui.Cite
}

// ClaimRelation ties a claim to an earlier one.
type ClaimRelation struct {
	Kind string
	To   ui.Link
	Said ui.Text // what the earlier claim says
	Note ui.Text
}

// Difference is a recorded difference between renderings.
type Difference struct {
	Anchor   string
	Note     ui.Text
	Readings []Reading
	Claims   []ui.Link
}

// Reading is what one rendering says.
type Reading struct {
	Publisher string
	Words     ui.Text
	Caption   string
}

// InstitutionPage is one institution.
type InstitutionPage struct {
	Frame
	Of          *EditionNotice // as in IncidentPage
	Rubric      []string
	Title       ui.Text
	AltTitle    ui.Text
	Description ui.Text
	Facts       []ui.Fact
	// Incidents are those in which it has a part, over time; the links after a
	// list lead to what it leaves out.
	Incidents      []IncidentLine
	IncidentsMore  ui.Link
	Statements     []StatementLine
	StatementsMore ui.Link
	Topics         []InstitutionTopic
	ClaimsNote     string    // says that only the latest are shown
	Steps          []ui.Chip // where the referrals stand that were brought to it
	Referrals      []ReferralLine
	ReferralsMore  ui.Link
	Names          []Name
	Officials      []Official
	Links          []ui.Labelled // predecessors, successors
	Sheet          []ui.Labelled // kind, sector, country, website
	Sources        ui.Sources
	Seal           ui.Seal
	Cite           *Cite
}

// ReferralLine is a referral in a list.
type ReferralLine struct {
	Href         string
	Title        ui.Text
	Incident     ui.Text
	From, To     ui.Text
	Step, Level  string
	Shape        string
	Date         ui.Date
	Silence      string // since then; empty when nobody can say
	Jurisdiction string
}

// IncidentLine is an incident as an institution met it: what happened, how soon
// there was an official word, what the institution itself said, and what became
// of referrals.
type IncidentLine struct {
	Href, Reference string
	Title           ui.Text
	Date            ui.Date
	Part            string // the part that it has
	Delay           string // from the first trace to the first official word; empty: none is known
	Said            []OwnWord
	Referrals       []IncidentReferral
}

// OwnWord is a statement of the institution on an incident.
type OwnWord struct {
	To    ui.Link
	Date  ui.Date
	Delay string // since the first trace; empty when nobody can say
}

// IncidentReferral is how far a referral of an incident has come. Its link is
// empty for one that others made.
type IncidentReferral struct {
	To    ui.Link
	Level ui.Tag
	Date  ui.Date
}

// InstitutionTopic are the claims on one subject, in the order of time.
type InstitutionTopic struct {
	Topic  string
	Claims []InstitutionClaim
}

// InstitutionClaim is what an institution said on a subject.
type InstitutionClaim struct {
	Text ui.Text
	In   ui.Link
	Date ui.Date
}

// Name is one name of an institution with its time.
type Name struct {
	Language string
	Kind     string
	Name     ui.Text
	When     string
	Cites    []ui.Cite
}

// Official is a person in an office.
type Official struct {
	Anchor  string
	Name    ui.Text
	Office  ui.Text
	Aliases string
	When    string
	Cites   []ui.Cite
}
