package editorial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// ErrNotEmpty is returned where a register is to be read back and there is one.
var ErrNotEmpty = errors.New("something is published here already")

// RebuildError is an edition that cannot be read back, and why.
type RebuildError struct {
	Reference string
	Number    int
	Why       string
}

// Error says so.
func (e *RebuildError) Error() string {
	return fmt.Sprintf("%s, edition %d: %s", e.Reference, e.Number, e.Why)
}

// Rebuild reads editions back that were published elsewhere: byte for byte, under
// their references, numbers and times, so that their hashes are the same. What they
// hold becomes the drafts of a desk again. Four eyes hold as ever: the author
// drafts and the reviewer approves each, and answers for it; who made them first stays
// unknown. Their leaves go into the log of this installation, which is another log.
//
// The editions are of one act: of the same time, none of them of the same record, and in
// the order of the log from which they come. Each act is one transaction.
func (e *Editorial) Rebuild(ctx context.Context, author, reviewer register.Actor, act []register.ExportedEdition) error {
	if !author.Role.Can(register.MayDraft) || !reviewer.Role.Can(register.MayPublishImport) || author.ID == reviewer.ID {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		r := &rebuilding{publication: e.publication(q, reviewer, nil), e: e, author: author}
		return r.run(ctx, act)
	})
}

// CanRebuild returns ErrNotEmpty unless nothing was ever published.
func (e *Editorial) CanRebuild(ctx context.Context) error {
	log, err := record.NewWriter(e.db.Querier()).HasEditions(ctx)
	if err == nil && log {
		return ErrNotEmpty
	}
	return err
}

// rebuilding is one act of Rebuild while it runs.
type rebuilding struct {
	*publication
	e      *Editorial
	author register.Actor

	given  []givenEdition
	drafts []Draft
	// ids are identifiers of records at the desk by their references.
	ids map[register.Ref]register.Ref
}

// givenEdition is an edition as it was published elsewhere.
type givenEdition struct {
	register.ExportedEdition
	content *register.Content
}

