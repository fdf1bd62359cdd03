package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Load returns a record as it is worked on, with its head. It returns
// ErrForbidden for who may not draft, and ErrNotFound, also for an identifier
// that is none.
func (e *Editorial) Load(ctx context.Context, actor register.Actor, id register.Ref) (Draft, desk.Record, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Draft{}, desk.Record{}, register.ErrForbidden
	}
	var draft Draft
	var head desk.Record
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if head, err = d.Record(ctx, id); err != nil {
			return err
		}
		draft, err = load(ctx, d, head)
		return err
	})
	return draft, head, err
}

// Revision returns a record as it was at a version: the common ancestor of two
// people's changes. It returns ErrForbidden, and ErrNotFound for a version
// that was not kept.
func (e *Editorial) Revision(ctx context.Context, actor register.Actor, v Version) (Draft, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Draft{}, register.ErrForbidden
	}
	var draft Draft
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := d.Record(ctx, v.ID)
		if err != nil {
			return err
		}
		draft = emptyDraft(head.Type)
		draft.ID, draft.Version = v.ID, v.Version
		return d.Revision(ctx, v.ID, v.Version, draft.noun())
	})
	return draft, err
}

// Span is what was made of a record between two of its versions.
type Span struct {
	Head          desk.Record
	Before, After Draft
	// By are those who saved the versions after Before.
	By []desk.Person
	// Titles are what the record, and whatever it points to, is called.
	Titles map[register.Ref]register.Text
}

// Span returns what was made of a record from one version to another. It
// returns ErrForbidden for who may not draft, and ErrNotFound for versions that
// were not kept, or are none.
func (e *Editorial) Span(ctx context.Context, actor register.Actor, id register.Ref, from, to int) (Span, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Span{}, register.ErrForbidden
	}
	var s Span
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if s.Head, err = d.Record(ctx, id); err != nil {
			return err
		}
		ids := []register.Ref{id}
		for version, draft := range map[int]*Draft{from: &s.Before, to: &s.After} {
			*draft = emptyDraft(s.Head.Type)
			draft.ID, draft.Version = id, version
			if err := d.Revision(ctx, id, version, draft.noun()); err != nil {
				return err
			}
			register.EachRef(draft.noun(), func(ref *register.Ref) { ids = append(ids, *ref) })
		}
		if s.Titles, err = d.Titles(ctx, ids); err != nil {
			return err
		}
		s.By, err = d.SavedBy(ctx, id, from, to)
		return err
	})
	return s, err
}

// emptyDraft is a draft of a type without any content.
func emptyDraft(t register.RecordType) Draft {
	switch t {
	case register.TypeIncident:
		return Draft{Incident: &register.Incident{}}
	case register.TypeStatement:
		return Draft{Statement: &register.Statement{}}
	case register.TypeInstitution:
	}
	return Draft{Institution: &register.Institution{}}
}

// Worksheet returns what the actor has typed into a form and not saved;
// ErrNotFound when there is nothing.
func (e *Editorial) Worksheet(ctx context.Context, actor register.Actor, place string) (desk.Worksheet, error) {
	return desk.New(e.db.Querier()).Worksheet(ctx, actor.ID, place)
}

// Worksheets lists what the actor has typed and not saved, newest first,
// without the contents.
func (e *Editorial) Worksheets(ctx context.Context, actor register.Actor) ([]desk.Worksheet, error) {
	return desk.New(e.db.Querier()).Worksheets(ctx, actor.ID)
}

// KeepWorksheet keeps what the actor has typed into the form at a place.
func (e *Editorial) KeepWorksheet(ctx context.Context, actor register.Actor, place string, form map[string][]string) (desk.Worksheet, error) {
	w := desk.Worksheet{Account: actor.ID, Place: place, Form: form, SavedAt: e.now().UTC()}
	return w, desk.New(e.db.Querier()).SaveWorksheet(ctx, w)
}

// DropWorksheet forgets what the actor has typed at a place: it was saved.
func (e *Editorial) DropWorksheet(ctx context.Context, actor register.Actor, place string) error {
	return desk.New(e.db.Querier()).DeleteWorksheet(ctx, actor.ID, place)
}

// DiscardWorksheet is DropWorksheet as the work of a form: in a transaction, which says
// that the form is done, so that its sending again takes nothing that was typed since.
func (e *Editorial) DiscardWorksheet(ctx context.Context, actor register.Actor, place string) error {
	return e.db.InTx(ctx, func(q store.Querier) error { return desk.New(q).DeleteWorksheet(ctx, actor.ID, place) })
}
