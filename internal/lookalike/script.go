package lookalike

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// latin and arabic are the scripts that the register is written in.
const (
	latin  = "Latin"
	arabic = "Arabic"
)

// usual are the scripts that are asked first, most of all letters being of one of
// them.
func usual() []string { return []string{latin, arabic, "Tifinagh", "Cyrillic", "Greek", "Han"} }

// allScripts are the names of all scripts, in one order.
var allScripts = slices.Sorted(maps.Keys(unicode.Scripts))

// scriptOf is the script of a character, empty for what all scripts share.
func scriptOf(r rune) string {
	switch { // most of all characters, at once
	case r < 'A':
		return ""
	case r >= 'À' && r <= 'ʯ' && r != '×' && r != '÷':
		return latin
	case r >= 'ؠ' && r <= 'ي' && r != 'ـ':
		return arabic
	}
	for _, name := range usual() {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		return ""
	}
	for _, name := range allScripts {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return ""
}

// scriptsOf are the scripts of letters, in the order in which they come.
func scriptsOf(letters []rune) []string {
	var out []string
	for _, r := range letters {
		if s := scriptOf(r); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// mainScript is the script of most letters; of as many, Latin, or else the first.
func mainScript(letters []rune, scripts []string) string {
	count := map[string]int{}
	for _, r := range letters {
		count[scriptOf(r)]++
	}
	best := scripts[0]
	for _, s := range scripts {
		if count[s] > count[best] || count[s] == count[best] && s == latin {
			best = s
		}
	}
	return best
}

// together reports whether scripts are written together in one word: those of
// Chinese, Japanese and Korean, which use Latin letters too (UTS 39, Highly
// Restrictive).
func together(scripts []string) bool {
	for _, whole := range [][]string{
		{latin, "Han", "Hiragana", "Katakana"}, {latin, "Han", "Bopomofo"}, {latin, "Han", "Hangul"},
	} {
		if !slices.ContainsFunc(scripts, func(s string) bool { return !slices.Contains(whole, s) }) {
			return true
		}
	}
	return false
}

// oddLetters are the letters of a word of running text that belong to another
// script than the others, where that can mislead:
//
//   - Cyrillic beside any other script always does;
//   - a preposition, an article or an ending in Arabic is joined to a word of another
//     script, so that only an Arabic letter among those of the other script is odd;
//   - of others, such as Greek in a Latin word, only where a letter looks like one
//     of the script that it stands in: "μm" and "ΔT" are units, "Τotal" is none.
func oddLetters(letters []rune) []Letter {
	scripts := scriptsOf(letters)
	if len(scripts) < 2 || together(scripts) {
		return nil
	}
	main := mainScript(letters, scripts)
	var out []rune
	for _, s := range scripts {
		if s == main || !misleads(letters, main, s) {
			continue
		}
		for _, r := range letters {
			if scriptOf(r) == s {
				out = append(out, r)
			}
		}
	}
	return named(out)
}

// misleads reports whether the letters of a script can mislead in a word that is
// mainly of another.
func misleads(letters []rune, main, other string) bool {
	switch {
	case main == "Cyrillic" || other == "Cyrillic":
		return true
	case main == arabic:
		return among(letters, arabic, other)
	case other == arabic:
		return among(letters, arabic, main)
	case main == latin:
		return slices.ContainsFunc(letters, func(r rune) bool { _, ok := alike[r]; return ok && scriptOf(r) == other })
	case other == latin:
		return slices.ContainsFunc(letters, func(r rune) bool { return scriptOf(r) == latin && imitated(r, main) })
	}
	return true // two scripts of which neither is Latin, in one word
}

// among reports whether a letter of one script stands between letters of another.
func among(letters []rune, one, other string) bool {
	first := slices.IndexFunc(letters, func(r rune) bool { return scriptOf(r) == other })
	for i, r := range letters {
		if scriptOf(r) == one && first >= 0 && first < i &&
			slices.ContainsFunc(letters[i:], func(x rune) bool { return scriptOf(x) == other }) {
			return true
		}
	}
	return false
}

// imitated reports whether a letter of a script looks like a Latin one.
func imitated(r rune, script string) bool {
	for from, to := range alike {
		if to == r && scriptOf(from) == script {
			return true
		}
	}
	return false
}

// whole returns the one script of letters that all look like Latin ones, and what
// they read as; empty where one does not.
func whole(letters []rune) (script, reads string) {
	scripts := scriptsOf(letters)
	if len(scripts) != 1 || scripts[0] == latin {
		return "", ""
	}
	var out strings.Builder
	for _, r := range norm.NFD.String(string(letters)) {
		to, ok := alike[r]
		switch {
		case ok:
			out.WriteRune(to)
		case !unicode.Is(unicode.M, r): // accents are seen, and passed over
			return "", ""
		}
	}
	return scripts[0], out.String()
}
