package record

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
)

// How many words an excerpt has before the first find, and in all.
const (
	wordsBefore  = 8
	excerptWords = 28
)

// Highlighter finds the words of a search in a text that is shown.
type Highlighter struct{ question question }

// NewHighlighter finds the words of a search as it was typed.
func NewHighlighter(query string) Highlighter { return Highlighter{newQuestion(query)} }

// Parts cuts a whole text up at what was searched for; nil when none of it is in
// the text.
func (h Highlighter) Parts(text string) []register.ExcerptPart {
	pieces := cutUp(text)
	words, _ := h.question.mark(pieces)
	if words == nil {
		return nil
	}
	return join(pieces, 0, len(words)+1)
}

// excerpt is a part of a text in which the question finds words: of the texts in
// the reader's language the one with most of them, else of the others.
func (q question) excerpt(texts []searchText, lang register.Lang) (register.Excerpt, bool) {
	for _, own := range []bool{true, false} {
		var best register.Excerpt
		most := 0
		for _, t := range texts {
			if (t.Lang == lang) != own {
				continue
			}
			if x, finds := q.excerptOf(t); finds > most {
				best, most = x, finds
			}
			if most == q.asks() {
				break
			}
		}
		if most > 0 {
			return best, true
		}
	}
	return register.Excerpt{}, false
}

// asks is how many things the question asks for.
func (q question) asks() int {
	n := 0
	for _, p := range q.parts {
		if !p.not {
			n++
		}
	}
	return n
}

// piece is a word of a text, or what stands between two.
type piece struct {
	text string
	word bool
	hit  bool
}

// excerptOf is the stretch of a text with most of what the question asks for, and
// how many of it there are.
func (q question) excerptOf(t searchText) (x register.Excerpt, finds int) {
	pieces := cutUp(t.Text)
	words, found := q.mark(pieces)
	if found == nil {
		return x, 0
	}
	from := 0
	for first := range found {
		if n := different(found, first, first+excerptWords-wordsBefore); n > finds {
			from, finds = first, n
		}
	}
	from = max(0, min(from-wordsBefore, len(words)-excerptWords))
	return register.Excerpt{Lang: t.Lang, Parts: join(pieces, from, from+excerptWords)}, finds
}

// different counts the parts of the question that are found among some words, from
// one that is found.
func different(found []uint64, from, to int) int {
	if found[from] == 0 {
		return 0
	}
	var all uint64
	for _, f := range found[from:min(to, len(found))] {
		all |= f
	}
	n := 0
	for ; all != 0; all &= all - 1 {
		n++
	}
	return n
}

// mark marks the pieces that the question asks for. It returns the folded words of
// the text, and for each the parts of the question that it belongs to, as bits; nil
// when there is none.
func (q question) mark(pieces []piece) (words []string, found []uint64) {
	var at []int
	for i := range pieces {
		if pieces[i].word {
			at = append(at, i)
			words = append(words, Fold(pieces[i].text))
		}
	}
	bits := make([]uint64, len(words))
	any := false
	for n, p := range q.parts {
		if p.not {
			continue
		}
		for first := range words {
			for i := first; i < first+p.length(words[first:]); i++ {
				bits[i] |= 1 << (n % 64)
				pieces[at[i]].hit, any = true, true
			}
		}
	}
	if !any {
		return nil, nil
	}
	return words, bits
}

// length is how many words at the beginning of a text are what the part asks for.
func (p questionPart) length(words []string) int {
	if p.joined != "" && isForm(words[0], p.joined, false, p.begins) {
		return 1
	}
	if len(words) < len(p.words) {
		return 0
	}
	for i, w := range p.words {
		if !isForm(words[i], w, p.exact, p.begins && i == len(p.words)-1) {
			return 0
		}
	}
	return len(p.words)
}

// isForm reports whether a folded word of a text is one that the index finds for a
// word of a question.
func isForm(word, asked string, exact, begins bool) bool {
	bare, hasArticle := withoutArticle(word)
	is := func(wanted string) bool { return word == wanted || hasArticle && bare == wanted }
	if is(asked) || begins && utf8.RuneCountInString(asked) > 1 && strings.HasPrefix(word, asked) {
		return true
	}
	if exact {
		return false
	}
	askedBare, ok := withoutArticle(asked)
	root := latinRoot(asked)
	return ok && is(askedBare) || root != "" && strings.HasPrefix(word, root)
}

// cutUp cuts a text up into words and what stands between them.
func cutUp(text string) []piece {
	var out []piece
	start := 0
	inside := false
	for i, r := range text {
		if is := isWordRune(r); is != inside {
			if i > start {
				out = append(out, piece{text: text[start:i], word: inside})
			}
			start, inside = i, is
		}
	}
	if start < len(text) {
		out = append(out, piece{text: text[start:], word: inside})
	}
	return out
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == tatweel
}

// join joins the words from one to another into runs of finds and others. What
// stands between two words of a phrase belongs to it.
func join(pieces []piece, from, to int) []register.ExcerptPart {
	var out []register.ExcerptPart
	add := func(text string, hit bool) {
		if last := len(out) - 1; last >= 0 && out[last].Hit == hit {
			out[last].Text += text
			return
		}
		out = append(out, register.ExcerptPart{Text: text, Hit: hit})
	}
	words := 0
	for i, p := range pieces {
		if words >= from && words < to {
			if words == from && p.word && from > 0 {
				add("… ", false)
			}
			if p.word || words > from || from == 0 {
				between := !p.word && p.text == " " && i > 0 && i+1 < len(pieces) && pieces[i-1].hit && pieces[i+1].hit && words+1 <= to
				add(strings.ReplaceAll(p.text, "\n", " "), p.hit || between)
			}
		}
		if p.word {
			words++
		}
	}
	if words > to {
		add("…", false)
	}
	return out
}
