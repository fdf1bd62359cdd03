package editorial

import (
	"context"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Comment keeps a remark on a record, for staff only. It returns ErrForbidden,
// ErrNotFound, and Problems for a remark that says nothing.
func (e *Editorial) Comment(ctx context.Context, actor register.Actor, id register.Ref, body string) error {
	if !actor.Role.Can(register.MayComment) {
		return register.ErrForbidden
	}
	body = strings.TrimSpace(body)
	if body == "" {
		return register.Problems{{Field: "comment", Key: "problem.missing"}}
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := d.Record(ctx, id)
		if err != nil {
			return err
		}
		comment, err := d.InsertComment(ctx, id, actor.ID, body, e.now().UTC())
		if err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "comment", id, head.Version, map[string]any{"comment": comment})
	})
}

// Assign gives a record to somebody to work on, or to nobody. It returns
// ErrForbidden, ErrNotFound, and ErrInvalid for who does not work here.
func (e *Editorial) Assign(ctx context.Context, actor register.Actor, id register.Ref, account string) error {
	if !actor.Role.Can(register.MayAssign) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := d.Record(ctx, id)
		if err != nil {
			return err
		}
		if err := d.Assign(ctx, id, account); err != nil {
			return err
		}
		if err := (letter{kind: register.MailAssigned, path: recordPath(head)}).write(ctx, d, actor, id, account); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "assign", id, 0, map[string]any{"to": account})
	})
}

// Discard puts away a draft that was never public, and that nobody but the
// actor has worked on; an editor may put away any such draft. Its versions and
// its audit are kept. It returns ErrForbidden, ErrNotFound, and ErrConflict for
// what has moved on, is in review, or is public.
func (e *Editorial) Discard(ctx context.Context, actor register.Actor, v Version) error {
	if !actor.Role.Can(register.MayDiscardOwn) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if _, err := d.Record(ctx, v.ID); err != nil {
			return err
		}
		head, err := lockVersion(ctx, d, v)
		if err != nil {
			return err
		}
		by, err := d.Authorship(ctx, v.ID)
		switch {
		case err != nil:
			return err
		case by.Published || head.State != desk.StateDraft:
			return register.ErrConflict
		case (by.CreatedBy != actor.ID || by.Shared) && !actor.Role.Can(register.MayReview):
			return register.ErrForbidden
		}
		if err := d.Discard(ctx, v.ID); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "discard", v.ID, v.Version, nil)
	})
}

// History is what happened to a record.
type History struct {
	Head     desk.Record
	Title    register.Text
	Acts     []desk.Act
	Assigned desk.Person
	Staff    []desk.Person // to whom it can be given
	// Review is the open review in which it is; "" for none.
	Review string
	// Discardable means that the actor may put the draft away.
	Discardable bool
}

// History returns what happened to a record, the newest first, from before the
// number of an act; 0 begins at the newest. It returns ErrForbidden and
// ErrNotFound.
func (e *Editorial) History(ctx context.Context, actor register.Actor, id register.Ref, before int64, limit int) (History, error) {
	if !actor.Role.Can(register.MayDraft) {
		return History{}, register.ErrForbidden
	}
	var h History
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if h.Head, err = d.Record(ctx, id); err != nil {
			return err
		}
		var by desk.Authorship
		var titles map[register.Ref]register.Text
		for _, read := range []func() error{
			func() error { h.Acts, err = d.Acts(ctx, id, before, limit); return err },
			func() error { h.Assigned, err = d.AssignedTo(ctx, id); return err },
			func() error { h.Staff, err = d.Staff(ctx); return err },
			func() error { h.Review, err = openBundle(ctx, d, id); return err },
			func() error { by, err = d.Authorship(ctx, id); return err },
			func() error { titles, err = d.Titles(ctx, []register.Ref{id}); return err },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		h.Title = titles[id]
		h.Discardable = h.Head.State == desk.StateDraft && !by.Published &&
			(actor.Role.Can(register.MayReview) || by.CreatedBy == actor.ID && !by.Shared)
		return nil
	})
	return h, err
}
