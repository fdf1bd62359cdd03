package desk

import "github.com/sijil/sijil/views/ui"

// AttachPage is the form with which a statement is attached: seven inputs.
type AttachPage struct {
	Frame
	Problems []ui.Problem
	Restored *Restored
	// The piece: one of three.
	File, Address, Text ui.Field
	Kept                string // hash of the piece that is kept
	KeptFile            *KeptFile
	Same                []ui.Link // statements that hold the same file
	SameError           string
	Anyway              bool
	// Unfetched is the address from which no document could be had; Cite that it
	// is to be a source and nothing more.
	Unfetched string
	Cite      bool
	Issuer    Picker
	Kind      ui.Field
	Official  bool
	Date      DateControl
	Heading   ui.Field
	Incidents Picker
}

// KeptFile is what is known of a file.
type KeptFile struct {
	Name, Facts, Hash, Href string
	From                    string // address that it was fetched from; "" for one that was sent
	Warnings                []string
	Lookalikes              Lookalikes // in its name
}

// TextPage is where the text of a document is read beside its pages, corrected
// and confirmed.
type TextPage struct {
	Frame
	Head     StatementHead
	Problems []ui.Problem
	Restored *Restored
	// Documents are those of the statement, where there are several.
	Documents []ui.Option
	None      string // said when there is nothing to read
	File      *KeptFile
	Version   string // of the text that was confirmed last; "0" for a proposal
	Confirmed string // when and that it was confirmed; "" for a proposal
	// Statement is the version of the statement, Document the key of the
	// document.
	Statement, Document string
	Pages               []PageText
	As                  ui.Field
	Language            ui.Field
	Kind, Publisher     ui.Field
}

// PageText is a text with the pages that it stands on; none where they cannot
// be drawn.
type PageText struct {
	Images []PageImage
	Text   ui.Field
}

// PageImage is a page as an image.
type PageImage struct {
	Src, Alt string
}
