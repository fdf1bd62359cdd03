package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// VERISVersion is a version of the VERIS schema.
type VERISVersion string

// The versions: that of the VERIS Community Database, and the current one.
const (
	VERIS134 VERISVersion = "1.3.4"
	VERIS141 VERISVersion = "1.4.1"
)

// VERISVersions lists the versions that are written.
func VERISVersions() []VERISVersion { return []VERISVersion{VERIS141, VERIS134} }

// lastYear is the last year that the schema of the version lets an incident have.
func (v VERISVersion) lastYear() int {
	if v == VERIS134 {
		return 2022
	}
	return 2050
}

// InexpressibleError says that a format has no way to write a record that is valid
// by its schema.
type InexpressibleError struct {
	Reference string
	Format    string
	Why       string
}

// Error says so.
func (e *InexpressibleError) Error() string {
	return fmt.Sprintf("%s cannot be written in %s: %s", e.Reference, e.Format, e.Why)
}

// Unwrap says that there is nothing of it in this format.
func (e *InexpressibleError) Unwrap() error { return register.ErrNotFound }

// VERIS writes editions of incidents in VERIS (verisframework.org). The schema asks for
// more than the register knows: that is Unknown. It asks for a year, which cannot be
// unknown: an incident without one is an *InexpressibleError.
type VERIS struct {
	base    string
	version VERISVersion
	rules   verisOutRules
}

// NewVERIS returns an encoder for the register whose site has the origin base.
func NewVERIS(base string, version VERISVersion) (*VERIS, error) {
	v := &VERIS{base: base, version: version}
	if err := yaml.UnmarshalWithOptions(verisOutYAML, &v.rules, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("rules of VERIS: %w", err)
	}
	return v, nil
}

// unknown is what VERIS says of what is not known.
const unknown = "Unknown"

// Incident returns an incident as one line of JSON.
func (v *VERIS) Incident(e *register.IncidentEdition) ([]byte, error) {
	day, ok := verisDayOf(e.Occurred())
	const firstYear = 1950
	switch {
	case !ok:
		return nil, v.cannot(e, "it asks for the year of the incident, which is not known")
	case day.Year < firstYear || day.Year > v.version.lastYear():
		return nil, v.cannot(e, fmt.Sprintf("it has no incidents of the year %d", day.Year))
	}
	summary, _, _ := e.Summary.In(register.English)
	out := verisOut{
		SchemaVersion: v.version, IncidentID: urlNamespace().named(v.base).named("veris/" + e.Reference).String(), SourceID: "sijil",
		SecurityIncident: v.incidentOf(e.Standing), Summary: summary, Reference: v.references(e), Notes: v.notes(e),
		Timeline: verisTimeline{day}, Victim: v.victim(e), Actor: thing{"unknown": thing{}}, Action: v.action(e.Kinds),
		Asset:     verisAsset{Assets: v.assets(e.Systems), Cloud: []string{unknown}},
		Attribute: v.attribute(e), Discovery: thing{"unknown": true},
	}
	if v.version != VERIS134 {
		out.SchemaName = "verisc"
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("VERIS: %w", err)
	}
	return append(raw, '\n'), nil
}

func (v *VERIS) cannot(e *register.IncidentEdition, why string) error {
	return &InexpressibleError{Reference: e.Reference, Format: "VERIS " + string(v.version), Why: why}
}

// verisDayOf is a date as precisely as it is one: of a window, what its two ends
// have in common.
func verisDayOf(d edtf.Date) (day verisDay, ok bool) {
	first, ok1 := d.FirstDay()
	last, ok2 := d.LastDay()
	if !ok1 || !ok2 || first.Year != last.Year {
		return day, false
	}
	day.Year = first.Year
	if first.Month == last.Month {
		day.Month = int(first.Month)
		if first.Day == last.Day {
			day.Day = first.Day
		}
	}
	return day, true
}

func (v *VERIS) incidentOf(standing string) string {
	for _, s := range v.rules.Standings {
		if s.Standing == standing {
			return s.Incident
		}
	}
	return "Suspected"
}

// references are the page of the incident and the addresses of its sources.
func (v *VERIS) references(e *register.IncidentEdition) string {
	out := []string{v.base + "/en/incidents/" + e.Slug}
	for i := range e.SourceList {
		if address := URI(e.SourceList[i].URL); address != "" {
			out = append(out, address)
		}
	}
	return strings.Join(distinct(out), "; ")
}

