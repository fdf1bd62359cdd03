package desk

import "github.com/sijil/sijil/views/ui"

// VocabulariesPage shows all vocabularies that an admin edits.
type VocabulariesPage struct {
	Frame
	Vocabularies []VocabularyView
}

// VocabularyView is one vocabulary with its terms in their order.
type VocabularyView struct {
	Code, Name, About string
	Add               string // address of the form of a new term
	Phased            bool   // its terms are drawn in phases
	Terms             []TermView
}

// TermView is one term with its labels in the three languages.
type TermView struct {
	Code, Href, FR, AR, EN string
	Phase                  string
	Retired                bool
}

// TermPage is the form of a term, new or known.
type TermPage struct {
	Frame
	Back     string
	New      bool
	Code     string
	Version  string
	Retired  bool
	Problems []ui.Problem
	// Conflict is how somebody else left the term meanwhile.
	Conflict []TermSaved
	Restored *Restored
	Fields   []ui.Field // before the labels
	Labels   []ui.Field // one for each language
	Place    []ui.Field // after them
}

// TermSaved is a value that is saved now, beside the one that was typed.
type TermSaved struct {
	Name, Lang, Value string
}
