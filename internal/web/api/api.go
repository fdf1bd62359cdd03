// Package api answers programs that read the published record: resources in
// JSON under /api/v1. It sees what pages see, and as pages knows nothing of the
// desk or of who is asking: the same address gives the same answer to everybody.
//
// An operation is one value: what it is called, which parameters it reads with
// their schemas, which type it answers, and how. Requests are checked by that
// value, and the OpenAPI document is made of it, so that they cannot differ.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// Records is the published record, as the API reads it.
type Records interface {
	// Incidents, Statements, Institutions and Referrals return one page of a list;
	// ErrInvalid for a cursor that the register did not write. So do all lists.
	Incidents(ctx context.Context, f register.IncidentFilter) (register.IncidentList, error)
	Statements(ctx context.Context, f register.StatementFilter) (register.StatementList, error)
	Institutions(ctx context.Context, f register.InstitutionFilter) (register.InstitutionList, error)
	Referrals(ctx context.Context, f register.ReferralFilter) (register.ReferralList, error)
	// ChangedIncidents and the next return what has changed since a moment, in the
	// order of the changes.
	ChangedIncidents(ctx context.Context, f register.IncidentFilter, since time.Time) (register.Changes, error)
	ChangedStatements(ctx context.Context, f register.StatementFilter, since time.Time) (register.Changes, error)
	ChangedInstitutions(ctx context.Context, f register.InstitutionFilter, since time.Time) (register.Changes, error)
	ChangedReferrals(ctx context.Context, f register.ReferralFilter, since time.Time) (register.PartList, error)
	Claims(ctx context.Context, f register.ClaimFilter) (register.PartList, error)
	Sources(ctx context.Context, f register.SourceFilter) (register.PartList, error)
	Citing(ctx context.Context, keys []string) (map[string]register.Citing, error)
	Editions(ctx context.Context, f register.EditionFilter) (register.EditionList, error)
	// EditionAt and PublishedAt return one; ErrNotFound, a *WithdrawnError, or a
	// *MovedError with the reference of the record that has taken its place.
	EditionAt(ctx context.Context, reference string, number int) (register.EditionRow, error)
	PublishedAt(ctx context.Context, t register.RecordType, reference string) (register.Published, error)
	// Published returns the current editions of those records that are shown.
	Published(ctx context.Context, references []string) ([]register.Published, error)
	IncidentRows(ctx context.Context, references []string) (map[string]register.IncidentRow, error)
	// Concerned returns the incidents of statements.
	Concerned(ctx context.Context, statements []string) (map[string][]string, error)
	Names(ctx context.Context, refs []register.Ref) (map[register.Ref]register.Named, error)
	Search(ctx context.Context, f register.SearchFilter) (register.SearchList, error)
	Figures(ctx context.Context, f register.StatisticsFilter) (register.Totals, register.Statistics, error)
	Terms(ctx context.Context) (int64, *register.Terms, error)
}

// Endpoint is an operation at its address.
type Endpoint struct {
	Pattern   string // "/api/v1/incidents/{reference}"
	Operation Operation
	// Writing is set for an operation on drafts, instead.
	Writing *Writing
}

// Operation is what can be asked at an address.
type Operation struct {
	ID, Summary string
	// Description says what else who asks should know; may be empty.
	Description string
	Params      []Param
	// answers is the type of the resource, or of one in the list.
	answers reflect.Type
	list    bool
	// bare answers without the envelope: the document itself.
	bare   bool
	handle func(q *asked) (found, error)
}

// ParamNames lists the parameters of the query.
func (o Operation) ParamNames() []string {
	var out []string
	for _, p := range o.Params {
		if !p.inPath {
			out = append(out, p.Name)
		}
	}
	return out
}

// Request is what an answer may depend on.
type Request struct {
	Path   string // of the address
	Params map[string]string
	Query  url.Values // everything that was sent, but for empty values
}

// Answer is a body, or the path to which the resource has moved.
type Answer struct {
	Body    []byte
	MovedTo string
	// Passing means that no cache keeps it, since it says that it is not current.
	Passing bool
}

