package capture

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sijil/sijil/internal/register"
)

// proposals are the texts of a document's pages as two ways of reading found
// them. Poppler knows columns and every kind of font, but turns the letters of
// a ligature round ("اال" for "الا"); reading by glyphs keeps them.
type proposals struct {
	Poppler, Glyphs []string
}

// proposal is the better of them.
type proposal struct {
	pages    []string
	method   register.ExtractionMethod
	warnings []string
}

// reading is a proposal as the worker hands it over.
type reading struct {
	Pages    []string
	Method   register.ExtractionMethod
	Language register.Lang
	Warnings []string
}

// read makes a proposal ready: no longer than it may be, with its language.
func (p proposal) read() reading {
	if cut(p.pages) {
		p.warnings = append(p.warnings, register.FileTextCut)
	}
	whole := register.Extraction{Pages: p.pages}
	return reading{Pages: p.pages, Method: p.method, Language: Language(whole.Text()), Warnings: p.warnings}
}

func (p proposals) best(pages int) proposal {
	out := proposal{pages: make([]string, pages)}
	methods := map[register.ExtractionMethod]bool{}
	doubtful, reversed := false, false
	for i := range out.pages {
		method, text, faults := better(pageOf(p.Poppler, i), pageOf(p.Glyphs, i))
		normal, wasReversed := Normalise(text)
		if method == register.ExtractedByPoppler {
			normal = mendLigatures(normal)
		}
		out.pages[i] = Paragraphs(normal)
		if out.pages[i] == "" {
			continue
		}
		methods[method] = true
		reversed = reversed || wasReversed || method == register.ExtractedFromGlyphs && hasArabic(normal)
		doubtful = doubtful || faults*100 > letters(normal)
	}
	switch {
	case len(methods) > 1:
		out.method = register.ExtractedByBothTools
	case methods[register.ExtractedByPoppler]:
		out.method = register.ExtractedByPoppler
	case methods[register.ExtractedFromGlyphs]:
		out.method = register.ExtractedFromGlyphs
	}
	if reversed {
		out.warnings = append(out.warnings, register.FileTextReversed)
	}
	if doubtful {
		out.warnings = append(out.warnings, register.FileTextDoubtful)
	}
	return out
}

func pageOf(pages []string, i int) string {
	if i < len(pages) {
		return pages[i]
	}
	return ""
}

// better chooses between the two texts of a page: poppler's, unless the other
// is as whole and has fewer faults, or, in Arabic, as few.
func better(poppler, glyphs string) (method register.ExtractionMethod, text string, faulty int) {
	a, b := faults(poppler), faults(glyphs)+strings.Count(glyphs, column)
	la, lb := letters(poppler), letters(glyphs)
	fewer := b*la < a*lb || b*la == a*lb && hasArabic(glyphs)
	if lb > 0 && (la == 0 || lb*10 >= la*9 && fewer) {
		return register.ExtractedFromGlyphs, glyphs, b
	}
	return register.ExtractedByPoppler, poppler, a
}

func letters(text string) (n int) {
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

func hasArabic(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) })
}

// faults counts what no text has: characters that stand for nothing, letters
// torn out of their word, and sequences that Arabic spelling excludes.
func faults(text string) (n int) {
	text = presentationToBase(dropDirections(text))
	for _, r := range text {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) {
			n++
		}
	}
	for word := range strings.FieldsSeq(text) {
		bare := []rune(strings.TrimFunc(word, unicode.IsPunct))
		if len(bare) == 1 && unicode.Is(unicode.Arabic, bare[0]) && bare[0] != 'و' {
			n += 2
		}
		if string(bare) == "يف" { // في
			n++
		}
		for i := range len(bare) - 1 {
			if impossible(bare[i], bare[i+1]) {
				n++
			}
		}
	}
	return n
}

// impossible reports whether no Arabic word has these two letters in a row.
func impossible(a, b rune) bool {
	switch a {
	case 'ا':
		return strings.ContainsRune("اأإآ", b)
	case 'ى', 'ة':
		return unicode.Is(unicode.Arabic, b) && unicode.IsLetter(b)
	}
	return false
}

func dropDirections(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// mendLigatures puts the letters of broken ligatures right where what stands
// there cannot be a word. Elsewhere ("خالل" for "خلال") only a person can tell.
func mendLigatures(text string) string {
	text = strings.NewReplacer("اال", "الا", "األ", "الأ", "اإل", "الإ", "اآل", "الآ", "إىل", "إلى", "عىل", "على").Replace(text)
	words := strings.Split(text, " ")
	for i, w := range words {
		if w == "يف" {
			words[i] = "في"
		}
	}
	return strings.Join(slices.Clip(words), " ")
}
