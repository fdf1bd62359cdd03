package editorial

import (
	"context"
	"fmt"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Merge asks that one record shall lead to another from now on.
type Merge struct {
	Record, Target register.Ref
	Reason         register.Text // public, in every language of the interface
}

// Withdrawal asks that a notice shall stand in the place of a record.
type Withdrawal struct {
	Record register.Ref
	Notice register.Text // public, in every language of the interface
	Note   string        // for the desk only
}

// Takedown asks that editions of a record shall be erased by law.
type Takedown struct {
	Record      register.Ref
	First, Last int           // numbers of editions
	Reason      register.Text // public: by what law, in every language
	Note        string        // for the desk only
}

// ProposeMerge asks another person to confirm a merge of two incidents or of
// two institutions, and returns the decision's identifier. It returns
// ErrForbidden, ErrNotFound, and Problems when the two cannot be merged or a
// decision on the record is open already.
func (e *Editorial) ProposeMerge(ctx context.Context, actor register.Actor, m Merge) (string, error) {
	if !actor.Role.Can(register.MayMerge) {
		return "", register.ErrForbidden
	}
	x := desk.Decision{Kind: desk.DecideMerge, Reason: m.Reason, ProposedBy: actor.ID}
	return e.propose(ctx, x, m.Record, func(d *desk.Queries, x *desk.Decision) (register.Problems, error) {
		var err error
		x.Target, err = d.Record(ctx, m.Target)
		mergeable := x.Record.Type == register.TypeIncident || x.Record.Type == register.TypeInstitution
		if err != nil || !mergeable || x.Target.Type != x.Record.Type || x.Target.ID == x.Record.ID || x.Target.PublishedVersion == 0 {
			return register.Problems{{Field: "target", Key: "problem.merge-target"}}, ignoreNotFound(err)
		}
		return inReview(x.Record), nil
	})
}

// ProposeWithdrawal asks another person to confirm that a record is withdrawn.
// Errors as ProposeMerge.
func (e *Editorial) ProposeWithdrawal(ctx context.Context, actor register.Actor, w Withdrawal) (string, error) {
	if !actor.Role.Can(register.MayWithdraw) {
		return "", register.ErrForbidden
	}
	x := desk.Decision{Kind: desk.DecideWithdrawal, Reason: w.Notice, Note: w.Note, ProposedBy: actor.ID}
	return e.propose(ctx, x, w.Record, func(_ *desk.Queries, x *desk.Decision) (register.Problems, error) {
		return inReview(x.Record), nil
	})
}

// RequestTakedown asks another person to confirm that editions of a record are
// erased by law. Errors as ProposeMerge.
func (e *Editorial) RequestTakedown(ctx context.Context, actor register.Actor, t Takedown) (string, error) {
	if !actor.Role.Can(register.MayTakeDown) {
		return "", register.ErrForbidden
	}
	x := desk.Decision{
		Kind: desk.DecideTakedown, Reason: t.Reason, Note: t.Note, ProposedBy: actor.ID, First: t.First, Last: t.Last,
	}
	return e.propose(ctx, x, t.Record, func(_ *desk.Queries, x *desk.Decision) (register.Problems, error) {
		if t.First < 1 || t.Last < t.First {
			return register.Problems{{Field: "editions", Key: "problem.editions-unknown"}}, nil
		}
		return nil, nil
	})
}

// propose writes a proposal about a public record when check finds no problem.
func (e *Editorial) propose(ctx context.Context, x desk.Decision, id register.Ref, check func(*desk.Queries, *desk.Decision) (register.Problems, error)) (string, error) {
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if x.Record, err = d.Record(ctx, id); err != nil {
			return err
		}
		problems, err := check(d, &x)
		if err != nil {
			return err
		}
		if x.Record.PublishedVersion == 0 {
			problems = append(problems, register.Problem{Field: "record", Key: "problem.not-published"})
		}
		for _, lang := range x.Reason.Missing() {
			problems = append(problems, register.Problem{
				Field: "reason." + string(lang), Key: "problem.language-missing", Value: string(lang),
			})
		}
		if err := problems.OrNil(); err != nil {
			return err
		}
		if x.ID, err = d.InsertDecision(ctx, x); err != nil {
			return err
		}
		return d.Audit(ctx, x.ProposedBy, "propose-"+string(x.Kind), id, x.Record.Version, auditOf(x))
	})
	return x.ID, err
}

// auditOf is what the audit keeps of a decision: what it is about, not a word
// of it, since the audit cannot be erased.
func auditOf(x desk.Decision) map[string]any {
	out := map[string]any{"decision": x.ID, "reference": x.Record.Reference}
	switch x.Kind {
	case desk.DecideMerge:
		out["into"] = x.Target.Reference
	case desk.DecideTakedown:
		out["first"], out["last"] = x.First, x.Last
	case desk.DecideWithdrawal:
	}
	return out
}

