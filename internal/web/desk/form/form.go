// Package form makes forms of the nouns of the register, and nouns of forms.
//
// What can be entered follows from the types of package register, by
// reflection, and from one table of hints: a field that is added to a noun is
// in its form without further ado, and a test asks for its label. A form of a
// part of a noun reads and writes that part and nothing else, whatever is
// posted.
//
// The names of inputs are paths: "title.fr", "dates.0.date",
// "figures.0.value". The items of a list are numbers in the order in which they
// are posted under the name of the list itself, so that a list is reordered,
// shortened or lengthened by changing that one value.
package form

import (
	"reflect"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// Kind says how a field is entered.
type Kind string

// The kinds of fields.
const (
	Text    Kind = "text"    // one text in several languages: path.fr, path.ar …
	Line    Kind = "line"    // one line
	Prose   Kind = "prose"   // several lines
	Lines   Kind = "lines"   // a list of texts, one on each line
	Code    Kind = "code"    // one code of a list
	Codes   Kind = "codes"   // any number of codes of a list
	Flag    Kind = "flag"    // yes or not
	Number  Kind = "number"  // a whole number
	Lang    Kind = "lang"    // a language
	Country Kind = "country" // a country
	Ref     Kind = "ref"     // one other record; path.find is what is searched for
	Refs    Kind = "refs"    // any number of other records
	Claim   Kind = "claim"   // a statement, or one claim of it
	Claims  Kind = "claims"  // any number of them
	Sources Kind = "sources" // any number of sources
	Date    Kind = "date"    // a date in words or in EDTF
	List    Kind = "list"    // items, each a group of fields
	Group   Kind = "group"   // fields that belong together
	Key     Kind = "key"     // the name of a fact, which is given once and kept
)

// Field is one field of a form, or a group or a list of fields.
type Field struct {
	Name  string // the last step of its path
	Owner string // the type that it belongs to, such as "event": labels may differ by it
	Kind  Kind
	// Required means that the field cannot be left empty, even in a draft.
	Required bool
	// Vocabulary is the beginning of the message keys of the codes, with its dot.
	Vocabulary string
	// Record is the type of the record that a reference points to.
	Record register.RecordType
	// Folded fields are used rarely and shown when asked for.
	Folded bool
	// Long texts have several lines.
	Long bool
	// Start means that an empty list is shown with one empty item.
	Start bool
	// Fields are those of a group, or of each item of a list.
	Fields []Field

	json  string // its name in the noun, where that of the input differs
	codes func() []string
	keys  func(noun any) []string
	exact bool // white space is part of the text
	whole bool // a claim must be named, not only its statement
	at    []int
	typ   reflect.Type
}

// Codes lists what a field of kind Code or Codes may hold: the codes of its
// vocabulary, or the keys of the record that it may name.
func (f *Field) Codes(noun any) []string {
	switch {
	case f.keys != nil:
		return f.keys(noun)
	case f.codes != nil:
		return f.codes()
	}
	return nil
}

// edited reports whether an admin edits the vocabulary of the field: whether it
// has a code is known when the record is saved.
func (f *Field) edited() bool {
	switch f.Vocabulary {
	case "standing.", "topic.", "step.", "claim-relation.", "level.", "date-basis.", "rendering-kind.":
		return f.codes != nil
	}
	return false
}

// isAddress reports whether a field holds the address of a page.
func (f *Field) isAddress() bool { return f.Name == "url" || f.Name == "website" }

// NamesKeys reports whether the field names other parts of the same record.
func (f *Field) NamesKeys() bool { return f.keys != nil }

// Keyed reports whether the items of a list have keys of their own.
func (f *Field) Keyed() bool {
	return slices.ContainsFunc(f.Fields, func(x Field) bool { return x.Kind == Key })
}

// Form describes a part of a noun: the fields that may be entered.
type Form struct {
	Fields []Field
	typ    reflect.Type
}

// New describes the named fields of a noun, in the order of their names; all of
// them when none is named. The noun is only looked at for its type. A name that
// the noun does not have describes nothing.
func New(noun any, names ...string) *Form {
	t := reflect.Indirect(reflect.ValueOf(noun)).Type()
	return of(t, newDescriber().describe(t), names)
}

func of(t reflect.Type, all []Field, names []string) *Form {
	if len(names) == 0 {
		return &Form{Fields: all, typ: t}
	}
	f := &Form{typ: t}
	for _, name := range names {
		if i := slices.IndexFunc(all, func(x Field) bool { return x.Name == name }); i >= 0 {
			f.Fields = append(f.Fields, all[i])
		}
	}
	return f
}

// Find returns the field to which a path leads, nil when the form has none. A
// step of numbers leads into an item of a list; a language ends at its text.
func (f *Form) Find(path string) *Field { return find(f.Fields, path) }

func find(fields []Field, path string) *Field {
	step, rest, more := strings.Cut(path, ".")
	i := slices.IndexFunc(fields, func(x Field) bool { return x.Name == step })
	if i < 0 {
		return nil
	}
	field := &fields[i]
	if !more {
		return field
	}
	switch field.Kind {
	case List:
		_, rest, more = strings.Cut(rest, ".")
		if !more {
			return field
		}
		return find(field.Fields, rest)
	case Group:
		return find(field.Fields, rest)
	default:
		return field
	}
}

// join puts a step behind a path.
func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}
