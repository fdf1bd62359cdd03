package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// Kind is a kind of problem: the end of its type, and of its message keys.
type Kind string

// The kinds of problems. Each has a section on the page about data.
const (
	UnknownParameter  Kind = "unknown-parameter"
	RepeatedParameter Kind = "repeated-parameter"
	InvalidParameter  Kind = "invalid-parameter"
	InvalidCursor     Kind = "invalid-cursor"
	Conflicting       Kind = "conflicting-parameters"
	NoSuchRecord      Kind = "no-such-record"
	Malformed         Kind = "malformed-address"
	NotFound          Kind = "not-found"
	Withdrawn         Kind = "withdrawn"
	Method            Kind = "method-not-allowed"
	TooMany           Kind = "too-many-requests"
	Unavailable       Kind = "unavailable"
	BeingCounted      Kind = "being-counted"
	Internal          Kind = "internal-error"
	// The next ones are of drafts.
	Unauthorized Kind = "unauthorized"
	Forbidden    Kind = "forbidden"
	InvalidBody  Kind = "invalid-body"
	KeyMissing   Kind = "idempotency-key-missing"
	Conflict     Kind = "conflict"
	Stale        Kind = "stale"
	Unmatched    Kind = "if-match-missing"
	TooLarge     Kind = "too-large"
	NotJSON      Kind = "not-json"
	InvalidDraft Kind = "invalid-draft"
	KeyOfAnother Kind = "idempotency-key-reused"
)

// Kinds lists all kinds of problems.
func Kinds() []Kind {
	return []Kind{
		UnknownParameter, RepeatedParameter, InvalidParameter, InvalidCursor, Conflicting, NoSuchRecord, Malformed,
		NotFound, Withdrawn, Method, TooMany, Unavailable, BeingCounted, Internal,
		Unauthorized, Forbidden, InvalidBody, KeyMissing, Conflict, Stale, Unmatched, TooLarge, NotJSON, InvalidDraft, KeyOfAnother,
	}
}

// Status is the HTTP status of a kind.
func (k Kind) Status() int {
	switch k {
	case Unauthorized:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case Conflict:
		return http.StatusConflict
	case Stale:
		return http.StatusPreconditionFailed
	case Unmatched:
		return http.StatusPreconditionRequired
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case NotJSON:
		return http.StatusUnsupportedMediaType
	case InvalidDraft, KeyOfAnother:
		return http.StatusUnprocessableEntity
	case NotFound:
		return http.StatusNotFound
	case Withdrawn:
		return http.StatusGone
	case Method:
		return http.StatusMethodNotAllowed
	case TooMany:
		return http.StatusTooManyRequests
	case Unavailable, BeingCounted:
		return http.StatusServiceUnavailable
	case Internal:
		return http.StatusInternalServerError
	case UnknownParameter, RepeatedParameter, InvalidParameter, InvalidCursor, Conflicting, NoSuchRecord, Malformed, InvalidBody, KeyMissing:
	}
	return http.StatusBadRequest
}

// ProblemError is a request that cannot be answered as it is. As an error it is
// ErrInvalid.
type ProblemError struct {
	Kind      Kind
	Parameter string
	Other     string   // the parameter with which it collides
	Allowed   []string // values, or names, that would be right
	Expected  schema   // of the parameter
}

// Error names the problem for the log.
func (p *ProblemError) Error() string { return string(p.Kind) + " " + p.Parameter }

// Unwrap says of which kind the error is.
func (p *ProblemError) Unwrap() error { return register.ErrInvalid }

