package form

import "strings"

// blank reports whether nothing is entered in a field.
func (r *reader) blank(f *Field, at string) bool {
	switch f.Kind {
	case Group:
		return r.blankItem(f, at)
	case List:
		ids, _ := itemIDs(r.values, at)
		for _, id := range ids {
			if !r.blankItem(f, join(at, id)) {
				return false
			}
		}
		return true
	case Text:
		for _, lang := range r.langs[at] {
			if r.get(join(at, lang)) != "" {
				return false
			}
		}
		return true
	case Key:
		return true
	default:
		for _, s := range r.values[at] {
			if strings.TrimSpace(s) != "" {
				return false
			}
		}
		return r.get(join(at, "find")) == ""
	}
}

// blankItem reports whether nothing is entered in a group of fields.
func (r *reader) blankItem(f *Field, at string) bool {
	for i := range f.Fields {
		if !r.blank(&f.Fields[i], join(at, f.Fields[i].Name)) {
			return false
		}
	}
	return true
}
