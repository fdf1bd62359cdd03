package exchange

import "github.com/sijil/sijil/internal/register"

// DraftResource is a record at the desk, without its content, as programs of staff
// see it.
type DraftResource struct {
	ID        string              `json:"id" doc:"Random, and never public."`
	Type      register.RecordType `json:"type"`
	Version   int                 `json:"version" doc:"Grows with each change. The ETag is this number between quotation marks, and If-Match wants it."`
	State     string              `json:"state" enum:"draft,in-review,approved,published,discarded"`
	Reference string              `json:"reference,omitempty" doc:"Once an edition was published."`
	Page      string              `json:"page" format:"uri" doc:"The record at the desk, for people."`
	Missing   []FieldProblem      `json:"missing" doc:"What keeps the draft from being published. It can be kept all the same."`
}

// FieldProblem is something that is wrong at a field.
type FieldProblem struct {
	Field   string `json:"field" doc:"Path in the record, such as events[attack].title; empty for the record as a whole."`
	Problem string `json:"problem" doc:"Names the kind of problem."`
	Detail  string `json:"detail" doc:"The same in words."`
}

// DraftIncidentResource is an incident with its content as it is worked on; so are
// the next two.
type DraftIncidentResource struct {
	DraftResource
	Record register.Incident `json:"record"`
}

// DraftStatementResource is a statement.
type DraftStatementResource struct {
	DraftResource
	Record register.Statement `json:"record"`
}

// DraftInstitutionResource is an institution.
type DraftInstitutionResource struct {
	DraftResource
	Record register.Institution `json:"record"`
}

// IncidentWriting is what a program sends to make or change an incident: the whole
// record, and the sources that it cites and that are new. So are the next two.
type IncidentWriting struct {
	Record  register.Incident `json:"record" doc:"The whole record: what is left out is taken out. Other records are named by reference, or by the identifier of their draft."`
	Sources []register.Source `json:"sources,omitempty" doc:"Sources that the register does not have yet."`
}

// StatementWriting is a statement.
type StatementWriting struct {
	Record  register.Statement `json:"record" doc:"The whole record: what is left out is taken out. Other records are named by reference, or by the identifier of their draft."`
	Sources []register.Source  `json:"sources,omitempty" doc:"Sources that the register does not have yet."`
}

// InstitutionWriting is an institution.
type InstitutionWriting struct {
	Record  register.Institution `json:"record" doc:"The whole record: what is left out is taken out. Other records are named by reference, or by the identifier of their draft."`
	Sources []register.Source    `json:"sources,omitempty" doc:"Sources that the register does not have yet."`
}

// ReviewWriting is what a program sends with a draft for review.
type ReviewWriting struct {
	Note string `json:"note,omitempty" doc:"To whoever reviews."`
}
