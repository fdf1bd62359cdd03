package i18n

import (
	"fmt"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// form is a CLDR plural category.
type form string

// The plural categories of CLDR.
const (
	zero  form = "zero"
	one   form = "one"
	two   form = "two"
	few   form = "few"
	many  form = "many"
	other form = "other"
)

// forms lists all plural categories.
func forms() []form { return []form{zero, one, two, few, many, other} }

// plurals tells the plural category of whole numbers in one language. The rules
// are those of go-i18n, which knows the French "many" (1 000 000 d’incidents)
// that x/text does not; it tells a category only by localizing a message, so it
// is given one whose every plural form is the name of the category. Small
// numbers, which are nearly all, are asked once.
type plurals struct {
	small [200]form
	probe *goi18n.Localizer
}

const probeID = "probe"

func newPlurals(lang string) (*plurals, error) {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("language %q: %w", lang, err)
	}
	bundle := goi18n.NewBundle(tag)
	err = bundle.AddMessages(tag, &goi18n.Message{
		ID: probeID, Zero: string(zero), One: string(one), Two: string(two),
		Few: string(few), Many: string(many), Other: string(other),
	})
	if err != nil {
		return nil, fmt.Errorf("plural rules of %q: %w", lang, err)
	}
	p := &plurals{probe: goi18n.NewLocalizer(bundle, lang)}
	for n := range p.small {
		p.small[n] = p.ask(n)
	}
	return p, nil
}

// form returns the category of n; negative numbers have that of their absolute
// value.
func (p *plurals) form(n int) form {
	if n < 0 {
		n = -n
	}
	if n >= 0 && n < len(p.small) {
		return p.small[n]
	}
	return p.ask(n)
}

func (p *plurals) ask(n int) form {
	name, err := p.probe.Localize(&goi18n.LocalizeConfig{MessageID: probeID, PluralCount: n})
	if err != nil {
		return other
	}
	return form(name)
}
