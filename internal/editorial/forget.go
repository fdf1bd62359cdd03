package editorial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

const (
	// idleFile is how long a file is kept that nothing names: who has attached
	// it may come back to a form that he did not send.
	idleFile = 7 * 24 * time.Hour
	// mostRemoved bounds one round; the next goes on.
	mostRemoved = 500
)

// ForgetFiles takes away the files that nothing names and nobody has attached
// for a week, with their contents. Named is what a draft has as a document, a
// source as its capture, a form in the making, and every version and edition
// that ever was. A content that the store does not let go is tried again at the
// next round.
func (e *Editorial) ForgetFiles(ctx context.Context, now time.Time) error {
	if e.blobs == nil {
		return nil // there are none
	}
	if err := desk.New(e.db.Querier()).ForgetFiles(ctx, now.Add(-idleFile)); err != nil {
		return err
	}
	return e.removeLeaving(ctx)
}

// removeLeaving removes the contents that are to leave the store.
func (e *Editorial) removeLeaving(ctx context.Context) error {
	if e.blobs == nil {
		return nil
	}
	leaving, err := desk.New(e.db.Querier()).LeavingFiles(ctx, mostRemoved)
	failures := []error{err}
	for _, hash := range leaving {
		failures = append(failures, e.removeContent(ctx, hash))
	}
	return errors.Join(failures...)
}

// removeContent removes a content from the store, unless it was attached again
// meanwhile.
func (e *Editorial) removeContent(ctx context.Context, sha256 string) error {
	// Whoever finishes a takedown is done when all contents are gone, not with the first.
	return e.db.InTx(store.WithoutReceipt(ctx), func(q store.Querier) error {
		d := desk.New(q)
		if err := deleteUnheld(ctx, d, e.blobs, sha256); err != nil {
			return err
		}
		return d.CrossOff(ctx, sha256)
	})
}

// removeFrom removes a content from a store of files, unless it was attached again
// meanwhile: a takedown is of what there was, and may come to its files days later.
func (e *Editorial) removeFrom(ctx context.Context, files Files, sha256 string) error {
	return e.db.InTx(store.WithoutReceipt(ctx), func(q store.Querier) error {
		return deleteUnheld(ctx, desk.New(q), files, sha256)
	})
}

// deleteUnheld deletes a content that no file of the desk has, under the lock under which
// files are attached.
func deleteUnheld(ctx context.Context, d *desk.Queries, files Files, sha256 string) error {
	if err := d.LockContent(ctx, sha256); err != nil {
		return err
	}
	held, err := d.FilesHeld(ctx, []string{sha256})
	if err != nil || slices.Contains(held, sha256) {
		return err
	}
	if err := files.Delete(ctx, sha256); err != nil {
		return fmt.Errorf("remove file %s: %w", sha256, err)
	}
	return nil
}
