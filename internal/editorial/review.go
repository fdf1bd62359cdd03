package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// SendForReview asks another person to look at a version of a record. It
// returns ErrForbidden, ErrNotFound, ErrConflict when the record has moved on,
// and Problems when the record could not be published as it is.
func (e *Editorial) SendForReview(ctx context.Context, actor register.Actor, v Version, note string) error {
	if !actor.Role.Can(register.MaySendToReview) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := lockVersion(ctx, d, v)
		if err != nil {
			return err
		}
		draft, err := load(ctx, d, head)
		if err != nil {
			return err
		}
		if err := draft.validate().OrNil(); err != nil {
			return err
		}
		if err := d.InsertReview(ctx, v.ID, v.Version, actor.ID, note); err != nil {
			return err
		}
		if err := d.SetState(ctx, v.ID, desk.StateInReview); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "send-for-review", v.ID, v.Version, nil)
	})
}

// Approve accepts a version of a record for publication. Nobody approves what
// he changed in any part since the last edition: ErrForbidden. ErrConflict is
// returned when the version is not, or no longer, in review.
func (e *Editorial) Approve(ctx context.Context, actor register.Actor, v Version) error {
	return e.decide(ctx, actor, v, desk.OutcomeApproved, "")
}

// Return gives a version back to its author with a reason, which is kept.
// Without a reason it returns Problems; other errors as Approve.
func (e *Editorial) Return(ctx context.Context, actor register.Actor, v Version, reason string) error {
	if reason == "" {
		return register.Problems{{Field: "reason", Key: "problem.missing"}}
	}
	return e.decide(ctx, actor, v, desk.OutcomeReturned, reason)
}

func (e *Editorial) decide(ctx context.Context, actor register.Actor, v Version, outcome, reason string) error {
	if !actor.Role.Can(register.MayReview) {
		return register.ErrForbidden
	}
	state := desk.StateDraft
	if outcome == desk.OutcomeApproved {
		state = desk.StateApproved
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if _, err := lockVersion(ctx, d, v); err != nil {
			return err
		}
		if err := d.DecideReview(ctx, v.ID, v.Version, actor.ID, outcome, reason); err != nil {
			return err
		}
		if err := d.SetState(ctx, v.ID, state); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, outcome, v.ID, v.Version, nil)
	})
}

// lockVersion locks a record; ErrConflict when it is at another version.
func lockVersion(ctx context.Context, d *desk.Queries, v Version) (desk.Record, error) {
	heads, err := d.LockRecords(ctx, []register.Ref{v.ID})
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
