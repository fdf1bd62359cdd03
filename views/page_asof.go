package views

import "github.com/sijil/sijil/views/ui"

// AsOf says of which day of the past a page is.
type AsOf struct {
	Title string
	// Counts say how much was possibly known, and how much is left out.
	Counts []string
	// Rule is by what the page was made; Words is what of it is of today.
	Rule, Words         string
	Now, Previous, Next ui.Link // Previous and Next may be missing
	Form                DayForm
	// Recorded says what this register had published by then; History leads to it.
	Recorded string
	History  ui.Link
}

// DayForm asks for a day.
type DayForm struct {
	ID, Action, Label, Name, Value, Max, Submit string
	// Hidden is the rest of the query.
	Hidden []HiddenField
}

// HiddenField is a field that the form only carries.
type HiddenField struct{ Name, Value string }
