package record

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text into the form in which search compares it: lower case;
// Latin letters without accents; Arabic without vowel signs and tatweel, with
// one form for alef (أ إ آ ٱ → ا), hamza carriers (ؤ → و, ئ → ي), ta marbuta
// (ة → ه) and alef maqsura (ى → ي); Eastern digits as Western ones; everything
// that is neither letter nor digit as a space. The same function folds what is
// indexed and what is searched for.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	out := make([]byte, 0, len(s)+utf8.UTFMax)
	for _, r := range s {
		f := foldKnown(r)
		if f == unknown {
			return foldAny(s)
		}
		out = appendFolded(out, f)
	}
	return string(bytes.TrimSuffix(out, []byte(" ")))
}

// foldAny folds what foldKnown does not know, by the tables of Unicode.
func foldAny(s string) string {
	var out []byte
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if f := foldRune(r); f >= 0 {
			out = appendFolded(out, f)
		}
	}
	return string(bytes.TrimSuffix(out, []byte(" ")))
}

// appendFolded appends a letter, a digit, or a space where none stands.
func appendFolded(out []byte, r rune) []byte {
	if r == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
		return out
	}
	return utf8.AppendRune(out, r)
}

// isFolded reports whether a text is as Fold would make it, as most words of a
// text are: small ASCII letters and digits, with single spaces between.
func isFolded(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c == ' ' {
			if space {
				return false
			}
			space = true
			continue
		}
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
		space = false
	}
	return !space || s == ""
}

// foldKnown folds the letters and signs that texts of the register are mostly made
// of, without the tables; unknown for any other.
func foldKnown(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return r
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r < utf8.RuneSelf:
		return ' '
	case r >= 'À' && r <= 'ÿ':
		const bare = "aaaaaa\x00ceeeeiiii\x00nooooo\x00\x00uuuuy\x00\x00"
		if b := bare[(r-'À')%0x20]; b != 0 && r != 'ÿ' {
			return rune(b)
		}
	case r >= 'ء' && r <= 'غ' || r >= 'ف' && r <= 'ي':
		const first = "ءااوايابهتثجحخدذرزسشصضطظعغ"
		if r <= 'غ' {
			at := int(r-'ء') * utf8.RuneLen('ء')
			folded, _ := utf8.DecodeRuneInString(first[at:])
			return folded
		}
		if r == 'ى' {
			return 'ي'
		}
		return r
	case r == '’' || r == '«' || r == '»' || r == '\u00a0':
		return ' '
	}
	return unknown
}

const (
	drop    = -1
	unknown = -2
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
