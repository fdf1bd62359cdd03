package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// PublicRecords lists the records that are shown, in the order of their
// references, no more than limit.
func (s *Store) PublicRecords(ctx context.Context, limit int) ([]register.PublicAddress, error) {
	return s.addresses(ctx, `
		SELECT h.type, h.reference, h.slug, e.published_at
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		WHERE h.state = 'published' AND e.content IS NOT NULL
		ORDER BY h.reference
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
}

// PublicParts cuts the records that are shown by their references, which end in a
// number: a part is named by a reference without its last three digits, so that
// it never holds more than a thousand, and no record goes from one to another.
// One of which nothing is shown is not told. The index is asked for the next
// part behind each: to count the records would be to read them all.
func (s *Store) PublicParts(ctx context.Context) ([]string, error) {
	rows, err := s.db.Querier().Query(ctx, `
		WITH RECURSIVE parts AS (
		    SELECT min(left(h.reference, -3)) AS part
		    FROM record.heads AS h
		    WHERE h.state = 'published'
		    UNION ALL
		    SELECT (SELECT min(left(h.reference, -3))
		            FROM record.heads AS h
		            WHERE h.state = 'published' AND left(h.reference, -3) > p.part)
		    FROM parts AS p
		    WHERE p.part IS NOT NULL
		)
		SELECT part FROM parts WHERE part IS NOT NULL ORDER BY part`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// PublicPart lists the records of a part that are shown, in the order of their
// references; none if there is no such part. Each is asked for by its
// reference: what lies between the first and the last in the order of text are
// the longer numbers, too, which are of other parts.
func (s *Store) PublicPart(ctx context.Context, part string) ([]register.PublicAddress, error) {
	return s.addresses(ctx, `
		SELECT h.type, h.reference, h.slug, e.published_at
		FROM generate_series(0, 999) AS place
		JOIN record.heads AS h ON h.reference = @part::text || lpad(place::text, 3, '0')
		JOIN record.editions AS e USING (reference, number)
		WHERE h.state = 'published' AND e.content IS NOT NULL
		ORDER BY h.reference`,
		pgx.StrictNamedArgs{"part": part})
}

func (s *Store) addresses(ctx context.Context, query string, args pgx.StrictNamedArgs) ([]register.PublicAddress, error) {
	rows, err := s.db.Querier().Query(ctx, query, args)
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
