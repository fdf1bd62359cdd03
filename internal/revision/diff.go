package revision

import (
	"math/bits"
	"slices"
	"strings"
)

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
	// Coarse is set where a stretch was not looked into to the end: it counts as
	// replaced, though words in it may be the same in both texts.
	Coarse bool
}

// maxSteps bounds the search for the shortest difference of a stretch without
// a common landmark; beyond, the stretch counts as replaced. The work is at most
// the square of it.
const maxSteps = 600

// maxWork bounds what is done in all: eight times what it takes to look for the
// landmarks of two texts of the longest that is kept (2 MiB of single letters),
// and a hundred times of what a press release that was written anew takes.
const maxWork = 1 << 25

// maxPlaces is how many places of a text are shown as changed. What differs in more
// is shown as one place from there on: nobody reads more, and each takes a hundred
// bytes of a page.
const maxPlaces = 5000

// Budget is the work that some comparisons may take together, in steps: words
// looked at, and moves of the search. Its zero value is that of one page.
type Budget struct{ spent int }

// Spent is how many steps were taken; a little more than there are is possible,
// since a part of the work is not begun rather than stopped.
func (w *Budget) Spent() int { return w.spent }

// take spends steps, and reports whether there were any left.
func (w *Budget) take(steps int) bool {
	if steps > maxWork-w.spent {
		return false
	}
	w.spent += steps
	return true
}

// Words compares two texts word by word, within a budget of their own.
func Words(before, after string) []Run { return new(Budget).Words(before, after) }

// Words compares two texts word by word. The equal and deleted runs together
// are the first text, the equal and inserted ones the second. It is bounded for
// texts of any size and kind: what is common at both ends and around words that
// stand once in each is found in about linear time, only what lies between is
// searched for the shortest difference, and what the budget does not suffice for
// counts as replaced (Run.Coarse).
func (w *Budget) Words(before, after string) []Run {
	d := &differ{Budget: w, ids: map[string]int32{}}
	d.before, d.after = d.read(before), d.read(after)
	d.inA, d.inB, d.placeB = make([]int32, len(d.blank)), make([]int32, len(d.blank)), make([]int32, len(d.blank))
	d.compare(d.before.ids, d.after.ids)
	return d.readable()
}

// Coarse reports whether a stretch of a comparison was not looked into to the end.
func Coarse(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool { return r.Coarse })
}

// reading is a text as numbers of its tokens, and where each ends.
type reading struct {
	text string
	ids  []int32
	ends []int32
}

// between is the text of some tokens.
func (t reading) between(from, to int) string {
	if from == to {
		return ""
	}
	start := int32(0)
	if from > 0 {
		start = t.ends[from-1]
	}
	return t.text[start:t.ends[to-1]]
}

// edit is the fate of so many tokens.
type edit struct {
	op     Op
	n      int
	coarse bool
}

// differ compares by numbers of tokens: a text of two million of them is looked at
// often, and is put together again only as stretches of what it was.
type differ struct {
	*Budget
	before, after reading
	ids           map[string]int32
	blank         []bool // by number of a token
	edits         []edit
	// By number of a token, and zero between two looks for landmarks: how often it
	// stands in each stretch, and where in the second.
	inA, inB, placeB []int32
}

func (d *differ) read(s string) reading {
	out := reading{text: s}
	end := int32(0)
	for len(s) > 0 {
		n := tokenEnd(s)
		id, known := d.ids[s[:n]]
		if !known {
			id = int32(len(d.blank)) //nolint:gosec // no more tokens than bytes, which the caller has in memory and bounds
			d.ids[s[:n]] = id
			d.blank = append(d.blank, isBlank(s))
		}
		end += int32(n) //nolint:gosec // as above
		out.ids, out.ends = append(out.ids, id), append(out.ends, end)
		s = s[n:]
	}
	return out
}

func (d *differ) put(op Op, n int, coarse bool) {
	last := len(d.edits) - 1
	switch {
	case n == 0:
	case last >= 0 && d.edits[last].op == op:
		d.edits[last].n += n
		d.edits[last].coarse = d.edits[last].coarse || coarse
	default:
		d.edits = append(d.edits, edit{op, n, coarse})
	}
}

// compare takes off what is common at both ends, divides the rest at its
// landmarks, and searches what has none.
func (d *differ) compare(a, b []int32) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	d.put(Equal, head, false)
	a, b = a[head:], b[head:]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	d.inside(a, b)
	d.put(Equal, tail, false)
}

// inside compares stretches that have nothing in common at their ends.
func (d *differ) inside(a, b []int32) {
	if len(a) == 0 || len(b) == 0 {
		d.replace(a, b, false)
		return
	}
	marks, ok := d.landmarks(a, b)
	switch {
	case !ok:
		d.replace(a, b, true)
	case len(marks) > 0:
		d.divide(a, b, marks)
	default:
		d.search(a, b)
	}
}

