package edtf

import (
	"strings"
	"sync"
	"unicode"
)

// foldText brings a text into the form in which its words are compared: lower
// case without accents and vowel signs, one form for alef and its like, Western
// digits, plain spaces, hyphens and apostrophes.
func foldText(s string) string {
	var out strings.Builder
	for _, r := range s {
		foldTextRune(&out, unicode.ToLower(r))
	}
	return strings.TrimSpace(out.String())
}

func foldTextRune(out *strings.Builder, r rune) {
	switch {
	case unicode.Is(unicode.Mn, r) || r == 'ـ' || unicode.Is(unicode.Cf, r):
		// Vowel signs, tatweel and marks of direction say nothing of a date.
	case r >= '٠' && r <= '٩':
		out.WriteRune('0' + r - '٠')
	case r >= '۰' && r <= '۹':
		out.WriteRune('0' + r - '۰')
	case unicode.IsSpace(r):
		out.WriteByte(' ')
	case unicode.Is(unicode.Pd, r) || r == '−':
		out.WriteByte('-')
	default:
		if plain, ok := plainForms()[r]; ok {
			out.WriteString(plain)
			return
		}
		out.WriteRune(r)
	}
}

// plainForms are the letters and signs that have a plainer one.
var plainForms = sync.OnceValue(func() map[rune]string {
	return map[rune]string{
		'à': "a", 'â': "a", 'ä': "a", 'á': "a", 'ç': "c", 'é': "e", 'è': "e", 'ê': "e", 'ë': "e",
		'î': "i", 'ï': "i", 'í': "i", 'ô': "o", 'ö': "o", 'ó': "o", 'û': "u", 'ù': "u", 'ü': "u", 'ú': "u", 'œ': "oe",
		'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ة': "ه", 'ى': "ي", 'ؤ': "و", 'ئ': "ي",
		'’': "'", '‘': "'", 'ʼ': "'", '`': "'", '؟': "?", '،': ",", '≈': "~", '∼': "~", '…': "..",
	}
})

// parseFoldedEDTF reads a folded text that is EDTF; small letters are let pass.
func parseFoldedEDTF(folded string) (Date, bool) {
	d, reason := parse(strings.ToUpper(folded))
	return d, reason == ""
}

// item is one word, number or sign of a text, or several words that mean one
// thing together.
type item struct {
	kind   itemKind
	n      int    // the number, or the number of the month, weekday, unit …
	digits int    // how many digits a number has
	glued  bool   // no space stands before it
	text   string // as it was read
}

// readItems splits a folded text and finds the meaning of its words.
func readItems(folded string) []item {
	tokens := readTokens(folded)
	var out []item
	for len(tokens) > 0 {
		if tokens[0].kind != itemWord {
			out = append(out, tokens[0])
			tokens = tokens[1:]
			continue
		}
		found, taken := meaningOf(tokens)
		out = append(out, found...)
		tokens = tokens[taken:]
	}
	return out
}

// maxPhrase is how many words an entry of the vocabulary can have.
const maxPhrase = 5

// meaningOf finds the longest known phrase with which the tokens begin.
func meaningOf(tokens []item) (found []item, taken int) {
	words := vocabulary()
	for n := min(maxPhrase, len(tokens)); n > 0; n-- {
		if m, ok := words[phraseOf(tokens[:n])]; ok {
			m.text, m.glued = phraseOf(tokens[:n]), tokens[0].glued
			return []item{m}, n
		}
	}
	// In Arabic "and" is written together with what follows it.
	if rest, ok := strings.CutPrefix(tokens[0].text, "و"); ok && rest != "" {
		if m, known := words[rest]; known {
			m.text = rest
			return []item{{kind: itemAnd, text: "و"}, m}, 1
		}
	}
	return tokens[:1], 1
}

// phraseOf joins words with spaces; "" when not all are words.
func phraseOf(tokens []item) string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		if t.kind != itemWord {
			return ""
		}
		words[i] = t.text
	}
	return strings.Join(words, " ")
}

// readTokens splits a folded text into numbers, words and signs.
func readTokens(folded string) []item {
	var out []item
	runes := []rune(folded)
	glued := false
	for i := 0; i < len(runes); {
		length := tokenLength(runes[i:])
		text := string(runes[i : i+length])
		if separates(runes, i) {
			glued = false
		} else {
			out = append(out, newToken(text, glued))
			glued = true
		}
		i += length
	}
	return out
}

func newToken(text string, glued bool) item {
	t := item{text: text, glued: glued, kind: itemSign}
	first := []rune(text)[0]
	switch {
	case isDigit(first):
		t.kind, t.digits = itemNumber, len(text)
		t.n, _ = number(text[:min(len(text), 9)])
	case unicode.IsLetter(first):
		t.kind = itemWord
	default:
		t.kind = signKind(first)
	}
	return t
}

func signKind(r rune) itemKind {
	switch r {
	case '~':
		return itemApproximate
	case '?':
		return itemUncertain
	case '%':
		return itemBoth
	default:
		return itemSign
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// tokenLength is how many runes of the same sort stand at the beginning.
func tokenLength(runes []rune) int {
	sort := unicode.IsLetter
	if isDigit(runes[0]) {
		sort = isDigit
	}
	n := 0
	for n < len(runes) && sort(runes[n]) {
		n++
	}
	return max(n, 1)
}

// separates reports whether the sign at i only parts words: spaces, commas,
// brackets, apostrophes; the point of an abbreviation; the hyphen or stroke
// between two words.
func separates(runes []rune, i int) bool {
	letterAt := func(j int) bool { return j >= 0 && j < len(runes) && unicode.IsLetter(runes[j]) }
	switch runes[i] {
	case ' ', ',', '(', ')', '[', ']', '\'', '"', '«', '»', '“', '”':
		return true
	case '.':
		return letterAt(i-1) || i == len(runes)-1
	case '-', '/':
		return letterAt(i-1) && letterAt(i+1)
	}
	return false
}
