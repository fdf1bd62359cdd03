package views

import "github.com/sijil/sijil/views/ui"

// Wording is the text of a statement with its claims marked in place: one text,
// or several beside each other, paragraph by paragraph.
type Wording struct {
	Columns []WordingColumn
	Rows    []WordingRow
}

// WordingColumn is one of the texts: whose it is, and in which language.
type WordingColumn struct {
	Name ui.Text
	Kind string // of a rendering: official, editorial …; empty for the original
}

// WordingRow is what stands beside each other: some paragraphs of each text, and
// where they say different things.
type WordingRow struct {
	Cells [][]MarkedParagraph
	Notes []ui.Link
}

// MarkedParagraph is a paragraph with the passages of claims.
type MarkedParagraph struct {
	Label  string  // of the paragraph in its text; empty where the text is whole
	Words  ui.Text // says the language; the words are in the pieces
	Pieces []MarkedPiece
}

// MarkedPiece is a stretch of a paragraph.
type MarkedPiece struct {
	Text   ui.Text
	Marked bool // it is a passage of a claim
	Gap    bool // it stands for words that are not shown
	// Ends are the claims whose passage ends here.
	Ends []ClaimNumber
}

// ClaimNumber leads from a passage to its claim.
type ClaimNumber struct {
	ID, Href, Number, Label string
}

// TextChange is what one text says otherwise than an earlier one.
type TextChange struct {
	Between []ui.Labelled // the earlier and the later one
	Count   string        // how many words went and came
	Words   ui.Text       // says the language; the words are in the runs
	Runs    []DiffRun
}
