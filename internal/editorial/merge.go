package editorial

import (
	"context"
	"errors"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

// merge makes one record lead to another: what shows it gets new editions that
// name the other in its place, and nothing lists it any more. A draft of it that
// is under way is discarded; what was written stays in its versions.
func (p *publication) merge(ctx context.Context, x desk.Decision) error {
	from, to := register.Ref(x.Record.Reference), register.Ref(x.Target.Reference)
	var err error
	if p.shownBy, err = p.record.ShownBy(ctx, []string{x.Record.Reference}); err != nil {
		return err
	}
	if err := p.desk.LockReferences(ctx, p.shownBy); err != nil {
		return err
	}
	role, err := p.desk.AccountRole(ctx, x.ProposedBy)
	if err != nil {
		return err
	}
	err = p.carryAll(ctx, carrier{
		author: x.ProposedBy, reviewer: p.actor.ID, authorRole: role, reviewerRole: p.actor.Role,
		moved: map[register.Ref]register.Ref{from: to},
	})
	if err != nil {
		return err
	}
	if x.Record.State == desk.StateDraft {
		if err := p.desk.SetState(ctx, x.Record.ID, desk.StateDiscarded); err != nil {
			return err
		}
	}
	if err := p.desk.MarkMerged(ctx, x.Record.ID, x.Target.ID); err != nil {
		return err
	}
	if err := p.record.MarkMerged(ctx, x.Record.Type, x.Record.Reference, x.Target.Reference, p.at); err != nil {
		return err
	}
	return p.finish(ctx, x)
}

// withdraw puts the notice in the place of a record. Editions that show it keep
// their pins; their pages say that it was withdrawn.
func (p *publication) withdraw(ctx context.Context, x desk.Decision) error {
	current, err := p.record.LastNumber(ctx, x.Record.Reference)
	if err != nil {
		return err
	}
	if err := p.record.MarkWithdrawn(ctx, x.Record.Type, x.Record.Reference, x.Reason, p.at); err != nil {
		return err
	}
	if err := p.leaves.removal(register.LeafWithdrawal, x.Record.Reference, current, x.Reason, p.at); err != nil {
		return err
	}
	return p.finish(ctx, x)
}

func isNotFound(err error) bool { return errors.Is(err, register.ErrNotFound) }
