package public

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/assets"
)

// vocabularies are all codes of the register that readers see, by the
// vocabulary under which their labels stand.
func vocabularies() map[string][]string {
	return map[string][]string{
		"entry-kind":         codes(register.EntryKinds()),
		"event-kind":         codes(register.EventKinds()),
		"statement-kind":     codes(register.StatementKinds()),
		"statement-relation": register.StatementRelationKinds(),
		"incident-kind":      register.IncidentKinds(),
		"incident-relation":  register.IncidentRelationKinds(),
		"institution-kind":   codes(register.InstitutionKinds()),
		"name-kind":          codes(register.NameKinds()),
		"sector":             register.Sectors(),
		"role":               codes(register.Roles()),
		"topic":              codes(register.Topics()),
		"quantifier":         codes(register.Quantifiers()),
		"modality":           codes(register.Modalities()),
		"claim-relation":     codes(register.ClaimRelationKinds()),
		"mark":               codes(register.Marks()),
		"referral-kind":      codes(register.ReferralKinds()),
		"level":              codes(register.Levels()),
		"step":               register.Steps(),
		"phase":              codes(register.Phases()),
		"standing":           register.Standings(),
		"date-basis":         codes(register.DateBases()),
		"rendering-kind":     codes(register.RenderingKinds()),
		"source-kind":        codes(register.SourceKinds()),
		"unit":               codes(register.Units()),
		"claimant":           codes(register.Claimants()),
		"finding":            codes(register.Findings()),
		"attestation":        codes(register.Attestations()),
		"stage":              codes(register.StageCodes()),
		"data-class":         register.DataClasses(),
		"exposure-place":     register.ExposurePlaces(),
		"system-kind":        codes(register.SystemKinds()),
		"sort":               codes(register.IncidentSorts()),
		"precision":          {markExact, markPart, markRange, markBefore, markAfter, markAbout, markNone},
	}
}

func codes[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = string(c)
	}
	return out
}

func TestEveryCodeHasThreeLabels(t *testing.T) {
	for _, lang := range i18n.Langs() {
		loc := localizer(t, lang)
		for vocabulary, list := range vocabularies() {
			for _, code := range list {
				if !loc.Has(vocabulary + "." + code) {
					t.Errorf("%s: no label for %s.%s", lang, vocabulary, code)
				}
			}
		}
		for _, key := range register.ProblemKeys() {
			if !loc.Has(key) {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
	}
}

// TestEveryKindHasALook demands an icon and a colour for each kind and mark.
func TestEveryKindHasALook(t *testing.T) {
	c := newComposer(localizer(t, "fr"), Site{}, Place{})
	drawn, styles := string(assets.Content(assets.Icons)), string(assets.Content(assets.Stylesheet))
	hasLook := func(class string) bool {
		icon := "v-" + strings.TrimPrefix(class, "k-")
		return class != "" && strings.Contains(drawn, `<view id="`+icon+`"`) && strings.Contains(styles, "#"+icon+")") &&
			regexp.MustCompile(`\.`+class+`\b[^{}]*\{--k:`).MatchString(styles)
	}
	for _, k := range register.EntryKinds() {
		if kind := c.entryKind(k); !hasLook(kind.Class) || kind.Label == "" {
			t.Errorf("entry kind %s: %+v", k, kind)
		}
	}
	for _, k := range register.EventKinds() {
		if class := lookOfEvent(k, register.EntryEvent); !hasLook(class) {
			t.Errorf("event kind %s: %q", k, class)
		}
	}
	for _, m := range register.Marks() {
		if mark := c.claimMark(m); mark.Class == "" || mark.Icon == "" {
			t.Errorf("mark %s: %+v", m, mark)
		}
	}
	for _, a := range register.Attestations() {
		if tag := c.attestationTag(a); tag.Shape == "" {
			t.Errorf("attestation %s: %+v", a, tag)
		}
	}
}
