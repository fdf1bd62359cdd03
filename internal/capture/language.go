package capture

import (
	"unicode"

	"github.com/abadojack/whatlanggo"

	"github.com/sijil/sijil/internal/register"
)

// leastLetters are too few to tell French from English.
const leastLetters = 20

// Language guesses the language of a text: Arabic by its script, else French
// or English by its letters; empty when neither is clear. It is a hint for the
// person who confirms the text.
func Language(text string) register.Lang {
	arabic, latin := 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Arabic, r):
			arabic++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	switch {
	case arabic > latin:
		return register.Arabic
	case latin < leastLetters:
		return ""
	}
	info := whatlanggo.DetectWithOptions(text, whatlanggo.Options{
		Whitelist: map[whatlanggo.Lang]bool{whatlanggo.Fra: true, whatlanggo.Eng: true},
	})
	switch info.Lang {
	case whatlanggo.Fra:
		return register.French
	case whatlanggo.Eng:
		return register.English
	default:
		return ""
	}
}
