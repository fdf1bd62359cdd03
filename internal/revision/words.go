package revision

import (
	"unicode"
	"unicode/utf8"
)

// tokens divides a text into words, white space and single marks, which put
// together give the text again.
//
// A word holds its combining marks (Arabic vowels, decomposed accents), tatweel
// and joiners. A French elision is a word of its own with its apostrophe, so
// that "l’attaque" and "une attaque" share their noun; in English "didn’t" is
// divided likewise, which does no harm. Digits with their separators are one
// word: "1 996 026", "50,5", "10/04/2025", in whatever digits; a space between
// digits counts only when it does not break.
func tokens(s string) []string {
	var out []string
	for len(s) > 0 {
		n := tokenEnd(s)
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

// tokenEnd is the length of the first token of s, which is not empty.
func tokenEnd(s string) int {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsSpace(r):
		return runEnd(s, unicode.IsSpace)
	case unicode.IsDigit(r):
		return numberEnd(s)
	case isWordRune(r):
		n := runEnd(s, isWordRune)
		if next, size := utf8.DecodeRuneInString(s[n:]); next == '’' || next == '\'' {
			if after, _ := utf8.DecodeRuneInString(s[n+size:]); isWordRune(after) {
				n += size
			}
		}
		return n
	default:
		return size
	}
}

func runEnd(s string, in func(rune) bool) int {
	for i, r := range s {
		if !in(r) {
			return i
		}
	}
	return len(s)
}

// isWordRune reports whether a rune is a part of a word: letters, with what is
// written on and in them, and invisible marks that join or direct them.
func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || unicode.Is(unicode.Cf, r))
}

// numberEnd is the length of the number at the start of s: digits, and between
// digits one separator each.
func numberEnd(s string) int {
	n := runEnd(s, isWordRune)
	for {
		sep, size := utf8.DecodeRuneInString(s[n:])
		if !isSeparator(sep) {
			return n
		}
		next, _ := utf8.DecodeRuneInString(s[n+size:])
		if !unicode.IsDigit(next) {
			return n
		}
		n += size + runEnd(s[n+size:], isWordRune)
	}
}

func isSeparator(r rune) bool {
	switch r {
	case '.', ',', '/', ':', '-', '\u00a0', '\u202f', '\u2009', '\u066b', '\u066c': // the last two are Arabic
		return true
	}
	return false
}

// isBlank reports whether a token is white space.
func isBlank(token string) bool {
	r, _ := utf8.DecodeRuneInString(token)
	return unicode.IsSpace(r)
}
