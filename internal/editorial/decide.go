package editorial

import (
	"context"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Decision is what a reviewer says when he publishes.
type Decision struct {
	// Checks are the items of the checklist that he confirms: all of
	// register.ReviewChecks are needed.
	Checks []string
	// Reason is the public reason of the edition, in at least one language.
	Reason register.Text
	// Material means that what is corrected may have misled a reader.
	Material bool
	// At is when it becomes public; zero is at once.
	At time.Time
}

func (dec *Decision) problems(now time.Time) register.Problems {
	problems := unchecked(dec.Checks)
	if dec.Reason.IsZero() {
		problems = append(problems, register.Problem{Field: "reason", Key: "problem.missing"})
	}
	if !dec.At.IsZero() && !dec.At.After(now) {
		problems = append(problems, register.Problem{Field: "at", Key: "problem.past"})
	}
	return problems
}

// unchecked is a problem for each item of the checklist that is not confirmed.
func unchecked(checks []string) register.Problems {
	var problems register.Problems
	for _, item := range register.ReviewChecks() {
		if !slices.Contains(checks, item) {
			problems = append(problems, register.Problem{Field: "checks." + item, Key: "problem.unchecked"})
		}
	}
	return problems
}

// taken is a bundle that is being decided: its records and itself are locked.
type taken struct {
	desk.Bundle
	heads []desk.Record
}

func (t *taken) versions() []Version {
	out := make([]Version, len(t.heads))
	for i, head := range t.heads {
		out[i] = Version{ID: head.ID, Version: head.Version}
	}
	return out
}

// path is the address of the record for which the review was asked.
func (t *taken) path() string {
	for _, head := range t.heads {
		if head.ID == t.Record {
			return recordPath(head)
		}
	}
	return "/desk"
}

// take locks what is to be decided. It returns ErrNotFound; ErrConflict when it
// was decided or changed meanwhile; Problems when somebody else has taken the
// review.
// What shows the records is locked with them, for who is to publish them.
func take(ctx context.Context, d *desk.Queries, actor register.Actor, id string, showing func(context.Context, []register.Ref) ([]register.Ref, error)) (*taken, error) {
	_, members, err := d.Bundle(ctx, id)
	if err != nil {
		return nil, err
	}
	versions, ids := make([]Version, len(members)), make([]register.Ref, len(members))
	for i, m := range members {
		versions[i], ids[i] = Version{ID: m.Record, Version: m.Version}, m.Record
	}
	var more []register.Ref
	if showing != nil {
		if more, err = showing(ctx, ids); err != nil {
			return nil, err
		}
	}
	heads, err := lockVersions(ctx, d, versions, more)
	if err != nil {
		return nil, err
	}
	if err := d.LockBundle(ctx, id); err != nil {
		return nil, err
	}
	// Read again under the lock: it may have been taken meanwhile.
	bundle, _, err := d.Bundle(ctx, id)
	if err != nil {
		return nil, err
	}
	return &taken{Bundle: bundle, heads: heads}, othersClaim(bundle, actor)
}

func othersClaim(b desk.Bundle, actor register.Actor) error {
	if b.ClaimedBy.ID == "" || b.ClaimedBy.ID == actor.ID {
		return nil
	}
	return register.Problems{{Field: "claim", Key: "problem.claimed", Value: b.ClaimedBy.Name}}
}

// Claim takes a review, so that two people do not do the same work; over takes
// it over from somebody else. It returns ErrForbidden for who may not decide
// it, ErrConflict when it is decided, and Problems when somebody else has it.
func (e *Editorial) Claim(ctx context.Context, actor register.Actor, id string, over bool) error {
	return e.changeClaim(ctx, actor, id, "claim", func(d *desk.Queries, b desk.Bundle) error {
		if err := othersClaim(b, actor); err != nil && !over {
			return err
		}
		return d.Claim(ctx, id, actor.ID, e.now().UTC())
	})
}

// Release lets go of a review that the actor has taken; ErrForbidden when he
// has not.
func (e *Editorial) Release(ctx context.Context, actor register.Actor, id string) error {
	return e.changeClaim(ctx, actor, id, "release", func(d *desk.Queries, b desk.Bundle) error {
		if b.ClaimedBy.ID != actor.ID {
			return register.ErrForbidden
		}
		return d.Claim(ctx, id, "", time.Time{})
	})
}

func (e *Editorial) changeClaim(ctx context.Context, actor register.Actor, id, action string, do func(*desk.Queries, desk.Bundle) error) error {
	if !actor.Role.Can(register.MayReview) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if _, err := lockMembers(ctx, d, id); err != nil {
			return err
		}
		if err := d.LockBundle(ctx, id); err != nil {
			return err
		}
		bundle, _, err := d.Bundle(ctx, id)
		if err != nil {
			return err
		}
		if err := do(d, bundle); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, action, bundle.Record, 0, map[string]any{"bundle": id})
	})
}

