package revision

import "slices"

// mergeOrder puts the items of a list that two people changed into one order:
// that of the side that reordered it, with what the other added after the item
// after which it was added. Where both only added, neither side comes first
// because it is mine: so the order is the same for both of them. Where both
// reordered, mine wins; an order is not worth a conflict.
func mergeOrder(base, mine, theirs []string) []string {
	mineMoved, theirsMoved := len(moved(base, mine)) > 0, len(moved(base, theirs)) > 0
	switch {
	case mineMoved:
		return weave(mine, theirs)
	case theirsMoved:
		return weave(theirs, mine)
	case slices.Compare(mine, theirs) <= 0:
		return weave(mine, theirs)
	default:
		return weave(theirs, mine)
	}
}

// weave is the first order, with each key that only the second has after its
// nearest predecessor there.
func weave(first, second []string) []string {
	out := slices.Clone(first)
	for i, key := range second {
		if slices.Contains(first, key) {
			continue
		}
		at := 0
		if i > 0 { // the predecessor is in: it was there, or was put there
			at = slices.Index(out, second[i-1]) + 1
		}
		out = slices.Insert(out, at, key)
	}
	return out
}
