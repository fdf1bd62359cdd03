package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Terms returns all terms of all vocabularies.
func (d *Queries) Terms(ctx context.Context) (*register.Terms, error) {
	rows, err := d.q.Query(ctx, `
		SELECT vocabulary, code, position, label, coalesce(phase, ''), retired_at IS NOT NULL, version
		FROM desk.vocabulary_terms
		ORDER BY vocabulary, position, code`)
	if err != nil {
		return nil, store.Map(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.Term])
	if err != nil {
		return nil, store.Map(err)
	}
	return register.NewTerms(all), nil
}

// InsertTerm adds a term to its vocabulary. Problems are returned when the
// vocabulary has the code already.
func (d *Queries) InsertTerm(ctx context.Context, t register.Term) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.vocabulary_terms (vocabulary, code, position, label, phase)
		VALUES (@vocabulary, @code, @position, @label, @phase)`,
		pgx.StrictNamedArgs{
			"vocabulary": t.Vocabulary, "code": t.Code, "position": t.Position, "label": t.Label, "phase": store.Nullable(t.Phase),
		})
	return store.Map(err)
}

// ChangeTerm writes what of a term may change: everything but its code.
// ErrConflict is returned when it is no longer at the version that was seen, or
// is none.
func (d *Queries) ChangeTerm(ctx context.Context, t register.Term) error {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.vocabulary_terms
		SET position = @position, label = @label, phase = @phase, version = version + 1,
		    retired_at = CASE WHEN @retired THEN coalesce(retired_at, now()) END
		WHERE vocabulary = @vocabulary AND code = @code AND version = @version`,
		pgx.StrictNamedArgs{
			"vocabulary": t.Vocabulary, "code": t.Code, "position": t.Position, "label": t.Label,
			"phase": store.Nullable(t.Phase), "retired": t.Retired, "version": t.Version,
		})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrConflict
	}
	return store.Map(err)
}
