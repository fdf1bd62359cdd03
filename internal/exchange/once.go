package exchange

import (
	"strconv"
	"strings"
)

// Once tells which records were there already, with one bit for each number of a
// series: a million records cost some hundred kilobytes, whatever is written of them.
type Once struct {
	series map[string][]uint64
	others map[string]bool // whose reference ends in no number
}

// mostNumbers bounds what one reference can cost: beyond it, references are kept as
// they are.
const mostNumbers = 1 << 28

// First reports whether the reference is there for the first time.
func (o *Once) First(reference string) bool {
	if o.series == nil {
		o.series, o.others = map[string][]uint64{}, map[string]bool{}
	}
	at := strings.LastIndexByte(reference, '-')
	n, err := strconv.ParseUint(reference[at+1:], 10, 32)
	if err != nil || at < 0 || n >= mostNumbers {
		first := !o.others[reference]
		o.others[reference] = true
		return first
	}
	words := o.series[reference[:at]]
	word, bit := int(n/64), uint64(1)<<(n%64)
	if missing := word + 1 - len(words); missing > 0 {
		words = append(words, make([]uint64, missing)...)
		o.series[reference[:at]] = words
	}
	first := words[word]&bit == 0
	words[word] |= bit
	return first
}
