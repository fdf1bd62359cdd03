package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// Timestamps are asked for of an authority, for the checkpoints of the public
// log.
type Timestamps struct {
	Uses      *editorial.Editorial
	Authority *attest.Authority
}

// Stamp asks for a timestamp of the newest checkpoint, until it has one.
func (s *Timestamps) Stamp(ctx context.Context) error {
	// What is signed meanwhile found this job at work, and asked for no other.
	for {
		c, err := s.Uses.ToStamp(ctx)
		if errors.Is(err, register.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		stamp, err := s.Authority.Stamp(ctx, []byte(c.Note))
		if err != nil {
			return err
		}
		err = s.Uses.KeepTimestamp(ctx, register.LogTimestamp{
			Size: c.Size, Authority: stamp.Authority, StampedAt: stamp.At, Reply: stamp.Reply,
		})
		if err != nil {
			return err
		}
	}
}

// addStamp lets an authority be asked, as addCosign.
func addStamp(bundle *river.Workers, stamp func(context.Context) error) error {
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, _ *river.Job[register.StampLog]) error {
		if stamp == nil {
			return nil
		}
		return stamp(ctx)
	}))
}
