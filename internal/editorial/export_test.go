package editorial

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// noLog is a log that keeps nothing.
type noLog struct{}

func (noLog) LogEdge(context.Context, int64) ([]record.LogTile, error) { return nil, nil }

func (noLog) AppendLeaves(context.Context, []register.LoggedLeaf, [][]byte) (int64, error) {
	return 0, nil
}

func (noLog) GrowTiles(context.Context, []record.LogTile) error { return nil }

func (noLog) LoggedDocuments(context.Context, string) ([]string, error) { return nil, nil }

// WithoutLog publishes as if there were no log, to measure what it costs. The
// database must be told, too.
func WithoutLog() PublishOption {
	return func(p *publication) {
		p.leaves.kept = noLog{}
		p.askToSign = func(context.Context) error { return nil }
	}
}

// PublishScheduled publishes what was due when somebody looked.
func PublishScheduled(ctx context.Context, e *Editorial, s desk.Schedule, now time.Time) error {
	return e.publishScheduled(ctx, s, now)
}