// found is what an operation has found.
type found struct {
	data    any // a resource, or a slice of them
	next    string
	gone    []exchange.DepartureResource
	listed  bool // gone is part of the answer, be it empty
	movedTo string
	passing bool // it is not current, and says so
}

// API answers requests.
type API struct {
	records  Records
	catalog  *i18n.Catalog
	base     string
	now      func() time.Time
	document func() ([]byte, error)
}

// New returns the API of a record. The endpoints are those that its document
// describes.
func New(records Records, catalog *i18n.Catalog, base string, now func() time.Time, endpoints []Endpoint) *API {
	a := &API{records: records, catalog: catalog, base: base, now: now}
	a.document = sync.OnceValues(func() ([]byte, error) { return json.Marshal(Document(base, endpoints)) })
	return a
}

// Answer answers a request for an operation. Errors that who asks can mend are
// Problems; others are kinds of the register.
func (a *API) Answer(ctx context.Context, o Operation, r Request) (Answer, error) {
	q := &asked{API: a, ctx: ctx, operation: o, request: r}
	if err := q.check(); err != nil {
		return Answer{}, err
	}
	f, err := o.handle(q)
	if err != nil {
		return Answer{}, q.explain(err)
	}
	if f.movedTo != "" {
		return Answer{MovedTo: f.movedTo}, nil
	}
	body, err := q.body(f)
	return Answer{Body: body, Passing: f.passing}, err
}

// asked is a request in the making of its answer.
type asked struct {
	*API
	ctx       context.Context //nolint:containedctx // lives as long as one request
	operation Operation
	request   Request
}

// text is the value of a parameter; "" when it is not given.
func (q *asked) text(name string) string {
	if value, ok := q.request.Params[name]; ok {
		return value
	}
	return q.request.Query.Get(name)
}

func (q *asked) lang() register.Lang { return register.Lang(q.text("lang")) }

// resources makes resources in the language that is asked for.
func (q *asked) resources() *exchange.Resources {
	return &exchange.Resources{Base: q.base, Lang: q.lang()}
}

func (q *asked) today() edtf.Day { return edtf.DayOf(q.now()) }

// envelope is what all answers have but the document.
type envelope struct {
	Data   any                           `json:"data"`
	Fields []string                      `json:"fields,omitempty"`
	Gone   *[]exchange.DepartureResource `json:"gone,omitempty"`
	Next   string                        `json:"next,omitempty"`
}

func (q *asked) body(f found) ([]byte, error) {
	out := any(f.data)
	if !q.operation.bare {
		e := envelope{Data: f.data, Fields: q.fields()}
		if f.listed {
			e.Gone = &f.gone
		}
		if f.next != "" {
			e.Next = q.nextPage(f.next)
		}
		if len(e.Fields) > 0 {
			var err error
			if e.Data, err = selected(f.data, e.Fields); err != nil {
				return nil, err
			}
		}
		out = e
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return append(body, '\n'), nil
}

// nextPage is the address of the page after this one.
func (q *asked) nextPage(cursor string) string {
	next := url.Values{}
	maps.Copy(next, q.request.Query)
	next.Set("after", cursor)
	return q.base + q.request.Path + "?" + next.Encode()
}

// fields are the names of the fields that are asked for, nil for all. The
// identifier is always one of them.
func (q *asked) fields() []string {
	names := splitList(q.text("fields"))
	if len(names) == 0 {
		return nil
	}
	names = append(names, "id")
	slices.Sort(names)
	return slices.Compact(names)
}

// selected leaves of one resource, or of several, some fields.
func selected(data any, fields []string) (any, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if len(raw) > 0 && raw[0] == '[' {
		var all []map[string]json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			return nil, fmt.Errorf("api: %w", err)
		}
		for i := range all {
			keep(all[i], fields)
		}
		return all, nil
	}
	var one map[string]json.RawMessage
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	keep(one, fields)
	return one, nil
}

func keep(resource map[string]json.RawMessage, fields []string) {
	for name := range resource {
		if !slices.Contains(fields, name) {
			delete(resource, name)
		}
	}
}
