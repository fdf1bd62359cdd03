package views

import "github.com/sijil/sijil/views/ui"

// IncidentPage is one incident with its timeline.
type IncidentPage struct {
	Frame
	Reference string
	Gone      []Gone
	Rubric    []string // country, standing, kinds
	Title     ui.Text
	AltTitle  ui.Text // in the other script
	Summary   ui.Text
	Facts     []ui.Fact
	Dials     []ui.Dial

	// AsOf says of which day the page is; nil: it is as of now.
	AsOf *AsOf
	// Of says which edition the page shows; nil: the current one, as such.
	Of       *EditionNotice
	AsOfForm DayForm
	Timeline Timeline
	Seal     ui.Seal
	Contents []ui.Link
	Cite     *Cite
	Share    ui.Link

	Known        Known
	Institutions []AffectedInstitution
	Exposures    []Exposure
	Referrals    []ReferralFile
	Clock        ui.Clock
	// HowClock and the next two lead to how what stands there is made.
	HowClock, HowLevels, HowFigures ui.Link
	Related                         []ui.Labelled // other incidents
	Sources                         ui.Sources
}

// Gone is a record that the page would show and does not any more.
type Gone struct {
	What   ui.Link
	Notice ui.Text // the public reason
}

// Timeline is the chronology as shown: filtered, ordered and grouped by day.
type Timeline struct {
	Kinds []ui.Chip
	// Institutions are filters, too; none when there is nothing to choose.
	Institutions []ui.Chip
	// ByInstitution says that one of them is on.
	ByInstitution     bool
	Orders, Densities []ui.Option
	// Compact leaves out what stands below the titles.
	Compact bool
	// Shown says how many entries are shown of how many, when some are not.
	Shown string
	Days  []Day
	// Empty says that the filter lets no entry through.
	Empty bool
	All   string // address without any filter
}

// Day groups the entries of one day or of one imprecise date.
type Day struct {
	Date  ui.Date
	Count string
	Items []Entry
}

// Entry is one entry of the timeline.
type Entry struct {
	Anchor  string
	Number  string // "§ 4"
	Kind    ui.Kind
	Tags    []ui.Tag
	Date    ui.Date
	Title   ui.Text
	Href    string // page of what the entry is about, where it has one
	Body    ui.Text
	Facts   []ui.Labelled // who says so, whose measure it is
	Dispute *ui.Versions
	Speaker *Speaker
	Quotes  [][]ui.Quote
	Chain   []ui.Hand
	Figures *ui.Figures
	Card    *ui.Referral
	Cites   []ui.Cite
	SaidIn  []ui.Link
	// Languages are those of the sources.
	Languages string
}

// Speaker is who spoke, and where.
type Speaker struct {
	Name, Office, Occasion ui.Text
}

// Known is what is known, by topic.
type Known struct {
	Tally []ui.Tag // how many facts rest on whose word
	// Bar are the same numbers as widths: shape and percentages.
	Bar      []BarPart
	BarLabel string
	First    []Topic
	Rest     []Topic
	More     string // "Voir les 4 autres sujets"
	Ledger   ui.Link
}

// BarPart is a part of the bar of knowledge.
type BarPart struct{ Shape, X, Width string }

// Topic is what is claimed on one subject, by whom.
type Topic struct {
	Label  string
	Claims []TopicClaim
	// Repeats are claims that repeat an earlier one in its words.
	Repeats []ui.Link
}

// TopicClaim is one claim in the table of what is known.
type TopicClaim struct {
	Who   ui.Text
	Said  ui.Text
	Mark  ui.Mark // zero for a new claim
	Doubt string  // says that it was possibly known, on a day of the past
	Where ui.Link // to the claim
}

// AffectedInstitution is the part of one institution.
type AffectedInstitution struct {
	Anchor   string
	Href     string
	Name     ui.Text
	AltName  ui.Text
	Facts    []ui.Labelled
	Systems  []System
	Measures []ui.Labelled
}

// System is one targeted system with the names that parties give it.
type System struct {
	Heading string // "Un système, trois noms"
	Names   []SystemName
}

// SystemName is one name of a system and who calls it so.
type SystemName struct {
	Name  ui.Text
	Kind  string
	By    ui.Text
	Said  ui.Link
	Cites []ui.Cite
}

// Exposure is data said to have got out.
type Exposure struct {
	Anchor    string
	Title     ui.Text
	Facts     []ui.Labelled
	Figures   *ui.Figures
	FiguresAt ui.Link // the entry that shows the figures
	Positions []Position
}

// Position is what one party says of the authenticity of data.
type Position struct {
	Party    ui.Text
	Findings string
	Note     ui.Text
	Date     ui.Date
	Said     []ui.Link
	Cites    []ui.Cite
}

// ReferralFile is a referral with the chain of its steps.
type ReferralFile struct {
	Anchor string
	Title  ui.Text
	Kind   string
	Facts  []ui.Labelled
	Steps  []ReferralStep
	Same   []ui.Link
}

// ReferralStep is one step of a referral.
type ReferralStep struct {
	Step, Level string
	Shape       string // of the level's tag
	Date        ui.Date
	Said        []ui.Link
	Cites       []ui.Cite
	Href        string // its entry of the timeline
}

// StatementLine is a statement in a list.
type StatementLine struct {
	Href  string
	Title ui.Text
	Who   ui.Text
	Kind  string
	Date  ui.Date
	Tags  []ui.Tag
}
