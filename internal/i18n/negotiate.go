package i18n

import "golang.org/x/text/language"

// newMatcher knows the languages in the order of Langs: the first is the
// answer when nothing matches.
func newMatcher() language.Matcher {
	return language.NewMatcher([]language.Tag{language.French, language.Arabic, language.English})
}

// Match chooses the language of a reader who did not name one in the address:
// the remembered choice when it is one of ours, else the best match for the
// Accept-Language header ("ary", Moroccan Arabic, is Arabic), else
// Default.
func (c *Catalog) Match(remembered, acceptLanguage string) string {
	if c.Known(remembered) {
		return remembered
	}
	const longest = 1000 // characters; a longer header is nobody's
	if len(acceptLanguage) > longest {
		return Default
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return Default
	}
	for i, tag := range tags {
		// Moroccan Arabic is read as Arabic is written. The matcher would
		// sooner take a later language of the list that fits exactly.
		if base, _ := tag.Base(); base.String() == "ary" {
			tags[i] = language.Arabic
		}
	}
	_, index, _ := c.matcher.Match(tags...)
	return Langs()[index]
}

// Dir returns the direction of writing of a language: "rtl" or "ltr".
func Dir(lang string) string {
	switch lang { // ours are asked for every text of a page
	case "fr", "en", "":
		return "ltr"
	case "ar":
		return "rtl"
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return "ltr"
	}
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg":
		return "rtl"
	}
	return "ltr"
}
