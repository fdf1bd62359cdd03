package record

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
)

// question is a search as the index understands it.
type question struct {
	parts []questionPart
	// words are those that a reader may have misspelt.
	words []string
	// spelled are the words that beginnings stand for; a beginning without any stands
	// for all that begin so.
	spelled map[string][]string
}

// questionPart is a word or a phrase. All parts must occur, those with not must
// not.
type questionPart struct {
	words  []string // folded; several stand one behind the other
	joined string   // the words as one, where a hyphen stood between them
	exact  bool     // only these words, no other form of them
	begins bool     // the last word may be the beginning of one
	not    bool
}

// newQuestion folds what was typed. Short words that hold sentences together are
// left out beside others, since texts in another language do not have them.
func newQuestion(query string) question {
	var q question
	tokens := register.ParseSearch(query)
	for i, t := range tokens {
		text := t.Text
		if t.Field != "" { // a field that the page did not know
			text = t.Field + " " + text
		}
		part := newPart(text, t)
		part.begins = i == len(tokens)-1 && !t.Phrase && !t.Not
		if len(part.words) > 0 {
			q.parts = append(q.parts, part)
		}
	}
	carries := func(p questionPart) bool { return len(p.words) > 1 || p.exact || p.not || !isParticle(p.words[0]) }
	if slices.ContainsFunc(q.parts, func(p questionPart) bool { return carries(p) && !p.not }) {
		q.parts = slices.DeleteFunc(q.parts, func(p questionPart) bool { return !carries(p) })
	}
	for _, p := range q.parts {
		if !p.not && !p.exact {
			q.words = append(q.words, p.words...)
		}
	}
	return q
}

// newPart folds a word or a phrase. A word goes without what French elides before
// it, since texts may have another there: d’emploi is in « de l’emploi ».
func newPart(text string, t register.SearchToken) questionPart {
	part := questionPart{exact: t.Phrase, not: t.Not}
	compound := ""
	if !t.Phrase {
		if elided, rest, found := strings.Cut(strings.ReplaceAll(text, "’", "'"), "'"); found && rest != "" && isElided(Fold(elided)) {
			text = rest
		}
		compound = joined(text)
	}
	if part.words = strings.Fields(Fold(text)); len(part.words) > 1 {
		part.joined = compound
	}
	return part
}

func isElided(word string) bool {
	return slices.Contains([]string{"l", "d", "s", "n", "c", "j", "m", "t", "qu"}, word)
}

// joined is a word without the hyphens in it, folded: cyber-attaque is
// cyberattaque to many. Empty for a word without any.
func joined(word string) string {
	if !strings.ContainsAny(word, "-\u2010\u2011") {
		return ""
	}
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '\u2010' || r == '\u2011' })
	out := Fold(strings.Join(parts, ""))
	if len(parts) < 2 || strings.Contains(out, " ") || !strings.ContainsFunc(out, unicode.IsLetter) {
		return ""
	}
	return out
}

// isParticle reports whether a folded word only holds a sentence together.
func isParticle(word string) bool {
	return slices.Contains([]string{
		"de", "d", "la", "le", "l", "les", "du", "des", "et", "a", "au", "aux", "en", "sur", "pour", "par", "un", "une", "dans", "contre",
		"the", "of", "and", "in", "on", "at", "to", "an", "by", "for", "from", "against",
		"من", "في", "علي", "عن", "الي", "و", "ضد",
	}, word)
}

// exactly is the question with the words as they were typed only: what has them
// is put before what has other forms. Any of them counts.
func (q question) exactly() string {
	var out []string
	for _, p := range q.parts {
		if !p.not {
			for _, w := range p.words {
				out = append(out, lexeme(w))
			}
		}
	}
	return strings.Join(out, " | ")
}

// String is the question as a tsquery; empty when there is nothing to find.
// Folding leaves letters and digits only, so that a word needs no escape.
func (q question) String() string {
	out := make([]string, len(q.parts))
	for i, p := range q.parts {
		words := make([]string, len(p.words))
		for j, w := range p.words {
			words[j] = lexeme(w)
			if !p.exact {
				words[j] = q.anyForm(w, p.begins && j == len(p.words)-1)
			}
		}
		out[i] = strings.Join(words, " <-> ")
		if p.joined != "" {
			out[i] += " | " + q.anyForm(p.joined, p.begins)
		}
		if len(words) > 1 {
			out[i] = "(" + out[i] + ")"
		}
		if p.not {
			out[i] = "!" + out[i]
		}
	}
	return strings.Join(out, " & ")
}

// lexeme is a word that is whole.
func lexeme(word string) string { return "'" + word + "'" }

// anyForm is a word with its other forms: in Latin letters all that begin with
// its root; in Arabic without the article, too. Arabic is not stemmed further: it
// would find what is not meant.
func (q question) anyForm(word string, begins bool) string {
	beginning, bare := beginningOf(word, begins)
	forms := []string{lexeme(word)}
	switch words := q.spelled[beginning]; {
	case len(words) > 0:
		forms = forms[:0]
		for _, w := range words {
			forms = append(forms, lexeme(w))
		}
	case beginning != "":
		forms[0] = lexeme(beginning) + ":*"
	}
	if bare != "" {
		forms = append(forms, lexeme(bare))
	}
	if len(forms) == 1 {
		return forms[0]
	}
	return "(" + strings.Join(forms, " | ") + ")"
}

// beginningOf is what all forms of a word begin with, where they may end as they like:
// the root of a French or English one, or as much of a word as was typed; and an
// Arabic word without its article. Each is "" where there is none.
func beginningOf(word string, begins bool) (beginning, bare string) {
	bare, _ = withoutArticle(word)
	if root := latinRoot(word); bare == "" && root != "" {
		return root, ""
	}
	if begins && utf8.RuneCountInString(word) > 1 {
		return word, bare
	}
	return "", bare
}

// beginnings are those of all words of the question.
func (q question) beginnings() []string {
	var out []string
	add := func(word string, begins bool) {
		if beginning, _ := beginningOf(word, begins); beginning != "" && !slices.Contains(out, beginning) {
			out = append(out, beginning)
		}
	}
	for _, p := range q.parts {
		for i, w := range p.words {
			if !p.exact {
				add(w, p.begins && i == len(p.words)-1)
			}
		}
		if p.joined != "" {
			add(p.joined, p.begins)
		}
	}
	return out
}

// shortestRoot is the length of a root: what is shorter has no forms, or the
// forms of others.
const shortestRoot = 4

// latinRoot is a French or English word without the endings of number, gender and
// participle, "" for what has no such forms: short words, numbers, other scripts.
func latinRoot(word string) string {
	if len(word) < shortestRoot || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	root := word
	cut := func(ending, by string) {
		if cut, found := strings.CutSuffix(root, ending); found && len(cut)+len(by) >= shortestRoot {
			root = cut + by
		}
	}
	cut("aux", "a")
	cut("ies", "i")
	for _, ending := range []string{"s", "x", "ing", "ed", "e", "e"} {
		cut(ending, "")
	}
	return root
}

// withoutArticle is an Arabic word without its article, and without a particle
// that is written with it: الصندوق, والصندوق, بالصندوق, للصندوق are all صندوق.
func withoutArticle(word string) (string, bool) {
	const shortest = 3
	for _, article := range []string{"ال", "وال", "بال", "كال", "فال", "لل", "ولل", "وبال"} {
		bare, found := strings.CutPrefix(word, article)
		if found && utf8.RuneCountInString(bare) >= shortest && unicode.Is(unicode.Arabic, firstRune(bare)) {
			return bare, true
		}
	}
	return "", false
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
