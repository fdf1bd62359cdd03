package revision

import "fmt"

// Side is what one version says at a place.
type Side struct {
	// Present tells whether an item is there; a field always is.
	Present bool
	Value   string  // of a field
	Fields  []Field // of an item
}

// Conflict is a place that two people changed differently.
type Conflict struct {
	At                 Place
	Base, Mine, Theirs Side
}

// Field reports whether the conflict is about the value of a field; else one
// of the two removed an item that the other changed.
func (c Conflict) Field() bool { return c.At.Kind != KindItem }

// Writable reports whether own words can be an answer.
func (c Conflict) Writable() bool { return c.At.Kind == KindWords }

// Take is an answer to a conflict.
type Take string

// The answers.
const (
	TakeMine   Take = "mine"
	TakeTheirs Take = "theirs"
	TakeOwn    Take = "own"
)

// Choice answers a conflict; Words are the own words.
type Choice struct {
	Take  Take
	Words string
}

// Merge puts together what two people made of base. What one of them changed is
// taken, and what both changed in the same way. Items of lists are told apart
// by their keys, so that two people can work on two items, and each can add
// one. What both changed differently is a conflict; there the merged noun holds
// mine, and an item that one of them removed and the other changed stays.
func Merge[N Noun](base, mine, theirs *N) (*N, []Conflict, error) {
	return Resolve(base, mine, theirs, nil)
}

// Resolve merges with an answer to each conflict, by its path, and returns the
// conflicts that are still open. Own words answer only where text is at stake.
func Resolve[N Noun](base, mine, theirs *N, choices map[string]Choice) (*N, []Conflict, error) {
	b, m, t := treeOf(base), treeOf(mine), treeOf(theirs)
	align(b, m)
	align(b, t)
	rename(b, m, t)
	g := &merger{choices: choices}
	merged := g.merge(b, m, t, Place{})
	out, err := nounOf[N](merged)
	if err != nil {
		return nil, nil, fmt.Errorf("merge: %w", err)
	}
	return out, g.conflicts, nil
}

type merger struct {
	choices   map[string]Choice
	conflicts []Conflict
}

// merge returns what becomes of three counterparts; nil for nothing.
func (g *merger) merge(base, mine, theirs *node, at Place) *node {
	base, mine, theirs = base.present(), mine.present(), theirs.present()
	switch {
	case mine == nil || theirs == nil:
		return g.removed(base, mine, theirs, at)
	case mine.kind == leaf:
		return g.leaf(base, mine, theirs, at)
	case mine.kind == list:
		return g.list(base, mine, theirs, at)
	default:
		return g.group(base, mine, theirs, at)
	}
}

// removed decides on what is missing on one side or on both: it was added by
// the other, or removed by this one.
func (g *merger) removed(base, mine, theirs *node, at Place) *node {
	other := mine
	if mine == nil {
		other = theirs
	}
	switch {
	case other == nil, base != nil && same(base, other):
		return nil
	case base == nil:
		return other
	}
	c := Conflict{At: at, Base: sideOf(base, at), Mine: sideOf(mine, at), Theirs: sideOf(theirs, at)}
	c.At.Kind = KindItem
	switch g.decide(c).Take {
	case TakeMine:
		return mine
	case TakeTheirs:
		return theirs
	default:
		return other
	}
}

func sideOf(n *node, at Place) Side {
	if n == nil {
		return Side{}
	}
	return Side{Present: true, Value: n.value, Fields: flatten(n, at)}
}

// decide looks for the answer to a conflict, and notes it as open without one.
func (g *merger) decide(c Conflict) Choice {
	choice := g.choices[c.At.Path]
	switch {
	case choice.Take == TakeMine, choice.Take == TakeTheirs:
	case choice.Take == TakeOwn && c.Writable():
	default:
		g.conflicts = append(g.conflicts, c)
		return Choice{}
	}
	return choice
}

func (g *merger) leaf(base, mine, theirs *node, at Place) *node {
	was := valueOfLeaf(base)
	switch {
	case mine.value == theirs.value, theirs.value == was:
		return mine
	case mine.value == was:
		return theirs
	}
	at.Kind, at.Lang = mine.reads, mine.lang
	side := func(value string) Side { return Side{Present: true, Value: value} }
	c := Conflict{At: at, Base: side(was), Mine: side(mine.value), Theirs: side(theirs.value)}
	switch choice := g.decide(c); choice.Take {
	case TakeTheirs:
		return theirs
	case TakeOwn:
		own := *mine
		own.value = choice.Words
		return &own
	default:
		return mine
	}
}

func (g *merger) group(base, mine, theirs *node, at Place) *node {
	out := *mine
	out.kids = nil
	for _, name := range names(mine, theirs, base) {
		b, m, t := kidOf(base, name), mine.kid(name), theirs.kid(name)
		kid := firstOf(m, t, b)
		if kid.kind == leaf { // a field, or a language, always is there
			b, m, t = orEmpty(b, kid), orEmpty(m, kid), orEmpty(t, kid)
		}
		if merged := g.merge(b, m, t, at.below(mine, kid)); merged != nil {
			out.kids = append(out.kids, merged)
		}
	}
	return &out
}

func firstOf(nodes ...*node) *node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// orEmpty is the node, or one like the other without a value.
func orEmpty(n, like *node) *node {
	if n != nil {
		return n
	}
	out := *like
	out.value = ""
	return &out
}

func (g *merger) list(base, mine, theirs *node, at Place) *node {
	out := *mine
	out.kids = nil
	if base == nil {
		base = &node{kind: list}
	}
	for _, key := range mergeOrder(base.keys(), mine.keys(), theirs.keys()) {
		b, m, t := base.item(key), mine.item(key), theirs.item(key)
		kid := firstOf(m, t)
		if merged := g.merge(b, m, t, at.below(mine, kid)); merged != nil {
			out.kids = append(out.kids, merged)
		}
	}
	return &out
}
