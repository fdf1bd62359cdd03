// Package taxii answers clients of TAXII 2.1 (OASIS standard, June 2021), who follow
// the published record as objects of STIX 2.1. It only reads: there is one
// collection, of what is public, in the order in which it was published.
//
// As pages and the API it knows nothing of the desk or of who is asking: the same
// address gives the same answer to everybody.
package taxii

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// MediaType is that of all answers.
const MediaType = "application/taxii+json;version=2.1"

// The addresses, and the one collection: its identifier, a random UUID as the
// specification wants it, is the same in every register, and its alias may stand in
// its place.
const (
	DiscoveryPath = "/taxii2/"
	RootPath      = "/taxii2/record/"
	Collection    = "c0a7a8f1-5d0e-4b6f-9c53-6f0d1b7a42e9"
	Alias         = "published"
)

// Records is the published record, as TAXII reads it.
type Records interface {
	// AllChanged returns records in the order in which they last changed; ChangesOf
	// those with references, in the same order.
	AllChanged(ctx context.Context, f register.ChangeFilter) ([]register.Change, error)
	ChangesOf(ctx context.Context, references []string) ([]register.Change, error)
	// EachReference visits all records of some types.
	EachReference(ctx context.Context, types []register.RecordType, visit func(register.RecordType, string)) error
}

// Server answers requests.
type Server struct {
	records Records
	base    string
	stix    *exchange.STIX
}

// New returns the server for the register whose site has the origin base.
func New(records Records, base string) *Server {
	return &Server{records: records, base: base, stix: exchange.NewSTIX(base, false)}
}

// Request is what an answer may depend on.
type Request struct {
	Collection string // identifier or alias
	Object     string // identifier of an object
	Query      url.Values
}

// Answer is a resource, with when the first and the last of what it lists were added.
type Answer struct {
	Body        []byte
	First, Last time.Time // zero when it lists nothing
}

// Operation is what can be asked at an address. Errors: ErrNotFound; a
// *ParameterError for a parameter that has no meaning.
type Operation func(s *Server, ctx context.Context, r Request) (Answer, error)

// ParameterError is a parameter with a value that it cannot have.
type ParameterError struct{ Name string }

// Error names it.
func (e *ParameterError) Error() string { return "TAXII: parameter " + e.Name }

// Unwrap says of which kind the error is.
func (e *ParameterError) Unwrap() error { return register.ErrInvalid }

// The resources of the specification (sections 4 and 5).
type (
	discovery struct {
		Title       string   `json:"title"`
		Description string   `json:"description"`
		Contact     string   `json:"contact"`
		Default     string   `json:"default"`
		Roots       []string `json:"api_roots"`
	}
	root struct {
		Title       string   `json:"title"`
		Description string   `json:"description"`
		Versions    []string `json:"versions"`
		MostContent int      `json:"max_content_length"`
	}
	collections struct {
		Collections []collection `json:"collections"`
	}
	collection struct {
		ID          string   `json:"id"`
		Alias       string   `json:"alias"`
		Title       string   `json:"title"`
		Description string   `json:"description"`
		CanRead     bool     `json:"can_read"`
		CanWrite    bool     `json:"can_write"`
		MediaTypes  []string `json:"media_types"`
	}
	envelope struct {
		More    bool              `json:"more"`
		Next    string            `json:"next,omitempty"`
		Objects []json.RawMessage `json:"objects,omitempty"`
	}
	manifest struct {
		More    bool           `json:"more"`
		Next    string         `json:"next,omitempty"`
		Objects []manifestLine `json:"objects,omitempty"`
	}
	manifestLine struct {
		ID        string `json:"id"`
		Added     string `json:"date_added"`
		Version   string `json:"version"`
		MediaType string `json:"media_type"`
	}
	versions struct {
		More     bool     `json:"more"`
		Next     string   `json:"next,omitempty"`
		Versions []string `json:"versions,omitempty"`
	}
)

// Error is the error message resource (section 3.6.1).
type Error struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	ID          string `json:"error_id,omitempty"`
	Status      string `json:"http_status,omitempty"`
	// Details are the description in other languages.
	Details map[register.Lang]string `json:"details,omitempty"`
}

// FormatTime writes when something was added: to the microsecond, as it is kept, so
// that who asks for what was added after it gets the rest and nothing twice.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func (s *Server) collection() collection {
	return collection{
		ID: Collection, Alias: Alias, Title: "Sijil, the published record",
		Description: "Incidents, statements with their claims, and institutions, as STIX 2.1: the current edition of everything that is public. What was withdrawn comes again, revoked.",
		CanRead:     true, MediaTypes: []string{exchange.STIXType},
	}
}

