package editorial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Files is the store of documents and captures, by their SHA-256.
type Files interface {
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, sha256 string) error
}

// WithTakedown returns the use cases with what a takedown needs: a pool of the
// role that alone may erase, and the store of files; nil for the one in which
// documents are kept. Without it takedowns can be requested but not confirmed.
func (e *Editorial) WithTakedown(db *store.DB, files Files) *Editorial {
	out := *e
	out.takedown, out.files = db, files
	return &out
}

// CanTakeDown reports whether takedowns are configured.
func (e *Editorial) CanTakeDown() bool { return e.takedown != nil }

// takeDown confirms a takedown and erases, in one transaction of the role for
// it; files go when it is certain.
func (e *Editorial) takeDown(ctx context.Context, actor register.Actor, id string) error {
	if !e.CanTakeDown() {
		return register.ErrNotConfigured
	}
	began := e.now().UTC().Truncate(time.Second)
	// The role for it knows nothing of forms, and confirms a decision once.
	err := e.takedown.InTx(store.WithoutReceipt(ctx), func(q store.Querier) error {
		p := e.takingDown(q, actor)
		x, err := p.decide(ctx, id)
		if err != nil {
			return err
		}
		if x.Kind != desk.DecideTakedown {
			return register.ErrConflict
		}
		if err := p.erase(ctx, x); err != nil {
			return fmt.Errorf("take down %s: %w", x.Record.Reference, err)
		}
		return p.finish(ctx, x)
	})
	if err != nil {
		return err
	}
	if err := e.db.InTx(ctx, func(q store.Querier) error { return e.askToSign(q, began)(ctx) }); err != nil {
		return err
	}
	return e.FinishTakedown(ctx, id)
}

// takingDown begins a takedown in a transaction of the role for it, which may not
// ask for jobs: for the signature of the log, who begins has to see afterwards.
func (e *Editorial) takingDown(q store.Querier, actor register.Actor) *publication {
	p := e.publication(q, actor, nil)
	p.askToSign = func(context.Context) error { return nil }
	return p
}

// erase takes the content out of the editions and out of everything that the
// desk holds of it, and notes which files are to be removed.
func (p *publication) erase(ctx context.Context, x desk.Decision) error {
	reference := x.Record.Reference
	contents, err := p.record.Editions(ctx, reference, x.First, x.Last)
	if err != nil {
		return err
	}
	current, _, err := p.record.Current(ctx, reference)
	if ignoreNotFound(err) != nil { // in a restored database it may not be published yet
		return err
	}
	if err := p.record.Erase(ctx, reference, x.First, x.Last, x.Reason, p.at); err != nil {
		return err
	}
	for i := range contents {
		if err := p.leaves.removal(register.LeafTakedown, reference, contents[i].Number, x.Reason, p.at); err != nil {
			return err
		}
	}
	if x.First <= current.Number && current.Number <= x.Last {
		if err := p.record.MarkWithdrawn(ctx, x.Record.Type, reference, x.Reason, p.at); err != nil {
			return err
		}
	}
	sources, documents := cited(contents)
	files, err := p.desk.EraseRecord(ctx, x.ID, sources, documents)
	if err != nil {
		return err
	}
	if files, err = p.record.Unnamed(ctx, files); err != nil {
		return err
	}
	if err := p.desk.EraseFiles(ctx, x.ID, files); err != nil {
		return err
	}
	return p.desk.SetPendingFiles(ctx, x.ID, files)
}

// cited are the sources (keys) and the documents (SHA-256) of contents.
func cited(contents []register.Content) (sources, documents []string) {
	for i := range contents {
		for _, s := range contents[i].Sources {
			sources = append(sources, s.Key)
		}
		if st := contents[i].Statement; st != nil {
			for _, d := range st.Documents {
				documents = append(documents, d.SHA256)
			}
		}
	}
	slices.Sort(sources)
	slices.Sort(documents)
	return slices.Compact(sources), slices.Compact(documents)
}

// FinishTakedown removes the files of a confirmed takedown from the store, and
// those of captures that went with it. It may be called again until it succeeds;
// what is done is not done twice.
func (e *Editorial) FinishTakedown(ctx context.Context, id string) error {
	if !e.CanTakeDown() {
		return register.ErrNotConfigured
	}
	return errors.Join(e.removePending(ctx, id), e.removeLeaving(ctx))
}

func (e *Editorial) removePending(ctx context.Context, id string) error {
	d := desk.New(e.takedown.Querier())
	x, err := d.Decision(ctx, id)
	if err != nil {
		return err
	}
	if e.blobs != nil && x.Outcome == desk.OutcomeConfirmed {
		// First, while the files are known; CatchUp writes what fails here.
		if err := removalOf(x).NoteIn(ctx, e.blobs); err != nil {
			return err
		}
	}
	if len(x.PendingFiles) == 0 {
		return nil
	}
	files := e.files
	if files == nil && e.blobs != nil {
		files = e.blobs
	}
	if files == nil {
		return register.ErrNotConfigured
	}
	var failed []string
	var failures []error
	for _, file := range x.PendingFiles {
		if err := e.removeFrom(ctx, files, file); err != nil {
			failed = append(failed, file)
			failures = append(failures, err)
		}
	}
	return errors.Join(append(failures, d.SetPendingFiles(ctx, id, failed))...)
}
