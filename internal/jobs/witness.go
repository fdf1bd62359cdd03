package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
)

// Witnesses are asked to cosign the checkpoints of the public log.
type Witnesses struct {
	Uses *editorial.Editorial
	List []*attest.Witness
	Now  func() time.Time
}

// Cosign asks the witness with a verifier key to cosign the newest checkpoint,
// until it has. One that is asked no more is no failure.
func (w *Witnesses) Cosign(ctx context.Context, key string) error {
	for _, witness := range w.List {
		if witness.Key() == key {
			return w.ask(ctx, witness)
		}
	}
	return nil
}

func (w *Witnesses) ask(ctx context.Context, witness *attest.Witness) error {
	// What is signed meanwhile found this job at work, and asked for no other.
	for {
		c, last, err := w.Uses.ToCosign(ctx, witness.Key())
		if errors.Is(err, register.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		cosignature, err := witness.Cosign(ctx, attest.Question{
			Signed: []byte(c.Note), Size: c.Size, SignedAt: c.SignedAt, Known: last, Now: w.Now(),
			Prove: func(ctx context.Context, from int64) ([]tlog.Hash, error) { return w.Uses.ProveGrowth(ctx, c, from) },
		})
		if errors.Is(err, attest.ErrRefused) {
			return fmt.Errorf("%w: %w", ErrGiveUp, err)
		}
		if err != nil {
			return err
		}
		if err := w.Uses.KeepCosignature(ctx, c.Size, witness.Key(), cosignature); err != nil {
			return err
		}
	}
}

// addCosign lets witnesses be asked. Where none is, a job that waits since one
// was is done with nothing, which is no failure.
func addCosign(bundle *river.Workers, cosign func(context.Context, string) error) error {
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, job *river.Job[register.CosignLog]) error {
		if cosign == nil {
			return nil
		}
		return cosign(ctx, job.Args.Witness)
	}))
}
