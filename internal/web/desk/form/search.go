package form

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// Search is what somebody typed to find a record or a source.
type Search struct {
	Path string // of the field; what was typed stands at Path.find
	// Type is the type of record, or SourceType.
	Type  string
	Typed string
}

// Searches lists what is to be looked for before a form can be read, in the
// order of the paths.
func (f *Form) Searches(values url.Values) []Search {
	var out []Search
	for name := range values {
		path, ok := strings.CutSuffix(name, ".find")
		typed := strings.TrimSpace(values.Get(name))
		if !ok || typed == "" {
			continue
		}
		if of := f.searchType(path); of != "" {
			out = append(out, Search{Path: path, Type: of, Typed: typed})
		}
	}
	slices.SortFunc(out, func(a, b Search) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func (f *Form) searchType(path string) string {
	switch field := f.Find(path); {
	case field == nil:
		return ""
	case field.Kind == Claim, field.Kind == Claims:
		return string(register.TypeStatement)
	case field.Kind == Ref, field.Kind == Refs, field.Kind == Sources:
		return typeOf(field)
	}
	return ""
}

// Choose puts what was found in its place: the one that a field holds, or one
// more.
func (f *Form) Choose(values url.Values, path, value string) {
	delete(values, path+".find")
	switch field := f.Find(path); {
	case field == nil:
	case field.Kind == Refs, field.Kind == Sources, field.Kind == Claims:
		if !slices.Contains(values[path], value) {
			values[path] = append(slices.Clone(values[path]), value)
		}
	default:
		values.Set(path, value)
	}
}

// Mention is a place where a form points to a record or a source.
type Mention struct {
	Path  string
	Type  string // of the record, or SourceType
	Value string // its identifier, or the key of the source
	Claim string // the key of the claim, where one is meant
}

// Mentions lists the records and sources to which the values of a form point.
func (f *Form) Mentions(values url.Values) []Mention {
	var out []Mention
	for path, list := range values {
		field := f.Find(path)
		if field == nil || strings.HasSuffix(path, ".find") || strings.HasSuffix(path, ".offered") || strings.Contains(path, ".new.") {
			continue
		}
		of := f.searchType(path)
		for _, value := range list {
			record, claim, _ := strings.Cut(strings.TrimSpace(value), "#")
			if record != "" && of != "" {
				out = append(out, Mention{Path: path, Type: of, Value: record, Claim: claim})
			}
		}
	}
	slices.SortFunc(out, func(a, b Mention) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Value, b.Value))
	})
	return out
}

// NewOne is a record or source that is made within a form.
type NewOne struct {
	Path string // of the field that will point to it
	Type string // institution, or SourceType
	// Values are those of its own fields, by their names.
	Values url.Values
}

// Made lists what is made within a form: the groups of fields at path.new, as
// far as anything is entered there.
func (f *Form) Made(values url.Values) []NewOne {
	found := map[string]url.Values{}
	for name, list := range values {
		path, field, ok := strings.Cut(name, ".new.")
		if ok && strings.TrimSpace(values.Get(name)) != "" {
			if found[path] == nil {
				found[path] = url.Values{}
			}
			found[path][field] = list
		}
	}
	var out []NewOne
	for path, fields := range found {
		of := f.searchType(path)
		if of == SourceType && path == "sources" || of == string(register.TypeInstitution) && f.Find(path).Kind != Claim {
			out = append(out, NewOne{Path: path, Type: of, Values: fields})
		}
	}
	slices.SortFunc(out, func(a, b NewOne) int { return strings.Compare(a.Path, b.Path) })
	return out
}
