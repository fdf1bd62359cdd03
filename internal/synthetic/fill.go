package synthetic

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/bulk"
)

// Stage is what Fill is at.
type Stage string

// The stages of Fill.
const (
	StageRecords Stage = "records" // incidents with what is theirs
	StageIndexes Stage = "indexes" // keys, indexes and statistics
)

// Made is what Fill made, and how many bytes the database has.
type Made struct {
	Institutions, Statements int
	Bytes                    int64
}

// Fill makes up a register of so many incidents in a database that holds no
// record: working is a pool of the desk's role, owner the address under which its
// owner connects; now is the clock. It returns ErrConflict where there are records already;
// progress is called now and then.
func Fill(ctx context.Context, working *store.DB, owner string, incidents int, seed uint64, now func() time.Time, progress func(s Stage, done, all int)) (made Made, err error) {
	author, reviewer, err := founding.Hire(ctx, working)
	if err != nil {
		return made, err
	}
	uses := editorial.New(working, now)
	if err = uses.ToBeFilled(ctx); err != nil {
		return made, err
	}
	loader, err := bulk.New(ctx, owner, "desk", "record")
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, loader.Close(context.WithoutCancel(ctx))) }()
	f := &filler{
		Filling: editorial.NewFilling(loader, loader.AddLane(), author, reviewer, Reason()), generator: New(incidents, seed),
		ids: map[register.Ref]register.Ref{},
	}
	defer f.Close() //nolint:errcheck // Finish tells
	made.Institutions, made.Statements = f.generator.Institutions(), f.generator.Statements()
	if err := f.all(ctx, func(done int) { progress(StageRecords, done, incidents) }); err != nil {
		return made, err
	}
	if err := f.Finish(ctx); err != nil {
		return made, err
	}
	if err := loader.Finish(ctx, func(done, all int) { progress(StageIndexes, done, all) }); err != nil {
		return made, err
	}
	if made.Bytes, err = loader.Size(ctx); err != nil {
		return made, err
	}
	return made, uses.Filled(ctx)
}

type filler struct {
	*editorial.Filling
	generator *Generator
	ids       map[register.Ref]register.Ref // identifiers, by placeholder
}

// often is after how many incidents progress is told.
const often = 500

func (f *filler) all(ctx context.Context, progress func(done int)) error {
	for n := range f.generator.Institutions() {
		if err := f.publish(ctx, Institution(n), began, editorial.Draft{Institution: f.generator.NextInstitution(n)}); err != nil {
			return err
		}
	}
	done := 0
	for g := f.generator.Next(); g != nil; g = f.generator.Next() {
		if err := f.group(ctx, g); err != nil {
			return err
		}
		if done++; done%often == 0 {
			progress(done)
		}
	}
	progress(done)
	return ctx.Err()
}

func (f *filler) group(ctx context.Context, g *Group) error {
	keys, records := make([]string, len(g.Sources)), make([]register.Ref, 0, len(g.Statements)+1)
	for i, s := range g.Sources {
		keys[i] = s.Key
		if err := f.Source(ctx, s); err != nil {
			return err
		}
	}
	for i, s := range g.Statements {
		if err := f.publish(ctx, Statement(i), g.At, editorial.Draft{Statement: s}); err != nil {
			return err
		}
		records = append(records, f.ids[Statement(i)])
	}
	if err := f.publish(ctx, "incident", g.At, editorial.Draft{Incident: g.Incident}); err != nil {
		return err
	}
	f.Forget(append(records, f.ids["incident"]), keys)
	return nil
}

// publish publishes a record, with identifiers in the place of placeholders.
func (f *filler) publish(ctx context.Context, placeholder register.Ref, at time.Time, draft editorial.Draft) error {
	var noun any
	switch {
	case draft.Incident != nil:
		noun = draft.Incident
	case draft.Statement != nil:
		noun = draft.Statement
	default:
		noun = draft.Institution
	}
	register.EachRef(noun, func(ref *register.Ref) { *ref = f.ids[*ref] })
	id, err := f.Publish(ctx, at, draft)
	if err != nil {
		return fmt.Errorf("%s: %w", placeholder, err)
	}
	f.ids[placeholder] = id
	return nil
}
