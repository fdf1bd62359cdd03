package views

import "github.com/sijil/sijil/views/ui"

// Cite is how a page is cited: the sentence, files for programs, and the page
// with all formats, for entries and claims as well.
type Cite struct {
	Text    string
	Formats []ui.Link
	More    ui.Link
}

// CitePage shows how an edition, or a part of it, is cited.
type CitePage struct {
	Frame
	Head    RecordHead
	Action  string
	Parts   []Choice // none where there is nothing but the whole
	Formats []CiteFormat
}

// CiteFormat is the citation in one format.
type CiteFormat struct {
	ID, Name, Text string
	Save           ui.Link
}
