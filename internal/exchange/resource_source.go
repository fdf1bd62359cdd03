package exchange

import (
	"time"

	"github.com/sijil/sijil/internal/register"
)

// SourceResource is a public page or document that carries facts.
type SourceResource struct {
	ID             string              `json:"id" doc:"Names the source in every record that cites it; never used again."`
	Type           string              `json:"type" enum:"source"`
	URL            string              `json:"url" format:"uri" doc:"Address of this resource."`
	Kind           register.SourceKind `json:"kind"`
	Publisher      string              `json:"publisher"`
	Title          string              `json:"title,omitempty"`
	Author         string              `json:"author,omitempty"`
	Address        string              `json:"address,omitempty" doc:"Address of the page itself."`
	Withheld       bool                `json:"address_withheld" doc:"Whether the address is kept back, since it names a private person."`
	Language       register.Lang       `json:"language,omitempty"`
	Published      string              `json:"published,omitempty" doc:"EDTF; absent: not stated."`
	PublishedBasis register.DateBasis  `json:"published_basis,omitempty" doc:"How that date is known; a code of the vocabulary date-basis."`
	Accessed       string              `json:"accessed,omitempty" doc:"EDTF."`
	Gist           TextResource        `json:"gist,omitempty" doc:"What it carries, in the words of the register."`
	Capture        *CaptureResource    `json:"capture,omitempty" doc:"What was saved of it; absent: nothing."`
	CitedBy        []string            `json:"cited_by" doc:"Identifiers of records that cite it now, the highest references first."`
	CitedByMore    bool                `json:"cited_by_more" doc:"Whether there are more."`
	ShownBy        ShownByResource     `json:"shown_by"`
	PublishedAt    time.Time           `json:"published_at" doc:"When the first edition of the record that shows it was published."`
	UpdatedAt      time.Time           `json:"updated_at" doc:"When the current edition of the record that shows it was published."`
}

// ShownByResource is the edition from which a source is taken: each edition holds
// what was known of its sources when it was published.
type ShownByResource struct {
	ID      string `json:"id"`
	Edition int    `json:"edition"`
	SHA256  string `json:"sha256" pattern:"^[0-9a-f]{64}$"`
}

// CaptureResource is what the register saved of a source.
type CaptureResource struct {
	SHA256       string                `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Of the saved bytes."`
	Size         int64                 `json:"size" doc:"In bytes."`
	MediaType    string                `json:"media_type,omitempty"`
	CapturedAt   string                `json:"captured_at,omitempty" doc:"EDTF."`
	HTTPStatus   int                   `json:"http_status,omitempty" doc:"Absent: it did not come by HTTP."`
	LastCheck    string                `json:"last_check,omitempty" doc:"EDTF."`
	ChangedSince bool                  `json:"changed_since"`
	State        register.CaptureState `json:"state,omitempty" enum:"gone,moved,changed" doc:"What has become of the page; absent: it is as it was."`
	NowSHA256    string                `json:"now_sha256,omitempty" doc:"Of what the page says now, where that is something else."`
	NowSince     string                `json:"now_since,omitempty" doc:"EDTF."`
	WARC         string                `json:"warc_sha256,omitempty" doc:"Of the WARC file in which the copy is kept."`
	Copy         string                `json:"copy,omitempty" format:"uri" doc:"Where that file is handed out; absent: the rights to the source do not allow it."`
}

// Source makes the resource of a source as a published record shows it; ok is
// false when it cites no such source.
func (r *Resources) Source(p register.Published, key string) (out SourceResource, ok bool) {
	for i := range p.Sources {
		if p.Sources[i].Key == key {
			return r.writer(p).source(&p.Sources[i]), true
		}
	}
	return out, false
}

func (w writer) source(s *register.Source) SourceResource {
	citing := w.Citing[s.Key]
	return SourceResource{
		ID: s.Key, Type: "source", URL: w.address("sources", s.Key), Kind: s.Kind, Publisher: s.Publisher, Title: s.Title, Author: s.Author,
		Address: s.URL, Withheld: s.URLWithheld, Language: s.Language, Published: s.Published.String(), PublishedBasis: s.PublishedBasis,
		Accessed: s.Accessed.String(), Gist: w.text(s.Gist), Capture: w.capture(s),
		CitedBy: append([]string{}, citing.By...), CitedByMore: citing.More,
		ShownBy:     ShownByResource{w.of.Reference, w.of.Number, w.of.SHA256},
		PublishedAt: w.of.FirstPublishedAt.UTC(), UpdatedAt: w.of.ChangedAt.UTC(),
	}
}

func (w writer) capture(s *register.Source) *CaptureResource {
	c := s.Capture
	if c == nil {
		return nil
	}
	out := &CaptureResource{
		SHA256: c.SHA256, Size: c.Size, MediaType: c.Type, CapturedAt: c.CapturedAt.String(), HTTPStatus: c.HTTPStatus,
		LastCheck: c.LastCheck.String(), ChangedSince: c.ChangedSince, State: c.State, NowSHA256: c.Now, NowSince: c.NowSince.String(), WARC: c.WARC,
	}
	if open := s.OpenWARC(); open != "" {
		out.Copy = w.Base + "/captures/" + open
	}
	return out
}

func sourceKeys(sources []register.Source) []string {
	out := make([]string, len(sources))
	for i := range sources {
		out[i] = sources[i].Key
	}
	return out
}
