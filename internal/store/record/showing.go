package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Showing is a published record whose current edition shows another.
type Showing struct {
	Reference string
	Number    int      // of its current edition
	Shows     []string // references of those of the given records that it shows
}

// Showing returns the published records that show one of the given ones, which
// are not locked: those that publishing them would carry along. No more than
// limit are returned; which, when there are more, is not said.
func (w *Writer) Showing(ctx context.Context, references []string, limit int) ([]Showing, error) {
	rows, err := w.q.Query(ctx, `
		WITH showing AS (
		    SELECT h.reference, h.number, h.type, p.pinned_reference
		    FROM record.pins AS p
		    JOIN record.heads AS h ON (h.reference, h.number) = (p.reference, p.number)
		    WHERE p.pinned_reference = ANY (@references)
		      AND h.state = 'published'
		      AND h.reference <> ALL (@references)
		    LIMIT @limit
		)
		SELECT reference, number, array_agg(pinned_reference ORDER BY pinned_reference)
		FROM showing
		GROUP BY reference, number, type
		ORDER BY type DESC, reference`,
		pgx.StrictNamedArgs{"references": references, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Showing])
	return out, store.Map(err)
}

// CitedNow returns the sources that a record's current edition cites, as it
// shows them; none for what is not public.
func (w *Writer) CitedNow(ctx context.Context, reference string) ([]register.Source, error) {
	rows, err := w.q.Query(ctx, `
		SELECT coalesce(convert_from(e.content, 'UTF8')::jsonb -> 'sources', '[]')
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		WHERE h.reference = @reference AND e.content IS NOT NULL`,
		pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return nil, store.Map(err)
	}
	lists, err := pgx.CollectRows(rows, pgx.RowTo[[]register.Source])
	if err != nil || len(lists) == 0 {
		return nil, store.Map(err)
	}
	return lists[0], nil
}
