package editorial

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// CollisionError says that the actor and somebody else changed the same thing
// differently. It is ErrConflict.
type CollisionError struct {
	// Now is the version that the others left.
	Now       Version
	Conflicts []revision.Conflict
}

// Error tells how much collides.
func (e *CollisionError) Error() string {
	return fmt.Sprintf("%d changes of the same thing", len(e.Conflicts))
}

// Is makes it ErrConflict.
func (e *CollisionError) Is(target error) bool { return target == register.ErrConflict }

// Answers are what the actor chose where his change had collided before, by the
// path of the place.
type Answers = map[string]revision.Choice

// ChangeStatement changes a statement that the actor saw at a version. What
// others changed since stays: both changes are put together, and only where
// they touch the same thing, and no answer says what is to stand there, the
// actor's is refused with a *CollisionError. Errors of apply are returned as
// they are, and nothing is saved; else as Save. Where others had changed the
// statement meanwhile, the saved version is not the one after v.
func (e *Editorial) ChangeStatement(
	ctx context.Context, actor register.Actor, v Version, answers Answers, apply func(*register.Statement) error,
) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		draft, err := lockDraft(ctx, d, v.ID, register.TypeStatement)
		if err != nil {
			return err
		}
		if draft.Statement, err = together(ctx, d, v, draft.Version, draft.Statement, answers, apply); err != nil {
			return err
		}
		saved, err = save(ctx, d, actor, draft)
		return err
	})
	return saved, err
}

// ChangeIncident changes an incident, as ChangeStatement does a statement.
func (e *Editorial) ChangeIncident(
	ctx context.Context, actor register.Actor, v Version, answers Answers, apply func(*register.Incident) error,
) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		draft, err := lockDraft(ctx, d, v.ID, register.TypeIncident)
		if err != nil {
			return err
		}
		if draft.Incident, err = together(ctx, d, v, draft.Version, draft.Incident, answers, apply); err != nil {
			return err
		}
		saved, err = save(ctx, d, actor, draft)
		return err
	})
	return saved, err
}

// lockDraft locks a record of a type and returns its draft.
func lockDraft(ctx context.Context, d *desk.Queries, id register.Ref, t register.RecordType) (Draft, error) {
	if _, err := d.Record(ctx, id); err != nil { // also refuses what is no identifier
		return Draft{}, err
	}
	heads, err := d.LockTogether(ctx, []register.Ref{id}, nil)
	switch {
	case err != nil:
		return Draft{}, err
	case len(heads) == 0 || heads[0].Type != t || heads[0].State == desk.StateDiscarded:
		return Draft{}, register.ErrNotFound
	}
	return load(ctx, d, heads[0])
}

// together applies a change, made of the version that its author saw, to the
// current one.
func together[N revision.Noun](
	ctx context.Context, d *desk.Queries, seen Version, now int, current *N, answers Answers, apply func(*N) error,
) (*N, error) {
	if seen.Version == now {
		mine, err := copyOf(current)
		if err != nil {
			return nil, err
		}
		return mine, apply(mine)
	}
	base := new(N)
	if err := d.Revision(ctx, seen.ID, seen.Version, base); err != nil {
		return nil, err
	}
	mine, err := copyOf(base)
	if err != nil {
		return nil, err
	}
	if err := apply(mine); err != nil {
		return nil, err
	}
	giveOtherKeys(base, mine, current)
	merged, conflicts, err := revision.Resolve(base, mine, current, answers)
	if err == nil && len(conflicts) > 0 {
		err = &CollisionError{Now: Version{ID: seen.ID, Version: now}, Conflicts: conflicts}
	}
	return merged, err
}

// giveOtherKeys gives another key to what was added under one that somebody else
// took meanwhile for another thing: a key names one fact of a record, in whatever
// list it stands, and forms make keys of the words that both may have typed.
func giveOtherKeys[N revision.Noun](base, mine, current *N) {
	known, taken := factKeys(base), factKeys(current)
	register.EachFact(mine, func(f *register.Fact) {
		if known[f.Key] {
			return
		}
		wanted := f.Key
		for n := 2; taken[f.Key] || known[f.Key]; n++ {
			f.Key = fmt.Sprintf("%s-%d", wanted, n)
		}
		taken[f.Key] = true
	})
}

func factKeys(noun any) map[string]bool {
	out := map[string]bool{}
	register.EachFact(noun, func(f *register.Fact) { out[f.Key] = true })
	return out
}

// copyOf is a copy that shares nothing with the original.
func copyOf[N revision.Noun](noun *N) (*N, error) {
	content, err := json.Marshal(noun)
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	out := new(N)
	if err := json.Unmarshal(content, out); err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	return out, nil
}
