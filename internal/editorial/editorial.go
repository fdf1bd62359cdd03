// Package editorial holds what staff do: draft, send for review, approve or
// return, publish. Each use case asks for the permission, validates, and then
// writes and audits in one transaction. Publishing is the only door to the
// public side.
package editorial

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Editorial runs the use cases on a pool of the desk's role.
type Editorial struct {
	db  *store.DB
	now func() time.Time

	takedown *store.DB // nil: takedowns are not configured
	files    Files
	blobs    blob.Store // nil: nothing can be attached
	captures bool       // the addresses of sources are captured
	logKeys  KeyReader  // nil: the log is not signed
	// witnesses are the verifier keys of those who are asked to cosign it.
	witnesses []string
	stamps    bool // an authority is asked for timestamps of it
	hub       bool // a hub is told what is published
}

// New returns the use cases; now is the clock by which publications are dated.
func New(db *store.DB, now func() time.Time) *Editorial {
	return &Editorial{db: db, now: now}
}

// Draft is a record as it is handed in to be written at the desk. Exactly one
// of Incident, Statement and Institution is set.
type Draft struct {
	// ID is empty for a new record.
	ID register.Ref
	// Version is the one that the author saw; it is not read for a new record.
	Version int

	Incident    *register.Incident
	Statement   *register.Statement
	Institution *register.Institution

	// terms are those of the vocabularies when the draft was read.
	terms *register.Terms
}

// Type is the type of the draft's record.
func (d *Draft) Type() register.RecordType {
	switch {
	case d.Incident != nil:
		return register.TypeIncident
	case d.Statement != nil:
		return register.TypeStatement
	default:
		return register.TypeInstitution
	}
}

// noun is the pointer to what the draft holds.
func (d *Draft) noun() any {
	switch d.Type() {
	case register.TypeIncident:
		return d.Incident
	case register.TypeStatement:
		return d.Statement
	case register.TypeInstitution:
		return d.Institution
	}
	return nil
}

func (d *Draft) head() desk.Record {
	r := desk.Record{ID: d.ID, Version: d.Version, Type: d.Type()}
	switch r.Type {
	case register.TypeIncident:
		r.Slug, r.Language = d.Incident.Slug, d.Incident.Language
	case register.TypeStatement:
		r.Slug, r.Language = d.Statement.Slug, d.Statement.Language
	case register.TypeInstitution:
		r.Slug, r.Language = d.Institution.Slug, d.Institution.Language
	}
	return r
}

// Version is a record at a version, as its author or reviewer saw it.
type Version struct {
	ID      register.Ref
	Version int
}

// SaveSources makes sources, or changes those with the same keys. It returns
// Problems, ErrForbidden, or ErrConflict while a record that cites one of them
// is in review.
func (e *Editorial) SaveSources(ctx context.Context, actor register.Actor, sources []register.Source) error {
	if !actor.Role.Can(register.MayDraft) {
		return register.ErrForbidden
	}
	sources = reachable(sources)
	var problems register.Problems
	for i := range sources {
		problems = append(problems, sources[i].Validate()...)
	}
	if err := problems.OrNil(); err != nil {
		return err
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := e.sources(q)
		for _, s := range sources {
			if err := saveSource(ctx, d, s, actor); err != nil {
				return err
			}
		}
		return d.Audit(ctx, actor.ID, "save-sources", "", 0, map[string]any{"count": len(sources)})
	})
}

// Save writes a draft as it is, however incomplete: a new record, or a change
// of one, which voids whatever approval it had. It returns ErrForbidden;
// ErrConflict when somebody else changed the record meanwhile, or discarded it;
// Problems when a part cannot be kept, such as a source that does not exist, or
// points to a record of another type.
func (e *Editorial) Save(ctx context.Context, actor register.Actor, draft Draft) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		var err error
		saved, err = save(ctx, desk.New(q), actor, draft)
		return err
	})
	return saved, err
}

func save(ctx context.Context, d *desk.Queries, actor register.Actor, draft Draft) (Version, error) {
	return saveBy(ctx, d, actor, draft, nil)
}

// saveBy is save with what the audit notes of how it was done.
func saveBy(ctx context.Context, d *desk.Queries, actor register.Actor, draft Draft, how map[string]any) (Version, error) {
	draft.reachable()
	if problems := register.Unkeepable(draft.noun()); len(problems) > 0 {
		return Version{}, problems
	}
	if problems, err := misdirected(ctx, d, draft.noun()); err != nil {
		return Version{}, err
	} else if len(problems) > 0 {
		return Version{}, problems
	}
	head := draft.head()
	saved := Version{ID: draft.ID, Version: 1}
	action := "change"
	var err error
	if draft.ID == "" {
		action = "draft"
		saved.ID, err = d.InsertRecord(ctx, head, actor.ID)
	} else if _, err = d.LockTogether(ctx, []register.Ref{draft.ID}, nil); err == nil {
		saved.Version, err = d.ChangeRecord(ctx, head, actor.ID)
	}
	if err != nil {
		return Version{}, err
	}
	draft.ID, draft.Version = saved.ID, saved.Version
	if err := saveContent(ctx, d, draft); err != nil {
		return Version{}, err
	}
	return saved, d.Audit(ctx, actor.ID, action, saved.ID, saved.Version, how)
}

// saveContent writes the content of the version that the draft names, and what
// is kept of it.
func saveContent(ctx context.Context, d *desk.Queries, draft Draft) error {
	var err error
	switch draft.Type() {
	case register.TypeIncident:
		if err = placeSteps(ctx, d, draft.Incident); err == nil {
			err = d.SaveIncident(ctx, draft.ID, draft.Incident)
		}
	case register.TypeStatement:
		err = d.SaveStatement(ctx, draft.ID, draft.Statement)
	case register.TypeInstitution:
		err = d.SaveInstitution(ctx, draft.ID, draft.Institution)
	}
	if err != nil {
		return err
	}
	return keep(ctx, d, draft)
}

// load reads the content of a record's draft.
func load(ctx context.Context, d *desk.Queries, head desk.Record) (Draft, error) {
	draft := Draft{ID: head.ID, Version: head.Version}
	var err error
	if draft.terms, err = d.Terms(ctx); err != nil {
		return draft, err
	}
	switch head.Type {
	case register.TypeIncident:
		if draft.Incident, err = d.Incident(ctx, head); err == nil {
			draft.terms.PlaceSteps(draft.Incident)
		}
	case register.TypeStatement:
		draft.Statement, err = d.Statement(ctx, head)
	case register.TypeInstitution:
		draft.Institution, err = d.Institution(ctx, head)
	}
	return draft, err
}

// Missing returns what the draft lacks to be published.
func (d *Draft) Missing() register.Problems { return d.validate() }

// validate returns everything that is wrong with the draft's content.
func (d *Draft) validate() register.Problems {
	switch d.Type() {
	case register.TypeIncident:
		return d.Incident.ValidateIn(d.terms)
	case register.TypeStatement:
		return d.Statement.ValidateIn(d.terms)
	case register.TypeInstitution:
		return d.Institution.Validate()
	}
	return nil
}
