package revision

// Verb says what happened to a place.
type Verb uint8

// What can happen.
const (
	Added Verb = iota
	Removed
	Changed
	Moved // an item stands elsewhere in its list
)

// Change is one difference between two versions.
type Change struct {
	Verb Verb
	At   Place
	// Before and After are the values of a field. They are empty for an item.
	Before, After string
	// Runs is the difference word by word, where the field is text.
	Runs []Run
	// Fields is what an item that was added or removed holds.
	Fields []Field
}

// Compare lists what differs between two versions of a noun, in the order of
// the noun. A nil version holds nothing. It returns nothing if, and only if,
// both say the same in the same order.
func Compare[N Noun](before, after *N) []Change {
	a, b := treeOf(before), treeOf(after)
	align(a, b)
	c := &comparer{}
	c.compare(a, b, Place{}, Place{})
	return c.changes
}

type comparer struct {
	changes []Change
	words   Budget // of all fields together: a noun may have any number
}

// compare takes two counterparts, of which a group or text may be nil, with
// their places: names of items may differ.
func (c *comparer) compare(a, b *node, atA, atB Place) {
	n := firstOf(b, a)
	switch x, y := a.present(), b.present(); {
	case n.kind == leaf:
		c.leaf(a, b, atA, atB)
	case n.optional() && x == nil && y == nil:
	case n.optional() && x == nil:
		c.whole(Added, y, atB)
	case n.optional() && y == nil:
		c.whole(Removed, x, atA)
	case n.kind == list:
		c.list(a, b, atA, atB)
	default:
		for _, name := range names(a, b) {
			x, y := kidOf(a, name), kidOf(b, name)
			c.compare(x, y, atA.belowEither(a, x, y), atB.belowEither(b, y, x))
		}
	}
}

// belowEither is the place of a kid, or of its counterpart where it has none.
func (p Place) belowEither(n, kid, counterpart *node) Place {
	if kid == nil {
		kid = counterpart
	}
	if n == nil {
		n = &node{kind: group}
	}
	return p.below(n, kid)
}

func kidOf(n *node, name string) *node {
	if n == nil {
		return nil
	}
	return n.kid(name)
}

func (c *comparer) leaf(a, b *node, atA, atB Place) {
	before, after := valueOfLeaf(a), valueOfLeaf(b)
	n, at := b, atB
	if b == nil {
		n, at = a, atA
	}
	at.Kind, at.Lang = n.reads, n.lang
	change := Change{At: at, Before: before, After: after}
	switch {
	case before == after:
		return
	case before == "":
		change.Verb = Added
	case after == "":
		change.Verb = Removed
	default:
		change.Verb = Changed
		if n.reads == KindWords {
			change.Runs = c.words.Words(before, after)
		}
	}
	c.changes = append(c.changes, change)
}

func valueOfLeaf(n *node) string {
	if n == nil {
		return ""
	}
	return n.value
}

// list compares the items of two lists: those that are in both, in the order
// of after, each removed one at the place where it stood, and the added ones.
func (c *comparer) list(a, b *node, atA, atB Place) {
	empty := &node{kind: list}
	if a == nil {
		a = empty
	}
	if b == nil {
		b = empty
	}
	moved := moved(a.keys(), b.keys())
	for _, key := range weave(b.keys(), a.keys()) {
		x, y := a.item(key), b.item(key)
		switch {
		case x == nil:
			c.whole(Added, y, atB.below(b, y))
		case y == nil:
			c.whole(Removed, x, atA.below(a, x))
		default:
			at := atB.below(b, y)
			if moved[key] {
				at := at
				at.Kind = x.reads
				c.changes = append(c.changes, Change{Verb: Moved, At: at, Before: x.value, After: y.value})
			}
			c.compare(x, y, atA.below(a, x), at)
		}
	}
}

func (c *comparer) whole(verb Verb, n *node, at Place) {
	change := Change{Verb: verb, At: at}
	if n.kind == leaf {
		change.At.Kind = n.reads
		if verb == Added {
			change.After = n.value
		} else {
			change.Before = n.value
		}
	} else {
		change.Fields = flatten(n, at)
	}
	c.changes = append(c.changes, change)
}

// moved are the keys whose place among the common ones changed: as few as
// possible.
func moved(before, after []string) map[string]bool {
	place := map[string]int{}
	for i, key := range before {
		place[key] = i
	}
	var seq []int
	var common []string
	for _, key := range after {
		if i, ok := place[key]; ok {
			seq = append(seq, i)
			common = append(common, key)
		}
	}
	out := map[string]bool{}
	for _, key := range common {
		out[key] = true
	}
	for _, i := range longestRising(seq) {
		delete(out, common[i])
	}
	return out
}
