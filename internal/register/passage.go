package register

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// QuoteWords is the length in words that a quotation should not exceed: what
// is quoted proves what was said, and does not replace the source.
const QuoteWords = 25

// Range is a passage of a text: from its first character up to the one after
// its last, counted in Unicode code points from 0.
type Range struct {
	From, To int
}

// String writes the range as Quote.Position keeps it, such as "120-161".
func (r Range) String() string { return fmt.Sprintf("%d-%d", r.From, r.To) }

// ParseRange reads what String writes. ok is false for anything else, such as
// the name of a paragraph, and for an empty range.
func ParseRange(s string) (r Range, ok bool) {
	from, to, _ := strings.Cut(s, "-")
	var err1, err2 error
	r.From, err1 = strconv.Atoi(from)
	r.To, err2 = strconv.Atoi(to)
	if err1 != nil || err2 != nil || r.String() != s || r.From < 0 || r.From >= r.To {
		return Range{}, false
	}
	return r, true
}

// In returns the words that stand at the range; ok is false when the text ends
// before it.
func (r Range) In(text string) (words string, ok bool) {
	runes := []rune(text)
	if r.From < 0 || r.From >= r.To || r.To > len(runes) {
		return "", false
	}
	return string(runes[r.From:r.To]), true
}

// maxFound is how many occurrences Find returns: nobody chooses among more.
const maxFound = 20

// FindPassage returns where a passage stands in a text: exactly as it is, or
// where it stands nowhere like that, without regard to spaces, quotation marks,
// dashes, case, vowel signs and tatweel, forms of alef and of digits. At most
// 20 places are returned.
func FindPassage(text, passage string) []Range {
	passage = strings.TrimSpace(passage)
	if passage == "" {
		return nil
	}
	if found := findExactly(text, passage); found != nil {
		return found
	}
	return findFolded(text, passage)
}

func findExactly(text, passage string) []Range {
	length := len([]rune(passage))
	var out []Range
	at, start := 0, 0 // in characters, in bytes
	for len(out) < maxFound {
		i := strings.Index(text[start:], passage)
		if i < 0 {
			break
		}
		at += len([]rune(text[start : start+i]))
		out = append(out, Range{at, at + length})
		at += length
		start += i + len(passage)
	}
	return out
}

// foldedText is a text with only what tells passages apart.
type foldedText struct {
	runes []rune
	place []int // of each in the original
}

func foldPassage(text string) foldedText {
	var out foldedText
	place := 0
	for _, r := range text {
		if f := foldLetter(r); f >= 0 {
			out.runes = append(out.runes, f)
			out.place = append(out.place, place)
		}
		place++
	}
	return out
}

// foldLetter brings a character to the form in which passages are compared, -1
// for one that does not count.
func foldLetter(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r),
		unicode.Is(unicode.Pi, r) && r != '‘', unicode.Is(unicode.Pf, r) && r != '’', strings.ContainsRune("\"„ـ", r):
		return -1
	case strings.ContainsRune("’‘ʼ′`", r):
		return '\''
	case unicode.Is(unicode.Pd, r):
		return '-'
	case strings.ContainsRune("أإآٱ", r):
		return 'ا'
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	}
	return unicode.ToLower(r)
}

// findFolded finds whole words only: without its spaces a passage could be
// found in the middle of others.
func findFolded(text, passage string) []Range {
	where, what := foldPassage(text), foldPassage(passage)
	if len(what.runes) == 0 {
		return nil
	}
	original := []rune(text)
	hay, needle := string(where.runes), string(what.runes)
	var out []Range
	at, start := 0, 0
	for len(out) < maxFound {
		i := strings.Index(hay[start:], needle)
		if i < 0 {
			break
		}
		at += len([]rune(hay[start : start+i]))
		r := Range{where.place[at], where.place[at+len(what.runes)-1] + 1}
		r.To += marksAt(original, r.To)
		if isWholeWords(original, r) {
			out = append(out, r)
		}
		at++
		start += i + len(string(where.runes[at-1]))
	}
	return out
}

// marksAt counts the vowel signs at a place: they belong to the letter before.
func marksAt(text []rune, at int) (n int) {
	for at+n < len(text) && unicode.Is(unicode.Mn, text[at+n]) {
		n++
	}
	return n
}

func isWholeWords(text []rune, r Range) bool {
	inWord := func(i int) bool {
		return i > 0 && i < len(text) && isWordRune(text[i-1]) && isWordRune(text[i])
	}
	return !inWord(r.From) && !inWord(r.To)
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// MovePassage returns where the words that stood at a range of a text stand in
// its corrected version: the occurrence that is nearest to the old place. ok is
// false when they stand there no longer.
func MovePassage(corrected, words string, old Range) (r Range, ok bool) {
	found := FindPassage(corrected, words)
	if len(found) == 0 {
		return Range{}, false
	}
	distance := func(r Range) int { return max(r.From-old.From, old.From-r.From) }
	return slices.MinFunc(found, func(a, b Range) int { return distance(a) - distance(b) }), true
}

// CountWords counts what is written between spaces and has a letter or digit.
func CountWords(text string) (n int) {
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}

// Stretch is a piece of a text with the passages that cover it, by their place
// in the list that was given.
type Stretch struct {
	Range
	Covering []int
}

// Stretches cuts a text where passages begin and end, so that each can be
// marked though they overlap. Passages outside the text are left out. The
// stretches cover the whole text, in order.
func Stretches(text string, passages []Range) []Stretch {
	length := len([]rune(text))
	cuts := []int{0, length}
	for _, p := range passages {
		if p.From < p.To && p.From >= 0 && p.To <= length {
			cuts = append(cuts, p.From, p.To)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []Stretch
	for i := range len(cuts) - 1 {
		s := Stretch{Range: Range{cuts[i], cuts[i+1]}}
		for n, p := range passages {
			if p.From <= s.From && p.To >= s.To && p.To <= length {
				s.Covering = append(s.Covering, n)
			}
		}
		out = append(out, s)
	}
	return out
}
