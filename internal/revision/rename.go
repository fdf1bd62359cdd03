package revision

import (
	"slices"
	"strconv"
)

// rename gives another key to what I added where somebody else added something
// different under the same key meanwhile: two events are two, even when both
// were called "attack". What points to it inside the noun follows.
func rename(base, mine, theirs *node) {
	known, taken := keysOf(base), keysOf(theirs)
	own := keysOf(mine)
	for key, item := range own {
		other, clash := taken[key]
		if !clash || known[key] != nil || likely(item, other) {
			continue
		}
		fresh := key
		for i := 2; own[fresh] != nil || taken[fresh] != nil || known[fresh] != nil; i++ {
			fresh = key + "-" + strconv.Itoa(i)
		}
		own[fresh] = item
		taken[fresh] = item
		item.own, item.key = fresh, fresh
		repoint(mine, key, fresh)
	}
}

// keysOf are the items with keys of their own, wherever they stand: a key is
// unique in its noun.
func keysOf(n *node) map[string]*node {
	out := map[string]*node{}
	var walk func(n *node)
	walk = func(n *node) {
		if n.own != "" {
			out[n.own] = n
		}
		for _, kid := range n.kids {
			walk(kid)
		}
	}
	walk(n)
	return out
}

// likely reports whether two items that were added under one key are meant to
// be the same: of the same type, and called the same in some language, or half
// of what they say is the same where they have no title.
func likely(a, b *node) bool {
	if a.typ != b.typ {
		return false
	}
	titles := b.title()
	for lang, title := range a.title() {
		if titles[lang] == title {
			return true
		}
	}
	if len(titles) > 0 && len(a.title()) > 0 {
		return false
	}
	all := max(len(flatten(a, Place{})), len(flatten(b, Place{})))
	return 2*shared(a, b) >= all
}

// repoint changes the keys of facts that point to a renamed one.
func repoint(n *node, from, to string) {
	if n.kind == leaf && n.reads == KindFact && n.value == from {
		n.value = to
		if n.key == from {
			n.key = to
		}
	}
	for _, kid := range slices.Clone(n.kids) {
		repoint(kid, from, to)
	}
}
