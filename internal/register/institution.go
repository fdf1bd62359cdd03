package register

import (
	"maps"
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// Institution is a body that is attacked, speaks, is notified or decides:
// ministries and funds as well as courts, prosecutors, police units and
// authorities.
type Institution struct {
	// Language is the language in which the register's own texts were written.
	Language Lang            `json:"language"`
	Slug     string          `json:"slug"`
	Kind     InstitutionKind `json:"kind"`
	Sector   string          `json:"sector,omitempty"`  // code of the sector vocabulary
	Country  string          `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Website  string          `json:"website,omitempty"`
	Parent   Ref             `json:"parent,omitempty" to:"institution"`
	// Names are all names in all languages and scripts; the first official
	// name in a language is the one shown.
	Names        []InstitutionName `json:"names"`
	Description  Text              `json:"description,omitempty"`
	Officials    []Official        `json:"officials,omitempty"`
	Predecessors []InstitutionLink `json:"predecessors,omitempty"`
	Successors   []InstitutionLink `json:"successors,omitempty"`
	Sources      []string          `json:"sources,omitempty"`
}

// NameKind says what a name of an institution is.
type NameKind string

// The kinds of names.
const (
	NameOfficial NameKind = "official"
	NameShort    NameKind = "short"
	NameAcronym  NameKind = "acronym"
	NameAlias    NameKind = "alias" // another wording or spelling that is found in texts
)

// NameKinds lists all kinds of names.
func NameKinds() []NameKind { return []NameKind{NameOfficial, NameShort, NameAcronym, NameAlias} }

// InstitutionName is one name of an institution with the time in which it was
// in use.
type InstitutionName struct {
	Key      string `json:"key"`
	Language Lang   `json:"language"`
	// Script is an ISO 15924 code such as "Tfng", where the language alone does
	// not say it.
	Script  string    `json:"script,omitempty"`
	Kind    NameKind  `json:"kind"`
	Name    string    `json:"name"`
	From    edtf.Date `json:"from,omitzero"`
	Until   edtf.Date `json:"until,omitzero"`
	Sources []string  `json:"sources,omitempty"`
}

// Official is a person with an office, named only for what was said or done in
// that office.
type Official struct {
	Key string `json:"key"`
	// Name in each language; spellings that differ from it stand in Aliases.
	Name    Text      `json:"name"`
	Aliases []string  `json:"aliases,omitempty"`
	Office  Text      `json:"office"`
	From    edtf.Date `json:"from,omitzero"`
	Until   edtf.Date `json:"until,omitzero"`
	Sources []string  `json:"sources,omitempty"`
}

// InstitutionLink points to a predecessor or successor.
type InstitutionLink struct {
	Institution Ref       `json:"institution" to:"institution"`
	On          edtf.Date `json:"on,omitzero"`
	Note        Text      `json:"note,omitempty"`
}

// Name returns the name of the given kind in the reader's language, or else in
// another language, with that language; found is false when there is none.
func (i *Institution) Name(kind NameKind, want Lang) (name string, lang Lang, found bool) {
	t := Text{}
	for _, n := range i.Names {
		if n.Kind == kind && n.Until.IsZero() && t[n.Language] == "" {
			t[n.Language] = n.Name
		}
	}
	return t.In(want)
}

// NameText returns the current names of a kind as one text.
func (i *Institution) NameText(kind NameKind) Text {
	t := Text{}
	for _, n := range i.Names {
		if n.Kind == kind && n.Until.IsZero() && t[n.Language] == "" {
			t[n.Language] = n.Name
		}
	}
	return t
}

// NameOn returns the names of a kind that are in use on a day, as one text: in
// each language the one that began last. A language whose names were in use at
// other times only has none.
func (i *Institution) NameOn(kind NameKind, day edtf.Day) Text {
	t := Text{}
	began := map[Lang]edtf.Day{}
	for _, n := range i.Names {
		if n.Kind != kind || !n.inUse(day) {
			continue
		}
		first, _ := n.From.FirstDay()
		if t[n.Language] == "" || began[n.Language].Compare(first) < 0 {
			t[n.Language], began[n.Language] = n.Name, first
		}
	}
	return t
}

// inUse reports whether the name may be in use on a day: it is not when it
// certainly begins later, or has certainly ended.
func (n *InstitutionName) inUse(day edtf.Day) bool {
	if first, ok := n.From.FirstDay(); ok && day.Compare(first) < 0 {
		return false
	}
	last, ok := n.Until.LastDay()
	return !ok || last.Compare(day) >= 0
}

// FormerNames returns the official names that had ended by a day, the last
// first.
func (i *Institution) FormerNames(day edtf.Day) []InstitutionName {
	var out []InstitutionName
	for _, n := range i.Names {
		if n.Kind == NameOfficial && !n.inUse(day) && !n.Until.IsZero() {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b InstitutionName) int {
		x, _ := a.Until.LastDay()
		y, _ := b.Until.LastDay()
		return y.Compare(x)
	})
	return out
}

// ShortName returns the acronym, else the short name, else the official name,
// by which the institution is called in running text, as one text.
func (i *Institution) ShortName() Text {
	out := i.NameText(NameOfficial)
	for _, kind := range []NameKind{NameShort, NameAcronym} {
		maps.Copy(out, i.NameText(kind))
	}
	return out
}
