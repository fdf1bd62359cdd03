package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// ListEditions lists editions of all records.
func ListEditions() Operation {
	return Operation{
		ID: "listEditions", Summary: "Editions of all records, the newest first",
		answers: reflect.TypeFor[exchange.EditionResource](), list: true,
		Params: slices.Concat([]Param{
			form("record", "The record, by reference.", recordForm),
			oneOf("type", "Type of the record.", register.RecordTypes()),
			sinceParam("Editions that were published since, the oldest first."),
		}, pageParams(), []Param{fieldsParam(), langParam()}),
		handle: func(q *asked) (found, error) {
			list, err := q.records.Editions(q.ctx, register.EditionFilter{
				Record: q.text("record"), Type: register.RecordType(q.text("type")), Since: q.since(), After: q.text("after"), Most: q.limit(),
			})
			r, out := q.resources(), []exchange.EditionResource{}
			for _, row := range list.Rows {
				out = append(out, r.Edition(row))
			}
			return found{data: out, next: list.Next}, err
		},
	}
}

// ShowEdition shows one edition.
func ShowEdition() Operation {
	return Operation{
		ID: "showEdition", Summary: "One edition of a record", answers: reflect.TypeFor[exchange.EditionResource](),
		Params: []Param{id(editionForm, "Reference of the record and number of the edition, with a dot between."), fieldsParam(), langParam()},
		handle: func(q *asked) (found, error) {
			reference, number, _ := exchange.SplitPartID(q.text("id"))
			n, err := strconv.Atoi(number)
			if err != nil {
				return found{}, register.ErrNotFound
			}
			row, err := q.records.EditionAt(q.ctx, reference, n)
			return found{data: q.resources().Edition(row)}, err
		},
	}
}

// Search searches records and parts of them.
func Search() Operation {
	words := query("q", "Words in any language, phrases between quotation marks, -word for what must not occur.", schema{"type": "string", "maxLength": register.MaxQuery})
	words.example = "données"
	return Operation{
		ID: "search", Summary: "What a search finds of one type, the best first", answers: reflect.TypeFor[exchange.HitResource](), list: true,
		Description: "Pages have " + strconv.Itoa(register.PageSize) + " finds. Of very common words only the newest " +
			strconv.Itoa(register.MostCounted) + " finds are put in order.",
		Params: []Param{
			words, oneOf("type", "What to look for; incidents where nothing is said.", register.SearchTypes()),
			afterParam(), fieldsParam(), langParam(),
		},
		handle: search,
	}
}

func search(q *asked) (found, error) {
	f := register.SearchFilter{Query: q.words(), Type: register.SearchType(q.text("type")), Lang: q.lang(), After: q.text("after")}
	if f.Type == "" {
		f.Type = register.FindIncidents
	}
	list, err := q.records.Search(q.ctx, f)
	if err != nil {
		return found{}, err
	}
	parts := make([]register.Part, len(list.Hits))
	for i := range list.Hits {
		parts[i].Reference = list.Hits[i].Reference
	}
	records, err := q.records.Published(q.ctx, referencesOf(parts))
	if err != nil {
		return found{}, err
	}
	r, out := q.resources(), []exchange.HitResource{}
	for i := range list.Hits {
		at := slices.IndexFunc(records, func(p register.Published) bool { return p.Reference == list.Hits[i].Reference })
		if at >= 0 {
			out = append(out, r.Hit(records[at], list.Hits[i]))
		}
	}
	return found{data: out, next: list.Next}, nil
}

// ShowStatistics counts over the register.
func ShowStatistics() Operation {
	return Operation{
		ID: "showStatistics", Summary: "Counts over the register", answers: reflect.TypeFor[exchange.StatisticsResource](),
		Description: "They count what the register holds, never what has happened.",
		Params: []Param{
			oneOf("sector", "Incidents that touched an institution of this sector.", register.Sectors()),
			oneOf("kind", "Incidents of this class.", register.IncidentKinds()),
			yearParam("from", "First year of the first public trace."), yearParam("to", "Last year of it."), langParam(),
		},
		handle: func(q *asked) (found, error) {
			f := register.StatisticsFilter{Sector: q.text("sector"), Kind: q.text("kind"), From: q.number("from"), To: q.number("to")}
			if f.From != 0 && f.To != 0 && f.From > f.To {
				return found{}, &ProblemError{Kind: Conflicting, Parameter: "from", Other: "to"}
			}
			totals, counts, err := q.records.Figures(q.ctx, f)
			if err != nil {
				return found{}, err
			}
			resource := q.resources().Statistics(counts, totals)
			return found{data: resource, passing: resource.CountedAt != nil}, nil
		},
	}
}

// ListVocabularies lists the codes that an admin edits.
func ListVocabularies() Operation {
	return Operation{
		ID: "listVocabularies", Summary: "Codes of the vocabularies, with their labels",
		answers: reflect.TypeFor[exchange.TermResource](), list: true, Params: []Param{langParam()},
		handle: func(q *asked) (found, error) {
			_, terms, err := q.records.Terms(q.ctx)
			return found{data: q.resources().Terms(terms)}, err
		},
	}
}

// ShowDocument shows the OpenAPI document.
func ShowDocument() Operation {
	return Operation{
		ID: "showDocument", Summary: "This document", bare: true,
		handle: func(q *asked) (found, error) {
			document, err := q.document()
			return found{data: json.RawMessage(document)}, err
		},
	}
}
