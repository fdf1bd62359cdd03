package form

import (
	"reflect"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// describer describes types with the tables at hand.
type describer struct {
	hints        map[string]hint
	orders       map[string]string
	kinds        map[reflect.Type]Kind
	vocabularies map[reflect.Type]vocabulary
}

func newDescriber() *describer {
	return &describer{hints: hints(), orders: orders(), kinds: kinds(), vocabularies: vocabularies()}
}

// describe lists the fields of a noun: its own in the order of the table, then
// those that it has as a fact.
func (d *describer) describe(t reflect.Type) []Field {
	out := d.fieldsOf(t, t, nil)
	order := strings.Fields(d.orders[t.Name()])
	rank := func(f Field) int {
		if i := slices.Index(order, f.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(out, func(a, b Field) int { return rank(a) - rank(b) })
	return out
}

func (d *describer) fieldsOf(owner, t reflect.Type, at []int) []Field {
	var own, inherited []Field
	for i := range t.NumField() {
		sf := t.Field(i)
		here := append(slices.Clone(at), i)
		switch {
		case sf.Anonymous:
			inherited = append(inherited, d.fieldsOf(owner, sf.Type, here)...)
		case sf.IsExported():
			if f, ok := d.fieldOf(owner, t, sf); ok {
				f.at = here
				own = append(own, f)
			}
		}
	}
	return append(own, inherited...)
}

// fieldOf describes one field; ok is false for one that is not entered by hand.
func (d *describer) fieldOf(owner, t reflect.Type, sf reflect.StructField) (f Field, ok bool) {
	tag, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	h := d.hints[t.Name()+"."+sf.Name]
	f = Field{
		Name: tag, json: tag, Owner: snake(owner.Name()), Required: options == "", typ: sf.Type,
		Vocabulary: h.vocabulary, Record: register.PointsTo(sf), Folded: h.folded, Long: h.long, Start: h.start,
		codes: h.codes, keys: h.keys, exact: h.exact, whole: h.whole,
	}
	if h.name != "" {
		f.Name = h.name
	}
	if h.skip {
		return f, false
	}
	f.Kind = h.kind
	if f.Kind == "" {
		d.shape(&f, sf.Type)
	}
	return f, true
}

// shape finds the kind of a field by its type.
func (d *describer) shape(f *Field, t reflect.Type) {
	if kind, ok := d.kinds[t]; ok {
		f.Kind = kind
		return
	}
	if v, ok := d.vocabularies[t]; ok {
		f.Kind, f.codes, f.Vocabulary = Code, v.codes, v.name
		return
	}
	switch t.Kind() {
	case reflect.Bool:
		f.Kind = Flag
	case reflect.Int64, reflect.Int:
		f.Kind = Number
	case reflect.Pointer:
		d.shape(f, t.Elem())
		f.Required = false
	case reflect.Struct:
		f.Kind, f.Fields = Group, d.describe(t)
	case reflect.Slice:
		d.shapeList(f, t.Elem())
	default:
		f.shapeString()
	}
}

func (f *Field) shapeString() {
	f.Kind = Line
	switch {
	case f.codes != nil || f.keys != nil:
		f.Kind = Code
	case f.Long:
		f.Kind = Prose
	}
}

func (d *describer) shapeList(f *Field, item reflect.Type) {
	switch v, ok := d.vocabularies[item]; {
	case ok:
		f.Kind, f.codes, f.Vocabulary = Codes, v.codes, v.name
	case item == reflect.TypeFor[register.Ref]():
		f.Kind = Refs
	case item == reflect.TypeFor[register.ClaimRef]():
		f.Kind = Claims
	case item.Kind() == reflect.Struct:
		f.Kind, f.Fields = List, d.describe(item)
	case f.codes != nil || f.keys != nil:
		f.Kind = Codes
	case f.Name == "sources":
		f.Kind = Sources
	default:
		f.Kind = Lines
	}
}

// kinds are the types that have their own way of being entered.
func kinds() map[reflect.Type]Kind {
	return map[reflect.Type]Kind{
		reflect.TypeFor[register.Text]():     Text,
		reflect.TypeFor[register.Lang]():     Lang,
		reflect.TypeFor[register.Ref]():      Ref,
		reflect.TypeFor[register.ClaimRef](): Claim,
		reflect.TypeFor[edtf.Date]():         Date,
	}
}

// snake writes the name of a type as labels do: "targeted-system".
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
