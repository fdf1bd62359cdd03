package exchange

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/register"
)

//go:embed veris.yaml
var verisYAML []byte

// verisRules is how VERIS is read: the table beside this file.
type verisRules struct {
	Kinds       []verisKind     `yaml:"kinds"`
	Standings   []verisStanding `yaml:"standings"`
	Sectors     []verisSector   `yaml:"sectors"`
	Data        []verisData     `yaml:"data"`
	Done        []verisDone     `yaml:"done"`
	Actions     map[string]words
	Texts       verisTexts
	Disclosures map[string]words

	Organisations []string `yaml:"organisations"`
	Titles        []string `yaml:"titles"`
	GivenNames    []string `yaml:"givenNames"`
	Unnamed       []string `yaml:"unnamed"`
	LegalForms    []string `yaml:"legalForms"`
}

type verisKind struct{ Action, Variety, Kind, Why string }

type verisStanding struct{ Incident, Standing, Why string }

type verisSector struct {
	NAICS  string `yaml:"naics"`
	Sector string
	Kind   register.InstitutionKind
}

type verisData struct{ Variety, Class string }

type verisDone struct {
	Of         []string
	Fr, Ar, En string
}

func (d verisDone) words() words { return words{d.Fr, d.Ar, d.En} }

type verisTexts struct {
	Title, Summary, Event, Exposure, Figure words
	TitleYear                               words `yaml:"titleYear"`
	// Unnamed stands in the place of whom the incident touched.
	Unnamed words
}

// words are what is said in each language.
type words struct {
	Fr string `yaml:"fr"`
	Ar string `yaml:"ar"`
	En string `yaml:"en"`
}

func (w words) text() register.Text {
	return register.Text{register.French: w.Fr, register.Arabic: w.Ar, register.English: w.En}
}

func readVERISRules() (*verisRules, error) {
	rules := &verisRules{}
	if err := yaml.UnmarshalWithOptions(verisYAML, rules, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("rules of VERIS: %w", err)
	}
	return rules, nil
}

// kinds are the kinds of everything that was done and came of it. A class alone
// stands only where no type of it does.
func (rules *verisRules) kinds(v *verisIncident) []string {
	var out []string
	for _, done := range slices.Concat(v.did(), v.effects()) {
		if k := rules.kind(done[0], done[1]); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		out = append(out, rules.kind("unknown", ""))
	}
	return slices.DeleteFunc(out, func(k string) bool {
		return slices.ContainsFunc(out, func(other string) bool { return strings.HasPrefix(other, k+"/") })
	})
}

func (rules *verisRules) kind(action, variety string) string {
	for _, k := range rules.Kinds {
		if k.Action == action && (k.Variety == variety || k.Variety == "*") {
			return k.Kind
		}
	}
	return ""
}

// Standing is the standing of an incident; suspected where VERIS says nothing
// that the table knows.
func (rules *verisRules) Standing(security string) string {
	for _, s := range rules.Standings {
		if s.Incident == security {
			return s.Standing
		}
	}
	return "suspected"
}

// sector is that of the longest prefix of a NAICS code.
func (rules *verisRules) sector(naics string) verisSector {
	best := verisSector{Kind: register.InstitutionOther}
	for _, s := range rules.Sectors {
		if strings.HasPrefix(naics, s.NAICS) && len(s.NAICS) >= len(best.NAICS) {
			best = s
		}
	}
	return best
}

func (rules *verisRules) dataClass(variety string) string {
	for _, d := range rules.Data {
		if d.Variety == variety {
			return d.Class
		}
	}
	return "other"
}

// done is what is said to have been done: by variety, else by action.
func (rules *verisRules) done(v *verisIncident) []words {
	var out []words
	for _, done := range slices.Concat(v.did(), v.effects()) {
		for _, d := range rules.Done {
			if slices.Contains(d.Of, done[1]) && !slices.Contains(out, d.words()) {
				out = append(out, d.words())
			}
		}
	}
	for _, done := range v.did() {
		if w, ok := rules.Actions[done[0]]; ok && len(out) == 0 {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		out = append(out, rules.Actions["unknown"])
	}
	return out
}

// list joins what was done in a language.
func list(done []words, in func(words) string, comma string) string {
	out := make([]string, len(done))
	for i, w := range done {
		out[i] = in(w)
	}
	return strings.Join(out, comma)
}

// title names the institution, the first two things that were done, and the year.
func (rules *verisRules) title(v *verisIncident, done []words) register.Text {
	form := rules.Texts.TitleYear
	if v.year() == "" {
		form = rules.Texts.Title
	}
	return rules.fill(v, form, done[:min(2, len(done))], words{})
}

func (rules *verisRules) summary(v *verisIncident, done []words) register.Text {
	disclosure, ok := rules.Disclosures[v.Attribute.Confidentiality.Disclosure]
	if !ok {
		disclosure = rules.Disclosures[""]
	}
	return rules.fill(v, rules.Texts.Summary, done, disclosure)
}

// fill puts what is known into a text.
func (rules *verisRules) fill(v *verisIncident, form words, done []words, disclosure words) register.Text {
	who := words{v.Victim.Name, v.Victim.Name, v.Victim.Name}
	if v.unnamed {
		who = rules.Texts.Unnamed
	}
	in := func(form, who, done, disclosure string) string {
		return strings.NewReplacer("{who}", who, "{done}", done, "{year}", v.year(), "{disclosure}", disclosure).Replace(form)
	}
	return register.Text{
		register.French:  in(form.Fr, who.Fr, list(done, func(w words) string { return w.Fr }, ", "), disclosure.Fr),
		register.Arabic:  in(form.Ar, who.Ar, list(done, func(w words) string { return w.Ar }, "، "), disclosure.Ar),
		register.English: in(form.En, who.En, list(done, func(w words) string { return w.En }, ", "), disclosure.En),
	}
}

// isUnnamed reports whether a name says what a victim is and not who.
func (rules *verisRules) isUnnamed(name string) bool {
	return !strings.ContainsFunc(name, unicode.IsLetter) || slices.Contains(rules.Unnamed, strings.Join(nameWords(name), " "))
}

// isPerson reports whether a name is a natural person's, or that of a practice
// named after one: it has a title or degree, or it is two or three words of
// which the first is a given name and none is an organisation's.
func (rules *verisRules) isPerson(name string) bool {
	words := nameWords(name)
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	if has(rules.Titles) {
		return true
	}
	return len(words) >= 2 && len(words) <= 3 && slices.Contains(rules.GivenNames, words[0]) && !has(rules.Organisations)
}
