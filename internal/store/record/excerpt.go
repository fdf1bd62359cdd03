package record

import (
	"strings"
	"unicode"

	"github.com/sijil/sijil/internal/register"
)

// excerptWords is how many words an excerpt has before the first find, and in all.
const (
	wordsBefore  = 8
	excerptWords = 28
)

// excerpt is a part of the first text in which the question finds a word: one in
// the reader's language where there is one.
func (q question) excerpt(texts []searchText, lang register.Lang) (register.Excerpt, bool) {
	for _, own := range []bool{true, false} {
		for _, t := range texts {
			if (t.Lang == lang) == own {
				if x, ok := q.excerptOf(t); ok {
					return x, true
				}
			}
		}
	}
	return register.Excerpt{}, false
}

// piece is a word of a text, or what stands between two.
type piece struct {
	text string
	word bool
	hit  bool
}

func (q question) excerptOf(t searchText) (register.Excerpt, bool) {
	pieces := cutUp(t.Text)
	words, first := 0, -1
	for i := range pieces {
		if !pieces[i].word {
			continue
		}
		if pieces[i].hit = q.matches(Fold(pieces[i].text)); pieces[i].hit && first < 0 {
			first = words
		}
		words++
	}
	if first < 0 {
		return register.Excerpt{}, false
	}
	from := max(0, min(first-wordsBefore, words-excerptWords))
	return register.Excerpt{Lang: t.Lang, Parts: join(pieces, from, from+excerptWords)}, true
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

// join joins the words from one to another into runs of finds and others.
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
	for _, p := range pieces {
		if words >= from && words < to {
			if words == from && p.word && from > 0 {
				add("… ", false)
			}
			if p.word || words > from {
				add(strings.ReplaceAll(p.text, "\n", " "), p.hit)
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