// ProblemResource is a problem as it is sent (RFC 9457).
type ProblemResource struct {
	Type      string                  `json:"type" format:"uri" doc:"Names the kind of problem; what it means stands at this address."`
	Title     string                  `json:"title"`
	Status    int                     `json:"status"`
	Detail    string                  `json:"detail" doc:"What to change."`
	Parameter string                  `json:"parameter,omitempty" doc:"The parameter that is wrong."`
	Allowed   []string                `json:"allowed,omitempty" doc:"Values, or names of parameters or fields, that would be right."`
	Expected  json.RawMessage         `json:"expected,omitempty" doc:"Schema of the parameter." schema:"object"`
	Notice    register.Text           `json:"notice,omitempty" doc:"What stands in the place of a record that was withdrawn."`
	Problems  []exchange.FieldProblem `json:"problems,omitempty" doc:"What is wrong with a draft, field by field."`
	Request   string                  `json:"request,omitempty" doc:"Names the request in the log, where the fault is ours."`
}

// explain makes a problem of what the store refuses: everything else in a request
// was checked before it was asked.
func (q *asked) explain(err error) error {
	var problem *ProblemError
	if errors.As(err, &problem) || !errors.Is(err, register.ErrInvalid) {
		return err
	}
	if q.text("after") != "" {
		return &ProblemError{Kind: InvalidCursor, Parameter: "after"}
	}
	return &ProblemError{Kind: Malformed}
}

// Explain writes the problem that an error is to who asked. lang is a language of
// the interface; any other means English. requestID is shown where the fault is
// ours.
func (a *API) Explain(err error, status int, lang, requestID string) []byte {
	p := problemOf(err, status)
	if !a.catalog.Known(lang) {
		lang = string(register.English)
	}
	loc := a.catalog.Localizer(lang)
	out := ProblemResource{
		Type:  a.base + "/" + string(register.English) + "/data#" + string(p.Kind),
		Title: loc.T("api.title." + string(p.Kind)), Status: p.Kind.Status(), Detail: detail(loc, p), Parameter: p.Parameter, Allowed: p.Allowed,
	}
	if withdrawn, ok := errors.AsType[*register.WithdrawnError](err); ok {
		out.Notice = withdrawn.Notice
	}
	if wrong, ok := errors.AsType[register.Problems](err); ok {
		out.Problems = FieldProblems(loc, wrong)
	}
	if p.Expected != nil {
		out.Expected, _ = json.Marshal(p.Expected) // a schema of ours
	}
	if p.Kind == Internal {
		out.Request = requestID
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Appendf(nil, `{"status":%d}`, status)
	}
	return append(body, '\n')
}

// FieldProblems says what is wrong with a draft, in words.
func FieldProblems(loc *i18n.Localizer, list register.Problems) []exchange.FieldProblem {
	out := make([]exchange.FieldProblem, 0, len(list))
	for _, p := range list {
		detail := loc.T(p.Key)
		if p.Key == "problem.language-missing" && p.Value != "" {
			detail += " (" + loc.Language(p.Value) + ")"
		}
		out = append(out, exchange.FieldProblem{Field: p.Field, Problem: strings.TrimPrefix(p.Key, "problem."), Detail: detail})
	}
	return out
}

func problemOf(err error, status int) *ProblemError {
	if p, ok := errors.AsType[*ProblemError](err); ok {
		return p
	}
	if errors.Is(err, register.ErrCounting) {
		return &ProblemError{Kind: BeingCounted}
	}
	for _, kind := range Kinds() {
		if kind.Status() == status && status != http.StatusBadRequest {
			return &ProblemError{Kind: kind}
		}
	}
	if status >= http.StatusInternalServerError {
		return &ProblemError{Kind: Internal}
	}
	return &ProblemError{Kind: Malformed}
}

// detail says what to change.
func detail(loc *i18n.Localizer, p *ProblemError) string {
	out := loc.T("api.detail."+string(p.Kind), "parameter", p.Parameter, "other", p.Other)
	const most = 40 // of what is listed in words; the list itself has all
	if len(p.Allowed) > 0 && len(p.Allowed) <= most {
		out += " " + loc.T("api.allowed", "values", strings.Join(p.Allowed, ", "))
	} else if p.Expected["type"] == "integer" {
		least, _ := p.Expected["minimum"].(int)
		highest, _ := p.Expected["maximum"].(int)
		out += " " + loc.T("api.range", "min", strconv.Itoa(least), "max", strconv.Itoa(highest))
	}
	return out
}
