package i18n

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// names knows what languages and countries are called in one language.
type names struct {
	ours      map[string]string // of our own languages, which are asked for most
	languages display.Namer
	regions   display.Namer
}

func newNames(lang string) names {
	tag := language.Make(lang)
	n := names{ours: map[string]string{}, languages: display.Languages(tag), regions: display.Regions(tag)}
	for _, code := range Langs() {
		n.ours[code] = n.languages.Name(language.Make(code))
	}
	return n
}

// Language names a language in the reader's: "arabe". A code that is no
// language is returned as it is.
func (l *Localizer) Language(code string) string {
	if name := l.names.ours[code]; name != "" {
		return name
	}
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := l.names.languages.Name(tag); name != "" {
		return name
	}
	return code
}

// Country names a country by its ISO 3166-1 code in the reader's language; a
// code that is no country is returned as it is.
func (l *Localizer) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := l.names.regions.Name(region); name != "" {
		return name
	}
	return code
}

// SelfName names a language in its own script: "العربية", "Français".
func SelfName(lang string) string {
	switch lang {
	case "fr":
		return "Français"
	case "ar":
		return "العربية"
	case "en":
		return "English"
	}
	return lang
}
