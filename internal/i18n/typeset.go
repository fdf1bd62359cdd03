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
	if lang != "fr" || !strings.ContainsAny(s, ":;!?»«%") {
		return s
	}
	return frenchSpaces.Replace(s)
}
