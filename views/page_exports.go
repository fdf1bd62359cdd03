package views

import "github.com/sijil/sijil/views/ui"

// ExportsPage offers one incident, what filters choose, or everything, in each
// format.
type ExportsPage struct {
	Frame
	Head    RecordHead
	Formats []ExportFormat
}

// ExportFormat is one format in which something can be had.
type ExportFormat struct {
	Link ui.Link
	Note string // what it is for
	File string // end of the file's name
}
