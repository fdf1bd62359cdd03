package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Approve accepts a version of a record for publication. Nobody approves what
// he changed in any part since the last edition: ErrForbidden. ErrConflict is
// returned when the version is not, or no longer, in review.
func (e *Editorial) Approve(ctx context.Context, actor register.Actor, v Version) error {
	if !actor.Role.Can(register.MayReview) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := lockVersion(ctx, d, v)
		if err != nil {
			return err
		}
		if err := approve(ctx, d, actor, head); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, desk.OutcomeApproved, v.ID, v.Version, nil)
	})
}

// approve accepts a version; its record is locked.
func approve(ctx context.Context, d *desk.Queries, actor register.Actor, head desk.Record) error {
	if err := d.DecideReview(ctx, head.ID, head.Version, actor.ID, desk.OutcomeApproved, ""); err != nil {
		return err
	}
	return d.SetState(ctx, head.ID, desk.StateApproved)
}

// Return gives a version back to its author with a reason, which is kept, and
// with it what was sent for review with it. Without a reason it returns
// Problems; other errors as Approve.
func (e *Editorial) Return(ctx context.Context, actor register.Actor, v Version, reason string) error {
	var bundle string
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := d.Record(ctx, v.ID)
		if err != nil {
			return err
		}
		if head.Version != v.Version {
			return register.ErrConflict
		}
		bundle, err = openBundle(ctx, d, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	if bundle == "" && actor.Role.Can(register.MayReview) {
		return register.ErrConflict
	}
	return e.ReturnBundle(ctx, actor, bundle, reason)
}

// lockVersion locks a record; ErrConflict when it is at another version.
func lockVersion(ctx context.Context, d *desk.Queries, v Version) (desk.Record, error) {
	heads, err := d.LockTogether(ctx, []register.Ref{v.ID}, nil)
	switch {
	case err != nil:
		return desk.Record{}, err
	case len(heads) == 0:
		return desk.Record{}, register.ErrNotFound
	case heads[0].Version != v.Version:
		return desk.Record{}, register.ErrConflict
	}
	return heads[0], nil
}
