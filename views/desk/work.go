package desk

import "github.com/sijil/sijil/views/ui"

// HomePage is the front page of the desk: what a person has in hand, and what
// has happened.
type HomePage struct {
	Frame
	Unsaved []NewsLine // forms that somebody has typed into and not saved

	Drafts HomeTable
	// Returned is nil when nothing came back; ToReview is nil for who does not
	// review.
	Returned, ToReview *HomeTable
	// NotPublished are those whose set time could not be kept.
	NotPublished []NewsLine
	Stale        []NewsLine
	StaleLead    string
	NotSeen      []NewsLine
	Published    []NewsLine
	Activity     []NewsLine
}

// HomeTable is a table of records on the front page.
type HomeTable struct {
	ID, Heading string
	Empty       string // said when there are no rows
	Rows        []RecordRow
	Notes       bool   // the rows have remarks
	More        string // address of the whole list; "" for none
}

// NewsLine is a record with what there is to say of it.
type NewsLine struct {
	Link ui.Link
	Note string
}

// RecordRow is a record in a list.
type RecordRow struct {
	Link      ui.Link
	Reference string // "" before the first publication
	State     ui.Tag
	Date      string // when it happened; "" for not stated
	Share     int    // how complete it is
	ShareText string // the same in words
	By, At    string
	Note      string
}

// ListPage is a list of records of one type.
type ListPage struct {
	Frame
	Filters     []ui.Field
	New         *ui.Link // to make one more; nil where that is not done from here
	Rows        []RecordRow
	Empty       string
	First, Next string // addresses of pages; "" for none
}

// SourcesPage is the list of the sources.
type SourcesPage struct {
	Frame
	Filters     []ui.Field
	Rows        []SourceRow
	Empty       string
	First, Next string
	// Progress says how many pages of sources are kept.
	Progress string
}

// SourceRow is a source in a list.
type SourceRow struct {
	Href, Title, Publisher, Published, Records string

	Capture ui.Tag
}

// SourcePage is the form of a source.
type SourcePage struct {
	Frame
	Heading, Key, Href, Back string
	Restored                 *Restored
	Problems                 []ui.Problem
	Controls, More           []Control
	MoreOpen                 bool
	Capture                  CapturePanel
	Lookalikes               Lookalikes
}

// PickPage is what a picker offers, as a page of links.
type PickPage struct {
	Frame
	Filters []ui.Field
	Options []Option
	Status  string // how many were found
}

// Option is a record or a source that a picker offers. The script is told the
// same as JSON.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Lang  string `json:"lang"`
	Dir   string `json:"dir"`
	Note  string `json:"note"`
	Href  string `json:"href"`
}
