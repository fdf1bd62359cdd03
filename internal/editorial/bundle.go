package editorial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Companion is a record to which another one points, and which is not public as
// it is worked on.
type Companion struct {
	Head  desk.Record
	Title register.Text
	// Needed means that it was never public: what points to it cannot be
	// published without it. Otherwise it is a change of what is public already.
	Needed bool
	// Elsewhere is the open review in which it is already; "" for none.
	Elsewhere string
}

// Companions returns what would go to review with a record: the drafts to which
// it points, directly or through each other. It returns ErrForbidden and
// ErrNotFound.
func (e *Editorial) Companions(ctx context.Context, actor register.Actor, id register.Ref) ([]Companion, error) {
	if !actor.Role.Can(register.MaySendToReview) {
		return nil, register.ErrForbidden
	}
	var out []Companion
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := d.Record(ctx, id)
		if err != nil {
			return err
		}
		out, err = companions(ctx, d, head)
		return err
	})
	return out, err
}

// companions walks from a record to the drafts behind it, nearest first.
func companions(ctx context.Context, d *desk.Queries, root desk.Record) ([]Companion, error) {
	seen := map[register.Ref]bool{root.ID: true}
	var out []Companion
	for next := []desk.Record{root}; len(next) > 0; {
		var refs []register.Ref
		for _, head := range next {
			draft, err := load(ctx, d, head)
			if err != nil {
				return nil, err
			}
			register.EachRef(draft.noun(), func(ref *register.Ref) {
				if !seen[*ref] {
					seen[*ref] = true
					refs = append(refs, *ref)
				}
			})
		}
		heads, err := d.Heads(ctx, refs)
		if err != nil {
			return nil, err
		}
		next = nil
		for _, head := range heads {
			if !waits(head) {
				continue
			}
			c := Companion{Head: head, Needed: head.PublishedVersion == 0}
			if c.Elsewhere, err = openBundle(ctx, d, head.ID); err != nil {
				return nil, err
			}
			out = append(out, c)
			next = append(next, head)
		}
	}
	return out, entitle(ctx, d, out)
}

// waits reports whether a record has something that is not public.
func waits(head desk.Record) bool {
	return head.State == desk.StateDraft || head.State == desk.StateInReview || head.State == desk.StateApproved
}

// openBundle is the open review in which a record is, "" for none.
func openBundle(ctx context.Context, d *desk.Queries, id register.Ref) (string, error) {
	bundle, err := d.OpenBundle(ctx, id)
	if errors.Is(err, register.ErrNotFound) {
		return "", nil
	}
	return bundle, err
}

func entitle(ctx context.Context, d *desk.Queries, companions []Companion) error {
	ids := make([]register.Ref, len(companions))
	for i, c := range companions {
		ids[i] = c.Head.ID
	}
	titles, err := d.Titles(ctx, ids)
	for i := range companions {
		companions[i].Title = titles[companions[i].Head.ID]
	}
	return err
}

// SendForReview asks another person to look at a version of one record. It
// returns ErrForbidden, ErrNotFound, ErrConflict when the record has moved on,
// and Problems when the record could not be published as it is.
func (e *Editorial) SendForReview(ctx context.Context, actor register.Actor, v Version, note string) error {
	if !actor.Role.Can(register.MaySendToReview) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		_, err := e.send(ctx, desk.New(q), actor, []Version{v}, note)
		return err
	})
}

// SendBundle asks another person to look at a record together with the drafts
// that it needs, and with those of the changed records behind it that along
// names; it returns the identifier of the review. Errors are as in
// SendForReview.
func (e *Editorial) SendBundle(ctx context.Context, actor register.Actor, v Version, along []register.Ref, note string) (string, error) {
	if !actor.Role.Can(register.MaySendToReview) {
		return "", register.ErrForbidden
	}
	var bundle string
	err := e.db.InTx(ctx, func(q store.Querier) error {
		var err error
		bundle, err = e.sendBundle(ctx, desk.New(q), actor, v, along, note)
		return err
	})
	return bundle, err
}

func (e *Editorial) sendBundle(ctx context.Context, d *desk.Queries, actor register.Actor, v Version, along []register.Ref, note string) (string, error) {
	head, err := d.Record(ctx, v.ID)
	if err != nil {
		return "", err
	}
	behind, err := companions(ctx, d, head)
	if err != nil {
		return "", err
	}
	versions := []Version{v}
	for _, c := range behind {
		if c.Elsewhere == "" && (c.Needed || slices.Contains(along, c.Head.ID)) {
			versions = append(versions, Version{ID: c.Head.ID, Version: c.Head.Version})
		}
	}
	bundle, err := e.send(ctx, d, actor, versions, note)
	if err != nil {
		return "", err
	}
	return bundle, tellReviewers(ctx, d, actor, versions, bundle, note)
}

