package editorial

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Import writes a set of records as drafts, in one transaction, and returns
// them as they are at the desk, ready to be sent for review. In a set records
// point to each other by slug, and to institutions that the desk has already. It
// returns ErrForbidden, or Problems when something in the set is wrong or points
// to nothing.
func (e *Editorial) Import(ctx context.Context, actor register.Actor, set register.Set) ([]Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	if err := e.SaveSources(ctx, actor, set.Sources); err != nil {
		return nil, err
	}
	drafts := draftsOf(set)
	var out []Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		ids, err := insertAll(ctx, d, actor, drafts)
		if err != nil {
			return err
		}
		if err := findInstitutions(ctx, d, drafts, ids); err != nil {
			return err
		}
		if err := resolve(drafts, ids); err != nil {
			return err
		}
		for i := range drafts {
			draft := &drafts[i]
			if err := saveContent(ctx, d, *draft); err != nil {
				return fmt.Errorf("import %s: %w", draft.head().Slug, err)
			}
			out = append(out, Version{ID: draft.ID, Version: 1})
		}
		return d.Audit(ctx, actor.ID, "import", "", 0, map[string]any{"records": len(drafts)})
	})
	return out, err
}

func draftsOf(set register.Set) []Draft {
	var out []Draft
	for i := range set.Institutions {
		out = append(out, Draft{Institution: &set.Institutions[i]})
	}
	for i := range set.Statements {
		out = append(out, Draft{Statement: &set.Statements[i]})
	}
	for i := range set.Incidents {
		out = append(out, Draft{Incident: &set.Incidents[i]})
	}
	return out
}

// insertAll makes the heads of all drafts, so that their contents can point to
// each other in any order.
func insertAll(ctx context.Context, d *desk.Queries, actor register.Actor, drafts []Draft) (map[register.Ref]register.Ref, error) {
	ids := map[register.Ref]register.Ref{}
	for i := range drafts {
		head := drafts[i].head()
		id, err := d.InsertRecord(ctx, head, actor.ID)
		if err != nil {
			return nil, fmt.Errorf("import %s: %w", head.Slug, err)
		}
		drafts[i].ID, drafts[i].Version = id, 1
		ids[register.Ref(head.Slug)] = id
	}
	return ids, nil
}

// findInstitutions adds the identifiers of the institutions to which drafts point
// and which the desk has already.
func findInstitutions(ctx context.Context, d *desk.Queries, drafts []Draft, ids map[register.Ref]register.Ref) error {
	var unknown []register.Ref
	for i := range drafts {
		register.EachRef(drafts[i].noun(), func(ref *register.Ref) {
			if _, ok := ids[*ref]; !ok && !slices.Contains(unknown, *ref) {
				unknown = append(unknown, *ref)
			}
		})
	}
	for _, slug := range unknown {
		head, err := d.RecordBySlug(ctx, register.TypeInstitution, string(slug))
		if errors.Is(err, register.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		ids[slug] = head.ID
	}
	return nil
}

// resolve puts identifiers in the place of slugs.
func resolve(drafts []Draft, ids map[register.Ref]register.Ref) error {
	var problems register.Problems
	for i := range drafts {
		slug := drafts[i].head().Slug
		register.EachRef(drafts[i].noun(), func(ref *register.Ref) {
			id, ok := ids[*ref]
			if !ok {
				problems = append(problems, register.Problem{Field: slug, Key: "problem.key-unknown", Value: string(*ref)})
			}
			*ref = id
		})
	}
	return problems.OrNil()
}
