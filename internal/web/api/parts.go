package api

import (
	"reflect"
	"slices"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// ListClaims lists claims.
func ListClaims() Operation {
	return Operation{
		ID: "listClaims", Summary: "Claims, by their identifiers",
		Description: "A claim is a part of a statement. With updated_since all claims of the statements come that have changed since: of these, let go those that do not come any more.",
		answers:     reflect.TypeFor[exchange.ClaimResource](), list: true, handle: listClaims,
		Params: slices.Concat([]Param{
			form("statement", "The statement, by reference.", statementForm),
			form("incident", "An incident that the statement concerns, by reference.", incidentForm),
			form("institution", "The institution that speaks, by reference or slug.", institutionOrSlug),
			code("topic", "What it is about.", register.VocabularyTopic),
			oneOf("modality", "The force with which it is said.", register.Modalities()),
			sinceParam("Claims of statements that have changed since, in the order of the changes."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
	}
}

func listClaims(q *asked) (found, error) {
	institution, err := q.slug("institution")
	if err != nil {
		return found{}, err
	}
	list, err := q.records.Claims(q.ctx, register.ClaimFilter{
		Statement: q.text("statement"), Incident: q.text("incident"), Institution: institution, Topic: q.text("topic"),
		Modality: register.Modality(q.text("modality")), Since: q.since(), After: q.text("after"), Most: q.limit(),
	})
	if err != nil {
		return found{}, err
	}
	r, records, err := q.holding(list.Parts)
	if err != nil {
		return found{}, err
	}
	if r.Concerned, err = q.records.Concerned(q.ctx, referencesOf(list.Parts)); err != nil {
		return found{}, err
	}
	return found{data: partsOf(list.Parts, records, r.Claim), next: list.Next}, nil
}

// holding reads the records that hold parts, by their references.
func (q *asked) holding(parts []register.Part) (*exchange.Resources, map[string]register.Published, error) {
	r, list, err := q.published(referencesOf(parts))
	return r, byReference(list), err
}

func byReference(list []register.Published) map[string]register.Published {
	out := make(map[string]register.Published, len(list))
	for i := range list {
		out[list[i].Reference] = list[i]
	}
	return out
}

func referencesOf(parts []register.Part) []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.Reference)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// partsOf makes a resource of each part; what was withdrawn a moment ago is left
// out.
func partsOf[T any](parts []register.Part, records map[string]register.Published, resource func(register.Published, string) (T, bool)) []T {
	out := []T{}
	for _, p := range parts {
		record, ok := records[p.Reference]
		if !ok {
			continue
		}
		if made, ok := resource(record, p.Key); ok {
			out = append(out, made)
		}
	}
	return out
}

// ShowClaim shows one claim.
func ShowClaim() Operation {
	return Operation{
		ID: "showClaim", Summary: "One claim", answers: reflect.TypeFor[exchange.ClaimResource](),
		Params: []Param{id(claimForm, "Reference of the statement and key of the claim, with a dot between."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			return onePart(q, register.TypeStatement, func(r *exchange.Resources, p register.Published, key string) (any, bool, error) {
				var err error
				r.Concerned, err = q.records.Concerned(q.ctx, []string{p.Reference})
				claim, ok := r.Claim(p, key)
				return claim, ok, err
			})
		},
	}
}

// onePart answers a part of a record by the identifier in the address.
func onePart(q *asked, t register.RecordType, resource func(*exchange.Resources, register.Published, string) (any, bool, error)) (found, error) {
	reference, key, _ := exchange.SplitPartID(q.text("id"))
	p, _, err := q.record(t, reference, key)
	if err != nil {
		return found{}, err
	}
	r := q.resources()
	if err := q.name(r, p); err != nil {
		return found{}, err
	}
	data, ok, err := resource(r, p, key)
	if err == nil && !ok {
		err = register.ErrNotFound
	}
	return found{data: data}, err
}

// ListReferrals lists referrals, with the filters of the site.
func ListReferrals() Operation {
	return Operation{
		ID: "listReferrals", Summary: "Referrals, that with the latest step first",
		Description: "A referral is a part of an incident. With updated_since all referrals of the incidents come that have changed since: of these, let go those that do not come any more.",
		answers:     reflect.TypeFor[exchange.ReferralResource](), list: true, handle: listReferrals,
		Params: slices.Concat([]Param{
			form("incident", "The incident, by reference.", incidentForm),
			form("authority", "The authority to which it was brought, by reference or slug; not-named for those whose authority is named by nobody.", institutionOrSlug),
			oneOf("kind", "Kind of authority.", register.ReferralKinds()),
			code("step", "Its latest step.", register.VocabularyStep),
			code("level", "How well its latest step is established.", register.VocabularyLevel),
			query("silent", "Days for which no step has become public.", schema{"type": "integer", "minimum": 30, "maximum": 365, "enum": register.ReferralSilences()}),
			oneOf("sort", "Order: that with the latest step first, or the longest silence first.", register.ReferralSorts()),
			sinceParam("Referrals of incidents that have changed since, in the order of the changes."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
	}
}

func listReferrals(q *asked) (found, error) {
	authority, err := q.slug("authority")
	if err != nil {
		return found{}, err
	}
	f := register.ReferralFilter{
		Incident: q.text("incident"), Authority: authority, Kind: register.ReferralKind(q.text("kind")), Step: q.text("step"),
		Level: register.Level(q.text("level")), Silent: q.number("silent"), Today: q.today(), Sort: register.ReferralSort(q.text("sort")),
		After: q.text("after"), Most: q.limit(), Uncounted: true,
	}
	var out register.PartList
	switch {
	case q.since().IsZero():
		list, err := q.records.Referrals(q.ctx, f)
		if err != nil {
			return found{}, err
		}
		for i := range list.Rows {
			out.Parts = append(out.Parts, register.Part{Reference: list.Rows[i].IncidentReference, Key: list.Rows[i].Key})
		}
		out.Next = list.Next
	case f.Sort != "":
		return found{}, &ProblemError{Kind: Conflicting, Parameter: "updated_since", Other: "sort"}
	default:
		if out, err = q.records.ChangedReferrals(q.ctx, f, q.since()); err != nil {
			return found{}, err
		}
	}
	r, records, err := q.holding(out.Parts)
	if err != nil {
		return found{}, err
	}
	return found{data: partsOf(out.Parts, records, r.Referral), next: out.Next}, nil
}

// ShowReferral shows one referral.
func ShowReferral() Operation {
	return Operation{
		ID: "showReferral", Summary: "One referral", answers: reflect.TypeFor[exchange.ReferralResource](),
		Params: []Param{id(referralForm, "Reference of the incident and key of the referral, with a dot between."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			return onePart(q, register.TypeIncident, func(r *exchange.Resources, p register.Published, key string) (any, bool, error) {
				referral, ok := r.Referral(p, key)
				return referral, ok, nil
			})
		},
	}
}

// ListSources lists sources.
func ListSources() Operation {
	return Operation{
		ID: "listSources", Summary: "Sources, by their identifiers",
		Description: "A source is shown as the edition in shown_by has it. With updated_since all sources of the records come that have changed since, each as that record shows it.",
		answers:     reflect.TypeFor[exchange.SourceResource](), list: true, handle: listSources,
		Params: slices.Concat([]Param{
			form("record", "A record that cites it, by reference.", recordForm),
			sinceParam("Sources of records that have changed since, in the order of the changes."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
	}
}

func listSources(q *asked) (found, error) {
	list, err := q.records.Sources(q.ctx, register.SourceFilter{
		Record: q.text("record"), Since: q.since(), After: q.text("after"), Most: q.limit(),
	})
	if err != nil {
		return found{}, err
	}
	data, err := q.sources(list.Parts)
	return found{data: data, next: list.Next}, err
}

// sources makes resources of sources, each as the record shows it that is named,
// or else as the one of those that cite it that changed last.
func (q *asked) sources(parts []register.Part) ([]exchange.SourceResource, error) {
	keys := make([]string, len(parts))
	for i, p := range parts {
		keys[i] = p.Key
	}
	citing, err := q.records.Citing(q.ctx, keys)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		if parts[i].Reference == "" {
			parts[i].Reference = citing[parts[i].Key].Latest
		}
	}
	list, err := q.records.Published(q.ctx, referencesOf(parts))
	r := q.resources()
	r.Citing = citing
	return partsOf(parts, byReference(list), r.Source), err
}

// ShowSource shows one source.
func ShowSource() Operation {
	return Operation{
		ID: "showSource", Summary: "One source", answers: reflect.TypeFor[exchange.SourceResource](),
		Params: []Param{id(sourceForm, "Identifier of the source."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			list, err := q.sources([]register.Part{{Key: q.text("id")}})
			if err != nil || len(list) == 0 {
				return found{}, orNotFound(err)
			}
			return found{data: list[0]}, nil
		},
	}
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return register.ErrNotFound
}
