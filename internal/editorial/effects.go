package editorial

import (
	"context"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// Effects is what confirming a decision does, as things stand.
type Effects struct {
	Title  register.Text // of the record
	Target register.Text // title of the target of a merge
	// Showing are the public records that show this one: after a merge they get
	// a new edition that shows the target; after a withdrawal or a takedown of
	// the current edition they say that it is gone.
	Showing CarriedList
	// Draft means that a draft under way is discarded.
	Draft bool
	// Current is the number of the current edition.
	Current int
	// Public means that the record is shown now.
	Public bool
}

// EffectsOf returns what confirming a decision would do; the decision need not
// have been proposed yet. It returns ErrForbidden for who may not draft.
func (e *Editorial) EffectsOf(ctx context.Context, actor register.Actor, x desk.Decision) (Effects, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Effects{}, register.ErrForbidden
	}
	out := Effects{Draft: x.Kind == desk.DecideMerge && x.Record.State == desk.StateDraft}
	err := e.db.Read(ctx, func(q store.Querier) error {
		current, shown, err := record.NewWriter(q).Current(ctx, x.Record.Reference)
		if err != nil {
			return err
		}
		out.Current, out.Public = current.Number, shown
		return out.find(ctx, q, x)
	})
	return out, err
}

// find looks up who shows the record, and how all are called.
func (out *Effects) find(ctx context.Context, q store.Querier, x desk.Decision) error {
	d := desk.New(q)
	ids := []register.Ref{x.Record.ID}
	if x.Target.ID != "" {
		ids = append(ids, x.Target.ID)
	}
	var err error
	if out.Showing, err = carriedBy(ctx, d, record.NewWriter(q), []string{x.Record.Reference}); err != nil {
		return err
	}
	titles, err := d.Titles(ctx, ids)
	out.Title, out.Target = titles[x.Record.ID], titles[x.Target.ID]
	return err
}

// Decision returns a decision with what confirming it would do. Errors:
// ErrForbidden, ErrNotFound.
func (e *Editorial) Decision(ctx context.Context, actor register.Actor, id string) (desk.Decision, Effects, error) {
	if !actor.Role.Can(register.MayMerge) {
		return desk.Decision{}, Effects{}, register.ErrForbidden
	}
	x, err := desk.New(e.db.Querier()).Decision(ctx, id)
	if err != nil {
		return x, Effects{}, err
	}
	effects, err := e.EffectsOf(ctx, actor, x)
	return x, effects, err
}

// MayDecide reports whether an actor may confirm or refuse a decision: a person
// with the right, and for confirming another one than who proposed it.
func MayDecide(actor register.Actor, x desk.Decision) (confirm, refuse bool) {
	may := x.Outcome == "" && actor.Role.Can(mayConfirm(x.Kind))
	return may && x.ProposedBy != actor.ID, may
}

// Head returns the head of a record, its own errors beside ErrForbidden.
func (e *Editorial) Head(ctx context.Context, actor register.Actor, id register.Ref) (desk.Record, error) {
	if !actor.Role.Can(register.MayDraft) {
		return desk.Record{}, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Record(ctx, id)
}

// FindPublished returns the published record of a type that somebody names by
// its reference or its slug; ErrNotFound when that names none.
func (e *Editorial) FindPublished(ctx context.Context, actor register.Actor, t register.RecordType, named string) (desk.Record, error) {
	if !actor.Role.Can(register.MayDraft) {
		return desk.Record{}, register.ErrForbidden
	}
	d := desk.New(e.db.Querier())
	head, err := d.RecordByReference(ctx, strings.ToUpper(named))
	if isNotFound(err) {
		head, err = d.RecordBySlug(ctx, t, strings.ToLower(named))
	}
	if err == nil && (head.Type != t || head.PublishedVersion == 0) {
		err = register.ErrNotFound
	}
	return head, err
}
