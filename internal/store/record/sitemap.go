package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// PublicRecords lists the records that are shown, from a reference on in the
// order of their references, no more than limit.
func (s *Store) PublicRecords(ctx context.Context, from string, limit int) ([]register.PublicAddress, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT h.type, h.reference, h.slug, e.published_at
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		WHERE h.reference >= @from AND h.state = 'published' AND e.content IS NOT NULL
		ORDER BY h.reference
		LIMIT @limit`,
		pgx.StrictNamedArgs{"from": from, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.PublicAddress, error) {
		var r register.PublicAddress
		err := row.Scan(&r.Type, &r.Reference, &r.Slug, &r.PublishedAt)
		return r, err
	})
	return out, store.Map(err)
}

// PublicParts cuts the records that are shown into parts of a size: it returns
// the first reference of each, from which PublicRecords reads on.
func (s *Store) PublicParts(ctx context.Context, size int) ([]string, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT reference
		FROM (
		    SELECT h.reference, row_number() OVER (ORDER BY h.reference) AS place
		    FROM record.heads AS h
		    JOIN record.editions AS e USING (reference, number)
		    WHERE h.state = 'published' AND e.content IS NOT NULL
		) AS shown
		WHERE place % @size = 1 OR @size = 1
		ORDER BY reference`,
		pgx.StrictNamedArgs{"size": size})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}
