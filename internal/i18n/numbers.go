package i18n

import (
	"strings"

	"golang.org/x/text/language"
	xmessage "golang.org/x/text/message"
)

// groupSeparator asks x/text how a language separates groups of digits: by a
// narrow no-break space in French, a comma in English, a point in Arabic as in
// Morocco ("ar-MA"; plain "ar" would write Eastern digits).
func groupSeparator(lang string) string {
	tag := language.Make(lang)
	if lang == "ar" {
		tag = language.MustParse("ar-MA")
	}
	sample := xmessage.NewPrinter(tag).Sprint(1234)
	sep := strings.TrimSuffix(strings.TrimPrefix(sample, "1"), "234")
	if sep == "\u00a0" { // older CLDR; French sets a narrow one
		return "\u202f"
	}
	return sep
}

// List joins items as a sentence does: "a, b et c".
func (l *Localizer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	last := len(items) - 1
	return l.Series(items[:last]) + l.T("list.and") + items[last]
}

// Series joins items by commas only: "a, b, c".
func (l *Localizer) Series(items []string) string { return strings.Join(items, l.T("list.comma")) }
