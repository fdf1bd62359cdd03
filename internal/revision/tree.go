package revision

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// shape is what a node is.
type shape uint8

const (
	leaf  shape = iota // a value
	group              // a struct: its kids are its fields
	text               // a text: its kids are its languages
	list               // its kids are items, each with a key of its own
)

// node is a part of a noun. Everything that a noun holds is found by its type,
// so that a field that is new in the register is compared without further ado.
type node struct {
	kind  shape
	typ   reflect.Type
	name  string // of the field, as in JSON; empty for an item
	field string // of the field, in Go
	value string // of a leaf; empty when it has none
	reads Kind
	lang  register.Lang
	kids  []*node

	// key tells an item from the others of its list; own is the Key that the
	// item itself holds, where it has one.
	key, own string
}

func treeOf[N Noun](noun *N) *node { return build(valueOf(noun), "", false) }

// build makes the node of a value; item means that it stands in a list, whose
// node keeps the key.
func build(v reflect.Value, name string, item bool) *node {
	n := &node{typ: v.Type(), name: name}
	if value, kind, ok := leafValue(v, name); ok {
		n.value, n.reads = value, kind
		return n
	}
	switch v.Kind() {
	case reflect.Map:
		n.kind = text
		n.kids = languages(v)
	case reflect.Slice:
		n.kind = list
		n.kids = items(v, name)
	case reflect.Pointer:
		if !v.IsNil() {
			n.kids = build(v.Elem(), name, false).kids
		}
		n.kind = group
	default:
		n.kind = group
		n.kids = fields(v, item)
		speak(n)
	}
	return n
}

// leafValue is the value of what is not divided further.
func leafValue(v reflect.Value, name string) (value string, kind Kind, ok bool) {
	switch x := v.Interface().(type) {
	case edtf.Date:
		return x.String(), KindDate, true
	case register.ClaimRef:
		return claimValue(x), KindClaim, true
	case register.Ref:
		return string(x), KindRecord, true
	case *int64:
		if x == nil {
			return "", KindNumber, true
		}
		return strconv.FormatInt(*x, 10), KindNumber, true
	case string:
		return x, stringKind(name), true
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), KindCode, true
	case reflect.Bool:
		if v.Bool() {
			return "true", KindFlag, true
		}
		return "", KindFlag, true
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), KindNumber, true
	default:
		return "", 0, false
	}
}

func claimValue(c register.ClaimRef) string {
	if c.Claim == "" {
		return string(c.Statement)
	}
	return string(c.Statement) + "#" + c.Claim
}

// stringKind tells by its name what a field of plain text is.
func stringKind(name string) Kind {
	switch name {
	case "original_text", "text", "words", "name", "title", "publisher", "author", "aliases":
		return KindWords
	case "sources":
		return KindSource
	case "between", "claims", "rendering", "exposure", "possibly_same":
		return KindFact
	case "url", "website":
		return KindLink
	default:
		return KindCode
	}
}

func languages(v reflect.Value) []*node {
	t, _ := reflect.TypeAssert[register.Text](v)
	var out []*node
	add := func(l register.Lang) {
		if t[l] != "" {
			out = append(out, &node{typ: reflect.TypeFor[string](), name: string(l), value: t[l], reads: KindWords, lang: l})
		}
	}
	for _, l := range register.Langs() {
		add(l)
	}
	var others []register.Lang
	for l := range t {
		if !slices.Contains(register.Langs(), l) {
			others = append(others, l)
		}
	}
	slices.Sort(others)
	for _, l := range others {
		add(l)
	}
	return out
}

// fields are the fields of a struct; what is embedded counts as its own.
func fields(v reflect.Value, item bool) []*node {
	var out []*node
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous:
			out = append(out, fields(v.Field(i), item)...)
		case item && f.Name == "Key":
		default:
			kid := build(v.Field(i), jsonName(f), false)
			kid.field = f.Name
			out = append(out, kid)
		}
	}
	return out
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// speak gives the words of a struct the language that the struct states.
func speak(n *node) {
	lang := register.Lang("")
	for _, kid := range n.kids {
		if kid.name == "language" && kid.typ != reflect.TypeFor[register.Text]() {
			lang = register.Lang(kid.value)
		}
	}
	for _, kid := range n.kids {
		if kid.name == "original_language" {
			lang = register.Lang(kid.value)
		}
	}
	for _, kid := range n.kids {
		if kid.kind == leaf && kid.reads == KindWords {
			kid.lang = lang
		}
	}
}

