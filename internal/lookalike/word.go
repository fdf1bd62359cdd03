package lookalike

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// word is a run of letters, marks, digits and characters that are not seen.
type word struct {
	runes []rune
	odd   []rune // those not seen that have nothing to do where they stand
}

// split takes a text apart into its words. Hyphens, apostrophes, dots and
// everything else that is seen part them: of "α-version" each half is judged alone.
func split(s string) []word {
	var out []word
	var w word
	end := func() {
		if len(w.runes) > 0 {
			out = append(out, w)
		}
		w = word{}
	}
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case unseen(r):
			w.runes = append(w.runes, r)
			if !atHome(runes, i) {
				w.odd = append(w.odd, r)
			}
		case unicode.In(r, unicode.L, unicode.M, unicode.N):
			w.runes = append(w.runes, r)
		default:
			end()
		}
	}
	end()
	return out
}

// letters are those of the word that belong to a script.
func (w word) letters() []rune {
	var out []rune
	for _, r := range w.runes {
		if unicode.IsLetter(r) && scriptOf(r) != "" {
			out = append(out, r)
		}
	}
	return out
}

// shown is the word as it can be shown: what is odd and not seen in it is written
// as a number.
func (w word) shown() string {
	var out strings.Builder
	for i, r := range w.runes {
		switch {
		case i == longest:
			out.WriteRune('…')
			return out.String()
		case unicode.IsControl(r), unseen(r) && len(w.odd) > 0:
			fmt.Fprintf(&out, "[%U]", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Characters with a part of their own among those that are not seen.
const (
	zwnj         = '\u200c' // keeps letters from joining
	zwj          = '\u200d' // joins letters, and pictures
	brailleBlank = '\u2800'
	blackFlag    = '\U0001f3f4'
	firstSkin    = '\U0001f3fb'
	lastSkin     = '\U0001f3ff'
	emojiStyle   = '\ufe0f'
)

// unseen reports whether a character is not seen by itself: controls of format
// and direction, fillers, selectors of variants, and what ends a line unasked.
func unseen(r rune) bool {
	switch {
	case r < 0x80, r > 'À' && r < 'ʯ', r > 'ؠ' && r < 'ۜ': // most of all characters, at once
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // such as the sign of an Arabic number
		return false
	}
	return r == brailleBlank ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Bidi_Control)
}

// atHome reports whether a character that is not seen does there what it is for:
// joins or parts letters of a script that joins them, makes one picture of several,
// or chooses the form of what stands before it.
func atHome(runes []rune, i int) bool {
	var before, after rune
	if i > 0 {
		before = runes[i-1]
	}
	if i+1 < len(runes) {
		after = runes[i+1]
	}
	switch r := runes[i]; {
	case r == zwnj:
		return joins(before) && joins(after)
	case r == zwj:
		return joins(before) || joins(after) || picture(before) && picture(after)
	case r >= 0xe0020 && r <= 0xe007f: // the flags of England, Scotland and Wales
		return tagged(runes[:i])
	case unicode.Is(unicode.Variation_Selector, r):
		return varies(before)
	}
	return false
}

// joins reports whether a letter or mark is of a script in which letters join, or
// are stacked.
func joins(r rune) bool {
	return r > unicode.MaxASCII && unicode.In(r,
		unicode.Arabic, unicode.Syriac, unicode.Mandaic, unicode.Nko, unicode.Adlam, unicode.Mongolian, unicode.Hanifi_Rohingya, unicode.Tifinagh,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
		unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

// picture reports whether a character is, or ends, an emoji.
func picture(r rune) bool {
	return unicode.In(r, unicode.So, unicode.Sm) || r >= firstSkin && r <= lastSkin || r == emojiStyle
}

// tagged reports whether a text ends in a black flag with its tags.
func tagged(runes []rune) bool {
	for _, r := range slices.Backward(runes) {
		if r < 0xe0020 || r > 0xe007f {
			return r == blackFlag
		}
	}
	return false
}

// varies reports whether a character has forms to choose from: signs and digits
// as pictures, and letters of scripts that have variants.
func varies(r rune) bool {
	return unicode.In(r, unicode.S, unicode.P, unicode.Nd, unicode.Han, unicode.Mongolian) || r == 'ℹ'
}