func (r *rebuilding) run(ctx context.Context, act []register.ExportedEdition) error {
	if err := r.count(ctx); err != nil {
		return err
	}
	if err := r.read(act); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		r.draft, r.review, r.publishGiven, r.appendLeaves, r.writeAudits,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// read takes the editions apart, and makes sure that putting them together again
// gives the same bytes.
func (r *rebuilding) read(act []register.ExportedEdition) error {
	r.ids = map[register.Ref]register.Ref{}
	for _, x := range act {
		refuse := func(why string) error { return &RebuildError{x.Reference, x.Number, why} }
		content, err := register.DecodeContent(x.Content)
		if err != nil {
			return refuse("its content cannot be read")
		}
		canonical, sha, err := content.Canonical()
		switch {
		case err != nil || !bytes.Equal(canonical, x.Content) || content.Format != register.EditionFormat:
			return refuse("this program does not know all of its content")
		case sha != x.SHA256 || content.Reference != x.Reference || content.Number != x.Number || content.Type != x.Type:
			return refuse("it is not what the file says of it")
		case len(x.Salt) != register.SaltSize:
			return refuse("its salt is missing")
		}
		r.given = append(r.given, givenEdition{x, content})
		draft := Draft{Incident: content.Incident, Statement: content.Statement, Institution: content.Institution}
		r.drafts = append(r.drafts, draft)
	}
	return nil
}

// draft writes the contents at the desk, as drafts that point to each other there.
func (r *rebuilding) draft(ctx context.Context) error {
	for i := range r.given {
		for _, s := range r.given[i].content.Sources {
			if err := saveSource(ctx, r.desk, s, r.author); err != nil {
				return err
			}
		}
		if err := r.openDraft(ctx, i); err != nil {
			return fmt.Errorf("%s: %w", r.given[i].Reference, err)
		}
	}
	for i := range r.drafts {
		// What is drafted points to other identifiers than what is published.
		content, err := register.DecodeContent(r.given[i].Content)
		if err != nil {
			return err
		}
		d := &r.drafts[i]
		d.Incident, d.Statement, d.Institution = content.Incident, content.Statement, content.Institution
		if err := r.point(ctx, i); err != nil {
			return err
		}
		if err := saveContent(ctx, r.desk, *d); err != nil {
			return fmt.Errorf("%s: %w", r.given[i].Reference, err)
		}
	}
	return nil
}

// openDraft makes the record, or the next version of it.
func (r *rebuilding) openDraft(ctx context.Context, i int) error {
	d := &r.drafts[i]
	head, err := r.desk.RecordByReference(ctx, r.given[i].Reference)
	switch {
	case errors.Is(err, register.ErrNotFound):
		d.Version = 1
		d.ID, err = r.desk.InsertRecord(ctx, d.head(), r.author.ID)
	case err == nil:
		d.ID, d.Version = head.ID, head.Version
		d.Version, err = r.desk.ChangeRecord(ctx, d.head(), r.author.ID)
	}
	r.ids[register.Ref(r.given[i].Reference)] = d.ID
	return err
}

// point puts identifiers of the desk in the place of references.
func (r *rebuilding) point(ctx context.Context, i int) error {
	var failed error
	register.EachRef(r.drafts[i].noun(), func(ref *register.Ref) {
		id, ok := r.ids[*ref]
		if !ok && failed == nil {
			head, err := r.desk.RecordByReference(ctx, string(*ref))
			if errors.Is(err, register.ErrNotFound) {
				err = &RebuildError{r.given[i].Reference, r.given[i].Number, "it names " + string(*ref) + ", which is not in the file: it was withdrawn or removed"}
			}
			id, failed = head.ID, err
			r.ids[*ref] = id
		}
		*ref = id
	})
	return failed
}

// review has the drafts approved by the other person.
func (r *rebuilding) review(ctx context.Context) error {
	versions := make([]Version, len(r.drafts))
	for i, d := range r.drafts {
		versions[i] = Version{ID: d.ID, Version: d.Version}
	}
	if _, err := r.e.send(ctx, r.desk, r.author, versions, ""); err != nil {
		return err
	}
	for _, d := range r.drafts {
		if err := approve(ctx, r.desk, r.actor, d.head()); err != nil {
			return err
		}
	}
	return nil
}

// publishGiven makes the editions just as they were.
func (r *rebuilding) publishGiven(ctx context.Context) error {
	published := map[register.Ref]string{}
	var ids []register.Ref
	for i := range r.given {
		x, d := &r.given[i], &r.drafts[i]
		if err := r.record.ReserveReference(ctx, x.Reference); err != nil {
			return err
		}
		if err := r.pins(ctx, x); err != nil {
			return err
		}
		if err := r.leaves.edition(ctx, x.content, x.Content, x.Salt); err != nil {
			return err
		}
		edition := register.Edition{Content: *x.content, SHA256: x.SHA256}
		r.editions[x.Reference] = edition
		r.acts = append(r.acts, desk.Publication{
			Record: d.ID, Version: d.Version, Author: r.author.ID, Reviewer: r.actor.ID,
			Reference: x.Reference, Number: x.Number, PublishedAt: x.content.PublishedAt,
		})
		r.pending = append(r.pending, record.NewEdition{Edition: edition, Canonical: x.Content, Salt: x.Salt, Pinned: r.pinned(*x.content)})
		r.audit("rebuild", d.ID, d.Version, x.Reference, x.Number)
		published[d.ID] = x.Reference
		ids = append(ids, d.ID)
	}
	if err := r.write(ctx); err != nil {
		return err
	}
	if err := r.desk.MarkPublished(ctx, published); err != nil {
		return err
	}
	return r.desk.ClosePublished(ctx, ids, r.actor.ID, r.at)
}

// pins makes sure that what the edition shows is here, and is the same.
func (r *rebuilding) pins(ctx context.Context, x *givenEdition) error {
	for _, pin := range x.content.Pins {
		shown, err := r.edition(ctx, pin.Reference)
		if err != nil && !errors.Is(err, register.ErrNotFound) {
			return err
		}
		if err != nil || shown.SHA256 != pin.SHA256 {
			return &RebuildError{x.Reference, x.Number, fmt.Sprintf("it shows edition %d of %s, which is not in the file", pin.Number, pin.Reference)}
		}
	}
	return nil
}

// Acts cuts editions, in the order of their log, into acts that Rebuild takes: it
// hands on each as soon as the next begins.
func Acts(next func() (*register.ExportedEdition, error), act func([]register.ExportedEdition) error) error {
	const most = 200 // of one transaction
	var current []register.ExportedEdition
	var at string
	for {
		x, err := next()
		if err != nil {
			return err
		}
		if x == nil {
			if len(current) == 0 {
				return nil
			}
			return act(current)
		}
		content, err := register.DecodeContent(x.Content)
		if err != nil {
			return &RebuildError{x.Reference, x.Number, "its content cannot be read"}
		}
		when := content.PublishedAt.String()
		again := slices.ContainsFunc(current, func(o register.ExportedEdition) bool { return o.Reference == x.Reference })
		if len(current) > 0 && (when != at || again || len(current) >= most) {
			if err := act(current); err != nil {
				return err
			}
			current = nil
		}
		current, at = append(current, *x), when
	}
}
