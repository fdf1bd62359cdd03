package capture

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalise brings a text that came out of a document or a clipboard into the
// form in which a person corrects it: letters instead of the forms that fonts
// have for them, logical order, no invisible characters, single spaces, and an
// empty line between paragraphs. It reports whether lines were in visual order.
func Normalise(text string) (out string, reversed bool) {
	text = dropInvisible(strings.ToValidUTF8(text, "\uFFFD"))
	if isVisual(text) {
		text, reversed = reverseLines(text), true
	}
	return Tidy(presentationToBase(text)), reversed
}

// reverseLines puts each line from visual into logical order.
func reverseLines(text string) string {
	lines := strings.Split(text, "\n")
	units := make([][]string, len(lines))
	left, right := 0, 0
	for i, line := range lines {
		units[i] = runesWithMarks(line)
		l, r := direction(units[i])
		left, right = left+l, right+r
	}
	for i := range lines {
		lines[i] = logicalUnits(units[i], left >= right)
	}
	return strings.Join(lines, "\n")
}

// runesWithMarks cuts a line into letters, each with the marks that follow it.
func runesWithMarks(line string) []string {
	var units []string
	for _, r := range line {
		if unicode.Is(unicode.Mn, r) && len(units) > 0 {
			units[len(units)-1] += string(r)
			continue
		}
		units = append(units, string(r))
	}
	return units
}

// dropInvisible takes out what cannot be seen and turns the direction of
// writing, or breaks words: it came from a program, not from who wrote. The
// zero-width non-joiner stays: words are spelled with it.
func dropInvisible(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n", "\v", "\n", "\f", "\n\n").Replace(text)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\u200c' || r == '\u00ad':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// presentationToBase replaces the forms that fonts have for Arabic letters by
// the letters, and ligatures by what they are made of.
func presentationToBase(text string) string {
	if !strings.ContainsFunc(text, isPresentation) {
		return norm.NFC.String(text)
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case !isPresentation(r):
			out.WriteRune(r)
		case r >= 0xFE70 && r <= 0xFE7F: // a mark with a space or a stroke to carry it
			out.WriteString(strings.Trim(norm.NFKC.String(string(r)), " ـ"))
		default:
			out.WriteString(norm.NFKC.String(string(r)))
		}
	}
	return norm.NFC.String(out.String())
}

func isPresentation(r rune) bool {
	return r >= 0xFB50 && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || r >= 0xFB00 && r <= 0xFB06 // ﬁ and the like
}

// Tidy cleans spaces and invisible characters of a text, and keeps its lines
// and paragraphs. Strokes that only widen a word are taken out; the one of
// "هـ" for the year of the Hijra stays.
func Tidy(text string) string {
	text = strings.ReplaceAll(dropInvisible(text), "\u00ad", "")
	text = tatweel(norm.NFC.String(text))
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}

func tatweel(text string) string {
	const stroke = 'ـ'
	if !strings.ContainsRune(text, stroke) {
		return text
	}
	letters := []rune(text)
	return string(slices.Collect(func(yield func(rune) bool) {
		for i, r := range letters {
			last := i+1 == len(letters) || !unicode.IsLetter(letters[i+1])
			if r == stroke && (i == 0 || letters[i-1] != 'ه' || !last) {
				continue
			}
			if !yield(r) {
				return
			}
		}
	}))
}

// Paragraphs joins the lines of a page into paragraphs. A line that ends well
// before the longest ones ended its paragraph; so does an empty one.
func Paragraphs(page string) string {
	lines := strings.Split(page, "\n")
	full := longLine(lines)
	var out []string
	open := false // the last line of out goes on
	for i, line := range lines {
		switch {
		case line == "":
			open = false
			continue
		case open && !isItem(line):
			out[len(out)-1] = joinLines(out[len(out)-1], line)
		default:
			out = append(out, line)
		}
		open = i+1 < len(lines) && utf8.RuneCountInString(line) >= full*7/10
	}
	return Tidy(strings.Join(out, "\n\n"))
}

// longLine is the usual length of a page's full lines: the median of those that
// are not short beside the longest, which may be two that were put together.
func longLine(lines []string) int {
	var lengths []int
	longest := 0
	for _, line := range lines {
		lengths = append(lengths, utf8.RuneCountInString(line))
		longest = max(longest, lengths[len(lengths)-1])
	}
	lengths = slices.DeleteFunc(lengths, func(n int) bool { return n*20 < longest*9 })
	if len(lengths) == 0 {
		return 0
	}
	slices.Sort(lengths)
	return lengths[len(lengths)/2]
}

// joinLines puts two lines of one paragraph together; a Latin word that was
// parted at the end of a line becomes whole.
func joinLines(line, next string) string {
	before, parted := strings.CutSuffix(line, "-")
	if soft, ok := strings.CutSuffix(line, "\u00ad"); ok {
		return soft + next
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(next)
	if parted && unicode.IsLower(last) && unicode.IsLower(first) {
		return before + next
	}
	return line + " " + next
}

// isItem reports whether a line begins an item of a list.
func isItem(line string) bool {
	for _, mark := range []string{"- ", "– ", "• ", "* ", "● ", "▪ "} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	number := strings.TrimLeft(line, "0123456789")
	return len(number) < len(line) && (strings.HasPrefix(number, ". ") || strings.HasPrefix(number, ") ") || strings.HasPrefix(number, "- "))
}
