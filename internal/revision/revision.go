// Package revision compares and merges versions of a noun of the register:
// what was added, removed, changed and moved between two of them, word by word
// where it is text; and what two people changed at the same time, field by
// field, with what collides. It knows nothing of where versions are kept.
package revision

import (
	"reflect"
	"slices"

	"github.com/sijil/sijil/internal/register"
)

// Noun is what has versions.
type Noun interface {
	register.Incident | register.Statement | register.Institution | register.Source
}

// Kind says how the value of a field is to be read.
type Kind uint8

// The kinds of fields.
const (
	KindItem   Kind = iota // not a field: a whole item of a list, or a part
	KindWords              // text that people wrote, compared word by word
	KindCode               // a code of a vocabulary, or a technical string
	KindDate               // EDTF
	KindNumber             // whole number
	KindFlag               // "true" or nothing
	KindRecord             // reference to another record
	KindClaim              // "statement" or "statement#claim"
	KindSource             // key of a source
	KindFact               // key of another fact of the same record
	KindLink               // address
)

// Item is one item of a list.
type Item struct {
	List string // name of the list, such as "events"
	// Key names the item in its list: its own key where it has one, else what
	// tells it from the others, such as the target of a relation.
	Key string
	// Name is what the item calls itself, its title or name; empty when it has
	// neither.
	Name register.Text
}

// Place says where something stands in a noun.
type Place struct {
	// Path is the place as one string, such as "events[attack].title.fr".
	Path string
	// Items are the items on the way, outermost first.
	Items []Item
	// Field names the field in the innermost item, or in the noun itself, such
	// as "title" or "speaker.office"; empty when the place is the item.
	Field string
	Kind  Kind
	// Lang is the language of the words, where it is known.
	Lang register.Lang
}

// Part is the part of the noun in which the place lies: its outermost list, or
// the field itself.
func (p Place) Part() string {
	if len(p.Items) > 0 {
		return p.Items[0].List
	}
	return p.Field
}

// Field is a field that has a value.
type Field struct {
	Place
	Value string
}

// Flatten lists the fields of a noun that have a value, in their order. A list
// of codes or keys has one field for each of them.
func Flatten[N Noun](noun *N) []Field {
	return flatten(treeOf(noun), Place{})
}

func flatten(n *node, at Place) []Field {
	if n.kind == leaf {
		if n.value == "" {
			return nil
		}
		at.Kind, at.Lang = n.reads, n.lang
		return []Field{{Place: at, Value: n.value}}
	}
	var out []Field
	for _, kid := range n.kids {
		out = append(out, flatten(kid, at.below(n, kid))...)
	}
	return out
}

// below is the place of a kid of the node that stands at p.
func (p Place) below(n, kid *node) Place {
	out := Place{Path: kid.name, Items: p.Items, Field: kid.name, Lang: kid.lang}
	switch {
	case n.kind == list:
		out.Path = p.Path + "[" + escaped(kid.key) + "]"
		out.Items = append(slices.Clip(p.Items), Item{List: p.Field, Key: kid.key, Name: kid.title()})
		out.Field = ""
	case p.Path != "":
		out.Path = p.Path + "." + kid.name
		if p.Field != "" {
			out.Field = p.Field + "." + kid.name
		}
	}
	if n.kind == text {
		out.Field = p.Field
	}
	return out
}

// valueOf is the noun itself, empty for nil.
func valueOf[N Noun](noun *N) reflect.Value {
	if noun == nil {
		noun = new(N)
	}
	return reflect.ValueOf(noun).Elem()
}
