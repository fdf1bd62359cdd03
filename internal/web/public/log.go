package public

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// OpeningJSON answers what a leaf of the public log is about, where that is not
// an edition, with its salt: whoever has the leaf can tell that it is that.
func (p *Pages) OpeningJSON(ctx context.Context, r Request) (Answer, error) {
	position, err := strconv.ParseInt(r.Params["position"], 10, 64)
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	opening, err := p.records.Opening(ctx, position)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: "application/json", Body: opening.Canonical()}}, nil
}

// GoneJSON says to programs why something is not there any more.
func GoneJSON(e *register.WithdrawnError) []byte {
	state := "withdrawn"
	if e.Removed {
		state = "removed"
	}
	out, err := json.Marshal(struct {
		Reference string        `json:"reference"`
		Edition   int           `json:"edition,omitempty"` // 0: the whole record
		State     string        `json:"state"`
		With      string        `json:"with,omitempty"`
		Since     time.Time     `json:"since"`
		Notice    register.Text `json:"notice"`
	}{e.Reference, e.Edition, state, e.With, e.At.UTC(), e.Notice})
	if err != nil {
		return []byte("{}") // no such values can fail
	}
	return out
}
