package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// Terms returns all terms of all vocabularies, as they are now.
func (e *Editorial) Terms(ctx context.Context) (*register.Terms, error) {
	return desk.New(e.db.Querier()).Terms(ctx)
}

// AddTerm adds a term to a vocabulary: at once at the desk, and on the public
// pages within a second. It returns ErrForbidden, and Problems.
func (e *Editorial) AddTerm(ctx context.Context, actor register.Actor, t register.Term) error {
	return e.writeTerm(ctx, actor, t, "add-term", (*desk.Queries).InsertTerm)
}

// ChangeTerm writes the labels, the place and the phase of a term, and whether
// it is retired. It returns ErrForbidden, Problems, and ErrConflict when somebody
// else changed the term meanwhile.
func (e *Editorial) ChangeTerm(ctx context.Context, actor register.Actor, t register.Term) error {
	return e.writeTerm(ctx, actor, t, "change-term", (*desk.Queries).ChangeTerm)
}

func (e *Editorial) writeTerm(ctx context.Context, actor register.Actor, t register.Term, action string,
	write func(*desk.Queries, context.Context, register.Term) error,
) error {
	if !actor.Role.Can(register.MayAdminVocabularies) {
		return register.ErrForbidden
	}
	if err := t.Validate().OrNil(); err != nil {
		return err
	}
	if t.Vocabulary != register.VocabularyStep {
		t.Phase = ""
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d, public := desk.New(q), record.NewWriter(q)
		// First, as every publication does, so that nobody waits in a circle.
		if err := public.BumpGeneration(ctx); err != nil {
			return err
		}
		if err := write(d, ctx, t); err != nil {
			return err
		}
		if err := public.SaveTerm(ctx, t); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, action, "", 0, map[string]any{
			"vocabulary": t.Vocabulary, "code": t.Code, "label": t.Label, "position": t.Position, "phase": t.Phase, "retired": t.Retired,
		})
	})
}

// placeSteps notes the phase of steps whose codes an admin added; most
// incidents have none, and cost no query.
func placeSteps(ctx context.Context, d *desk.Queries, i *register.Incident) error {
	for _, r := range i.Referrals {
		for _, s := range r.Steps {
			if s.Step == "" || register.PhaseOf(s.Step) != "" {
				continue
			}
			terms, err := d.Terms(ctx)
			if err != nil {
				return err
			}
			terms.PlaceSteps(i)
			return nil
		}
	}
	return nil
}
