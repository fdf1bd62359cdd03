package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Terms returns all terms of all vocabularies, and the generation at which they
// were so, both of one moment.
func (s *Store) Terms(ctx context.Context) (generation int64, terms *register.Terms, err error) {
	return readTerms(ctx, s.db.Querier())
}

func readTerms(ctx context.Context, q store.Querier) (generation int64, terms *register.Terms, err error) {
	rows, err := q.Query(ctx, `
		SELECT g.generation, t.vocabulary, t.code, t.position, t.label, t.phase, t.is_retired
		FROM record.vocabulary_terms AS t
		CROSS JOIN record.generations AS g
		ORDER BY t.vocabulary, t.position, t.code`)
	if err != nil {
		return 0, nil, store.Map(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.Term, error) {
		var t register.Term
		err := row.Scan(&generation, &t.Vocabulary, &t.Code, &t.Position, &t.Label, &t.Phase, &t.Retired)
		return t, err
	})
	if err != nil {
		return 0, nil, store.Map(err)
	}
	return generation, register.NewTerms(all), nil
}

// SaveTerm makes a term public as it is now, so that pages name what has it.
func (w *Writer) SaveTerm(ctx context.Context, t register.Term) error {
	_, err := w.q.Exec(ctx, `
		INSERT INTO record.vocabulary_terms (vocabulary, code, position, label, phase, is_retired)
		VALUES (@vocabulary, @code, @position, @label, @phase, @retired)
		ON CONFLICT (vocabulary, code) DO UPDATE
		SET position = excluded.position, label = excluded.label, phase = excluded.phase, is_retired = excluded.is_retired`,
		pgx.StrictNamedArgs{
			"vocabulary": t.Vocabulary, "code": t.Code, "position": t.Position, "label": t.Label,
			"phase": t.Phase, "retired": t.Retired,
		})
	return store.Map(err)
}
