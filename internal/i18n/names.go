package i18n

import (
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// names knows what languages and countries are called in one language.
type names struct {
	ours      map[string]string // of our own languages, which are asked for most
	languages display.Namer
	regions   display.Namer
	countries func() []string // codes, in the order of their names, which takes a while
}

func newNames(lang string) names {
	tag := language.Make(lang)
	n := names{ours: map[string]string{}, languages: display.Languages(tag), regions: display.Regions(tag)}
	for _, code := range Langs() {
		n.ours[code] = n.languages.Name(language.Make(code))
	}
	n.countries = sync.OnceValue(func() []string { return n.sortedCountries(tag) })
	return n
}

// sortedCountries are the codes of the countries of today, as the language
// sorts their names.
func (n names) sortedCountries(tag language.Tag) []string {
	var out []string
	for _, r := range language.Supported.Regions() {
		if len(r.String()) == 2 && r.IsCountry() && r.Canonicalize() == r && n.regions.Name(r) != "" {
			out = append(out, r.String())
		}
	}
	order := collate.New(tag)
	slices.SortFunc(out, func(a, b string) int {
		return order.CompareString(n.regions.Name(language.MustParseRegion(a)), n.regions.Name(language.MustParseRegion(b)))
	})
	return slices.Compact(out)
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

// Countries lists the ISO 3166-1 codes of all countries in the order of their
// names in the reader's language.
func (l *Localizer) Countries() []string { return l.names.countries() }