// Discover answers what the server has.
func Discover(s *Server, _ context.Context, _ Request) (Answer, error) {
	return answer(discovery{
		Title: "Sijil", Description: "A public register of cyber incidents that touched institutions, and of who said what about them.",
		Contact: s.base + "/en/imprint", Default: s.base + RootPath, Roots: []string{s.base + RootPath},
	})
}

// ShowRoot answers what the API root is.
func ShowRoot(*Server, context.Context, Request) (Answer, error) {
	const smallest = 1 // nothing may be sent, and the specification wants a positive number
	return answer(root{
		Title: "Sijil, the published record", Description: "To be read only.", Versions: []string{MediaType}, MostContent: smallest,
	})
}

// ListCollections answers the collections.
func ListCollections(s *Server, _ context.Context, _ Request) (Answer, error) {
	return answer(collections{[]collection{s.collection()}})
}

// ShowCollection answers one.
func ShowCollection(s *Server, _ context.Context, r Request) (Answer, error) {
	if err := known(r); err != nil {
		return Answer{}, err
	}
	return answer(s.collection())
}

// ListObjects answers the objects of a collection.
func ListObjects(s *Server, ctx context.Context, r Request) (Answer, error) {
	return s.list(ctx, r, nil, func(p page) any {
		out := envelope{More: p.next != "", Next: p.next}
		for _, e := range p.entries {
			out.Objects = append(out.Objects, e.object.JSON)
		}
		return out
	})
}

// ListManifest answers which objects there are.
func ListManifest(s *Server, ctx context.Context, r Request) (Answer, error) {
	return s.list(ctx, r, nil, func(p page) any {
		out := manifest{More: p.next != "", Next: p.next}
		for _, e := range p.entries {
			out.Objects = append(out.Objects, manifestLine{e.object.ID, FormatTime(e.At), exchange.FormatSTIXTime(e.object.Version), exchange.STIXType})
		}
		return out
	})
}

// ShowObject answers one object; ErrNotFound when the collection has none of the
// identifier.
func ShowObject(s *Server, ctx context.Context, r Request) (Answer, error) {
	return s.list(ctx, r, []string{r.Object}, func(p page) any {
		out := envelope{More: p.next != "", Next: p.next}
		for _, e := range p.entries {
			out.Objects = append(out.Objects, e.object.JSON)
		}
		return out
	})
}

// ListVersions answers the versions of one object: the current one, since what was
// before is read as editions of its record.
func ListVersions(s *Server, ctx context.Context, r Request) (Answer, error) {
	return s.list(ctx, r, []string{r.Object}, func(p page) any {
		out := versions{More: p.next != "", Next: p.next}
		for _, e := range p.entries {
			out.Versions = append(out.Versions, exchange.FormatSTIXTime(e.object.Version))
		}
		return out
	})
}

// known reports whether there is the collection that is asked for.
func known(r Request) error {
	if r.Collection != Collection && r.Collection != Alias {
		return register.ErrNotFound
	}
	return nil
}

func (s *Server) list(ctx context.Context, r Request, only []string, resource func(page) any) (Answer, error) {
	if err := known(r); err != nil {
		return Answer{}, err
	}
	f, err := readFilter(r.Query)
	if err != nil {
		return Answer{}, err
	}
	if only != nil {
		f.ids = only
	}
	p, err := s.page(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	if only != nil && !p.exists && f.from == (place{}) {
		return Answer{}, register.ErrNotFound
	}
	out, err := answer(resource(p))
	if len(p.entries) > 0 {
		out.First, out.Last = p.entries[0].At, p.entries[len(p.entries)-1].At
	}
	return out, err
}

func answer(resource any) (Answer, error) {
	body, err := json.Marshal(resource)
	if err != nil {
		return Answer{}, fmt.Errorf("TAXII: %w", err)
	}
	return Answer{Body: append(body, '\n')}, nil
}

// Accepts reports whether who asks takes what the server sends (sections 1.6.8 and
// 3.5): the media type in this version, or without one, or all. Who says nothing
// takes everything.
func Accepts(accept []string) bool {
	said := false
	for one := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		words := strings.Split(one, ";")
		name := strings.ToLower(strings.TrimSpace(words[0]))
		if name == "" {
			continue
		}
		said = true
		fits := name == "*/*" || name == "application/*" || name == "application/taxii+json"
		for _, word := range words[1:] {
			key, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(word)), "=")
			value = strings.Trim(value, `"`)
			switch {
			case key == "version" && value != "2.1":
				fits = false
			case key == "q" && strings.Trim(value, "0.") == "":
				fits = false
			}
		}
		if fits {
			return true
		}
	}
	return !said
}
