package views

import (
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/views/ui"
)

// EmbedPage is what other sites show in a frame: a part of a record, with where
// it comes from. Its links open elsewhere.
type EmbedPage struct {
	Loc *i18n.Localizer
	// Theme is "light" or "dark"; empty: as the reader's machine wants it.
	Theme     string
	Canonical string // of the page of which it shows a part; empty for none
	Title     ui.Link
	Rubric    string // what it is a part of
	Note      string
	Days      []Day
	Dials     []ui.Dial
	Stages    []ui.Stage
	Summary   ui.Text
	Claims    []Claim
	// Of names the edition and its time; Home leads to the register.
	Of   ui.Link
	When ui.Date
	Home ui.Link
}

// SharePage shows how a record is shared: its addresses, and the code by which
// other sites show a part of it.
type SharePage struct {
	Frame
	Head   RecordHead
	Action string
	Themes []Choice
	Langs  []Choice
	Parts  []SharePart
}

// SharePart is something to be copied: an address, or code. See leads to what the
// code shows.
type SharePart struct {
	ID, Name, Text string
	See            ui.Link
}
