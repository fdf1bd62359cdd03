package form

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// keysOf are the keys that a record has used.
func keysOf(noun any) map[string]bool {
	taken := map[string]bool{"record": true} // the record itself, among its facts
	eachKey(reflect.ValueOf(noun), func(key string) { taken[key] = true })
	return taken
}

// eachKey calls visit for every key of a fact, name or official below v.
func eachKey(v reflect.Value, visit func(string)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachKey(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachKey(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch field := v.Type().Field(i); {
			case !field.IsExported():
			case field.Name == "Key":
				visit(v.Field(i).String())
			default:
				eachKey(v.Field(i), visit)
			}
		}
	default: // nothing below
	}
}

// key gives a new fact its key: made of its title or name, or else of its kind
// or type. A key that is there stays: links lead to it.
func (r *reader) key(v, noun reflect.Value) {
	if v.String() != "" {
		return
	}
	base := keyBase(noun)
	key := base
	for n := 2; r.taken[key]; n++ {
		key = base + "-" + strconv.Itoa(n)
	}
	r.taken[key] = true
	v.SetString(key)
}

// keyLength is about how long a new key may get.
const keyLength = 40

func keyBase(noun reflect.Value) string {
	for _, name := range []string{"Title", "Question", "Name", "Paraphrase", "Party", "Step", "Kind", "Topic", "Claimant", "Publisher"} {
		if f := noun.FieldByName(name); f.IsValid() {
			if key := Slug(wordsOf(f), keyLength); key != "" {
				return key
			}
		}
	}
	return snake(noun.Type().Name())
}

// wordsOf is the text of a field, in a language of Latin script where there is
// one.
func wordsOf(v reflect.Value) string {
	if t, ok := reflect.TypeAssert[register.Text](v); ok {
		if s := t[register.English]; s != "" {
			return s
		}
		return t[register.French]
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}

// latin are the letters that a key writes with others.
var latin = strings.NewReplacer(
	"à", "a", "â", "a", "ä", "a", "á", "a", "ã", "a", "å", "a", "æ", "ae", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"î", "i", "ï", "i", "í", "i", "ì", "i", "ñ", "n", "ô", "o", "ö", "o", "ó", "o", "ò", "o", "õ", "o", "ø", "o", "œ", "oe",
	"ù", "u", "û", "u", "ü", "u", "ú", "u", "ý", "y", "ÿ", "y", "ß", "ss",
)

// Slug writes words as a key: lower-case Latin letters and digits joined by
// hyphens, cut at a word so that it is at most length long; "" where no letter
// of theirs is Latin.
func Slug(words string, length int) string {
	words = latin.Replace(strings.ToLower(words))
	parts := strings.FieldsFunc(words, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	out := ""
	for _, p := range parts {
		if out != "" && len(out)+1+len(p) > length {
			break
		}
		out = strings.TrimPrefix(out+"-"+p[:min(len(p), length)], "-")
	}
	return out
}
