package form

import (
	"reflect"

	"github.com/sijil/sijil/internal/register"
)

// hint says of a field what its type does not.
type hint struct {
	name       string // of the input, where it is not that of the JSON: "place" is the form's own
	kind       Kind
	codes      func() []string
	vocabulary string
	keys       func(noun any) []string
	long       bool
	exact      bool
	folded     bool
	start      bool
	whole      bool
	skip       bool // it is found out by the program, not entered
}

// hints is the one table of what the types do not say, by type and field.
func hints() map[string]hint {
	long, folded, foldedLong := hint{long: true}, hint{folded: true}, hint{long: true, folded: true}
	key := hint{kind: Key}
	dated := hint{start: true}
	return map[string]hint{
		"Fact.Key": key, "InstitutionName.Key": key, "Official.Key": key, "Source.Key": key,
		"Fact.Dates": dated, "Statement.Dates": dated,

		"DateAssertion.EDTF":    {name: "date"},
		"DateAssertion.Wording": folded, "DateAssertion.Reason": folded,

		"Incident.Slug": folded, "Incident.Summary": long,
		"Incident.Kinds":        {codes: register.IncidentKinds, vocabulary: "incident-kind."},
		"Incident.Standing":     {codes: register.Standings, vocabulary: "standing."},
		"Incident.Country":      {kind: Country},
		"IncidentRelation.Kind": {codes: register.IncidentRelationKinds, vocabulary: "incident-relation."},

		"AffectedInstitution.DataExposed": long, "AffectedInstitution.Note": foldedLong,
		"Measure.Body": long,

		"Exposure.DataClasses": {codes: register.DataClasses, vocabulary: "data-class."},
		"Exposure.Place":       {name: "place_kind", codes: register.ExposurePlaces, vocabulary: "exposure-place."},
		"Figure.Bound":         {codes: bounds, vocabulary: "form.bound."},
		"Position.Note":        foldedLong,

		"Event.Body":      long,
		"Event.Exposure":  {keys: exposureKeys, folded: true},
		"Event.RelatedBy": folded, "Event.Chain": folded,

		"Referral.Note": foldedLong, "Referral.PossiblySame": {keys: referralKeys, folded: true},
		"Step.Step": {codes: register.Steps, vocabulary: "step."}, "Step.Phase": {skip: true}, "Step.Body": long,

		"Statement.Slug": folded, "Statement.Summary": long,
		"Statement.OriginalText": {long: true, exact: true},
		"StatementRelation.Kind": {codes: register.StatementRelationKinds, vocabulary: "statement-relation."},
		"Rendering.Text":         {long: true, exact: true}, "Rendering.Note": foldedLong,
		"Difference.Between": {keys: renderingKeys}, "Difference.Claims": {keys: claimKeys},
		"Difference.Note": long, "Reading.Rendering": {keys: renderingKeys},
		"Document.Type": {skip: true}, "Document.SHA256": {skip: true}, "Document.Size": {skip: true},
		"Document.Text": {long: true, exact: true},
		"Claim.Bound":   {codes: bounds, vocabulary: "form.bound."}, "Claim.ReportedFrom": folded,
		"ClaimRelation.To": {whole: true}, "Quote.Text": long,
		"Quote.Rendering": {keys: renderingKeys},

		"Institution.Slug":        folded,
		"Institution.Sector":      {codes: register.Sectors, vocabulary: "sector."},
		"Institution.Country":     {kind: Country},
		"Institution.Description": long,
		"InstitutionName.Script":  {codes: scripts, vocabulary: "form.script.", folded: true},

		"Source.Gist": foldedLong, "Source.Capture": {skip: true},
		"Source.Accessed": folded, "Source.URLWithheld": folded, "Source.CaptureOpen": folded,
	}
}

