package editorial

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/record"
)

// mostAnnounced bounds of how many records a hub is told after one publication:
// the feed of all records tells of the rest.
const mostAnnounced = 500

// WithHub returns the use cases with a hub that is told, by a job, what is
// published, so that it tells those who follow the feeds.
func (e *Editorial) WithHub() *Editorial {
	out := *e
	out.hub = true
	return &out
}

// Announced are the records that a hub is told of: what was published, withdrawn
// or merged since a moment.
func (e *Editorial) Announced(ctx context.Context, since time.Time) ([]register.PublicAddress, error) {
	return record.NewWriter(e.db.Querier()).ChangedSince(ctx, since, mostAnnounced)
}
