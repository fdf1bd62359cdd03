package desk

import "github.com/sijil/sijil/views/ui"

// CorrectHead stands above the pages on which something is asked for about a
// public record.
type CorrectHead struct {
	Title     ui.Text
	Reference string
	Public    string // address of the public page; "" while it is not shown
	Links     []NavLink
}

// CorrectPage is a form that asks for something that a second person decides,
// or for new names of an institution.
type CorrectPage struct {
	Frame
	Head     CorrectHead
	Restored *Restored
	Problems []ui.Problem
	// Waiting leads to the decision on the record that waits already; nil for
	// none. Then there is no form.
	Waiting *ui.Link
	Warning string // such as that takedowns are not configured; "" for none
	Intro   string
	Effects []Effect
	// Find is what names another record or a source; Found are those that were
	// meant perhaps.
	Find   *ui.Field
	Found  *ui.Field
	Texts  []Texts3
	Fields []ui.Field
	Hidden []ui.Labelled
	Submit string
}

// Effect is one thing that happens, with the records that it happens to.
type Effect struct {
	Text    string
	Records []ui.Link
}

// DecisionsPage lists what waits for a second person, and finds public records
// about which something may be asked.
type DecisionsPage struct {
	Frame
	Waiting []DecisionRow
	Query   ui.Field
	Rows    []CorrectRow
	None    string // says that nothing was found
}

// DecisionRow is a decision that waits.
type DecisionRow struct {
	Href, Kind string
	Title      ui.Text
	Reference  string
	Proposer   string
	At         string
	Own        bool // the reader proposed it
}

// CorrectRow is a public record with what may be asked about it.
type CorrectRow struct {
	Title     ui.Text
	Reference string
	Links     []NavLink
}

// DecisionPage shows what was proposed, and exactly what confirming it does.
type DecisionPage struct {
	Frame
	Problems []ui.Problem
	Record   ui.Text
	Facts    []ui.Labelled
	Reasons  []ui.Text // the public reason in each language
	Effects  []Effect
	Warning  string // why it cannot be confirmed by the reader; "" when it can
	Closed   string // how it was decided; "" while it waits
	Confirm  string // label of the button; "" for none
	Refuse   *ui.Field
	Finish   string // label of the button that removes remaining files; "" for none
}
