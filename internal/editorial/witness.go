package editorial

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/tlog"
)

// WithWitnesses returns the use cases with the verifier keys of witnesses: each
// is asked to cosign a checkpoint once it is signed. The register does not wait
// for them.
func (e *Editorial) WithWitnesses(keys ...string) *Editorial {
	out := *e
	out.witnesses = keys
	return &out
}

// AskAttestations asks for what others have not attested yet of the newest
// checkpoint: those who could not be reached for long are asked again.
func (e *Editorial) AskAttestations(ctx context.Context, _ time.Time) error {
	return e.db.InTx(ctx, func(q store.Querier) error { return e.askOthers(ctx, q) })
}

// askOthers asks for what the newest checkpoint lacks of cosignatures, and of a
// timestamp, once the transaction is committed.
func (e *Editorial) askOthers(ctx context.Context, q store.Querier) error {
	if len(e.witnesses) == 0 && !e.stamps {
		return nil
	}
	w := record.NewWriter(q)
	c, err := w.Checkpoint(ctx)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := e.askStamp(ctx, q, c.Size); err != nil {
		return err
	}
	have, err := w.Cosignatures(ctx, c.Size)
	if err != nil {
		return err
	}
	for _, key := range e.witnesses {
		if slices.ContainsFunc(have, func(s register.LogCosignature) bool { return s.Witness == key }) {
			continue
		}
		if err := store.Enqueue(ctx, q, register.CosignLog{Witness: key}); err != nil {
			return err
		}
	}
	return nil
}

// ToCosign returns the newest checkpoint, and the size that the witness cosigned
// last, 0 for none. ErrNotFound means that there is nothing to cosign: no
// checkpoint, or the witness has cosigned it.
func (e *Editorial) ToCosign(ctx context.Context, witness string) (c register.LogCheckpoint, last int64, err error) {
	w := record.NewWriter(e.db.Querier())
	if c, err = w.Checkpoint(ctx); err != nil {
		return c, 0, err
	}
	if last, err = w.LastCosigned(ctx, witness); err != nil {
		return c, 0, err
	}
	if last >= c.Size {
		return c, last, register.ErrNotFound
	}
	return c, last, nil
}

// ProveGrowth returns the proof that the log grew from a size to the one of a
// checkpoint.
func (e *Editorial) ProveGrowth(ctx context.Context, c register.LogCheckpoint, from int64) ([]tlog.Hash, error) {
	signed, err := tlog.PeekCheckpoint([]byte(c.Note))
	if err != nil {
		return nil, err
	}
	proof, err := tlog.ProveConsistency(ctx, keptTiles{record.NewWriter(e.db.Querier())}, signed.Head, from)
	if err != nil {
		return nil, errors.Join(tlog.ErrBroken, err)
	}
	return proof, nil
}

// KeepCosignature keeps what a witness signed of the checkpoint of a size, which
// whoever asked for it has verified; from now on it is handed out with that.
func (e *Editorial) KeepCosignature(ctx context.Context, size int64, witness string, c tlog.Cosignature) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		w := record.NewWriter(q)
		if err := w.LockGeneration(ctx); err != nil {
			return err
		}
		added, err := w.InsertCosignature(ctx, register.LogCosignature{Size: size, Witness: witness, SignedAt: c.At, Line: c.Line})
		if err != nil || !added {
			return err
		}
		return w.BumpSignatures(ctx) // pages in memory know the checkpoint without it
	})
}
