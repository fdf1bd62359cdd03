package editorial

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// MaxImport is how large an uploaded file may be that is to be imported, in bytes.
const MaxImport = 5 << 20

// Upload is a file that somebody uploaded to be imported.
type Upload struct {
	register.ImportRun
	Content []byte // nil once it is imported
	Mapping string // of CSV
}

// KeepUpload keeps a file until its importer has seen what it would make, and returns
// the identifier of the import. It returns ErrForbidden, and Problems for a file that
// is too large.
func (e *Editorial) KeepUpload(ctx context.Context, actor register.Actor, u Upload) (id string, err error) {
	if !actor.Role.Can(register.MayDraft) {
		return "", register.ErrForbidden
	}
	if len(u.Content) > MaxImport {
		return "", register.Problems{{Field: "file", Key: "problem.too-long"}}
	}
	u.StartedBy, u.StartedAt = actor.ID, e.now().UTC()
	u.SHA256 = register.HashOf(append([]byte(u.Mapping), u.Content...))
	err = e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if id, err = d.InsertRun(ctx, u.ImportRun); err != nil {
			return err
		}
		return d.InsertUpload(ctx, id, u.Content, u.Mapping)
	})
	return id, err
}

// Upload returns an import: to whoever uploaded the file, and to all staff once it is
// confirmed. It returns ErrForbidden and ErrNotFound.
func (e *Editorial) Upload(ctx context.Context, actor register.Actor, id string) (Upload, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Upload{}, register.ErrForbidden
	}
	var u Upload
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if u.ImportRun, err = d.Run(ctx, id); err != nil {
			return err
		}
		if u.ConfirmedAt.IsZero() && u.StartedBy != actor.ID {
			return register.ErrNotFound
		}
		if u.Content, u.Mapping, err = d.Upload(ctx, id); isNotFound(err) {
			err = nil
		}
		return err
	})
	return u, err
}

// Imports returns the newest imports that were confirmed. It returns ErrForbidden.
func (e *Editorial) Imports(ctx context.Context, actor register.Actor, limit int) ([]register.ImportRun, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Runs(ctx, limit)
}

// ImportNotes returns what is to be reported of an import, up to a limit.
func (e *Editorial) ImportNotes(ctx context.Context, actor register.Actor, id string, limit int) ([]register.ImportNote, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Notes(ctx, id, 0, limit)
}

// ConfirmUpload lets a file be imported that the actor uploaded: by a job where later
// is set, else by whoever calls RunUpload next. It returns ErrForbidden, ErrNotFound,
// and ErrConflict when it was confirmed before.
func (e *Editorial) ConfirmUpload(ctx context.Context, actor register.Actor, id string, later bool) error {
	if !actor.Role.Can(register.MayDraft) {
		return register.ErrForbidden
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		run, err := d.Run(ctx, id)
		switch {
		case err != nil:
			return err
		case run.StartedBy != actor.ID:
			return register.ErrNotFound
		}
		if err := d.ConfirmRun(ctx, id, e.now().UTC()); err != nil {
			return err
		}
		detail := map[string]any{"run": id, "format": run.Format, "file": run.Name}
		if err := d.Audit(ctx, actor.ID, "begin-import", "", 0, detail); err != nil || !later {
			return err
		}
		return store.Enqueue(ctx, q, register.RunImport{Run: id})
	})
}

// OpenUpload returns an import that was confirmed and has not ended, to go on with it,
// and its file; ErrNotFound for any other, ErrForbidden when whoever uploaded it may
// not draft any more. Nothing of it is ever published.
func (e *Editorial) OpenUpload(ctx context.Context, id string) (*Importing, Upload, error) {
	d := desk.New(e.db.Querier())
	run, err := d.Run(ctx, id)
	if err != nil {
		return nil, Upload{}, err
	}
	if run.ConfirmedAt.IsZero() || !run.FinishedAt.IsZero() {
		return nil, Upload{}, register.ErrNotFound
	}
	who, err := d.StaffByID(ctx, run.StartedBy)
	if err != nil {
		return nil, Upload{}, err
	}
	if who.DeactivatedAt != nil || !who.Role.Can(register.MayDraft) {
		return nil, Upload{}, register.ErrForbidden
	}
	u := Upload{ImportRun: run}
	if u.Content, u.Mapping, err = d.Upload(ctx, id); err != nil {
		return nil, u, fmt.Errorf("upload of import %s: %w", id, err)
	}
	return &Importing{ImportRun: run, Resumed: run.Items > 0, actor: register.Actor{ID: who.ID, Role: who.Role}}, u, nil
}

// ForgetUploads takes away files that nobody confirmed for a day.
func (e *Editorial) ForgetUploads(ctx context.Context, now time.Time) error {
	return desk.New(e.db.Querier()).ForgetUploads(ctx, now.Add(-24*time.Hour))
}

// Foreseen is what an arrival would become.
type Foreseen struct {
	register.Arrival
	Known bool // it is there already
	// Recognised are the slugs of its institutions that the register has.
	Recognised map[string]bool
}

// Foresee says what arrivals would become, and changes nothing. It returns ErrForbidden.
func (e *Editorial) Foresee(ctx context.Context, actor register.Actor, f register.ImportFormat, arrivals []register.Arrival) ([]Foreseen, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	out := make([]Foreseen, len(arrivals))
	// What is left out for what stands in it asks nothing of the database: a file of
	// nothing else would be thousands of transactions, each without a question.
	if !slices.ContainsFunc(arrivals, func(a register.Arrival) bool { return a.Skip == "" }) {
		for i := range arrivals {
			out[i].Arrival = arrivals[i]
		}
		return out, nil
	}
	err := e.db.Read(ctx, func(q store.Querier) error {
		t := e.intake(q, &Importing{ImportRun: register.ImportRun{Format: f}, actor: actor})
		if err := t.sort(ctx, arrivals); err != nil {
			return err
		}
		if err := t.recognise(ctx); err != nil {
			return err
		}
		fresh := map[*register.Arrival]bool{}
		for _, a := range t.fresh {
			fresh[a] = true
		}
		for i := range arrivals {
			a := &arrivals[i]
			out[i] = Foreseen{Arrival: *a, Known: a.Skip == "" && !fresh[a], Recognised: map[string]bool{}}
			for _, x := range a.Institutions {
				_, out[i].Recognised[x.Slug] = t.found[x.Slug]
			}
		}
		return nil
	})
	return out, err
}
