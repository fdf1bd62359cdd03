package desk

import "github.com/sijil/sijil/views/ui"

// ImportPage is the form with which a file is uploaded, and the newest imports.
type ImportPage struct {
	Frame
	Problems              []ui.Problem
	Format, File, Mapping ui.Field
	Runs                  []ImportRow
}

// ImportRow is an import in a list.
type ImportRow struct {
	Href, Name, Format, At, State string
	Made, Skipped                 string
}

// ImportRunPage is what a file would make, or what became of it.
type ImportRunPage struct {
	Frame
	Back    string
	Row     ImportRow
	Preview bool // it is not confirmed yet
	Nothing bool // nothing new is in it
	Running bool
	Counts  []ImportCount
	Items   []ImportItem
	More    string // how many more lines there are; "" for none
}

// ImportCount is a number of an import.
type ImportCount struct{ Label, Value string }

// ImportItem is a line of a file.
type ImportItem struct {
	Line, Title, TitleLang, Outcome, Reason string
	Institutions                            []ImportInstitution
}

// ImportInstitution is an institution that a line names.
type ImportInstitution struct{ Name, Lang, State string }
