package desk

import "github.com/sijil/sijil/views/ui"

// EditPage is the form of a part of a record.
type EditPage struct {
	Frame
	Record  ui.Link // the record that the part belongs to
	Heading string
	Lead    string // what belongs here
	Version string // that the author sees

	Problems []ui.Problem
	Restored *Restored

	Controls, More []Control
	MoreOpen       bool
	Suggestions    []Suggestions
	// Remove is the address of the question whether to remove the item, "" where
	// it cannot be.
	Remove string
	// Parts lead to the other parts of the record.
	Parts []ui.Option
	// Lookalikes are those of what is saved here.
	Lookalikes Lookalikes
}

// ConflictPage shows what two people changed in the same places.
type ConflictPage struct {
	Frame
	Record    ui.Link
	Heading   string
	Version   string // the one with which it is merged
	Conflicts []Conflict
	// Fields are the names and values of the form as it was typed.
	Fields []ui.Labelled
}

// Conflict is one place that two people changed differently.
type Conflict struct {
	Name         string // of the answer
	OwnName      string // of the field for own words; "" where there are none
	Label        string
	Lang         string // of the words; "" where they have none
	Mine, Theirs string
	// MineRuns and TheirsRuns are what each made of the text that both began
	// with; none where there is nothing to compare.
	MineRuns, TheirsRuns []DiffRun

	Own          string
	MineIsGone   bool
	TheirsIsGone bool
	Chosen       string
}

// RemovalPage asks whether an item is really to be removed.
type RemovalPage struct {
	Frame
	Record   ui.Link
	Item     string
	Back     string
	Version  string
	Problems []ui.Problem
}

// RecordPage is a record as it is worked on: its parts, what is missing, and
// where to go from here.
type RecordPage struct {
	Frame
	Reference string // or that it is not public yet
	State     ui.Tag
	Version   string
	Parts     []RecordPart
	Share     int // how complete it is, in percent
	ShareText string
	Checks    []Check
	Complete  string // said when nothing is missing
	Previews  []ui.Link
	Public    string // address of the published page; "" when there is none
	// Actions lead to what can be done with the record as a whole.
	Actions    []ui.Link
	Lookalikes Lookalikes
}

// RecordPart is a part of a record in its overview.
type RecordPart struct {
	ID, Title string
	Edit      string // address of its form; "" for a list of items
	Add       string // address of the form of a new item; "" where none is made
	AddLabel  string
	Facts     []ui.Labelled // of a part that is edited as a whole
	Items     []RecordItem
	Empty     string // said when there is nothing
}

// RecordItem is an item of a list in the overview of a record.
type RecordItem struct {
	Key, Edit string
	Label     ui.Text
	Kind      string
	Date      string
	Backing   string // how many sources and statements
	Up, Down  bool
}

// Check is one thing that is missing of a record.
type Check struct {
	Bad        bool // else it would only be better
	Text, Href string
}
