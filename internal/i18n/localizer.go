package i18n

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// Localizer speaks one language. It is immutable and safe for concurrent use.
type Localizer struct {
	lang, dir string
	messages  map[string]message
	plurals   *plurals
	group     string // between groups of three digits
	names     names
	labels    map[string]string   // of codes, where they are not those of the messages
	codes     map[string][]string // of vocabularies that change while the program runs
	log       *slog.Logger
}

func newLocalizer(lang string, messages map[string]message, log *slog.Logger) (*Localizer, error) {
	p, err := newPlurals(lang)
	if err != nil {
		return nil, err
	}
	return &Localizer{
		lang: lang, dir: Dir(lang), messages: messages, plurals: p,
		group: groupSeparator(lang), names: newNames(lang), log: log,
	}, nil
}

// Lang returns the code of the language: "fr", "ar" or "en".
func (l *Localizer) Lang() string { return l.lang }

// Dir returns the direction of writing: "rtl" or "ltr".
func (l *Localizer) Dir() string { return l.dir }

// T returns the message of a key. The arguments are pairs of a placeholder's
// name and its value: a string, or an int, which is written as Number does. A
// missing message is reported to the log and shown as its key.
func (l *Localizer) T(key string, args ...any) string {
	if label, ok := l.labels[key]; ok {
		return label
	}
	m, ok := l.messages[key]
	if !ok {
		return l.missing(key)
	}
	return l.fill(key, m.other, args)
}

// N returns the message of a key in the plural form that count asks for; count
// itself is put in as {n}.
func (l *Localizer) N(key string, count int, args ...any) string {
	m, ok := l.messages[key]
	if !ok {
		return l.missing(key)
	}
	return l.fill(key, m.of(l.plurals.form(count)), append(args, "n", count))
}

// With returns a localizer that names codes by these labels first, where their
// keys are vocabulary + "." + code, as for Label, and that offers these codes of
// vocabularies. The maps are not to be changed any more.
func (l *Localizer) With(labels map[string]string, codes map[string][]string) *Localizer {
	other := *l
	other.labels, other.codes = labels, codes
	return &other
}

// Codes returns the codes of a vocabulary that are offered, in their order; ok
// is false for one of which With said nothing.
func (l *Localizer) Codes(vocabulary string) (codes []string, ok bool) {
	codes, ok = l.codes[vocabulary]
	return codes, ok
}

// Label returns the name of a code of a vocabulary: the label that With gave it,
// or the message of the key vocabulary + "." + code; "" for the empty code.
func (l *Localizer) Label(vocabulary, code string) string {
	if code == "" {
		return ""
	}
	key := vocabulary + "." + code
	if label, ok := l.labels[key]; ok {
		return label
	}
	m, ok := l.messages[key]
	if !ok {
		return l.missing(key)
	}
	return m.other[0]
}

// Has reports whether there is a message for the key.
func (l *Localizer) Has(key string) bool {
	_, ok := l.messages[key]
	_, label := l.labels[key]
	return ok || label
}

func (l *Localizer) missing(key string) string {
	if l.log != nil {
		l.log.Error("message missing", "lang", l.lang, "key", key)
	}
	return key
}

func (l *Localizer) fill(key string, t text, args []any) string {
	if len(t) == 1 {
		return t[0]
	}
	var b strings.Builder
	for i, part := range t {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		b.WriteString(l.argument(key, part, args))
	}
	return b.String()
}

// argument finds the value of a placeholder among pairs of names and values.
func (l *Localizer) argument(key, name string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return l.Number(int64(v))
		case int64:
			return l.Number(v)
		default:
			return fmt.Sprint(v)
		}
	}
	if l.log != nil {
		l.log.Error("message argument missing", "lang", l.lang, "key", key, "argument", name)
	}
	return ""
}

// Number writes a whole number with Western digits, as in Morocco, in groups of
// three.
func (l *Localizer) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	if len(digits) <= 3 {
		return sign + digits
	}
	var b strings.Builder
	b.WriteString(sign)
	head := len(digits) % 3
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if i > 0 {
			b.WriteString(l.group)
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}
