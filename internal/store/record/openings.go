package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Opening returns what a leaf of the public log is about that is not about an
// edition: a document, a notice, a key. Errors: ErrNotFound for a position
// without one, and a *WithdrawnError for the document of a record that is
// withdrawn, and for what was erased with an edition.
func (s *Store) Opening(ctx context.Context, position int64) (register.Opening, error) {
	var out register.Opening
	err := s.db.Read(ctx, func(q store.Querier) error {
		var t register.LeafType
		var reference *string
		var edition *int
		err := q.QueryRow(ctx, `
			SELECT l.type, l.reference, l.edition, o.salt, o.content
			FROM record.log_leaves AS l
			JOIN record.log_openings AS o USING (position)
			WHERE l.position = @position`,
			pgx.StrictNamedArgs{"position": position}).Scan(&t, &reference, &edition, &out.Salt, &out.Content)
		if err != nil || reference == nil {
			return store.Map(err)
		}
		if t == register.LeafDocument {
			if err := standAt(ctx, q, *reference); err != nil {
				return err
			}
		}
		if out.Content == nil {
			_, _, err = contentOf(ctx, q, *reference, *edition) // says why
		}
		return err
	})
	return out, err
}

// standAt returns what stand does, by the reference of a record, which does not
// move.
func standAt(ctx context.Context, q store.Querier, reference string) error {
	var t register.RecordType
	var slug string
	err := q.QueryRow(ctx, `SELECT type, slug FROM record.heads WHERE reference = @reference`,
		pgx.StrictNamedArgs{"reference": reference}).Scan(&t, &slug)
	if err != nil {
		return store.Map(err)
	}
	_, err = stand(ctx, q, t, slug)
	return err
}
