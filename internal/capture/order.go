package capture

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A page of a PDF holds glyphs from left to right; a text of Arabic begins at
// the right. Here lines are put from the order of seeing into the order of
// reading: the Unicode Bidirectional Algorithm (UAX 9), backwards. Where it is
// not reversible, the likelier order is taken; a person reads it all the same.

// class is how a unit behaves between the directions.
type class int

const (
	neutral   class = iota // spaces, punctuation
	toRight                // letters read from left to right
	toLeft                 // Arabic and Hebrew letters
	digit                  // numbers, which run to the right in either
	separator              // between the digits of one number
	sign                   // at one number, such as %
)

func classOf(unit string) class {
	r, _ := utf8.DecodeRuneInString(unit)
	switch {
	case unicode.IsDigit(r):
		return digit
	case unicode.In(r, unicode.Arabic, unicode.Hebrew) && unicode.IsLetter(r):
		return toLeft
	case unicode.IsLetter(r):
		return toRight
	case strings.ContainsRune(".,:/-–", r):
		return separator
	case strings.ContainsRune("%‰€$°", r):
		return sign
	}
	return neutral
}

// direction counts the letters of either direction.
func direction(units []string) (left, right int) {
	for _, u := range units {
		switch classOf(u) {
		case toLeft:
			left++
		case toRight:
			right++
		case neutral, digit, separator, sign:
		}
	}
	return left, right
}

// logicalUnits puts one line from the order of seeing into that of reading.
// pageToLeft says that the page as a whole is written from the right.
func logicalUnits(units []string, pageToLeft bool) string {
	left, right := direction(units)
	switch {
	case left == 0:
		return strings.Join(units, "")
	case left >= right || pageToLeft:
		return mendBrackets(strings.Join(backwards(units, mirrored), ""))
	}
	// A line from the left: only the passages in Arabic are turned round.
	var out []string
	for i := 0; i < len(units); {
		if classOf(units[i]) != toLeft {
			out = append(out, units[i])
			i++
			continue
		}
		end := i + 1
		for j := i; j < len(units) && classOf(units[j]) != toRight; j++ {
			if classOf(units[j]) == toLeft {
				end = j + 1
			}
		}
		out = append(out, backwards(units[i:end], mirrored)...)
		i = end
	}
	return strings.Join(out, "")
}

// backwards reads a line from the right, but words in Latin letters and
// numbers from the left. bracket turns brackets.
func backwards(units []string, bracket func(string) string) []string {
	var pieces [][]string
	for i := 0; i < len(units); {
		end := i + 1
		if c := classOf(units[i]); c == toRight || c == digit {
			end = runEnd(units, i)
			if i > 0 && classOf(units[i-1]) == sign && c == digit { // "%12" is one
				pieces[len(pieces)-1] = append(pieces[len(pieces)-1], units[i:end]...)
				i = end
				continue
			}
			pieces = append(pieces, units[i:end:end])
		} else {
			pieces = append(pieces, []string{bracket(units[i])})
		}
		i = end
	}
	slices.Reverse(pieces)
	return slices.Concat(pieces...)
}

// runEnd is where the run that begins at start, of Latin letters and numbers,
// ends.
func runEnd(units []string, start int) int {
	last := start // the last unit that is surely in the run
	for i := start + 1; i < len(units); i++ {
		between := units[last+1 : i]
		switch c := classOf(units[i]); {
		case c == toLeft:
			return last + 1
		case c != toRight && c != digit:
			if c == sign && i == last+1 && classOf(units[last]) == digit { // "12%" is one
				last = i
			}
		case len(between) == 0,
			classOf(units[last]) == toRight,
			len(between) == 1 && classOf(between[0]) == separator:
			last = i
		default:
			return last + 1 // two numbers, read from the right
		}
	}
	return last + 1
}

// mirrored is the bracket that means what this one, seen from the other side,
// shows.
func mirrored(unit string) string {
	const pairs = "()[]{}<>«»‹›"
	all := []rune(pairs)
	for i, r := range all {
		if unit == string(r) {
			return string(all[i^1])
		}
	}
	return unit
}

// mendBrackets turns a bracket that closes what none has opened, while another
// closes it, too: some fonts say of a bracket how it looks, some what it means,
// and one line may hold both.
func mendBrackets(line string) string {
	if !strings.ContainsRune(line, ')') {
		return line
	}
	letters := []rune(line)
	open := false
	for i, r := range letters {
		switch rest := letters[i+1:]; {
		case r == ')' && !open:
			next := slices.IndexFunc(rest, isRound)
			if next >= 0 && rest[next] == ')' {
				letters[i], open = '(', true
			}
		case r == '(' && open:
			next := slices.IndexFunc(rest, isRound)
			if next < 0 || rest[next] == '(' {
				letters[i], open = ')', false
			}
		case isRound(r):
			open = r == '('
		}
	}
	return string(letters)
}

func isRound(r rune) bool { return r == '(' || r == ')' }

// isVisual reports whether a text of Arabic is in the order of seeing: by the
// forms of letters, which know whether they begin or end a word, and by
// letters that Arabic words begin or end with.
func isVisual(text string) bool {
	logical, visual := 0, 0
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return classOf(string(r)) != toLeft && !unicode.Is(unicode.Mn, r) }) {
		letters := []rune(word)
		if len(letters) < 2 {
			continue
		}
		first, last := letters[0], letters[len(letters)-1]
		l, v := evidence(first, last)
		plain := presentationToBase(word)
		if strings.HasPrefix(plain, "ال") {
			l++
		}
		if strings.HasSuffix(plain, "لا") && len(letters) > 2 {
			v++
		}
		logical, visual = logical+l, visual+v
	}
	return visual > logical && visual > 1
}

// evidence of a word's first and last letter, for either order.
func evidence(first, last rune) (logical, visual int) {
	for _, x := range []struct {
		r              rune
		begins         bool
		logical, other *int
	}{{first, true, &logical, &visual}, {last, false, &visual, &logical}} {
		switch formOf(x.r) {
		case initialForm:
			*x.logical++
		case finalForm:
			*x.other++
		case medialForm, isolatedForm, noForm:
		}
		if base := presentationToBase(string(x.r)); base == "ة" || base == "ى" {
			*x.other += 2 // no word begins with them
		}
	}
	return logical, visual
}

type form int

const (
	noForm form = iota
	isolatedForm
	finalForm
	initialForm
	medialForm
)

// formOf tells which form of its letter a character of Arabic Presentation
// Forms-B is. They stand there letter by letter: isolated, final and, for
// letters that join both sides, initial and medial.
func formOf(r rune) form {
	if r < 0xFE81 || r > 0xFEFC {
		return noForm
	}
	pairs := []rune{
		0xFE81, 0xFE83, 0xFE85, 0xFE87, 0xFE8D, 0xFE93, 0xFEA9, 0xFEAB, 0xFEAD, 0xFEAF, 0xFEED, 0xFEEF,
		0xFEF5, 0xFEF7, 0xFEF9, 0xFEFB,
	}
	for start := rune(0xFE81); ; {
		size := rune(4)
		if slices.Contains(pairs, start) {
			size = 2
		}
		if r < start+size {
			return isolatedForm + form(r-start)
		}
		start += size
	}
}
