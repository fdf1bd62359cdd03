// Package lookalike finds in texts what shows as something else than it is:
// words of letters of several scripts, words of letters that all look like Latin
// ones, and characters that are not seen or that turn the direction of writing.
//
// It follows Unicode Technical Standard 39 (Unicode Security Mechanisms): hosts
// are held to its level Highly Restrictive (section 5.2), words of running text
// to less, since what is written in earnest mixes more: a Latin acronym behind an
// Arabic preposition, a Greek letter in a unit. It judges nothing: what is found is
// shown to a person, who may have meant it.
package lookalike

import (
	"slices"
	"strings"
	"unicode"
)

// Kind says what was found.
type Kind string

// What is found.
const (
	Mixed   Kind = "mixed"   // a word with letters of several scripts
	Whole   Kind = "whole"   // a word of another script that reads as a Latin one
	Turning Kind = "turning" // characters that turn the direction of writing
	Hidden  Kind = "hidden"  // characters that are not seen
)

// Kinds lists all kinds of findings.
func Kinds() []Kind { return []Kind{Mixed, Whole, Turning, Hidden} }

// Finding is one word with what is odd in it.
type Finding struct {
	Kind Kind
	// Word is the word as it stands, where characters that are not seen, or that
	// turn the direction, are written as their numbers, such as [U+202E].
	Word string
	// Reads is what a word of look-alikes may be read as, in Latin letters.
	Reads string
	// Letters are the odd characters, each once, in the order in which they stand.
	Letters []Letter
}

// Letter is one odd character.
type Letter struct {
	Rune rune
	// Script is Unicode's name of its script, such as "Cyrillic"; empty for what
	// belongs to none.
	Script string
}

// most is how many findings of one text are told, longest how much of a word.
const (
	most    = 50
	longest = 60
)

// Text finds what is odd in a running text: each odd word once.
func Text(s string) []Finding {
	if ascii(s) {
		return nil
	}
	words := split(s)
	f := &finder{seen: map[string]bool{}}
	plain := plainScripts(words)
	for _, w := range words {
		f.hidden(w)
		letters := w.letters()
		if len(scriptsOf(letters)) == 1 && !slices.Contains(imitators(), scriptOf(letters[0])) {
			continue
		}
		if odd := oddLetters(letters); len(odd) > 0 {
			f.add(Finding{Kind: Mixed, Word: w.shown(), Letters: odd})
			continue
		}
		script, reads := whole(letters)
		if len(letters) >= shortest && reads != "" && !plain[script] {
			f.add(Finding{Kind: Whole, Word: w.shown(), Reads: reads, Letters: named(letters)})
		}
	}
	return f.found
}

// shortest is how many letters a word of look-alikes has at least in running
// text, where one letter is a variable, or a version.
const shortest = 2

// imitators are the scripts of which whole words look like Latin ones. The others
// of the table have few letters that do, and words by chance.
func imitators() []string { return []string{"Armenian", "Cherokee", "Coptic", "Cyrillic", "Greek"} }

// plainScripts are those in which a text has a word that reads as no Latin one:
// who writes СССР in a Russian sentence means it.
func plainScripts(words []word) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		letters := w.letters()
		if scripts := scriptsOf(letters); len(scripts) == 1 && slices.Contains(imitators(), scripts[0]) {
			_, reads := whole(letters)
			out[scripts[0]] = out[scripts[0]] || reads == ""
		}
	}
	return out
}

// finder collects findings, each once.
type finder struct {
	found []Finding
	seen  map[string]bool
}

func (f *finder) add(x Finding) {
	id := string(x.Kind) + " " + x.Word
	if f.seen[id] || len(f.found) == most {
		return
	}
	f.seen[id] = true
	f.found = append(f.found, x)
}

// hidden adds what in a word is not seen, or turns the direction.
func (f *finder) hidden(w word) {
	var turning, hidden []Letter
	for _, r := range w.odd {
		if unicode.Is(unicode.Bidi_Control, r) {
			turning = append(turning, Letter{Rune: r})
		} else {
			hidden = append(hidden, Letter{Rune: r})
		}
	}
	if len(turning) > 0 {
		f.add(Finding{Kind: Turning, Word: w.shown(), Letters: once(turning)})
	}
	if len(hidden) > 0 {
		f.add(Finding{Kind: Hidden, Word: w.shown(), Letters: once(hidden)})
	}
}

func once(letters []Letter) []Letter {
	var out []Letter
	for _, l := range letters {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// named are letters with their scripts, each once.
func named(letters []rune) []Letter {
	out := make([]Letter, len(letters))
	for i, r := range letters {
		out[i] = Letter{Rune: r, Script: scriptOf(r)}
	}
	return once(out)
}
