package revision

import "slices"

import "strings"

// Op is what became of a stretch of text.
type Op uint8

// What can become of text.
const (
	Equal Op = iota
	Deleted
	Inserted
	// Elided stands for equal text that was left out; its Text is empty.
	Elided
)

// Run is a stretch of text that has the same fate.
type Run struct {
	Op   Op
	Text string
}

// maxSteps bounds the search for the shortest difference of a stretch without
// a common landmark; beyond, the stretch counts as replaced. The work is at most
// the square of it.
const maxSteps = 600

// Words compares two texts word by word. The equal and deleted runs together
// are the first text, the equal and inserted ones the second. It is bounded for
// texts of any size: what is common at both ends and around words that stand
// once in each is found in about linear time, and only what lies between is
// searched for the shortest difference.
func Words(before, after string) []Run {
	d := differ{}
	d.compare(tokens(before), tokens(after))
	return d.readable()
}

// edit is one token with its fate.
type edit struct {
	op    Op
	token string
}

type differ struct{ edits []edit }

func (d *differ) put(op Op, tokens []string) {
	for _, t := range tokens {
		d.edits = append(d.edits, edit{op, t})
	}
}

// compare takes off what is common at both ends, divides the rest at its
// landmarks, and searches what has none.
func (d *differ) compare(a, b []string) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	d.put(Equal, a[:head])
	a, b = a[head:], b[head:]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	common := a[len(a)-tail:]
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	switch marks := landmarks(a, b); {
	case len(a) == 0 || len(b) == 0:
		d.replace(a, b)
	case len(marks) > 0:
		d.divide(a, b, marks)
	default:
		d.search(a, b)
	}
	d.put(Equal, common)
}

func (d *differ) replace(a, b []string) {
	d.put(Deleted, a)
	d.put(Inserted, b)
}

// divide compares what lies between landmarks.
func (d *differ) divide(a, b []string, marks [][2]int) {
	fromA, fromB := 0, 0
	for _, m := range marks {
		d.compare(a[fromA:m[0]], b[fromB:m[1]])
		d.put(Equal, a[m[0]:m[0]+1])
		fromA, fromB = m[0]+1, m[1]+1
	}
	d.compare(a[fromA:], b[fromB:])
}

// landmarks are the places of words that stand once in each text, as many of
// them as are in the same order in both (patience).
func landmarks(a, b []string) [][2]int {
	const twice = -1
	inB := map[string]int{}
	for i, t := range b {
		if _, seen := inB[t]; seen {
			inB[t] = twice
		} else {
			inB[t] = i
		}
	}
	inA := map[string]int{}
	for _, t := range a {
		inA[t]++
	}
	var places []int // in b, in the order of a
	var of []int     // in a
	for i, t := range a {
		if j, ok := inB[t]; ok && j != twice && inA[t] == 1 && !isBlank(t) {
			places = append(places, j)
			of = append(of, i)
		}
	}
	out := make([][2]int, 0, len(places))
	for _, k := range longestRising(places) {
		out = append(out, [2]int{of[k], places[k]})
	}
	return out
}

// longestRising returns the indexes of a longest rising part of a sequence of
// different numbers.
func longestRising(seq []int) []int {
	var tops []int // index of the smallest end of a rising part of each length
	before := make([]int, len(seq))
	for i, x := range seq {
		lo, hi := 0, len(tops)
		for lo < hi {
			if mid := (lo + hi) / 2; seq[tops[mid]] < x {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		before[i] = -1
		if lo > 0 {
			before[i] = tops[lo-1]
		}
		if lo == len(tops) {
			tops = append(tops, i)
		} else {
			tops[lo] = i
		}
	}
	out := make([]int, len(tops))
	if len(tops) == 0 {
		return out
	}
	for i, k := len(tops)-1, tops[len(tops)-1]; i >= 0; i, k = i-1, before[k] {
		out[i] = k
	}
	return out
}

// search finds the shortest difference (Myers, "An O(ND) difference algorithm",
// 1986), or gives the stretch up as replaced.
func (d *differ) search(a, b []string) {
	trace, ok := forward(a, b)
	if !ok {
		d.replace(a, b)
		return
	}
	var back []edit
	x, y := len(a), len(b)
	for step, t := range slices.Backward(trace) {
		ends, k := t, x-y
		down := k == -step || k != step && ends[k-1+step+1] < ends[k+1+step+1]
		fromK := k - 1
		if down {
			fromK = k + 1
		}
		fromX := ends[fromK+step+1]
		fromY := fromX - fromK
		for x > max(fromX, 0) && y > max(fromY, 0) {
			x, y = x-1, y-1
			back = append(back, edit{Equal, a[x]})
		}
		if step == 0 {
			break
		}
		if down {
			y--
			back = append(back, edit{Inserted, b[y]})
		} else {
			x--
			back = append(back, edit{Deleted, a[x]})
		}
	}
	for _, b := range slices.Backward(back) {
		d.edits = append(d.edits, b)
	}
}

// forward walks the edit graph and keeps, for each number of steps, how far
// each diagonal k was reached before it, at index k+step+1.
func forward(a, b []string) (trace [][]int, ok bool) {
	limit := min(len(a)+len(b), maxSteps)
	reach := make([]int, 2*limit+3) // diagonal k at k+limit+1
	for step := range limit + 1 {
		trace = append(trace, append([]int(nil), reach[limit-step:limit+step+3]...))
		for k := -step; k <= step; k += 2 {
			at := k + limit + 1
			x := reach[at-1] + 1
			if k == -step || k != step && reach[at-1] < reach[at+1] {
				x = reach[at+1]
			}
			y := x - k
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			reach[at] = x
			if x >= len(a) && y >= len(b) {
				return trace, true
			}
		}
	}
	return nil, false
}

// readable puts tokens together to runs. White space between two changes
// belongs to both, so that three new words are one new passage; in each place
// what went stands before what came.
func (d *differ) readable() []Run {
	var out []Run
	var del, ins strings.Builder
	flush := func() {
		out = push(out, Deleted, del.String())
		out = push(out, Inserted, ins.String())
		del.Reset()
		ins.Reset()
	}
	for i, e := range d.edits {
		switch {
		case e.op == Deleted:
			del.WriteString(e.token)
		case e.op == Inserted:
			ins.WriteString(e.token)
		case isBlank(e.token) && del.Len()+ins.Len() > 0 && i+1 < len(d.edits) && d.edits[i+1].op != Equal:
			del.WriteString(e.token)
			ins.WriteString(e.token)
		default:
			flush()
			out = push(out, Equal, e.token)
		}
	}
	flush()
	return out
}

func push(runs []Run, op Op, s string) []Run {
	switch last := len(runs) - 1; {
	case s == "":
		return runs
	case last >= 0 && runs[last].Op == op:
		runs[last].Text += s
		return runs
	default:
		return append(runs, Run{op, s})
	}
}

// Excerpt leaves out of long equal runs all but some words around what changed,
// so that one changed word in a long document is found.
func Excerpt(runs []Run, around int) []Run {
	var out []Run
	for i, r := range runs {
		words := tokens(r.Text)
		before, after := 2*around, 2*around // a word and its white space
		if i == 0 {
			before = 0
		}
		if i == len(runs)-1 {
			after = 0
		}
		if r.Op != Equal || len(words) <= before+after+2*around {
			out = append(out, r)
			continue
		}
		out = push(out, Equal, strings.Join(words[:before], ""))
		out = append(out, Run{Op: Elided})
		out = push(out, Equal, strings.Join(words[len(words)-after:], ""))
	}
	return out
}
