package editorial

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Names is what the records and sources that a page points to are called.
type Names struct {
	Records map[register.Ref]desk.Title
	Sources map[string]register.Source
}

// Call tells what records and sources are called; what does not exist is
// missing. It returns ErrForbidden for who may not draft.
func (e *Editorial) Call(ctx context.Context, actor register.Actor, refs []register.Ref, sources []string) (Names, error) {
	out := Names{Records: map[register.Ref]desk.Title{}, Sources: map[string]register.Source{}}
	if !actor.Role.Can(register.MayDraft) {
		return out, register.ErrForbidden
	}
	d := desk.New(e.db.Querier())
	if len(refs) > 0 {
		titles, err := d.Called(ctx, refs)
		if err != nil {
			return out, err
		}
		for _, t := range titles {
			out.Records[t.ID] = t
		}
	}
	if len(sources) > 0 {
		list, err := d.Sources(ctx, sources)
		if err != nil {
			return out, err
		}
		for _, s := range list {
			out.Sources[s.Key] = s
		}
	}
	return out, nil
}

// findLimit is how many sources a search for one offers.
const findLimit = 10

// FindSources looks for sources by what somebody typed. The one that has that
// key or address is the only one returned.
func (e *Editorial) FindSources(ctx context.Context, actor register.Actor, typed string) ([]register.Source, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	typed = strings.TrimSpace(typed)
	d := desk.New(e.db.Querier())
	key, err := d.SourceKeyByURL(ctx, typed)
	if errors.Is(err, register.ErrNotFound) {
		key, err = typed, nil
	}
	if err != nil {
		return nil, err
	}
	if exact, err := d.Sources(ctx, []string{key}); err != nil || len(exact) > 0 {
		return exact, err
	}
	rows, err := d.PickSources(ctx, words(typed), findLimit)
	if err != nil || len(words(typed)) == 0 {
		return nil, err
	}
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = r.Key
	}
	return d.Sources(ctx, keys)
}

// Claims lists the claims of statements in their order.
func (e *Editorial) Claims(ctx context.Context, actor register.Actor, statements []register.Ref) ([]desk.ClaimTitle, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).ClaimTitles(ctx, statements)
}

// Drafts returns records as they are worked on, with their sources, by
// identifier: what a preview is made of.
func (e *Editorial) Drafts(ctx context.Context, actor register.Actor, ids []register.Ref) (map[register.Ref]Draft, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	contents, err := desk.New(e.db.Querier()).Contents(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := map[register.Ref]Draft{}
	for i := range contents {
		c := &contents[i]
		draft := emptyDraft(c.Type)
		draft.ID, draft.Version = c.ID, c.Version
		if err := c.Decode(draft.noun()); err != nil {
			return nil, err
		}
		out[c.ID] = draft
	}
	return out, nil
}

// Edit is a draft with what was made in the same form.
type Edit struct {
	Draft Draft
	// Sources are new; one whose key is taken is a problem.
	Sources []register.Source
	// Institutions are new; the draft points to each by its place in the list:
	// NewRef(0), NewRef(1) …
	Institutions []register.Institution
}

// NewRef is how a draft points to a new institution of its edit.
func NewRef(i int) register.Ref { return register.Ref("new-" + strconv.Itoa(i)) }

// SaveEdit writes a draft as Save does, and before it, in the same
// transaction, the sources and institutions that were made with it. Errors are
// those of Save and of SaveSources.
func (e *Editorial) SaveEdit(ctx context.Context, actor register.Actor, b Edit) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	b.Sources = reachable(b.Sources)
	var problems register.Problems
	for i := range b.Sources {
		problems = append(problems, b.Sources[i].Validate()...)
	}
	if err := problems.OrNil(); err != nil {
		return Version{}, err
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := e.sources(q)
		if err := saveNewSources(ctx, d, actor, b.Sources); err != nil {
			return err
		}
		if err := saveNewInstitutions(ctx, d, actor, b); err != nil {
			return err
		}
		var err error
		saved, err = save(ctx, d, actor, b.Draft)
		return err
	})
	return saved, err
}

func saveNewSources(ctx context.Context, d *desk.Queries, actor register.Actor, sources []register.Source) error {
	for _, s := range sources {
		switch taken, err := d.Sources(ctx, []string{s.Key}); {
		case err != nil:
			return err
		case len(taken) > 0:
			return register.Problems{{Field: "sources", Key: "problem.duplicate-key", Value: s.Key}}
		}
		if err := saveSource(ctx, d, s, actor); err != nil {
			return fmt.Errorf("source %s: %w", s.Key, err)
		}
	}
	if len(sources) == 0 {
		return nil
	}
	return d.Audit(ctx, actor.ID, "save-sources", "", 0, map[string]any{"count": len(sources)})
}

// saveNewInstitutions writes the institutions and lets the draft point to them.
func saveNewInstitutions(ctx context.Context, d *desk.Queries, actor register.Actor, b Edit) error {
	ids := map[register.Ref]register.Ref{}
	for i := range b.Institutions {
		var err error
		if b.Institutions[i].Slug, err = freeSlug(ctx, d, register.TypeInstitution, b.Institutions[i].Slug); err != nil {
			return err
		}
		saved, err := save(ctx, d, actor, Draft{Institution: &b.Institutions[i]})
		if err != nil {
			return err
		}
		ids[NewRef(i)] = saved.ID
	}
	register.EachRef(b.Draft.noun(), func(ref *register.Ref) {
		if id, ok := ids[*ref]; ok {
			*ref = id
		}
	})
	return nil
}