func items(v reflect.Value, name string) []*node {
	out := make([]*node, v.Len())
	seen := taken{}
	for i := range out {
		item := build(v.Index(i), name, true)
		item.name = ""
		item.own = ownKey(v.Index(i))
		item.key = seen.unique(itemKey(item))
		out[i] = item
	}
	return out
}

func ownKey(v reflect.Value) string {
	if v.Kind() != reflect.Struct {
		return ""
	}
	if key := v.FieldByName("Key"); key.IsValid() {
		return key.String()
	}
	return ""
}

// taken are the keys of a list that items have, each with the number from which on to
// try the next one that would have it: who looks from the beginning each time looks at
// half the square of a list in which all items are the same.
type taken map[string]int

// unique is the key, with a number when it is taken already.
func (t taken) unique(key string) string {
	next, found := t[key]
	if !found {
		t[key] = 2
		return key
	}
	for ; ; next++ {
		out := key + "~" + strconv.Itoa(next)
		if _, found := t[out]; !found {
			t[key], t[out] = next+1, 2
			return out
		}
	}
}

// itemKey is what tells an item from the others: its key; its value; or, for
// an item that has none, what it is about.
func itemKey(n *node) string {
	switch {
	case n.own != "":
		return n.own
	case n.kind == leaf:
		return n.value
	}
	for _, names := range [][]string{
		{"incident"}, {"statement"}, {"institution"}, {"to"}, // relations and links
		{"edtf"}, {"wording"}, // dates
		{"rendering", "language"}, // quotes and readings
		{"kind", "name"},          // names of systems
		{"by"},                    // who says that it is related
	} {
		if key := n.said(names); key != "" {
			return key
		}
	}
	return ""
}

// said puts the values of some fields together; empty when the first of them
// has none and the others say nothing either.
func (n *node) said(names []string) string {
	var out []string
	for _, name := range names {
		kid := n.kid(name)
		if kid == nil {
			return ""
		}
		for _, f := range flatten(kid, Place{}) {
			out = append(out, f.Value)
			break
		}
	}
	return strings.Join(out, " ")
}

func (n *node) kid(name string) *node {
	for _, kid := range n.kids {
		if kid.name == name {
			return kid
		}
	}
	return nil
}

func (n *node) item(key string) *node {
	for _, kid := range n.kids {
		if kid.key == key {
			return kid
		}
	}
	return nil
}

func (n *node) keys() []string {
	out := make([]string, len(n.kids))
	for i, kid := range n.kids {
		out[i] = kid.key
	}
	return out
}

// title is what an item calls itself.
func (n *node) title() register.Text {
	for _, name := range []string{"title", "name", "question", "paraphrase", "publisher", "party", "by"} {
		kid := n.kid(name)
		if kid == nil {
			continue
		}
		out := register.Text{}
		for _, words := range slices.Concat(kid.kids, []*node{kid}) {
			if words.kind == leaf && words.value != "" {
				out[words.lang] = words.value
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// empty reports whether nothing is said anywhere in the node.
func (n *node) empty() bool {
	if n == nil {
		return true
	}
	if n.kind == leaf {
		return n.value == ""
	}
	return !slices.ContainsFunc(n.kids, func(kid *node) bool { return n.kind == list || !kid.empty() })
}

// present is the node, nil where it is a pointer that holds nothing.
func (n *node) present() *node {
	if n != nil && n.optional() && n.empty() {
		return nil
	}
	return n
}

// optional reports whether the node is a struct that need not be there.
func (n *node) optional() bool {
	return n.kind == group && n.typ != nil && n.typ.Kind() == reflect.Pointer
}

// escaped keeps a key from being taken for a part of the path.
func escaped(key string) string {
	return strings.NewReplacer("%", "%25", "[", "%5B", "]", "%5D").Replace(key)
}

// same reports whether two nodes say the same in the same order.
func same(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.kind == leaf {
		return a.value == b.value
	}
	if a.kind == list {
		return slices.EqualFunc(a.kids, b.kids, func(x, y *node) bool { return x.own == y.own && same(x, y) })
	}
	for _, name := range names(a, b) {
		if x, y := a.kid(name), b.kid(name); (!x.empty() || !y.empty()) && !same(x, y) {
			return false
		}
	}
	return true
}

// names are the names of the kids of some groups, each once, in their order.
func names(groups ...*node) []string {
	var out []string
	for _, g := range groups {
		if g == nil {
			continue
		}
		for _, kid := range g.kids {
			if !slices.Contains(out, kid.name) {
				out = append(out, kid.name)
			}
		}
	}
	return out
}
