package revision

// align gives items that have no key of their own the keys that they had in
// base, where they were changed in what tells them apart: a date that is
// corrected is still the same assertion.
func align(base, other *node) {
	if base == nil || other == nil || base.kind == leaf || base.kind == text {
		return
	}
	if base.kind == list {
		adopt(base, other)
		for _, kid := range other.kids {
			align(base.item(kid.key), kid)
		}
		return
	}
	for _, kid := range other.kids {
		align(base.kid(kid.name), kid)
	}
}

// adopt pairs the items of a list without keys that are left over on both
// sides, in their order, as far as they have something in common.
func adopt(base, other *node) {
	gone := leftOver(base, other)
	for _, kid := range leftOver(other, base) {
		for i, old := range gone {
			if old != nil && alike(old, kid) {
				kid.key, gone[i] = old.key, nil
				break
			}
		}
	}
}

// leftOver are the items of a that have no key of their own and no counterpart
// in b.
func leftOver(a, b *node) []*node {
	var out []*node
	for _, kid := range a.kids {
		if kid.own == "" && kid.kind == group && b.item(kid.key) == nil {
			out = append(out, kid)
		}
	}
	return out
}

// alike reports whether two items share a value in the same field.
func alike(a, b *node) bool { return shared(a, b) > 0 }

// shared counts the fields that have the same value in both.
func shared(a, b *node) int {
	values := map[string]string{}
	for _, f := range flatten(a, Place{}) {
		values[f.Path] = f.Value
	}
	n := 0
	for _, f := range flatten(b, Place{}) {
		if values[f.Path] == f.Value {
			n++
		}
	}
	return n
}
