package editorial

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/tlog"
)

// KeyReader returns the keys that sign the public log now; nil when nothing is
// to be signed. It is asked at each signature, so that a key that was rotated
// signs without a restart.
type KeyReader func() (*tlog.Keys, error)

// WithLog returns the use cases with the keys that sign checkpoints of the
// public log. Without them what is published is appended to the log as ever, and
// no newer checkpoint tells of it: readers can verify what was signed before.
func (e *Editorial) WithLog(keys KeyReader) *Editorial {
	out := *e
	out.logKeys = keys
	return &out
}

// SignLog signs a checkpoint of the log, if it grew since the last one or a new
// key signs it. A log that did not grow from what was signed last, as after an
// old backup was restored, is not signed: the error wraps tlog.ErrBroken.
func (e *Editorial) SignLog(ctx context.Context, now time.Time) error {
	if e.logKeys == nil {
		return nil
	}
	keys, err := e.logKeys()
	if err != nil || keys == nil {
		return err
	}
	// What is appended meanwhile found this job at work, and asked for no other.
	for {
		signed, err := record.NewWriter(e.db.Querier()).LogIsSigned(ctx, keys.VerifierKeys()[0])
		if err != nil || signed {
			return err
		}
		if err := e.signOnce(ctx, keys, now.UTC().Truncate(time.Second)); err != nil {
			return fmt.Errorf("sign the log: %w", err)
		}
	}
}

func (e *Editorial) signOnce(ctx context.Context, keys *tlog.Keys, now time.Time) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		w := record.NewWriter(q)
		if err := w.LockGeneration(ctx); err != nil {
			return err
		}
		if err := beginKey(ctx, w, keys.VerifierKeys()[0], now); err != nil {
			return err
		}
		size, err := w.LogSize(ctx)
		if err != nil {
			return err
		}
		edge, err := readEdge(ctx, w, size)
		if err != nil {
			return err
		}
		head := edge.Head()
		more, err := grew(ctx, w, keys.Origin(), head)
		if err != nil || !more {
			return err
		}
		note, err := keys.Sign(head)
		if err != nil {
			return err
		}
		err = w.InsertCheckpoint(ctx, register.LogCheckpoint{Size: head.Size, Root: head.Root[:], Note: string(note), SignedAt: now})
		if err != nil {
			return err
		}
		if err := e.askOthers(ctx, q); err != nil {
			return err
		}
		return w.BumpSignatures(ctx) // pages in memory know the one before
	})
}

// beginKey puts into the log since when a key signs, unless it is
// there already.
func beginKey(ctx context.Context, w *record.Writer, key string, now time.Time) error {
	known, err := w.LogKeys(ctx)
	if err != nil || slices.ContainsFunc(known, func(k register.LogKey) bool { return k.Key == key }) {
		return err
	}
	size, err := w.LogSize(ctx)
	if err != nil {
		return err
	}
	leaf, err := register.KeyLeaf(key, now, newSalt())
	if err != nil {
		return err
	}
	if err := w.InsertLogKey(ctx, register.LogKey{Key: key, Position: size, Since: now}); err != nil {
		return err
	}
	l := newLeaves(w)
	l.list = append(l.list, leaf)
	return l.write(ctx)
}

// grew reports whether the log has grown since its last checkpoint; an error
// that wraps tlog.ErrBroken when it became something else.
func grew(ctx context.Context, w *record.Writer, origin string, head tlog.Head) (bool, error) {
	last, err := w.Checkpoint(ctx)
	if isNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	before, err := tlog.PeekCheckpoint([]byte(last.Note))
	if err != nil {
		return false, err
	}
	if before.Origin != origin {
		return false, fmt.Errorf("the key is of the log %q, and this is %q: a log keeps its name", origin, before.Origin)
	}
	if before.Head == head {
		return false, nil
	}
	var proof []tlog.Hash
	if before.Size < head.Size {
		if proof, err = tlog.ProveConsistency(ctx, keptTiles{w}, head, before.Size); err != nil {
			return false, fmt.Errorf("%w: %w", tlog.ErrBroken, err)
		}
	}
	return true, tlog.CheckConsistency(proof, before.Head, head)
}

// keptTiles reads tiles from the database.
type keptTiles struct{ record *record.Writer }

// ReadTile implements tlog.TileReader.
func (k keptTiles) ReadTile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	return k.record.LogTile(ctx, t.Level, t.Index, t.Width)
}
