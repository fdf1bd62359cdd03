package exchange

import (
	"time"

	"github.com/sijil/sijil/internal/register"
)

// HitResource is something that a search found.
type HitResource struct {
	ID      string              `json:"id" doc:"Of the record, or of the part of one."`
	Type    register.SearchType `json:"type"`
	URL     string              `json:"url" format:"uri"`
	Record  string              `json:"record" doc:"Reference of the record."`
	Pages   Labels              `json:"pages"`
	Title   TextResource        `json:"title"`
	Who     Labels              `json:"who,omitempty" doc:"Who said it, or brought the matter."`
	When    string              `json:"when,omitempty" doc:"EDTF; absent: not stated, disputed, or without time."`
	Excerpt *ExcerptResource    `json:"excerpt,omitempty" doc:"Where the words stand; absent when the title says it."`

	Edition     int       `json:"edition"`
	SHA256      string    `json:"sha256" pattern:"^[0-9a-f]{64}$"`
	PublishedAt time.Time `json:"published_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// ExcerptResource is a part of a text, cut up at the words that were found.
type ExcerptResource struct {
	Language register.Lang         `json:"language,omitempty"`
	Parts    []ExcerptPartResource `json:"parts"`
}

// ExcerptPartResource is a run of an excerpt.
type ExcerptPartResource struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit" doc:"Whether it was searched for."`
}

// Hit makes the resource of a find in a published record.
func (r *Resources) Hit(p register.Published, h register.SearchHit) HitResource {
	w := r.writer(p)
	id, collection, fragment := h.Reference, collectionOf(p.Type), ""
	if h.Part != "" {
		id, collection, fragment = PartID(register.Ref(h.Reference), h.Part), string(h.Type)+"s", "#"+h.Key
	}
	out := HitResource{
		ID: id, Type: h.Type, URL: r.address(collection, id), Record: h.Reference, Pages: r.pages(p.Type, h.Slug, fragment),
		Title: w.text(h.Title), Who: r.chosen(h.Who), When: h.When.String(),
		Edition: p.Number, SHA256: p.SHA256, PublishedAt: p.FirstPublishedAt.UTC(), UpdatedAt: p.ChangedAt.UTC(),
	}
	if h.Excerpt != nil {
		out.Excerpt = &ExcerptResource{Language: h.Excerpt.Lang, Parts: []ExcerptPartResource{}}
		for _, part := range h.Excerpt.Parts {
			out.Excerpt.Parts = append(out.Excerpt.Parts, ExcerptPartResource{part.Text, part.Hit})
		}
	}
	return out
}

// TermResource is a code of a vocabulary that an admin edits.
type TermResource struct {
	Vocabulary register.Vocabulary `json:"vocabulary"`
	Code       string              `json:"code"`
	Label      Labels              `json:"label"`
	Phase      register.Phase      `json:"phase,omitempty" doc:"Of a step of a referral."`
	Retired    bool                `json:"retired" doc:"Whether it is given no more; what has it keeps it."`
}

// Terms makes the resources of all vocabularies.
func (r *Resources) Terms(terms *register.Terms) []TermResource {
	out := []TermResource{}
	for _, v := range register.Vocabularies() {
		for _, t := range terms.Of(v) {
			out = append(out, TermResource{v, t.Code, r.chosen(t.Label), t.Phase, t.Retired})
		}
	}
	return out
}
