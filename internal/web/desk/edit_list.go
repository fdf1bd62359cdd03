package desk

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// ConfirmRemoval answers the question whether an item is really to be removed.
func (d *Desk) ConfirmRemoval(ctx context.Context, r Request) (Answer, error) {
	e, err := d.openItem(ctx, r)
	if err == nil && e.part.Get(nounOf(e.draft), e.key) == nil { // a new item, which is in no list yet
		err = register.ErrNotFound
	}
	if err != nil {
		return Answer{}, err
	}
	page, err := e.removal(ctx, nil)
	return show(page), err
}

// RemoveItem takes an item out of a list of a record. Where somebody else has
// changed the item since, it answers with the page that asks whose change is to
// stand, as 409.
func (d *Desk) RemoveItem(ctx context.Context, r Request) (Answer, error) {
	return d.rearrange(ctx, r, func(e *editing) (Answer, error) {
		return e.remove(ctx, worth(r.Form))
	})
}

// ArrangeRecord moves an item of a list of a record up or down. Where somebody
// else has saved the record since, both changes are put together.
func (d *Desk) ArrangeRecord(ctx context.Context, r Request) (Answer, error) {
	return d.rearrange(ctx, r, func(e *editing) (Answer, error) {
		by := map[string]int{"up": -1, "down": 1}[r.Form.Get("move")]
		if e.part = e.find(r.Form.Get("part")); e.part == nil || e.part.Item == nil || by == 0 {
			return Answer{}, register.ErrInvalid
		}
		e.key = r.Form.Get("key")
		return e.move(ctx, seen(r.Form), by)
	})
}

// rearrange does something to a list of a record, and does it again on what
// somebody saved between our reading and our writing.
func (d *Desk) rearrange(ctx context.Context, r Request, do func(*editing) (Answer, error)) (Answer, error) {
	for try := 1; ; try++ {
		e, err := d.open(ctx, r)
		if err != nil {
			return Answer{}, err
		}
		answer, err := do(e)
		if !errors.Is(err, register.ErrConflict) || try == saveTries {
			return answer, err
		}
	}
}

// remove takes the item out of the record as the person saw it, and merges that
// with what others have made of it since.
func (e *editing) remove(ctx context.Context, values url.Values) (Answer, error) {
	version, now := seen(values), editorial.Version{ID: e.draft.ID, Version: e.draft.Version}
	base, err := e.asSeen(ctx, version)
	if err != nil {
		return Answer{}, err
	}
	mine, err := copyOf(base)
	if err != nil {
		return Answer{}, err
	}
	if !e.part.Remove(nounOf(mine), e.key) {
		return Answer{}, register.ErrNotFound
	}
	if e.part.Get(nounOf(e.draft), e.key) == nil { // somebody else was first
		return e.listed("removed", version, now), nil
	}
	merged, conflicts, err := merge(base, mine, e.draft, answers(values))
	s := &submission{values: values}
	switch {
	case err != nil:
		return Answer{}, err
	case len(conflicts) > 0:
		return e.collided(ctx, s, conflicts)
	case e.part.Get(nounOf(merged), e.key) != nil: // it stays, as the other person made it
		return e.listed("gave-way", version, now), nil
	}
	return e.without(ctx, s, merged)
}

// without saves the record that the item has gone from.
func (e *editing) without(ctx context.Context, s *submission, merged editorial.Draft) (Answer, error) {
	e.judge(s, e.draft, merged)
	if len(s.problems) > 0 {
		return e.staysFor(ctx, s.problems)
	}
	made, err := e.desk.editorial.Save(ctx, e.r.Who.Actor, merged)
	if problems, ok := errors.AsType[register.Problems](err); ok {
		return e.staysFor(ctx, problems)
	}
	if err != nil {
		return Answer{}, err
	}
	return e.listed("removed", seen(s.values), made), nil
}

// staysFor shows the question again with what keeps the item from going.
func (e *editing) staysFor(ctx context.Context, problems register.Problems) (Answer, error) {
	page, err := e.removal(ctx, problems)
	return refuse(page), err
}

// move puts the item one place up or down in the record as the person saw it,
// and merges that with what others have made of it since. Done twice from one
// page, it is done once.
func (e *editing) move(ctx context.Context, version, by int) (Answer, error) {
	base, err := e.asSeen(ctx, version)
	if err != nil {
		return Answer{}, err
	}
	mine, err := copyOf(base)
	if err != nil {
		return Answer{}, err
	}
	if e.part.Get(nounOf(mine), e.key) == nil {
		return Answer{}, register.ErrNotFound // no item of the version that was seen
	}
	back := Answer{RedirectTo: e.path() + "#" + e.part.Name}
	if !e.part.Move(nounOf(mine), e.key, by) {
		return back, nil
	}
	merged, _, err := merge(base, mine, e.draft, nil)
	if err != nil {
		return Answer{}, err
	}
	if slices.Equal(e.part.Keys(nounOf(merged)), e.part.Keys(nounOf(e.draft))) {
		return back, nil
	}
	_, err = e.desk.editorial.Save(ctx, e.r.Who.Actor, merged)
	return back, err
}

// listed leads to the list after a change of it.
func (e *editing) listed(done string, version int, made editorial.Version) Answer {
	answer := savedTo(e.path(), done, editorial.Version{ID: made.ID, Version: version}, made)
	answer.RedirectTo += "#" + e.part.Name
	return answer
}