func (d *differ) replace(a, b []int32, coarse bool) {
	d.put(Deleted, len(a), coarse)
	d.put(Inserted, len(b), coarse)
}

// divide compares what lies between landmarks.
func (d *differ) divide(a, b []int32, marks [][2]int) {
	fromA, fromB := 0, 0
	for _, m := range marks {
		d.compare(a[fromA:m[0]], b[fromB:m[1]])
		d.put(Equal, 1, false)
		fromA, fromB = m[0]+1, m[1]+1
	}
	d.compare(a[fromA:], b[fromB:])
}

// landmarks are the places of words that stand once in each text, as many of
// them as are in the same order in both (patience). It looks for none where the
// budget does not suffice: between landmarks there may be others, in texts that
// are made so as many times as they have words.
func (d *differ) landmarks(a, b []int32) (marks [][2]int, ok bool) {
	if !d.take(len(a) + len(b)) {
		return nil, false
	}
	for i, t := range b {
		d.inB[t]++
		d.placeB[t] = int32(i)
	}
	for _, t := range a {
		d.inA[t]++
	}
	var places []int // in b, in the order of a
	var of []int     // in a
	for i, t := range a {
		if d.inA[t] == 1 && d.inB[t] == 1 && !d.blank[t] {
			places = append(places, int(d.placeB[t]))
			of = append(of, i)
		}
	}
	for _, t := range a {
		d.inA[t] = 0
	}
	for _, t := range b {
		d.inB[t] = 0
	}
	if !d.take(len(places) * bits.Len(uint(len(places)))) {
		return nil, false
	}
	marks = make([][2]int, 0, len(places))
	for _, k := range longestRising(places) {
		marks = append(marks, [2]int{of[k], places[k]})
	}
	return marks, true
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
func (d *differ) search(a, b []int32) {
	trace, ok := d.forward(a, b)
	if !ok {
		d.replace(a, b, true)
		return
	}
	var back []Op
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
			back = append(back, Equal)
		}
		if step == 0 {
			break
		}
		if down {
			y--
			back = append(back, Inserted)
		} else {
			x--
			back = append(back, Deleted)
		}
	}
	for _, op := range slices.Backward(back) {
		d.put(op, 1, false)
	}
}

// forward walks the edit graph and keeps, for each number of steps, how far
// each diagonal k was reached before it, at index k+step+1.
func (d *differ) forward(a, b []int32) (trace [][]int, ok bool) {
	limit := min(len(a)+len(b), maxSteps)
	reach := make([]int, 2*limit+3) // diagonal k at k+limit+1
	for step := range limit + 1 {
		if !d.take(3 * (step + 1)) { // what is kept, and each diagonal
			return nil, false
		}
		trace = append(trace, append([]int(nil), reach[limit-step:limit+step+3]...))
		for k := -step; k <= step; k += 2 {
			at := k + limit + 1
			x := reach[at-1] + 1
			if k == -step || k != step && reach[at-1] < reach[at+1] {
				x = reach[at+1]
			}
			y, from := x-k, x
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			if !d.take(x - from) {
				return nil, false
			}
			reach[at] = x
			if x >= len(a) && y >= len(b) {
				return trace, true
			}
		}
	}
	return nil, false
}

// readable puts edits together to runs. White space between two changes
// belongs to both, so that three new words are one new passage; in each place
// what went stands before what came.
func (d *differ) readable() []Run {
	var out []Run
	x, y, places, coarse := 0, 0, 0, false
	fromX, fromY := 0, 0 // of the change that is being put together
	flush := func() {
		if gone := d.before.between(fromX, x); gone != "" {
			out = append(out, Run{Deleted, gone, coarse})
		}
		if came := d.after.between(fromY, y); came != "" {
			out = append(out, Run{Inserted, came, coarse})
		}
		if x+y > fromX+fromY {
			places++
		}
		coarse = false
	}
	for i, e := range d.edits {
		between := i > 0 && i+1 < len(d.edits)
		switch {
		case e.op == Deleted:
			x += e.n
			coarse = coarse || e.coarse
		case e.op == Inserted:
			y += e.n
			coarse = coarse || e.coarse
		case between && places+1 >= maxPlaces:
			x, y, coarse = x+e.n, y+e.n, true
		case between && e.n == 1 && d.blank[d.before.ids[x]]:
			x, y = x+1, y+1
		default:
			flush()
			out = append(out, Run{Op: Equal, Text: d.before.between(x, x+e.n)})
			x, y = x+e.n, y+e.n
			fromX, fromY = x, y
		}
	}
	flush()
	return out
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
		out = keep(out, words[:before])
		out = append(out, Run{Op: Elided})
		out = keep(out, words[len(words)-after:])
	}
	return out
}

func keep(runs []Run, words []string) []Run {
	if len(words) == 0 {
		return runs
	}
	return append(runs, Run{Op: Equal, Text: strings.Join(words, "")})
}
