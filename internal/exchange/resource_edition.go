package exchange

import (
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// EditionResource is one edition of a record, without its content.
type EditionResource struct {
	ID          string               `json:"id" doc:"Reference of the record and number of the edition, with a dot between."`
	Type        string               `json:"type" enum:"edition"`
	URL         string               `json:"url" format:"uri"`
	Record      string               `json:"record" doc:"Reference of the record."`
	RecordType  register.RecordType  `json:"record_type"`
	Edition     int                  `json:"edition" doc:"Number, from 1."`
	SHA256      string               `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Hash of the canonical JSON."`
	Content     string               `json:"content,omitempty" format:"uri" doc:"Address of the canonical JSON; absent for an edition that was removed."`
	Proof       string               `json:"proof" format:"uri" doc:"Address of the proof that the edition stands in the public log."`
	Current     bool                 `json:"current" doc:"Whether it is the one that is shown."`
	PublishedAt time.Time            `json:"published_at"`
	UpdatedAt   time.Time            `json:"updated_at" doc:"When it was published, or removed: nothing else changes an edition."`
	Reason      Labels               `json:"reason,omitempty" doc:"Why it was made."`
	Correction  register.Correction  `json:"correction,omitempty" doc:"How much it corrects; absent: it corrects nothing."`
	Author      register.AccountRole `json:"author_role" doc:"Role of who made it; who that is stays at the desk."`
	Reviewer    register.AccountRole `json:"reviewer_role"`
	Pins        []PinResource        `json:"pins,omitempty" doc:"Editions of other records that it shows."`
	Removed     *TombstoneResource   `json:"removed,omitempty" doc:"What stands in the place of a content that was removed by law."`
}

// PinResource is an edition of another record that an edition shows.
type PinResource struct {
	ID         string              `json:"id"`
	Record     string              `json:"record"`
	RecordType register.RecordType `json:"record_type"`
	Edition    int                 `json:"edition"`
	SHA256     string              `json:"sha256" pattern:"^[0-9a-f]{64}$"`
}

// TombstoneResource stands in the place of a content.
type TombstoneResource struct {
	At     time.Time `json:"at"`
	Reason Labels    `json:"reason"`
}

func editionID(reference string, number int) string {
	return PartID(register.Ref(reference), strconv.Itoa(number))
}

// Edition makes the resource of an edition.
func (r *Resources) Edition(e register.EditionRow) EditionResource {
	id := editionID(e.Reference, e.Number)
	content := r.content(e.Reference, e.Number)
	out := EditionResource{
		ID: id, Type: "edition", URL: r.address("editions", id), Record: e.Reference, RecordType: e.Type, Edition: e.Number,
		SHA256: e.SHA256, Content: content, Proof: content[:len(content)-len("json")] + "proof", Current: e.Current,
		PublishedAt: e.PublishedAt.UTC(), UpdatedAt: e.PublishedAt.UTC(), Reason: r.chosen(e.Reason), Correction: e.Correction,
		Author: e.AuthorRole, Reviewer: e.ReviewerRole,
	}
	for _, p := range e.Pins {
		out.Pins = append(out.Pins, PinResource{editionID(p.Reference, p.Number), p.Reference, p.Type, p.Number, p.SHA256})
	}
	if e.Removed != nil {
		out.Content = ""
		out.UpdatedAt = e.Removed.At.UTC()
		out.Removed = &TombstoneResource{At: e.Removed.At.UTC(), Reason: r.chosen(e.Removed.Reason)}
	}
	return out
}
