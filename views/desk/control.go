package desk

import "github.com/sijil/sijil/views/ui"

// Control is a field of a form of a noun as it is drawn: an input, or a group
// or list of further controls. Exactly one of its kinds is set.
type Control struct {
	// Path is its name in the form and its id on the page.
	Path string
	// Input is one labelled input.
	Input *ui.Field
	// Texts is one text in several languages, side by side.
	Texts *Texts
	// Choices are checkboxes.
	Choices *ui.Field
	// Flag is one checkbox.
	Flag *Flag
	// Date is a date in words, with how it was understood.
	Date *DateControl
	// Picker chooses other records or sources.
	Picker *Picker
	// Claims chooses statements and claims of theirs.
	Claims *ClaimPicker
	// List holds items, each a group of controls.
	List *ControlList
	// Group holds controls that belong together.
	Group *ControlGroup
}

// Texts is one text in several languages.
type Texts struct {
	Label, Hint, Error string
	Inputs             []ui.Field
}

// Flag is one checkbox with its label.
type Flag struct {
	Label, Hint string
	On          bool
}

// DateControl is a date as it was typed and as it was understood.
type DateControl struct {
	Field      ui.Field
	Understood *Understood
}

// Understood says how a date was understood.
type Understood struct {
	Text      string // in words, in the reader's language
	Precision string
	EDTF      string
	// Others are the words in the other languages.
	Others []ui.Text
	// Assumed says what was taken for granted; "" for nothing.
	Assumed string
}

// Picker chooses one or several records or sources.
type Picker struct {
	Label, Hint, Error string
	// Type is what is searched for: incident, statement, institution, source.
	Type  string
	Multi bool
	// Chosen are those that are chosen, and those that were found for what was
	// typed, which are not yet.
	Chosen []ui.Choice
	// Find is the search field; Offered is what was typed into it when some of
	// Chosen were found for it.
	Find    ui.Field
	Offered string
	// Suggestions is the id of the list of suggestions.
	Suggestions string
	// Remove is the name of what takes a chosen one out, for the script.
	Remove string
	// New are the fields of a new record or source that is made with this form;
	// none where that cannot be.
	New      []ui.Field
	NewLabel string
	// NewOpen means that something was typed there.
	NewOpen bool
}

// ClaimPicker chooses statements and claims.
type ClaimPicker struct {
	Field  ui.Field
	Multi  bool
	Chosen []ui.Choice
	Groups []ClaimGroup
	// Find searches for a statement that is not in the groups; nil where only
	// they can be chosen.
	Find        *ui.Field
	Offered     string // as Picker.Offered
	Suggestions string
}

// ClaimGroup is a statement with its claims.
type ClaimGroup struct {
	Label   string
	Choices []ui.Choice
}

// ControlList is a list of groups.
type ControlList struct {
	Label, Hint, Error string
	Add                string // label of the button
	Items              []ControlItem
}

// ControlItem is one item of a list.
type ControlItem struct {
	Path   string
	Number string // its number in the form
	Key    string // of the fact that it is, "" for a new one or none
	Label  string
	Controls,
	More []Control // those shown, and those folded
	MoreOpen bool
	// Up and Down tell whether there is a place to move to.
	Up, Down bool
	// Brief says what the item holds; it is then folded, unless Open is set.
	Brief string
	Open  bool
}

// ControlGroup is a group of controls.
type ControlGroup struct {
	Label, Hint string
	Controls    []Control
}

// Suggestions is a list that inputs on the page suggest from.
type Suggestions struct {
	ID      string
	Choices []ui.Choice
}
