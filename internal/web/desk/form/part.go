package form

import (
	"reflect"
	"slices"

	"github.com/sijil/sijil/internal/register"
)

// Part is a part of a record that is edited on a page of its own.
type Part struct {
	Name string
	// Form describes the part. It is nil for a list whose items have pages of
	// their own.
	Form *Form
	// Item describes one item of such a list, nil for other parts.
	Item *Form
	// Fixed means that items are not made by hand, such as documents.
	Fixed bool

	list *Field
	key  *Field
}

// Parts lists the parts of a type of record, in the order in which they are
// shown; together they hold every field of it.
func Parts(t register.RecordType) []Part {
	switch t {
	case register.TypeIncident:
		return parts(&register.Incident{},
			whole("basics", "title", "summary", "kinds", "standing", "country", "language", "slug"),
			whole("statements"), items("affected"), items("systems"), items("events"), items("exposures"), items("measures"),
			items("referrals"), items("answers"), whole("relations"), whole("sources"))
	case register.TypeStatement:
		return parts(&register.Statement{},
			whole("basics", "title", "kind", "official", "issuer", "issuer_name", "on_behalf_of", "dates", "summary", "occasion", "channel", "language", "slug"),
			whole("speaker"), whole("original", "original_language", "original_not_seen", "original_text"),
			items("renderings"), items("claims"), items("differences"), items("documents"), whole("relations"), whole("sources"))
	case register.TypeInstitution:
		return parts(&register.Institution{},
			whole("basics", "kind", "sector", "country", "website", "parent", "description", "language", "slug"),
			items("names"), items("officials"), whole("lineage", "predecessors", "successors"), whole("sources"))
	}
	return nil
}

// plan is a part before its fields are found.
type plan struct {
	name   string
	fields []string
	items  bool
}

// whole is a part that is edited as a whole; it is named as its one field when
// none is given.
func whole(name string, fields ...string) plan {
	if len(fields) == 0 {
		fields = []string{name}
	}
	return plan{name: name, fields: fields}
}

// items is a list whose items are edited one by one.
func items(name string) plan { return plan{name: name, items: true} }

func parts(noun any, plans ...plan) []Part {
	t := reflect.TypeOf(noun).Elem()
	all := newDescriber().describe(t)
	out := make([]Part, 0, len(plans))
	for _, p := range plans {
		if !p.items {
			out = append(out, Part{Name: p.name, Form: of(t, all, p.fields)})
			continue
		}
		list := &all[slices.IndexFunc(all, func(f Field) bool { return f.Name == p.name })]
		key := slices.IndexFunc(list.Fields, func(f Field) bool { return f.Kind == Key })
		out = append(out, Part{
			Name: p.name, Item: &Form{Fields: list.Fields, typ: list.typ.Elem()}, list: list, key: &list.Fields[key],
			Fixed: list.typ.Elem() == reflect.TypeFor[register.Document](),
		})
	}
	return out
}

// items of a record, as they stand in it.
func (p *Part) slice(noun any) reflect.Value {
	return reflect.ValueOf(noun).Elem().FieldByIndex(p.list.at)
}

// Keys are the keys of the items of a record, which is a pointer to a noun.
func (p *Part) Keys(noun any) []string {
	list := p.slice(noun)
	out := make([]string, list.Len())
	for i := range out {
		out[i] = list.Index(i).FieldByIndex(p.key.at).String()
	}
	return out
}

// Get returns a pointer to the item with the key inside the record; nil when
// there is none.
func (p *Part) Get(noun any, key string) any {
	if i := slices.Index(p.Keys(noun), key); i >= 0 {
		return p.slice(noun).Index(i).Addr().Interface()
	}
	return nil
}

// New returns a pointer to an empty item, which is not yet in any record.
func (p *Part) New() any { return reflect.New(p.Item.typ).Interface() }

// Add puts an item, a pointer that New returned, behind the others.
func (p *Part) Add(noun, item any) {
	list := p.slice(noun)
	list.Set(reflect.Append(list, reflect.ValueOf(item).Elem()))
}

// Remove takes the item with the key out of the record, and reports whether
// there was one.
func (p *Part) Remove(noun any, key string) bool {
	i := slices.Index(p.Keys(noun), key)
	if i < 0 {
		return false
	}
	list := p.slice(noun)
	list.Set(reflect.AppendSlice(list.Slice3(0, i, i), list.Slice(i+1, list.Len())))
	return true
}

// Move puts the item with the key one place up (-1) or down (1), and reports
// whether there was such a place.
func (p *Part) Move(noun any, key string, by int) bool {
	i := slices.Index(p.Keys(noun), key)
	list := p.slice(noun)
	if i < 0 || i+by < 0 || i+by >= list.Len() {
		return false
	}
	reflect.Swapper(list.Interface())(i, i+by)
	return true
}

// KeyOf returns the key of an item.
func (p *Part) KeyOf(item any) string {
	return reflect.Indirect(reflect.ValueOf(item)).FieldByIndex(p.key.at).String()
}
