package form

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// Place is where something of a record is entered.
type Place struct {
	Part string // "" when it is nowhere
	Item string // the key of the item, for a part that is a list
	// Path is the path of the field in the form of the part or the item.
	Path string
}

// Index knows where each fact of one record is entered.
type Index struct {
	parts []Part
	keys  map[string]Place
}

// NewIndex looks through a record, which is a pointer to a noun.
func NewIndex(parts []Part, noun any) *Index {
	x := &Index{parts: parts, keys: map[string]Place{}}
	for i := range parts {
		p := &parts[i]
		if p.Form != nil {
			x.fields(Place{Part: p.Name}, p.Form.Fields, reflect.ValueOf(noun).Elem())
			continue
		}
		for _, key := range p.Keys(noun) {
			at := Place{Part: p.Name, Item: key}
			x.keys[key] = at
			x.fields(at, p.Item.Fields, reflect.ValueOf(p.Get(noun, key)).Elem())
		}
	}
	return x
}

func (x *Index) fields(at Place, fields []Field, noun reflect.Value) {
	for i := range fields {
		f := &fields[i]
		v := reflect.Indirect(noun.FieldByIndex(f.at))
		here := Place{Part: at.Part, Item: at.Item, Path: join(at.Path, f.Name)}
		switch {
		case f.Kind == Group && v.IsValid():
			x.fields(here, f.Fields, v)
		case f.Kind == List:
			for n := range v.Len() {
				x.fields(Place{Part: at.Part, Item: at.Item, Path: join(here.Path, strconv.Itoa(n))}, f.Fields, v.Index(n))
			}
		case f.Kind == Key && v.String() != "":
			if _, ok := x.keys[v.String()]; !ok {
				x.keys[v.String()] = at
			}
		}
	}
}

var (
	keyedPath = regexp.MustCompile(`^[a-z_]+\[([^\]]*)\]\.?(.*)$`)
	steps     = regexp.MustCompile(`\[[^\]]*\]`)
)

// Locate finds where a problem that validation found is mended: the deepest
// field that is known of its path. Part is "" when no page can mend it.
func (x *Index) Locate(p register.Problem) Place {
	if m := keyedPath.FindStringSubmatch(p.Field); m != nil {
		if at, ok := x.keys[m[1]]; ok {
			return x.at(at, m[2], p)
		}
	}
	key, rest, _ := strings.Cut(p.Field, ".")
	if part := x.partOf(key); part != "" {
		return x.at(Place{Part: part}, steps.ReplaceAllString(p.Field, ""), p)
	}
	if key == "facts" {
		key = p.Value
	}
	if at, ok := x.keys[key]; ok {
		return x.at(at, rest, p)
	}
	return Place{}
}

// partOf names the part in which a field of the record itself is entered.
func (x *Index) partOf(field string) string {
	for i := range x.parts {
		p := &x.parts[i]
		if p.Form == nil && p.Name == field || p.Form != nil && p.Form.Find(field) != nil {
			return p.Name
		}
	}
	return ""
}

// at finds the field below a place to which a problem belongs.
func (x *Index) at(place Place, path string, p register.Problem) Place {
	f := x.form(place)
	if f == nil { // the list as a whole
		return Place{Part: place.Part}
	}
	if path == "" {
		path = usualField(p.Key)
	}
	fields, at := f.Fields, place.Path
	if at != "" {
		if owner := f.Find(at); owner != nil {
			fields = owner.Fields
		}
	}
	for step := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(fields, func(x Field) bool { return x.json == step })
		if i < 0 {
			i = slices.IndexFunc(fields, func(x Field) bool { return x.Kind == List && find(x.Fields, step) != nil })
		}
		if i < 0 {
			break
		}
		at = join(at, fields[i].Name)
		if fields[i].Kind == Text && p.Key == "problem.language-missing" {
			at = join(at, p.Value)
		}
		if fields[i].Kind != Group {
			break
		}
		fields = fields[i].Fields
	}
	place.Path = at
	return place
}

// form is the form of a place.
func (x *Index) form(place Place) *Form {
	i := slices.IndexFunc(x.parts, func(p Part) bool { return p.Name == place.Part })
	switch {
	case i < 0:
		return nil
	case x.parts[i].Form != nil:
		return x.parts[i].Form
	case place.Item != "":
		return x.parts[i].Item
	}
	return nil
}

// usualField is where a problem of a fact as a whole is mended.
func usualField(problem string) string {
	switch problem {
	case "problem.unsourced":
		return "sources"
	case "problem.statement-not-shown":
		return "said_in"
	}
	return ""
}
