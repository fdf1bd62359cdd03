package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Origin returns where a record came from, word for word. It returns ErrForbidden, and
// ErrNotFound for a record that did not come from a file.
func (e *Editorial) Origin(ctx context.Context, actor register.Actor, record register.Ref) (register.Origin, error) {
	if !actor.Role.Can(register.MayReadOrigins) {
		return register.Origin{}, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Origin(ctx, record)
}

// EachOrigin calls do for the origin of every record that came from a file of a format,
// in the order of their identifiers there; it keeps some in memory. That somebody took
// them out of the house is audited. It returns ErrForbidden, and what do returns.
func (e *Editorial) EachOrigin(ctx context.Context, actor register.Actor, f register.ImportFormat, do func(register.Origin) error) error {
	if !actor.Role.Can(register.MayReadOrigins) {
		return register.ErrForbidden
	}
	err := e.db.InTx(ctx, func(q store.Querier) error {
		return desk.New(q).Audit(ctx, actor.ID, "export-origins", "", 0, map[string]any{"format": f})
	})
	if err != nil {
		return err
	}
	return e.db.Read(ctx, func(q store.Querier) error {
		const page = 200
		d := desk.New(q)
		for after := ""; ; {
			origins, err := d.Origins(ctx, f, after, page)
			if err != nil {
				return err
			}
			for _, o := range origins {
				if err := do(o); err != nil {
					return err
				}
				after = o.ID
			}
			if len(origins) < page {
				return nil
			}
		}
	})
}
