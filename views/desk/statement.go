package desk

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/views/ui"
)

// StatementHead stands above every page of a statement at the desk.
type StatementHead struct {
	Title     ui.Text
	Reference string
	Incidents []ui.Link // that it concerns
	Steps     []NavLink // the pages of the statement
}

// ClaimsPage is where claims are marked in the text of a statement.
type ClaimsPage struct {
	Frame
	Head     StatementHead
	Restored *Restored
	Problems []ui.Problem
	// Texts are the original and the renderings in which claims can be marked,
	// where there are several.
	Texts []ui.Option
	// Marked is the text; nil when there is none, and NoText then says so.
	Marked *MarkedText
	NoText []ui.Text
	ToText string // address of the page where the text is confirmed
	Claims []ClaimItem
	Form   ClaimForm
}

// MarkedText is a text in which passages are marked.
type MarkedText struct {
	Lang, Dir, Label string
	Pieces           []TextPiece
}

// TextPiece is a piece of a text with how many claims cover it, and the claims
// that end with it.
type TextPiece struct {
	Text    string
	Covered int
	Current bool // the claim that is being edited is one of them
	Ends    []ClaimNumber
}

// ClaimNumber leads from the text to a claim.
type ClaimNumber struct {
	Number, Href, Label string
}

// ClaimItem is a claim in the list.
type ClaimItem struct {
	Key, Number string
	Topic       string
	Mark        ui.Mark
	Words       ui.Text // the passage
	Paraphrase  ui.Text
	// Notes say what is to be looked at: the passage is no longer in the text,
	// is longer than a quotation should be, or was not compared.
	Notes         []string
	Edit, Step    string // addresses
	RemoveConfirm string
	Current       bool
}

// ClaimForm is the form of one claim.
type ClaimForm struct {
	Title                    string
	Claim, Version, In, Span string
	Passage                  ui.Field
	// WordsOf is the guidance for the length, with {n} for the number of words.
	WordsOf, Words string
	TooLong        bool
	Places         *ui.Field // where the passage stands in several places
	Topic          ui.Field
	Paraphrase     Texts3
	Numbers        []ui.Field // value, bound, unit
	Force          []ui.Field // quantifier, modality
	Second         Texts3
	SecondOpen     bool
	OnTimeline     bool
	Earlier        EarlierClaims
}

// Texts3 is one text in the languages of the interface.
type Texts3 struct {
	Legend, Hint string
	Inputs       []ui.Field
}

// EarlierClaims are what others said before on the same topic.
type EarlierClaims struct {
	Frame
	// Topic is empty while none is chosen.
	Topic string
	List  []EarlierClaim
}

// EarlierClaim is one of them, with the relation to it.
type EarlierClaim struct {
	Said     ui.Text // by whom and when
	Words    ui.Text
	Means    ui.Text
	Facts    []string
	Href     string
	To, Was  string
	Name     string
	Relation ui.Field
	Why      string // what the proposal rests on
}

// StepPage makes a step of a referral out of a claim.
type StepPage struct {
	Frame
	Head     StatementHead
	Problems []ui.Problem
	Claim    string // key
	Topic    string
	Words    ui.Text
	Means    ui.Text
	Versions []ui.Labelled // of each incident: name and value of a hidden field
	Where    ui.Field
	Groups   []ChoiceGroup
	Fields   []ui.Field
	Titles   Texts3
	To       Texts3
	Date     ui.Text
	None     string // why nothing can be made
}

// ChoiceGroup is a group of a select.
type ChoiceGroup struct {
	Label   string
	Choices []ui.Choice
}

// marking writes the pieces of a text. It is no template: between them not one
// character may be added, for the script counts them.
func marking(pieces []TextPiece) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var out strings.Builder
		for _, p := range pieces {
			writePiece(&out, p)
		}
		_, err := io.WriteString(w, out.String())
		return err
	})
}

func writePiece(out *strings.Builder, p TextPiece) {
	class := "claim-highlight"
	if p.Covered > 1 {
		class += " claim-highlight--twice"
	}
	if p.Current {
		class += " is-selecting"
	}
	text := templ.EscapeString(p.Text)
	if p.Covered > 0 {
		text = `<mark class="` + class + `">` + text + `</mark>`
	}
	out.WriteString(text)
	for _, end := range p.Ends {
		out.WriteString(`<a class="claim-number" data-skip dir="ltr" href="` + templ.EscapeString(end.Href) +
			`" aria-label="` + templ.EscapeString(end.Label) + `">` + templ.EscapeString(end.Number) + `</a>`)
	}
}
