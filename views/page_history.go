package views

import "github.com/sijil/sijil/views/ui"

// HistoryPage is a record with its editions, the newest first.
type HistoryPage struct {
	Frame
	Head     RecordHead
	Notes    []string // which editions are left out, where the record went
	Editions []EditionLine
	Older    ui.Link
	Compare  *CompareForm
	ByDay    DayForm
	// Verify says how a hash is checked.
	Verify string
}

// RecordHead names the record that a page about it is of.
type RecordHead struct {
	Rubric string
	Back   ui.Link
	Title  string
	About  ui.Text // what the record is called
	Lead   string
}

// EditionLine is one edition in a history.
type EditionLine struct {
	Anchor  string
	Title   ui.Link
	Current bool
	When    ui.Date
	Roles   string
	// Removed says, of an edition that was taken down, when; its reason stands
	// in Reason.
	Removed    string
	Correction string
	Reason     ui.Text
	Hash       string
	JSON       string // address of the canonical JSON; "" when it was taken down
	Proof      string // address at which its proof is told; "" as well
	// Carried says why the edition was made, where its own content is that of the
	// one before; Pins are what it shows anew.
	Carried string
	Pins    []ui.Link
	// Changes are the differences from the edition before, under Summary; None
	// says why there are none.
	Summary string
	Open    bool
	Changes []DiffGroup
	None    string
}

// CompareForm chooses two editions.
type CompareForm struct {
	Action   string
	From, To []Choice
}

// Choice is an option of a select.
type Choice struct {
	Value, Label string
	Selected     bool
}

// ComparePage shows the differences between two editions.
type ComparePage struct {
	Frame
	Head     RecordHead
	Form     *CompareForm
	From, To EditionLine
	Count    string
	Changes  []DiffGroup
	None     string
}

// EditionNotice says that a page shows one edition, and whether a later one
// took its place.
type EditionNotice struct {
	Title, Text string
	Current     ui.Link
	History     ui.Link
	JSON        ui.Link
	Superseded  bool
	Proof       *LogProof // nil: the edition is from before the log
}
