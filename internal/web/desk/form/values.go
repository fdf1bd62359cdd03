package form

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// Values are the values of the inputs of the form for a noun, which must be of
// the type that the form was made for, or a pointer to it.
func (f *Form) Values(noun any) url.Values {
	out := url.Values{}
	writeFields(out, f.Fields, reflect.Indirect(reflect.ValueOf(noun)), "")
	return out
}

func writeFields(out url.Values, fields []Field, noun reflect.Value, at string) {
	for i := range fields {
		write(out, &fields[i], noun.FieldByIndex(fields[i].at), join(at, fields[i].Name))
	}
}

func write(out url.Values, f *Field, v reflect.Value, at string) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch f.Kind {
	case Group:
		writeFields(out, f.Fields, v, at)
	case List:
		writeList(out, f, v, at)
	case Text:
		for _, lang := range v.MapKeys() {
			set(out, join(at, lang.String()), v.MapIndex(lang).String())
		}
	case Codes, Refs, Sources:
		for i := range v.Len() {
			out.Add(at, v.Index(i).String())
		}
	case Claims:
		for i := range v.Len() {
			out.Add(at, claimValue(v.Index(i)))
		}
	default:
		set(out, at, single(f, v))
	}
}

func writeList(out url.Values, f *Field, v reflect.Value, at string) {
	for i := range v.Len() {
		id := strconv.Itoa(i)
		out.Add(at, id)
		writeFields(out, f.Fields, v.Index(i), join(at, id))
	}
	if v.Len() == 0 && f.Start {
		out.Add(at, "0")
	}
}

// single is the value of a field that has one.
func single(f *Field, v reflect.Value) string {
	switch f.Kind {
	case Claim:
		return claimValue(v)
	case Date:
		if d, ok := reflect.TypeAssert[edtf.Date](v); ok {
			return d.String()
		}
	case Flag:
		if v.Bool() {
			return yes
		}
	case Number:
		return strconv.FormatInt(v.Int(), 10)
	case Lines:
		var lines []string
		for i := range v.Len() {
			lines = append(lines, v.Index(i).String())
		}
		return strings.Join(lines, "\n")
	default:
		return v.String()
	}
	return ""
}

// yes is the value of a flag that is set.
const yes = "1"

// claimValue writes a reference to a claim as one value: "statement#claim".
func claimValue(v reflect.Value) string {
	c, ok := reflect.TypeAssert[register.ClaimRef](v)
	if !ok || c.Statement == "" {
		return ""
	}
	if c.Claim == "" {
		return string(c.Statement)
	}
	return string(c.Statement) + "#" + c.Claim
}

func set(out url.Values, name, value string) {
	if value != "" {
		out.Set(name, value)
	}
}
