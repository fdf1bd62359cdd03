package views

import "github.com/sijil/sijil/views/ui"

// LedgerPage is the claims ledger of an incident: topics × statements in time
// order.
type LedgerPage struct {
	Frame
	Incident  ui.Link
	Reference string
	Gone      []Gone
	Caption   string
	Legend    []LedgerMark
	Exports   []ui.Link
	// Statements are the columns; each topic has as many cells.
	Statements     []LedgerStatement
	Topics         []LedgerTopic
	Contradictions string
	Seal           ui.Seal
}

// LedgerMark is a mark with its meaning, and how often it stands in the ledger.
type LedgerMark struct {
	Mark  ui.Mark
	Count string
	Means string
}

// LedgerStatement heads a column.
type LedgerStatement struct {
	Who   ui.Text
	Kind  string
	Title ui.Text
	Href  string
	Date  ui.Date
	Tags  []ui.Tag
}

// LedgerTopic is a row.
type LedgerTopic struct {
	Anchor string
	Label  string
	Cells  []LedgerCell
}

// LedgerCell is what one statement says on one topic; Absent says why it says
// nothing.
type LedgerCell struct {
	Claims []LedgerClaim
	Absent ui.Mark
}

// LedgerClaim is one claim.
type LedgerClaim struct {
	Anchor    string
	Mark      ui.Mark
	Said      ui.Text
	Quote     ui.Text
	From      ui.Text // whose words it passes on
	Href      string  // on the page of its statement
	Relations []LedgerRelation
}

// LedgerRelation ties a claim to an earlier one.
type LedgerRelation struct {
	Kind string
	To   ui.Link
}