// tellReviewers writes to those who may decide what was sent together.
func tellReviewers(ctx context.Context, d *desk.Queries, actor register.Actor, versions []Version, bundle, note string) error {
	ids := make([]register.Ref, len(versions))
	for i, v := range versions {
		ids[i] = v.ID
	}
	reviewers, err := d.Reviewers(ctx, ids)
	if err != nil {
		return err
	}
	l := letter{kind: register.MailReview, path: "/desk/review/" + bundle, note: note}
	return l.write(ctx, d, actor, versions[0].ID, reviewers...)
}

// send makes one review of several versions; the first is the one for which it
// is asked.
func (e *Editorial) send(ctx context.Context, d *desk.Queries, actor register.Actor, versions []Version, note string) (string, error) {
	heads, err := lockVersions(ctx, d, versions, nil)
	if err != nil {
		return "", err
	}
	var problems register.Problems
	for _, head := range heads {
		found, err := e.sendOne(ctx, d, actor, head, note)
		if err != nil {
			return "", err
		}
		for _, problem := range found {
			if head.ID != versions[0].ID {
				problem.Field = head.Slug + ": " + problem.Field
			}
			problems = append(problems, problem)
		}
	}
	if err := problems.OrNil(); err != nil {
		return "", err
	}
	members := make([]desk.Member, len(versions))
	for i, v := range versions {
		members[i] = desk.Member{Record: v.ID, Version: v.Version}
	}
	bundle, err := d.InsertBundle(ctx, desk.Bundle{
		Record: versions[0].ID, RequestedBy: desk.Person{ID: actor.ID}, RequestedAt: e.now().UTC(), Note: note,
	}, members)
	if err != nil {
		return "", err
	}
	for _, v := range versions {
		if err := d.Audit(ctx, actor.ID, "send-for-review", v.ID, v.Version, map[string]any{"bundle": bundle}); err != nil {
			return "", err
		}
	}
	return bundle, nil
}

// sendOne opens the review of one version. What was approved before stays so,
// and only has to be published with the others.
func (e *Editorial) sendOne(ctx context.Context, d *desk.Queries, actor register.Actor, head desk.Record, note string) (register.Problems, error) {
	earlier, err := openBundle(ctx, d, head.ID)
	if err != nil {
		return nil, err
	}
	if earlier != "" {
		if err := d.VoidBundle(ctx, earlier, e.now().UTC()); err != nil {
			return nil, err
		}
	}
	if head.State == desk.StateApproved {
		return nil, nil
	}
	draft, err := load(ctx, d, head)
	if err != nil {
		return nil, err
	}
	if found := draft.validate(); len(found) > 0 {
		return found, nil
	}
	if err := d.InsertReview(ctx, head.ID, head.Version, actor.ID, note); err != nil {
		return nil, err
	}
	return nil, d.SetState(ctx, head.ID, desk.StateInReview)
}

// lockVersions locks records, with what is in review together with them and with more, in
// the order in which everybody does; ErrNotFound when one does not exist, ErrConflict when
// one is at another version.
func lockVersions(ctx context.Context, d *desk.Queries, versions []Version, more []register.Ref) ([]desk.Record, error) {
	wanted := map[register.Ref]int{}
	ids := make([]register.Ref, 0, len(versions))
	for _, v := range versions {
		wanted[v.ID] = v.Version
		ids = append(ids, v.ID)
	}
	heads, err := d.LockTogether(ctx, ids, more)
	if err != nil {
		return nil, err
	}
	if len(heads) != len(wanted) {
		return nil, register.ErrNotFound
	}
	for _, head := range heads {
		if head.Version != wanted[head.ID] {
			return nil, fmt.Errorf("%s %s: %w", head.Type, head.Slug, register.ErrConflict)
		}
	}
	slices.SortStableFunc(heads, func(a, b desk.Record) int {
		order := register.RecordTypes()
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Type), slices.Index(order, b.Type)),
			cmp.Compare(a.Slug, b.Slug),
		)
	})
	return heads, nil
}

// ReviewOf returns the open review in which a record is; "" for none.
func (e *Editorial) ReviewOf(ctx context.Context, actor register.Actor, id register.Ref) (string, error) {
	if !actor.Role.Can(register.MayDraft) {
		return "", register.ErrForbidden
	}
	return openBundle(ctx, desk.New(e.db.Querier()), id)
}
