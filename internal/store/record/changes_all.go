package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// changeColumns are those of a record as it stands now: alias h is its head.
const changeColumns = `
	h.reference, h.type, h.state, coalesce(h.merged_into, ''), h.notice, h.changed_at, f.published_at, e.sha256,
	CASE h.state WHEN 'published' THEN e.content END, e.content IS NULL`

// changeTables are where they stand.
const changeTables = `
	JOIN record.editions AS e USING (reference, number)
	JOIN record.editions AS f ON f.reference = h.reference AND f.number = 1`

// AllChanged returns records of all types, shown or not, in the order in which they
// last changed; it goes along an index for each type.
func (s *Store) AllChanged(ctx context.Context, f register.ChangeFilter) ([]register.Change, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT`+changeColumns+`
		FROM (
		    SELECT h.*
		    FROM unnest(@types::text[]) AS t (type)
		    CROSS JOIN LATERAL (
		        SELECT h.*
		        FROM record.heads AS h
		        WHERE h.type = t.type AND h.changed_at > @since AND (h.changed_at, h.reference) >= (@at, @reference)
		        ORDER BY h.changed_at, h.reference
		        LIMIT @most) AS h
		    ORDER BY h.changed_at, h.reference
		    LIMIT @most) AS h`+changeTables+`
		ORDER BY h.changed_at, h.reference`,
		planAnew, pgx.StrictNamedArgs{
			"types": f.Types, "since": f.Since, "at": f.From.At, "reference": f.From.Reference, "most": f.Most,
		})
	return collectChanges(rows, err)
}

// ChangesOf returns records by their references, shown or not, in the order in which
// they last changed.
func (s *Store) ChangesOf(ctx context.Context, references []string) ([]register.Change, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT`+changeColumns+`
		FROM record.heads AS h`+changeTables+`
		WHERE h.reference = ANY (@references)
		ORDER BY h.changed_at, h.reference`, pgx.StrictNamedArgs{"references": references})
	return collectChanges(rows, err)
}

func collectChanges(rows pgx.Rows, err error) ([]register.Change, error) {
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.Change, error) {
		var c register.Change
		var gone register.Departure
		var state, sha string
		var content []byte
		err := row.Scan(&c.Reference, &c.Type, &state, &gone.Into, &gone.Notice, &c.At, &c.FirstPublishedAt, &sha, &content, &gone.Removed)
		if err != nil {
			return c, err
		}
		if content == nil {
			gone.Type, gone.Reference, gone.At = c.Type, c.Reference, c.At
			c.Gone = &gone
			return c, nil
		}
		p := register.Published{FirstPublishedAt: c.FirstPublishedAt, ChangedAt: c.At}
		p.Edition, err = decode(content, sha)
		c.Published = &p
		return c, err
	})
	return out, store.Map(err)
}

// EachReference visits the references of all records of some types, shown or not; it
// keeps none.
func (s *Store) EachReference(ctx context.Context, types []register.RecordType, visit func(register.RecordType, string)) error {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT h.type, h.reference
		FROM record.heads AS h
		WHERE h.type = ANY (@types)`, pgx.StrictNamedArgs{"types": types})
	if err != nil {
		return store.Map(err)
	}
	var t register.RecordType
	var reference string
	_, err = pgx.ForEachRow(rows, []any{&t, &reference}, func() error {
		visit(t, reference)
		return nil
	})
	return store.Map(err)
}
