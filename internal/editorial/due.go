package editorial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// PublishDue publishes what was to be published by now. Everything is asked
// again at this moment: that the approvals stand, and that whoever set the time
// may still publish. What can be published no more is noted as failed and does
// not hold up the rest. It may run in several programs at the same time.
func (e *Editorial) PublishDue(ctx context.Context, now time.Time) error {
	due, err := desk.New(e.db.Querier()).DueSchedules(ctx, now)
	if err != nil {
		return err
	}
	var failures []error
	for _, s := range due {
		err := e.publishScheduled(ctx, s, now)
		if refused(err) {
			err = e.giveUp(ctx, s, err, now)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("publish review %s: %w", s.Bundle, err))
		}
	}
	return errors.Join(failures...)
}

// refused reports whether an error says that this cannot be published, and not
// that it cannot be published just now.
func refused(err error) bool {
	if _, ok := errors.AsType[register.Problems](err); ok {
		return true
	}
	for _, kind := range []error{register.ErrForbidden, register.ErrConflict, register.ErrNotFound, register.ErrInvalid, register.ErrWithdrawn} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

func (e *Editorial) publishScheduled(ctx context.Context, s desk.Schedule, now time.Time) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		p := e.publication(q, register.Actor{ID: s.By.ID, Role: s.ByRole}, s.Reason)
		p.weigh(s.Material)
		if err := p.record.LockGeneration(ctx); err != nil {
			return err
		}
		current, err := p.desk.LastSchedule(ctx, s.Bundle)
		if err != nil || current.ID != s.ID || current.Outcome != "" {
			return err // somebody else was faster, or took it back
		}
		p.actor.Role = current.ByRole
		if !p.actor.Role.Can(register.MayPublish) {
			return register.ErrForbidden
		}
		t, err := take(ctx, p.desk, register.Actor{ID: s.By.ID}, s.Bundle, p.showing)
		if _, claimed := errors.AsType[register.Problems](err); err != nil && !claimed {
			return err
		}
		if _, err := p.run(ctx, t.versions()); err != nil {
			return err
		}
		if _, err = p.desk.CloseSchedule(ctx, s.Bundle, desk.SchedulePublished, "", now); err != nil {
			return err
		}
		l := letter{kind: register.MailPublished, path: "/desk/review/" + s.Bundle}
		return l.write(ctx, p.desk, p.actor, t.Record, t.RequestedBy.ID)
	})
}

// giveUp notes that a set time could not be kept, and why, and tells whoever had
// set it.
func (e *Editorial) giveUp(ctx context.Context, s desk.Schedule, cause error, now time.Time) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		bundle, err := lockMembers(ctx, d, s.Bundle)
		if err != nil {
			return err
		}
		was, err := d.CloseSchedule(ctx, s.Bundle, desk.ScheduleFailed, cause.Error(), now)
		if err != nil || !was {
			return err
		}
		titles, err := d.Titles(ctx, []register.Ref{bundle.Record})
		if err != nil {
			return err
		}
		err = d.EnqueueMail(ctx, register.Mail{
			Kind: register.MailNotPublished, To: s.By.ID, Path: "/desk/review/" + s.Bundle, Title: titles[bundle.Record], At: s.PublishAt,
		})
		if err != nil {
			return err
		}
		return d.Audit(ctx, s.By.ID, "schedule-failed", bundle.Record, 0, map[string]any{"bundle": s.Bundle})
	})
}
