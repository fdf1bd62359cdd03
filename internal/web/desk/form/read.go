package form

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// The problems that reading a form can find besides those of the register.
const (
	ProblemNotANumber = "problem.not-a-number"
	ProblemNotADate   = "problem.not-a-date"
	ProblemNotFound   = "problem.record-not-found" // what was searched for is not one record
	ProblemNoLanguage = "problem.language-malformed"
	ProblemNoCountry  = "problem.country-malformed"
	ProblemChoose     = "problem.choose"
	ProblemTooMany    = "problem.too-many"
	problemMissing    = "problem.missing"
	problemCode       = "problem.code-unknown"
	problemClaim      = "problem.claim-unknown"
)

// maxItems bounds the items of one list of a form.
const maxItems = 200

// Reading is what reading a form needs to know.
type Reading struct {
	// Noun is the whole record that the part belongs to: its keys are taken, and
	// fields may name them.
	Noun any
	// Today is the day from which "yesterday" is counted.
	Today edtf.Day
}

// Read puts the values of a form into a noun, which must be a pointer to the
// type that the form was made for: all fields that the form describes, and
// nothing else. It returns what cannot be kept, at the paths of the fields;
// what could be read is read all the same. Facts that are already there keep
// their keys; new ones get keys of their own.
func (f *Form) Read(into any, values url.Values, how Reading) register.Problems {
	r := &reader{values: values, how: how, taken: keysOf(how.Noun), langs: languagesIn(values)}
	r.fields(f.Fields, reflect.ValueOf(into).Elem(), "")
	return r.problems
}

type reader struct {
	values   url.Values
	how      Reading
	taken    map[string]bool
	langs    map[string][]string
	problems register.Problems
}

func (r *reader) add(at, key, value string) {
	r.problems = append(r.problems, register.Problem{Field: at, Key: key, Value: value})
}

func (r *reader) get(at string) string { return strings.TrimSpace(r.values.Get(at)) }

func (r *reader) fields(fields []Field, noun reflect.Value, at string) {
	for i := range fields {
		if fields[i].Kind != Key {
			r.field(&fields[i], noun.FieldByIndex(fields[i].at), join(at, fields[i].Name))
		}
	}
	for i := range fields { // a new key is made of what was read
		if fields[i].Kind == Key {
			r.key(noun.FieldByIndex(fields[i].at), noun)
		}
	}
}

func (r *reader) field(f *Field, v reflect.Value, at string) {
	if v.Kind() == reflect.Pointer {
		r.pointer(f, v, at)
		return
	}
	switch f.Kind {
	case Group:
		r.fields(f.Fields, v, at)
	case List:
		r.list(f, v, at)
	case Text:
		v.Set(reflect.ValueOf(r.text(f, at)))
	case Codes, Refs, Sources:
		r.many(f, v, at)
	case Claims:
		r.claims(v, at)
	case Lines:
		setStrings(v, r.lines(at), false)
	case Claim:
		v.Set(reflect.ValueOf(r.claim(f, at)))
	case Date:
		v.Set(reflect.ValueOf(r.date(at)))
	case Flag:
		v.SetBool(r.get(at) != "")
	case Number:
		v.SetInt(r.number(f, at))
	default:
		v.SetString(r.line(f, at))
	}
}