// notes name the edition, and give the figures with who says them, which are never to
// be added up; the sources are named that ask to be.
func (v *VERIS) notes(e *register.IncidentEdition) string {
	out := []string{fmt.Sprintf("Made from edition %d of %s in the register Sijil, SHA-256 %s.", e.Edition, e.Reference, e.SHA256)}
	for i := range e.Exposures {
		for _, f := range e.Exposures[i].Figures {
			words := []string{"Figure of", string(f.Claimant) + ":", f.Bound, strconv.FormatInt(f.Value, 10), string(f.Unit)}
			out = append(out, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")+".")
		}
	}
	for i := range e.SourceList {
		if e.SourceList[i].Publisher == VERISAttribution {
			out = append(out, VERISAttribution+".")
			break
		}
	}
	return strings.Join(out, " ")
}

// victim is the first institution that is called the target, else the first that is
// named; the others are secondary. There is none where none is shown.
func (v *VERIS) victim(e *register.IncidentEdition) *verisVictim {
	var shown []*register.InstitutionEdition
	for i := range e.Affected {
		inst := e.Institution(e.Affected[i].Institution)
		switch {
		case inst == nil || slices.Contains(shown, inst):
		case slices.Contains(e.Affected[i].Roles, register.RoleTarget) && !v.leads(e, shown):
			shown = append([]*register.InstitutionEdition{inst}, shown...)
		default:
			shown = append(shown, inst)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	first := shown[0]
	out := &verisVictim{ID: verisName(first), Employees: unknown, Industry: v.industry(first), Country: []string{v.country(first.Country)}}
	if v.version != VERIS134 {
		out.Government = []string{unknown}
		if level := v.rules.Governments[first.Kind]; level != "" {
			out.Government = []string{level}
		}
	}
	if others := shown[1:]; len(others) > 0 {
		out.Secondary = &verisSecondary{Amount: len(others)}
		for _, other := range others {
			out.Secondary.ID = append(out.Secondary.ID, verisName(other))
		}
	}
	return out
}

// leads reports whether the first of the list is a target.
func (v *VERIS) leads(e *register.IncidentEdition, shown []*register.InstitutionEdition) bool {
	return len(shown) > 0 && slices.ContainsFunc(e.Affected, func(a register.AffectedInstitution) bool {
		return string(a.Institution) == shown[0].Reference && slices.Contains(a.Roles, register.RoleTarget)
	})
}

func verisName(i *register.InstitutionEdition) string {
	if name, _, ok := i.NameText(register.NameOfficial).In(register.English); ok {
		return name
	}
	name, _, _ := i.ShortName().In(register.English)
	return name
}

func (v *VERIS) industry(i *register.InstitutionEdition) string {
	for _, row := range v.rules.Industries {
		if (row.Sector == "" || row.Sector == i.Sector) && (row.Kind == "" || row.Kind == string(i.Kind)) {
			return row.NAICS
		}
	}
	return "00"
}

func (v *VERIS) country(code string) string {
	if code == "XK" && v.version != VERIS134 || slices.Contains(strings.Fields(v.rules.Countries), code) {
		return code
	}
	return unknown
}

// action is what is known of what was done. How, the register does not say: every
// other field of an action is Unknown.
func (v *VERIS) action(kinds []string) map[string]thing {
	varieties := map[string][]string{}
	for _, kind := range kinds {
		if row := v.row(kind); row != nil && row.Action != "" && !slices.Contains(varieties[row.Action], row.Variety) {
			varieties[row.Action] = append(varieties[row.Action], row.Variety)
		}
	}
	out := map[string]thing{}
	for action, list := range varieties {
		if len(list) > 1 { // what is known makes the rest not unknown
			list = slices.DeleteFunc(list, func(x string) bool { return x == unknown })
		}
		out[action] = thing{"variety": list, "vector": []string{unknown}}
		if action == "social" {
			out[action]["target"] = []string{unknown}
		}
	}
	if len(out) == 0 {
		out["unknown"] = thing{}
	}
	return out
}

// row is that of a kind, else that of its class; nil for none.
func (v *VERIS) row(kind string) *verisOutKind {
	class, _, _ := strings.Cut(kind, "/")
	for _, name := range []string{kind, class} {
		for i := range v.rules.Kinds {
			if v.rules.Kinds[i].Kind == name {
				return &v.rules.Kinds[i]
			}
		}
	}
	return nil
}

// assets are the systems, each as all parties call it; Unknown where they differ.
func (v *VERIS) assets(systems []register.TargetedSystem) []thing {
	var varieties []string
	for i := range systems {
		variety := ""
		for j, n := range systems[i].Names {
			asset := v.rules.Assets[n.Kind]
			if asset == "" || j > 0 && asset != variety {
				asset = unknown
			}
			variety = asset
		}
		if variety != "" {
			varieties = append(varieties, variety)
		}
	}
	if len(varieties) == 0 {
		varieties = []string{unknown}
	}
	var out []thing
	for _, variety := range distinct(varieties) {
		out = append(out, thing{"variety": variety})
	}
	return out
}

// attribute is what came of it; nil when nothing is said of that.
func (v *VERIS) attribute(e *register.IncidentEdition) map[string]any {
	out := map[string]any{}
	leak := false
	for _, effect := range []string{"availability", "integrity"} {
		var varieties []string
		for _, kind := range e.Kinds {
			row := v.row(kind)
			if row == nil {
				continue
			}
			leak = leak || row.Leak
			if variety := map[string]string{"availability": row.Availability, "integrity": row.Integrity}[effect]; variety != "" {
				varieties = append(varieties, variety)
			}
		}
		if varieties = distinct(varieties); len(varieties) > 0 {
			out[effect] = thing{"variety": varieties}
		}
	}
	if leak || len(e.Exposures) > 0 {
		out["confidentiality"] = v.confidentiality(e, leak)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// confidentiality tells of data: that it came out, only where the register calls a
// leak confirmed. A total is given where one party gives the one number.
func (v *VERIS) confidentiality(e *register.IncidentEdition, leak bool) thing {
	out := thing{"data_disclosure": "Potentially"}
	if leak && e.Standing == "confirmed" {
		out["data_disclosure"] = "Yes"
	}
	var varieties []string
	var figures []register.Figure
	for i := range e.Exposures {
		for _, class := range e.Exposures[i].DataClasses {
			if variety := v.rules.Data[class]; variety != "" {
				varieties = append(varieties, variety)
			}
		}
		figures = append(figures, e.Exposures[i].Figures...)
	}
	if len(varieties) > 0 {
		var data []thing
		for _, variety := range distinct(varieties) {
			data = append(data, thing{"variety": variety})
		}
		out["data"] = data
	}
	if len(figures) == 1 && figures[0].Unit == register.UnitRecords && figures[0].Bound == "" {
		out["data_total"] = figures[0].Value
	}
	return out
}
