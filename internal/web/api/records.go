package api

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// ListIncidents lists incidents, with the filters of the site.
func ListIncidents() Operation {
	return Operation{
		ID: "listIncidents", Summary: "Incidents, the latest first",
		answers: reflect.TypeFor[exchange.IncidentResource](), list: true, handle: listIncidents,
		Params: slices.Concat([]Param{
			query("q", "Words in any language, phrases between quotation marks, -word for what must not occur.", schema{"type": "string", "maxLength": register.MaxQuery}),
			form("institution", "An institution that it is said to have touched, by reference or slug.", institutionOrSlug),
			oneOf("sector", "Sector of such an institution.", register.Sectors()),
			oneOf("kind", "Class of the Reference Security Incident Taxonomy, or class/type.", register.IncidentKinds()),
			code("standing", "Standing of the incident.", register.VocabularyStanding),
			yearParam("year", "Year of the first public trace."),
			orNone(code("referral", "Latest step of its furthest referral, or none.", register.VocabularyStep)),
			yesNo("official", "Whether an official statement is known."),
			oneOf("language", "Language in which words of its statements are known.", register.Langs()),
			oneOf("sort", "Order: relevance (of a search; the default of one), occurred, published.", register.SearchSorts()),
			sinceParam("Incidents that have changed since, in the order of the changes, and those that are gone."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
	}
}

func orNone(p Param) Param { p.none = "none"; return p }

func listIncidents(q *asked) (found, error) {
	institution, err := q.slug("institution")
	if err != nil {
		return found{}, err
	}
	f := register.IncidentFilter{
		Query: q.words(), Institution: institution, Sector: q.text("sector"), Kind: q.text("kind"), Standing: q.text("standing"),
		Year: q.number("year"), Referral: q.text("referral"), Official: q.text("official"), Language: register.Lang(q.text("language")),
		Sort: register.IncidentSort(q.text("sort")), After: q.text("after"), Lang: register.French, Most: q.limit(), Uncounted: true,
	}
	switch {
	case f.Sort == register.SortRelevance && f.Query == "":
		return found{}, &ProblemError{Kind: Conflicting, Parameter: "sort", Other: "q"}
	case q.since().IsZero():
		list, err := q.records.Incidents(q.ctx, f)
		if err != nil {
			return found{}, err
		}
		var references []string
		for i := range list.Rows {
			references = append(references, list.Rows[i].Reference)
		}
		return q.incidents(references, found{next: list.Next})
	case f.Query != "":
		return found{}, &ProblemError{Kind: Conflicting, Parameter: "updated_since", Other: "q"}
	case f.Sort != "":
		return found{}, &ProblemError{Kind: Conflicting, Parameter: "updated_since", Other: "sort"}
	}
	changes, err := q.records.ChangedIncidents(q.ctx, f, q.since())
	if err != nil {
		return found{}, err
	}
	return q.incidents(changes.References, q.changed(changes))
}

// changed is the frame of an answer about changes.
func (q *asked) changed(c register.Changes) found {
	return found{next: c.Next, gone: q.resources().Departures(c.Gone), listed: true}
}

// incidents answers incidents by their references.
func (q *asked) incidents(references []string, out found) (found, error) {
	r, records, err := q.published(references)
	if err != nil {
		return out, err
	}
	if r.Rows, err = q.records.IncidentRows(q.ctx, references); err != nil {
		return out, err
	}
	out.data = resourcesOf(records, r.Incident)
	return out, nil
}

// published reads the current editions of records, and what names them.
func (q *asked) published(references []string) (*exchange.Resources, []register.Published, error) {
	r := q.resources()
	if len(references) == 0 {
		return r, nil, nil
	}
	records, err := q.records.Published(q.ctx, references)
	if err != nil {
		return nil, nil, err
	}
	return r, records, q.name(r, records...)
}

// name reads what the records that are mentioned are called.
func (q *asked) name(r *exchange.Resources, records ...register.Published) error {
	var refs []register.Ref
	for i := range records {
		refs = append(refs, exchange.Mentioned(records[i])...)
	}
	slices.Sort(refs)
	var err error
	r.Names, err = q.records.Names(q.ctx, slices.Compact(refs))
	return err
}

// resourcesOf makes a resource of each record; never nil, which JSON has as null.
func resourcesOf[T any](records []register.Published, resource func(register.Published) T) []T {
	out := make([]T, len(records))
	for i := range records {
		out[i] = resource(records[i])
	}
	return out
}

// ShowIncident shows one incident.
func ShowIncident() Operation {
	return Operation{
		ID: "showIncident", Summary: "One incident", answers: reflect.TypeFor[exchange.IncidentResource](),
		Params: []Param{id(incidentForm, "Reference of the incident, such as SJ-2025-0001."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			return q.one(register.TypeIncident, func(ctx context.Context, r *exchange.Resources, p register.Published) (any, error) {
				var err error
				r.Rows, err = q.records.IncidentRows(ctx, []string{p.Reference})
				return r.Incident(p), err
			})
		},
	}
}

// one answers a record by the identifier in the address.
func (q *asked) one(t register.RecordType, resource func(context.Context, *exchange.Resources, register.Published) (any, error)) (found, error) {
	p, moved, err := q.record(t, q.text("id"), "")
	if err != nil || moved != "" {
		return found{movedTo: moved}, err
	}
	r := q.resources()
	if err := q.name(r, p); err != nil {
		return found{}, err
	}
	data, err := resource(q.ctx, r, p)
	return found{data: data}, err
}

// record reads a record, or says where it has moved; key is that of a part of it.
func (q *asked) record(t register.RecordType, reference, key string) (p register.Published, moved string, err error) {
	p, err = q.records.PublishedAt(q.ctx, t, reference)
	if to, ok := errors.AsType[*register.MovedError](err); ok && key == "" {
		return p, exchange.APIRoot + "/" + string(t) + "s/" + to.Reference, nil
	} else if ok {
		return p, "", register.ErrNotFound // the other record has other parts
	}
	return p, "", err
}

// ListStatements lists statements, with the filters of the site.
func ListStatements() Operation {
	return Operation{
		ID: "listStatements", Summary: "Statements, the latest first",
		answers: reflect.TypeFor[exchange.StatementResource](), list: true, handle: listStatements,
		Params: slices.Concat([]Param{
			form("institution", "The institution that speaks, by reference or slug.", institutionOrSlug),
			oneOf("kind", "Kind of statement.", register.StatementKinds()),
			yesNo("official", "Whether it is official."),
			oneOf("original", "Whether the original was seen.", []string{"seen", "not-seen"}),
			oneOf("language", "Language in which its words are known.", register.Langs()),
			yearParam("year", "Year in which it was said."),
			sinceParam("Statements that have changed since, in the order of the changes, and those that are gone."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
	}
}

func listStatements(q *asked) (found, error) {
	institution, err := q.slug("institution")
	if err != nil {
		return found{}, err
	}
	f := register.StatementFilter{
		Institution: institution, Kind: register.StatementKind(q.text("kind")), Official: q.text("official"), Original: q.text("original"),
		Language: register.Lang(q.text("language")), Year: q.number("year"), After: q.text("after"), Most: q.limit(), Uncounted: true,
	}
	if !q.since().IsZero() {
		changes, err := q.records.ChangedStatements(q.ctx, f, q.since())
		if err != nil {
			return found{}, err
		}
		return q.statements(changes.References, q.changed(changes))
	}
	list, err := q.records.Statements(q.ctx, f)
	if err != nil {
		return found{}, err
	}
	var references []string
	for i := range list.Rows {
		references = append(references, list.Rows[i].Reference)
	}
	return q.statements(references, found{next: list.Next})
}

func (q *asked) statements(references []string, out found) (found, error) {
	r, records, err := q.published(references)
	if err != nil {
		return out, err
	}
	if r.Concerned, err = q.records.Concerned(q.ctx, references); err != nil {
		return out, err
	}
	out.data = resourcesOf(records, r.Statement)
	return out, nil
}

// ShowStatement shows one statement.
func ShowStatement() Operation {
	return Operation{
		ID: "showStatement", Summary: "One statement", answers: reflect.TypeFor[exchange.StatementResource](),
		Params: []Param{id(statementForm, "Reference of the statement, such as ST-2025-0001."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			return q.one(register.TypeStatement, func(ctx context.Context, r *exchange.Resources, p register.Published) (any, error) {
				var err error
				r.Concerned, err = q.records.Concerned(ctx, []string{p.Reference})
				return r.Statement(p), err
			})
		},
	}
}

// ListInstitutions lists institutions, with the filters of the site.
func ListInstitutions() Operation {
	return Operation{
		ID: "listInstitutions", Summary: "Institutions, by name",
		answers: reflect.TypeFor[exchange.InstitutionResource](), list: true, handle: listInstitutions,
		Params: slices.Concat([]Param{
			oneOf("kind", "Kind of institution.", register.InstitutionKinds()),
			oneOf("sector", "Sector of activity.", register.Sectors()),
			oneOf("part", "Part that it has in the register: affected by an incident, speaks, refers a matter, or is the authority of one.", register.InstitutionParts()),
			sinceParam("Institutions that have changed since, in the order of the changes, and those that are gone."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
	}
}

func listInstitutions(q *asked) (found, error) {
	f := register.InstitutionFilter{
		Kind: register.InstitutionKind(q.text("kind")), Sector: q.text("sector"), Part: register.InstitutionPart(q.text("part")),
		Lang: q.lang(), After: q.text("after"), Most: q.limit(), Uncounted: true,
	}
	if f.Lang == "" {
		f.Lang = register.French
	}
	var references []string
	var out found
	if q.since().IsZero() {
		list, err := q.records.Institutions(q.ctx, f)
		if err != nil {
			return out, err
		}
		for i := range list.Rows {
			references = append(references, list.Rows[i].Reference)
		}
		out.next = list.Next
	} else {
		changes, err := q.records.ChangedInstitutions(q.ctx, f, q.since())
		if err != nil {
			return out, err
		}
		references, out = changes.References, q.changed(changes)
	}
	r, records, err := q.published(references)
	if err != nil {
		return out, err
	}
	out.data = resourcesOf(records, r.Institution)
	return out, nil
}

// ShowInstitution shows one institution.
func ShowInstitution() Operation {
	return Operation{
		ID: "showInstitution", Summary: "One institution", answers: reflect.TypeFor[exchange.InstitutionResource](),
		Params: []Param{id(institutionForm, "Reference of the institution, such as IN-0001."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			return q.one(register.TypeInstitution, func(_ context.Context, r *exchange.Resources, p register.Published) (any, error) {
				return r.Institution(p), nil
			})
		},
	}
}