// pointer reads what may be absent as a whole: nothing typed means absent.
func (r *reader) pointer(f *Field, v reflect.Value, at string) {
	if r.blank(f, at) {
		v.SetZero()
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	r.field(f, v.Elem(), at)
}

// list reads the items in the order in which they are posted. An item that is
// there already is found again by its key; an item in which nothing is entered
// is none.
func (r *reader) list(f *Field, v reflect.Value, at string) {
	old := itemsByKey(f, v)
	out := reflect.MakeSlice(v.Type(), 0, 0)
	for _, id := range r.items(at) {
		here := join(at, id)
		item := reflect.New(v.Type().Elem()).Elem()
		key := r.values.Get(join(here, "key"))
		if was, ok := old[key]; ok {
			item.Set(was)
			delete(old, key)
		} else if r.blankItem(f, here) {
			continue
		}
		r.fields(f.Fields, item, here)
		out = reflect.Append(out, item)
	}
	if out.Len() == 0 && !f.Required {
		v.SetZero()
		return
	}
	v.Set(out)
}

// items are the numbers of the items of a list, each once.
func (r *reader) items(at string) []string {
	ids, all := itemIDs(r.values, at)
	if !all {
		r.add(at, ProblemTooMany, strconv.Itoa(maxItems))
	}
	return ids
}

var itemForm = regexp.MustCompile(`^[0-9]{1,6}$`)

func itemIDs(values url.Values, at string) (ids []string, all bool) {
	for _, id := range values[at] {
		if !itemForm.MatchString(id) || slices.Contains(ids, id) {
			continue
		}
		if len(ids) == maxItems {
			return ids, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

func itemsByKey(f *Field, v reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	i := slices.IndexFunc(f.Fields, func(x Field) bool { return x.Kind == Key })
	if i < 0 {
		return out
	}
	for n := range v.Len() {
		if key := v.Index(n).FieldByIndex(f.Fields[i].at).String(); key != "" {
			out[key] = v.Index(n)
		}
	}
	return out
}

func (r *reader) text(f *Field, at string) register.Text {
	var out register.Text
	if f.Required {
		out = register.Text{}
	}
	for _, lang := range r.langs[at] {
		if s := tidy(r.values.Get(join(at, lang)), f); s != "" {
			if out == nil {
				out = register.Text{}
			}
			out[register.Lang(lang)] = s
		}
	}
	return out
}

var languageForm = regexp.MustCompile(`^[a-z]{2,3}$`)

// languagesIn finds, for each path, the languages in which it is posted.
func languagesIn(values url.Values) map[string][]string {
	out := map[string][]string{}
	for name := range values {
		if i := strings.LastIndexByte(name, '.'); i > 0 && languageForm.MatchString(name[i+1:]) {
			out[name[:i]] = append(out[name[:i]], name[i+1:])
		}
	}
	return out
}

// tidy takes the line ends of the browser away, and white space that nobody
// means.
func tidy(s string, f *Field) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if f.exact {
		return s
	}
	return strings.TrimSpace(s)
}

// many reads a list of codes, records or sources, each once.
func (r *reader) many(f *Field, v reflect.Value, at string) {
	var out []string
	have := map[string]bool{} // there may be thousands of them
	for _, s := range r.values[at] {
		s = strings.TrimSpace(s)
		switch {
		case s == "" || have[s]:
		case f.Kind == Codes && !f.edited() && f.codes != nil && !slices.Contains(f.codes(), s), f.Kind == Codes && (f.codes == nil || f.edited()) && !keyForm.MatchString(s):
			r.add(at, problemCode, s)
		case f.Kind != Codes && !refForm.MatchString(s):
			r.add(at, ProblemNotFound, s)
		default:
			have[s] = true
			out = append(out, s)
		}
	}
	r.found(at)
	setStrings(v, out, f.Required)
}

var (
	keyForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	refForm = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)
)

// found reports what was searched for and not found: whoever answered the form
// puts what is found in its place before it is read.
func (r *reader) found(at string) {
	if s := r.get(join(at, "find")); s != "" {
		r.add(join(at, "find"), ProblemNotFound, s)
	}
}

func setStrings(v reflect.Value, list []string, keepEmpty bool) {
	if len(list) == 0 && !keepEmpty {
		v.SetZero()
		return
	}
	out := reflect.MakeSlice(v.Type(), len(list), len(list))
	for i, s := range list {
		out.Index(i).SetString(s)
	}
	v.Set(out)
}

func (r *reader) lines(at string) []string {
	var out []string
	for line := range strings.Lines(strings.ReplaceAll(r.values.Get(at), "\r", "\n")) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (r *reader) claims(v reflect.Value, at string) {
	var out []register.ClaimRef
	have := map[register.ClaimRef]bool{}
	for _, s := range r.values[at] {
		c, ok := parseClaim(s)
		switch {
		case !ok && s != "":
			r.add(at, problemClaim, s)
		case ok && !have[c]:
			have[c] = true
			out = append(out, c)
		}
	}
	r.found(at)
	v.Set(reflect.ValueOf(out))
}