// lockMembers locks the records of a review, as everybody does before the review itself: an
// edit has its records, and voids the review then.
func lockMembers(ctx context.Context, d *desk.Queries, id string) (desk.Bundle, error) {
	bundle, members, err := d.Bundle(ctx, id)
	if err != nil {
		return bundle, err
	}
	ids := make([]register.Ref, len(members))
	for i, m := range members {
		ids[i] = m.Record
	}
	_, err = d.LockRecords(ctx, ids)
	return bundle, err
}

// ApproveBundle accepts all that was sent together, without publishing it yet.
// It returns ErrForbidden for who had a part in it; ErrConflict when it was
// decided or changed meanwhile; Problems for what is not confirmed, or when
// somebody else has taken the review.
func (e *Editorial) ApproveBundle(ctx context.Context, actor register.Actor, id string, checks []string) error {
	if !actor.Role.Can(register.MayReview) {
		return register.ErrForbidden
	}
	if err := unchecked(checks).OrNil(); err != nil {
		return err
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		p := e.publication(q, actor, nil)
		if _, err := p.approveBundle(ctx, id, checks); err != nil {
			return err
		}
		return p.writeAudits(ctx)
	})
}

// approveBundle locks and approves what is not approved yet.
func (p *publication) approveBundle(ctx context.Context, id string, checks []string) (*taken, error) {
	showing := p.showing
	if !p.counted { // nothing is published yet
		showing = nil
	}
	t, err := take(ctx, p.desk, p.actor, id, showing)
	if err != nil {
		return nil, err
	}
	for _, head := range t.heads {
		if head.State == desk.StateApproved {
			continue
		}
		if err := approve(ctx, p.desk, p.actor, head); err != nil {
			return nil, err
		}
		p.audits = append(p.audits, desk.AuditEntry{Actor: p.actor.ID, Action: desk.OutcomeApproved, Record: head.ID, Version: head.Version})
	}
	return t, p.desk.InsertChecks(ctx, id, p.actor.ID, checks)
}

// PublishBundle approves all that was sent together and publishes it: at once,
// or at the set time. It returns what it made at once, and errors as
// ApproveBundle and Publish do.
func (e *Editorial) PublishBundle(ctx context.Context, actor register.Actor, id string, dec Decision) ([]Published, error) {
	if !actor.Role.Can(register.MayReview) || !actor.Role.Can(register.MayPublish) {
		return nil, register.ErrForbidden
	}
	if err := dec.problems(e.now()).OrNil(); err != nil {
		return nil, err
	}
	var made []Published
	err := e.db.InTx(ctx, func(q store.Querier) error {
		p := e.publication(q, actor, dec.Reason)
		p.weigh(dec.Material)
		inOrder := p.count
		if !dec.At.IsZero() {
			inOrder = p.record.LockGeneration // nothing is published yet
		}
		if err := inOrder(ctx); err != nil {
			return err
		}
		t, err := p.approveBundle(ctx, id, dec.Checks)
		if err != nil {
			return err
		}
		if _, err := p.desk.CloseSchedule(ctx, id, desk.ScheduleCancelled, "", p.at); err != nil {
			return err
		}
		if !dec.At.IsZero() {
			return p.schedule(ctx, t, dec)
		}
		if made, err = p.run(ctx, t.versions()); err != nil {
			return err
		}
		l := letter{kind: register.MailPublished, path: "/desk/review/" + id}
		return l.write(ctx, p.desk, actor, t.Record, t.RequestedBy.ID)
	})
	return made, err
}

