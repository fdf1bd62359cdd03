package views

import "github.com/sijil/sijil/views/ui"

// DiffGroup is what differs in one part of a record.
type DiffGroup struct {
	Heading string
	Name    ui.Text // of the item, where it has one
	Lines   []DiffLine
}

// DiffLine is one difference.
type DiffLine struct {
	Label string
	// Sign is "+", "−" or "" for a change inside the text.
	Sign string
	Text ui.Text // Runs are in its language
	Runs []DiffRun
	// Fields are what a whole item holds.
	Fields []DiffField
}

// DiffRun is a stretch of text: Op is "", "del", "ins" or "gap". Before the first
// one stands "coarse", without a text, where not all was compared to the end.
type DiffRun struct {
	Op, Text string
}

// DiffField is a value of an item.
type DiffField struct {
	Label string
	Text  ui.Text
}
