package register

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// EachRef calls visit for every reference to another record in v, which must
// be a pointer to a noun of the register. It finds them by their type, so that
// a new field cannot be forgotten: a reference that publication failed to
// translate would be the identifier of a draft in public.
func EachRef(v any, visit func(*Ref)) {
	each(reflect.ValueOf(v), func(field reflect.Value) {
		if ref, ok := reflect.TypeAssert[*Ref](field.Addr()); ok && *ref != "" {
			visit(ref)
		}
	})
}

// PointsTo returns the type of the records to which a field of a noun may point, which
// its tag "to" names; "" for a field that points to none.
func PointsTo(field reflect.StructField) RecordType { return RecordType(field.Tag.Get("to")) }

// EachPointer calls visit for every reference to another record in v, which must be a
// pointer to a noun of the register, with the type of the record that it may be to.
func EachPointer(v any, visit func(ref Ref, to RecordType)) {
	each(reflect.ValueOf(v), func(noun reflect.Value) {
		if noun.Kind() != reflect.Struct {
			return
		}
		for i := range noun.NumField() {
			to := PointsTo(noun.Type().Field(i))
			if to == "" {
				continue
			}
			refs, many := reflect.TypeAssert[[]Ref](noun.Field(i))
			if !many {
				one, _ := reflect.TypeAssert[Ref](noun.Field(i))
				refs = []Ref{one}
			}
			for _, ref := range refs {
				if ref != "" {
					visit(ref, to)
				}
			}
		}
	})
}

// EachFact calls visit for every fact in v, which must be a pointer to a noun
// of the register, in the order in which they stand.
func EachFact(v any, visit func(*Fact)) {
	each(reflect.ValueOf(v), func(field reflect.Value) {
		if fact, ok := reflect.TypeAssert[*Fact](field.Addr()); ok {
			visit(fact)
		}
	})
}

// language is the shape of the code of a language (ISO 639-1, 639-3).
var language = regexp.MustCompile(`^[a-z]{2,3}$`)

// Unkeepable tells what in a noun cannot be kept even in a draft: words under what
// is not the code of a language, and what is said to be in such a one.
func Unkeepable(noun any) Problems {
	var out Problems
	each(reflect.ValueOf(noun), func(field reflect.Value) {
		if lang, ok := reflect.TypeAssert[Lang](field); ok && lang != "" && !language.MatchString(string(lang)) {
			out = append(out, Problem{Field: "language", Key: "problem.language-malformed", Value: strconv.QuoteToASCII(string(lang))})
		}
		text, _ := reflect.TypeAssert[Text](field)
		for _, lang := range slices.Sorted(maps.Keys(text)) {
			if !language.MatchString(string(lang)) {
				out = append(out, Problem{Field: "text", Key: "problem.language-malformed", Value: strconv.QuoteToASCII(string(lang))})
			}
		}
	})
	return out
}

// each calls visit for everything addressable below v, outside in.
func each(v reflect.Value, visit func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), visit)
		}
	case reflect.Struct:
		visit(v)
		for _, i := range exported(v.Type()) {
			each(v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), visit)
		}
	case reflect.String, reflect.Map:
		visit(v)
	default:
		// Numbers and booleans hold no reference, no fact and no text.
	}
}

// exportedFields are those of each type of struct that was walked: to ask for them
// takes longer than to walk.
var exportedFields sync.Map // of []int, by reflect.Type

func exported(t reflect.Type) []int {
	if known, ok := exportedFields.Load(t); ok {
		return known.([]int) //nolint:forcetypeassert // stored below only
	}
	var out []int
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			out = append(out, i)
		}
	}
	exportedFields.Store(t, out)
	return out
}

// CitedSources returns the keys of all sources that v cites, each once, in the
// order in which they stand.
func CitedSources(v any) []string {
	var out []string
	seen := map[string]bool{}
	add := func(keys []string) {
		for _, k := range keys {
			if !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	each(reflect.ValueOf(v), func(field reflect.Value) {
		if field.Kind() != reflect.Struct {
			return
		}
		if sources := field.FieldByName("Sources"); sources.IsValid() {
			if keys, ok := reflect.TypeAssert[[]string](sources); ok {
				add(keys)
			}
		}
	})
	return out
}
