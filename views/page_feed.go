package views

import (
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/views/ui"
)

// FeedContent is what an entry of a feed says, for programs that know no style
// sheet: what happened, why, and then either the whole record or what changed.
type FeedContent struct {
	Loc *i18n.Localizer
	// Notice says what became of the record or the edition; Link leads to what took
	// its place. All addresses are whole.
	Notice     string
	Link       ui.Link
	Correction string  // how much the edition corrects
	Reason     ui.Text // why it was made, or why something is gone
	Summary    ui.Text
	Facts      []ui.Labelled
	Texts      []ui.Text // the words of a statement
	Claims     []Claim
	Days       []Day
	// Changes are the differences from the edition before, or all that the first one
	// holds.
	Count   string
	Changes []DiffGroup
	Sources []ui.Source
}
