package desk

import "github.com/sijil/sijil/views/ui"

// LogPage is the form with which an incident is logged: five things.
type LogPage struct {
	Frame
	Restored *Restored
	Problems []ui.Problem

	TitleField, LangField    ui.Field
	Institution              Picker
	Asked                    string // what was looked for among the institutions
	KindField                ui.Field
	Date                     DateControl
	URLField, PublisherField ui.Field

	Duplicates Duplicates
	// Another is what the button sends with which the person says that the
	// incident is none of those; "" while nothing was found.
	Another string
}

// Duplicates are incidents that may be the same as the one that is logged. The
// script is told the same as JSON.
type Duplicates struct {
	Heading string      `json:"heading"`
	Items   []Duplicate `json:"items"`
}

// Duplicate is one of them, and why.
type Duplicate struct {
	Href  string `json:"href"`
	Title string `json:"title"`
	Lang  string `json:"lang"`
	Dir   string `json:"dir"`
	Note  string `json:"note"`
}
