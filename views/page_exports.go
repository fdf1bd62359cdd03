package views

import "github.com/sijil/sijil/views/ui"

// ExportsPage offers one incident, what filters choose, or everything, in each
// format.
type ExportsPage struct {
	Frame
	Head    RecordHead
	Formats []ExportFormat
	// Dumps are files that were made at night; none where there are none yet.
	Dumps    []Dump
	Manifest ui.Link
}

// Dump is a file that was made at night.
type Dump struct {
	Link   ui.Link
	Day    ui.Date
	Size   string
	SHA256 string
}

// ExportFormat is one format in which something can be had.
type ExportFormat struct {
	Link ui.Link
	Note string // what it is for
	File string // end of the file's name
}
