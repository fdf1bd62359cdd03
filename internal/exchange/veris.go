package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// VERISAttribution is to be shown wherever data of the VERIS Community Database
// is: its licence asks for it.
const VERISAttribution = "VERIS Community Database (VCDB), Verizon RISK Team and contributors, CC BY-SA 4.0"

// VERISReader reads incidents in VERIS, such as those of the VERIS Community
// Database: one JSON object a line, an array of them, or one. It keeps one in
// memory, of bounded length.
type VERISReader struct {
	values *jsonValues
	rules  *verisRules
}

// NewVERISReader returns a reader of a file.
func NewVERISReader(r io.Reader) (*VERISReader, error) {
	rules, err := readVERISRules()
	if err != nil {
		return nil, err
	}
	return &VERISReader{values: newJSONValues(r), rules: rules}, nil
}

// Next returns what the next incident becomes; io.EOF behind the last.
func (r *VERISReader) Next() (register.Arrival, error) {
	value, err := r.values.next()
	if err != nil {
		return register.Arrival{}, err
	}
	return r.Again(register.Origin{Format: register.ImportVERIS, Line: value.line, Raw: value.raw}), nil
}

// Again returns what an incident becomes that was read before.
func (r *VERISReader) Again(o register.Origin) register.Arrival { return r.rules.arrival(o) }

// verisIncident is what is read of a VERIS incident. Summaries, notes and
// analysts are not: they name natural persons.
type verisIncident struct {
	ID        string                         `json:"incident_id"`
	Security  string                         `json:"security_incident"`
	Reference string                         `json:"reference"`
	Action    map[string]map[string]anything `json:"action"`
	Attribute struct {
		Confidentiality struct {
			Disclosure string   `json:"data_disclosure"`
			Total      anything `json:"data_total"`
			Data       []struct {
				Variety string `json:"variety"`
			} `json:"data"`
		} `json:"confidentiality"`
		Integrity    map[string]anything `json:"integrity"`
		Availability map[string]anything `json:"availability"`
	} `json:"attribute"`
	Timeline struct {
		Incident struct {
			Year  int `json:"year"`
			Month int `json:"month"`
			Day   int `json:"day"`
		} `json:"incident"`
	} `json:"timeline"`
	Victim struct {
		Name     string   `json:"victim_id"`
		Industry string   `json:"industry"`
		Country  []string `json:"country"`
	} `json:"victim"`
	// Summary is only compared with addresses, so that one that names a person
	// is withheld.
	Summary string `json:"summary"`

	file string // the identifier as the database writes it
	// unnamed means that nothing says whom it touched, or what says so is the name of
	// a person.
	unnamed, person bool
}

// anything is a value that is looked at only if it is of the kind expected.
type anything json.RawMessage

// UnmarshalJSON keeps the text.
func (a *anything) UnmarshalJSON(raw []byte) error {
	*a = append((*a)[:0], raw...)
	return nil
}

// texts are the members of a list of texts; none of anything else.
func (a anything) texts() []string {
	var out []string
	if json.Unmarshal(a, &out) != nil {
		return nil
	}
	return out
}

// number is a whole number above 0 that canonical JSON holds; 0 for all else.
func (a anything) number() int64 {
	const most = 1 << 53
	var n int64
	if json.Unmarshal(a, &n) != nil || n <= 0 || n >= most {
		return 0
	}
	return n
}

// did lists action and variety of everything that was done, in the order of the
// actions; an action without a variety has an empty one.
func (v *verisIncident) did() [][2]string {
	var out [][2]string
	for _, action := range []string{"malware", "hacking", "social", "misuse", "physical", "error", "environmental", "unknown"} {
		details, ok := v.Action[action]
		if !ok {
			continue
		}
		varieties := details["variety"].texts()
		if len(varieties) == 0 {
			varieties = []string{""}
		}
		for _, variety := range varieties {
			out = append(out, [2]string{action, variety})
		}
	}
	return out
}

// effects lists attribute and variety of what came of it.
func (v *verisIncident) effects() [][2]string {
	out := [][2]string{{"disclosure", v.Attribute.Confidentiality.Disclosure}}
	for _, variety := range v.Attribute.Integrity["variety"].texts() {
		out = append(out, [2]string{"integrity", variety})
	}
	for _, variety := range v.Attribute.Availability["variety"].texts() {
		out = append(out, [2]string{"availability", variety})
	}
	return out
}

// date is the date of the incident as precisely as it is stated: a month that is
// not stated is none, and so is what is no date.
func (v *verisIncident) date() edtf.Date {
	at := v.Timeline.Incident
	if at.Year < 1900 || at.Year > 9999 {
		return edtf.Date{}
	}
	forms := []string{fmt.Sprintf("%04d", at.Year)}
	if at.Month > 0 {
		forms = append(forms, fmt.Sprintf("%04d-%02d", at.Year, at.Month))
		if at.Day > 0 {
			forms = append(forms, fmt.Sprintf("%04d-%02d-%02d", at.Year, at.Month, at.Day))
		}
	}
	for _, form := range slices.Backward(forms) {
		if d, err := edtf.Parse(form); err == nil {
			return d
		}
	}
	return edtf.Date{}
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

var languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)

// country is the first country that is stated; "" for none.
func (v *verisIncident) country() string {
	for _, c := range v.Victim.Country {
		if countryCode.MatchString(c) {
			return c
		}
	}
	return ""
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// arrival is what an incident becomes. Whom it touched is told only where that is
// no natural person; the names of those stay in the origin.
func (rules *verisRules) arrival(o register.Origin) register.Arrival {
	var v verisIncident
	if o.Raw == nil || json.Unmarshal(o.Raw, &v) != nil {
		return register.Arrival{Origin: register.Origin{Line: o.Line}, Skip: register.SkipUnreadable}
	}
	v.file, v.ID = v.ID, strings.ToLower(v.ID)
	o.ID = v.ID
	if !uuid.MatchString(v.ID) {
		return register.Arrival{Origin: register.Origin{Line: o.Line}, Skip: register.SkipNoIdentifier}
	}
	out := register.Arrival{Origin: o}
	v.Victim.Name = tidy(v.Victim.Name)
	switch {
	case rules.isUnnamed(v.Victim.Name):
		out.Hold, v.unnamed = register.HoldNoVictim, true
	case rules.isPerson(v.Victim.Name):
		out.Hold, v.unnamed, v.person = register.HoldNaturalPerson, true, true
	default:
		out.Institutions = []register.Institution{rules.institution(&v)}
	}
	out.Sources = v.sources()
	incident := rules.incident(&v, out)
	out.Incident = &incident
	return out
}