// inReview is the problem of a record that is about to be published.
func inReview(r desk.Record) register.Problems {
	if r.State == desk.StateInReview || r.State == desk.StateApproved {
		return register.Problems{{Field: "record", Key: "problem.decision-in-review"}}
	}
	return nil
}

func ignoreNotFound(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}

// mayConfirm is the permission that the second person needs.
func mayConfirm(kind desk.DecisionKind) register.Permission {
	switch kind {
	case desk.DecideMerge:
		return register.MayMerge
	case desk.DecideWithdrawal:
		return register.MayWithdraw
	case desk.DecideTakedown:
	}
	return register.MayConfirmTakeDown
}

// Decisions lists what waits for a second person, the oldest first.
// ErrForbidden for who may decide nothing.
func (e *Editorial) Decisions(ctx context.Context, actor register.Actor) ([]desk.Decision, error) {
	if !actor.Role.Can(register.MayMerge) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).OpenDecisions(ctx)
}

// DecisionsOn lists all decisions on a record, the newest first.
func (e *Editorial) DecisionsOn(ctx context.Context, actor register.Actor, id register.Ref) ([]desk.Decision, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).DecisionsOn(ctx, id)
}

// Confirm decides what another person proposed, and does it. It returns
// ErrForbidden, also to who proposed it; ErrNotFound; ErrConflict when it was
// decided meanwhile or does not hold any more; Problems; ErrNotConfigured for a
// takedown without its database role.
func (e *Editorial) Confirm(ctx context.Context, actor register.Actor, id string) error {
	x, err := desk.New(e.db.Querier()).Decision(ctx, id)
	switch {
	case err != nil:
		return err
	case !actor.Role.Can(mayConfirm(x.Kind)) || x.ProposedBy == actor.ID:
		return register.ErrForbidden
	case x.Outcome != "":
		return register.ErrConflict
	case x.Kind == desk.DecideTakedown:
		return e.takeDown(ctx, actor, id)
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		p := e.publication(q, actor, x.Reason)
		x, err := p.decide(ctx, id)
		if err != nil {
			return fmt.Errorf("%s: %w", x.Kind, err)
		}
		if x.Kind == desk.DecideMerge {
			return p.merge(ctx, x)
		}
		return p.withdraw(ctx, x)
	})
}

// decide locks a decision and what it is about, and closes it.
func (p *publication) decide(ctx context.Context, id string) (desk.Decision, error) {
	x, err := p.desk.LockDecision(ctx, id)
	if err != nil {
		return x, err
	}
	if err := p.count(ctx); err != nil {
		return x, err
	}
	ids := []register.Ref{x.Record.ID}
	if x.Target.ID != "" {
		ids = append(ids, x.Target.ID)
	}
	var showing []register.Ref
	if x.Kind == desk.DecideMerge { // they are carried along
		if showing, err = p.showing(ctx, ids[:1]); err != nil {
			return x, err
		}
	}
	heads, err := p.desk.LockRecords(ctx, append(ids, showing...))
	if err != nil {
		return x, err
	}
	for _, head := range heads {
		if head.ID == x.Record.ID {
			x.Record = head
		}
	}
	if x.Kind != desk.DecideTakedown {
		if err := inReview(x.Record).OrNil(); err != nil {
			return x, err
		}
	}
	return x, p.desk.Decide(ctx, id, desk.OutcomeConfirmed, p.actor.ID, "")
}

// finish appends to the log, and writes the audit last, as a publication does.
func (p *publication) finish(ctx context.Context, x desk.Decision) error {
	if err := p.appendLeaves(ctx); err != nil {
		return err
	}
	p.audits = append(p.audits, desk.AuditEntry{Actor: p.actor.ID, Action: string(x.Kind), Record: x.Record.ID, Version: x.Record.Version, Detail: auditOf(x)})
	return p.writeAudits(ctx)
}

// Refuse closes a proposal without doing it, with an answer; who proposed it
// may take it back himself. Errors as Confirm.
func (e *Editorial) Refuse(ctx context.Context, actor register.Actor, id, answer string) error {
	if answer == "" {
		return register.Problems{{Field: "answer", Key: "problem.missing"}}
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		x, err := d.LockDecision(ctx, id)
		if err != nil {
			return err
		}
		if !actor.Role.Can(mayConfirm(x.Kind)) {
			return register.ErrForbidden
		}
		if err := d.Decide(ctx, id, desk.OutcomeRefused, actor.ID, answer); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "refuse-"+string(x.Kind), x.Record.ID, x.Record.Version, auditOf(x))
	})
}
