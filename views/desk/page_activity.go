package desk

import "github.com/sijil/sijil/views/ui"

// ActivityPage shows what was done at the desk, the newest first.
type ActivityPage struct {
	Frame
	Problems []ui.Problem
	Fields   []ui.Field
	Record   string // the one record that is shown; "" for all
	Lines    []ActivityLine
	// First and Next lead to other pages of the list; "" to none.
	First, Next string
	// Intact is what a check of the chain found; "" when none was asked for.
	Intact string
	Broken bool
}

// ActivityLine is one line of the audit.
type ActivityLine struct {
	Number, At, DateTime, By, Action string
	Title, TitleLang, Href, Version  string
	Only                             string // address of all lines on the record
	About, What, Network             string
}

// SettingsPage is the form of what an admin sets for everybody.
type SettingsPage struct {
	Frame
	Version  string
	Problems []ui.Problem
	Restored *Restored
	// Conflict says that somebody else changed the settings meanwhile.
	Conflict string
	Fields   []ui.Field
}