// weigh says whether a correction is one of substance.
func (p *publication) weigh(material bool) {
	if material {
		p.correction = register.CorrectionMaterial
	}
}

// schedule sets the time at which an approved bundle becomes public.
func (p *publication) schedule(ctx context.Context, t *taken, dec Decision) error {
	err := p.desk.InsertSchedule(ctx, desk.Schedule{
		Bundle: t.ID, PublishAt: dec.At.UTC(), Reason: dec.Reason, Material: dec.Material, By: desk.Person{ID: p.actor.ID}, At: p.at,
	})
	if err != nil {
		return err
	}
	for _, head := range t.heads {
		p.audits = append(p.audits, desk.AuditEntry{
			Actor: p.actor.ID, Action: "schedule", Record: head.ID, Version: head.Version,
			Detail: map[string]any{"bundle": t.ID, "at": dec.At.UTC().Format(time.RFC3339)},
		})
	}
	return p.writeAudits(ctx)
}

// Unschedule takes back the set time of a publication; what is approved stays
// so. It returns ErrForbidden, ErrNotFound, and ErrConflict when there is no
// time that is still to come.
func (e *Editorial) Unschedule(ctx context.Context, actor register.Actor, id string) error {
	if !actor.Role.Can(register.MayPublish) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		bundle, err := lockMembers(ctx, d, id)
		if err != nil {
			return err
		}
		if err := d.LockBundle(ctx, id); err != nil {
			return err
		}
		was, err := d.CloseSchedule(ctx, id, desk.ScheduleCancelled, "", e.now().UTC())
		if err == nil && !was {
			err = register.ErrConflict
		}
		if err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "unschedule", bundle.Record, 0, map[string]any{"bundle": id})
	})
}

// ReturnBundle gives all that was sent together back to its author with
// remarks, which are kept; an approval or a set time is void with it. Without
// remarks it returns Problems; other errors as ApproveBundle.
func (e *Editorial) ReturnBundle(ctx context.Context, actor register.Actor, id, remarks string) error {
	if !actor.Role.Can(register.MayReview) {
		return register.ErrForbidden
	}
	if remarks == "" {
		return register.Problems{{Field: "remarks", Key: "problem.missing"}}
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		t, err := take(ctx, d, actor, id, nil)
		if err != nil {
			return err
		}
		for _, head := range t.heads {
			if err := giveBack(ctx, d, actor, t, head, remarks); err != nil {
				return err
			}
		}
		now := e.now().UTC()
		if _, err := d.CloseSchedule(ctx, id, desk.ScheduleVoided, "", now); err != nil {
			return err
		}
		if err := d.CloseBundle(ctx, id, desk.BundleReturned, actor.ID, remarks, now); err != nil {
			return err
		}
		l := letter{kind: register.MailReturned, path: t.path(), note: remarks}
		if err := l.write(ctx, d, actor, t.Record, t.RequestedBy.ID); err != nil {
			return err
		}
		for _, v := range t.versions() {
			if err := d.Audit(ctx, actor.ID, desk.OutcomeReturned, v.ID, v.Version, map[string]any{"bundle": id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// giveBack returns one version. One that was approved is never a draft again,
// but its approval does not stand any more: only a new version can.
func giveBack(ctx context.Context, d *desk.Queries, actor register.Actor, t *taken, head desk.Record, remarks string) error {
	if head.State == desk.StateApproved {
		if err := d.InsertReview(ctx, head.ID, head.Version, t.RequestedBy.ID, t.Note); err != nil {
			return err
		}
		return d.DecideReview(ctx, head.ID, head.Version, actor.ID, desk.OutcomeReturned, remarks)
	}
	if err := d.DecideReview(ctx, head.ID, head.Version, actor.ID, desk.OutcomeReturned, remarks); err != nil {
		return err
	}
	return d.SetState(ctx, head.ID, desk.StateDraft)
}
