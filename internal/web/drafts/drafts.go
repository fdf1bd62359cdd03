// Package drafts answers programs of staff that read and write drafts under
// /api/v1/drafts, by a token. They can do what its owner can at the desk, by the
// same use cases, but for what is decided there: they publish nothing.
package drafts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/api"
)

// Drafts answers requests on drafts.
type Drafts struct {
	editorial *editorial.Editorial
	auth      *auth.Auth
	catalog   *i18n.Catalog
	base      string
}

// New returns what answers; the base address has no slash at its end.
func New(uses *editorial.Editorial, signing *auth.Auth, catalog *i18n.Catalog, base string) *Drafts {
	return &Drafts{editorial: uses, auth: signing, catalog: catalog, base: base}
}

// Request is what a program asks.
type Request struct {
	Method, Path, ID string
	Lang             string // of what is said in words; empty: English
	IfMatch          string
	Key              string // Idempotency-Key
	MediaType        string
	Body             []byte
	By               auth.Program
}

// Answer is what it is answered.
type Answer struct {
	Status   int
	Version  int    // of the draft
	Location string // of a new draft; empty otherwise
	Replayed bool   // the request was brought before
	Body     []byte
}

// Operation is what can be asked at an address.
type Operation struct {
	api.Writing
	handle func(d *Drafts, ctx context.Context, r Request) (Answer, error)
}

// Program tells who works by a token; an api.Unauthorized for one that is good no
// more.
func (d *Drafts) Program(ctx context.Context, token string) (auth.Program, error) {
	p, err := d.auth.Program(ctx, token)
	if errors.Is(err, auth.ErrNoSession) {
		return p, &api.ProblemError{Kind: api.Unauthorized}
	}
	return p, err
}

// Answer carries out an operation. Errors are Problems of the API, kinds of the
// register, or the register's Problems for what is wrong in a draft.
func (d *Drafts) Answer(ctx context.Context, o Operation, r Request) (Answer, error) {
	if err := r.By.May(o.Scope); err != nil {
		return Answer{}, err
	}
	if o.Keyed() && r.Key == "" || !keyForm.MatchString(r.Key) {
		return Answer{}, &api.ProblemError{Kind: api.KeyMissing}
	}
	if mediaType, _, err := mime.ParseMediaType(r.MediaType); o.Body != nil && (err != nil || mediaType != "application/json") {
		return Answer{}, &api.ProblemError{Kind: api.NotJSON}
	}
	answer, err := o.handle(d, ctx, r)
	switch {
	case errors.Is(err, editorial.ErrRequestOther):
		err = &api.ProblemError{Kind: api.KeyOfAnother}
	case errors.Is(err, editorial.ErrRequestRunning):
		err = &api.ProblemError{Kind: api.Conflict}
	case errors.Is(err, register.ErrConflict) && o.Matched():
		err = d.stale(ctx, r, err)
	}
	return answer, err
}

// keyForm is how a request may be named: printable, between quotation marks or not.
var keyForm = regexp.MustCompile(`^[\x21-\x7e]{0,255}$`)

// stale tells a version that is not the current one from a record that is in a
// state in which it cannot be changed.
func (d *Drafts) stale(ctx context.Context, r Request, err error) error {
	seen, _ := version(r)
	if _, head, found := d.editorial.Load(ctx, r.By.Actor, register.Ref(r.ID)); found == nil && head.Version == seen {
		return err
	}
	return &api.ProblemError{Kind: api.Stale}
}

// version is the one that the program saw.
func version(r Request) (int, error) {
	tag := strings.TrimSpace(r.IfMatch)
	if tag == "" {
		return 0, &api.ProblemError{Kind: api.Unmatched}
	}
	n, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil || tag != Tag(n) {
		return 0, &api.ProblemError{Kind: api.Stale}
	}
	return n, nil
}

// Tag is the entity tag of a version.
func Tag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// path is the address of the drafts of a type.
func path(t register.RecordType) string { return exchange.APIRoot + "/drafts/" + string(t) + "s" }

// decode reads a body; an unknown field is refused, since it would be lost.
func decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil && decoder.More() {
		err = errors.New("more than one value")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", &api.ProblemError{Kind: api.InvalidBody, Parameter: where(err)}, err)
	}
	return nil
}

// where is what of a body is malformed, as far as it can be said.
func where(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrong.Field
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return strings.Trim(name, `"`)
	}
	return ""
}

// edit reads the body of a record of a type.
func edit(t register.RecordType, body []byte) (editorial.Edit, error) {
	switch t {
	case register.TypeIncident:
		var w exchange.IncidentWriting
		err := decode(body, &w)
		return editorial.Edit{Draft: editorial.Draft{Incident: &w.Record}, Sources: w.Sources}, err
	case register.TypeStatement:
		var w exchange.StatementWriting
		err := decode(body, &w)
		return editorial.Edit{Draft: editorial.Draft{Statement: &w.Record}, Sources: w.Sources}, err
	case register.TypeInstitution:
	}
	var w exchange.InstitutionWriting
	err := decode(body, &w)
	return editorial.Edit{Draft: editorial.Draft{Institution: &w.Record}, Sources: w.Sources}, err
}

// types are of what is sent and answered about records of a type.
func types(t register.RecordType) (body, answers reflect.Type) {
	switch t {
	case register.TypeIncident:
		return reflect.TypeFor[exchange.IncidentWriting](), reflect.TypeFor[exchange.DraftIncidentResource]()
	case register.TypeStatement:
		return reflect.TypeFor[exchange.StatementWriting](), reflect.TypeFor[exchange.DraftStatementResource]()
	case register.TypeInstitution:
	}
	return reflect.TypeFor[exchange.InstitutionWriting](), reflect.TypeFor[exchange.DraftInstitutionResource]()
}

// resource describes a record without its content.
func (d *Drafts) resource(lang string, head desk.Record, missing register.Problems) exchange.DraftResource {
	if !d.catalog.Known(lang) {
		lang = string(register.English)
	}
	return exchange.DraftResource{
		ID: string(head.ID), Type: head.Type, Version: head.Version, State: head.State, Reference: head.Reference,
		Page: d.base + "/" + lang + "/desk/" + string(head.Type) + "s/" + string(head.ID), Missing: api.FieldProblems(d.catalog.Localizer(lang), missing),
	}
}

// answerer writes what a change came to.
func (d *Drafts) answerer(lang string, status int) editorial.Answerer {
	return func(w editorial.Written) (int, string, error) {
		body, err := json.Marshal(map[string]any{"data": d.resource(lang, w.Head, w.Missing)})
		return status, string(body) + "\n", err
	}
}

// replied is the answer of a reply that is kept.
func (d *Drafts) replied(reply desk.Reply, t register.RecordType) Answer {
	out := Answer{Status: reply.Status, Version: reply.Version, Body: []byte(reply.Answer), Replayed: reply.Replayed}
	if reply.Status == http.StatusCreated {
		out.Location = d.base + path(t) + "/" + string(reply.Record)
	}
	return out
}

// asked is all that a request asks, by which it is known again.
func asked(r Request) editorial.Request {
	return editorial.Request{Token: r.By.Token, Key: strings.Trim(r.Key, `"`), Asked: []string{r.Method, r.Path, r.IfMatch, string(r.Body)}}
}