// orders are the orders in which the fields of a type are entered, where it is
// not that of the type.
func orders() map[string]string {
	return map[string]string{
		"Answer":              "question answer note said_in sources dates",
		"AffectedInstitution": "institution roles data_exposed sources said_in note dates",
		"TargetedSystem":      "institution names sources said_in dates",
		"Measure":             "title dates dates_taken reported_by institutions body sources said_in",
		"Exposure":            "title institution data_classes place_kind period figures authenticity dates sources said_in",
		"Figure":              "value bound unit claimant what sources said_in dates",
		"Position":            "party institution findings dates sources said_in note",
		"Event":               "kind title dates attestation sources said_in body institutions exposure related_by chain",
		"Referral":            "kind title by by_name to to_name steps sources said_in dates legal_basis case_number against note possibly_same",
		"Step":                "step level title dates sources said_in body",
		"DateAssertion":       "date basis preferred sources",
		"Rendering":           "language kind publisher full_text text sources dates said_in note",
		"Claim":               "topic quotes paraphrase modality quantifier value bound unit relations on_timeline sources said_in dates reported_from",
		"Difference":          "between readings claims note sources said_in dates",
		"Source":              "url publisher title kind author language published published_basis",
	}
}

// vocabulary is a list of codes and the beginning of their labels' keys.
type vocabulary struct {
	name  string
	codes func() []string
}

// vocabularies are the types that are codes.
func vocabularies() map[reflect.Type]vocabulary {
	return map[reflect.Type]vocabulary{
		reflect.TypeFor[register.Attestation]():       {"attestation.", codes(register.Attestations)},
		reflect.TypeFor[register.ClaimRelationKind](): {"claim-relation.", codes(register.ClaimRelationKinds)},
		reflect.TypeFor[register.Claimant]():          {"claimant.", codes(register.Claimants)},
		reflect.TypeFor[register.DateBasis]():         {"date-basis.", codes(register.DateBases)},
		reflect.TypeFor[register.EventKind]():         {"event-kind.", codes(register.EventKinds)},
		reflect.TypeFor[register.Finding]():           {"finding.", codes(register.Findings)},
		reflect.TypeFor[register.InstitutionKind]():   {"institution-kind.", codes(register.InstitutionKinds)},
		reflect.TypeFor[register.Level]():             {"level.", codes(register.Levels)},
		reflect.TypeFor[register.Modality]():          {"modality.", codes(register.Modalities)},
		reflect.TypeFor[register.NameKind]():          {"name-kind.", codes(register.NameKinds)},
		reflect.TypeFor[register.Quantifier]():        {"quantifier.", codes(register.Quantifiers)},
		reflect.TypeFor[register.ReferralKind]():      {"referral-kind.", codes(register.ReferralKinds)},
		reflect.TypeFor[register.RenderingKind]():     {"rendering-kind.", codes(register.RenderingKinds)},
		reflect.TypeFor[register.Role]():              {"role.", codes(register.Roles)},
		reflect.TypeFor[register.SourceKind]():        {"source-kind.", codes(register.SourceKinds)},
		reflect.TypeFor[register.StatementKind]():     {"statement-kind.", codes(register.StatementKinds)},
		reflect.TypeFor[register.SystemKind]():        {"system-kind.", codes(register.SystemKinds)},
		reflect.TypeFor[register.Topic]():             {"topic.", codes(register.Topics)},
		reflect.TypeFor[register.Unit]():              {"unit.", codes(register.Units)},
	}
}

// codes gives a list of typed codes as one of strings.
func codes[T ~string](list func() []T) func() []string {
	return func() []string {
		var out []string
		for _, c := range list() {
			out = append(out, string(c))
		}
		return out
	}
}

// bounds are how a number can be meant, but for "exactly", which is no choice.
func bounds() []string {
	var out []string
	for _, b := range register.Bounds() {
		if b != "" {
			out = append(out, b)
		}
	}
	return out
}

// scripts are those in which names of Moroccan institutions are found, and
// some others (ISO 15924).
func scripts() []string { return []string{"Arab", "Latn", "Tfng", "Cyrl", "Grek", "Hans", "Hebr"} }

func exposureKeys(noun any) []string {
	var out []string
	if i, ok := noun.(*register.Incident); ok {
		for _, x := range i.Exposures {
			out = append(out, x.Key)
		}
	}
	return out
}

func referralKeys(noun any) []string {
	var out []string
	if i, ok := noun.(*register.Incident); ok {
		for _, r := range i.Referrals {
			out = append(out, r.Key)
		}
	}
	return out
}

func renderingKeys(noun any) []string {
	var out []string
	if s, ok := noun.(*register.Statement); ok {
		for _, r := range s.Renderings {
			out = append(out, r.Key)
		}
	}
	return out
}

func claimKeys(noun any) []string {
	var out []string
	if s, ok := noun.(*register.Statement); ok {
		for _, c := range s.Claims {
			out = append(out, c.Key)
		}
	}
	return out
}
