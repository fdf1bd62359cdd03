package record

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text into the form in which search compares it: lower case;
// Latin letters without accents; Arabic without vowel signs and tatweel, with
// one form for alef (أ إ آ ٱ → ا), hamza carriers (ؤ → و, ئ → ي), ta marbuta
// (ة → ه) and alef maqsura (ى → ي); Eastern digits as Western ones; everything
// that is neither letter nor digit as a space. The same function folds what is
// indexed and what is searched for.
func Fold(s string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if f := foldRune(r); f >= 0 {
			out.WriteRune(f)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

const (
	drop    = -1
	tatweel = 'ـ'
)

func foldRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Mn, r) || r == tatweel || r == '\u200f' || r == '\u200e':
		return drop
	case r == 'ٱ':
		return 'ا'
	case r == 'ة':
		return 'ه'
	case r == 'ى':
		return 'ي'
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return r
	default:
		return ' '
	}
}
