package record

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// editionColumns are the columns of an edition in a list, in the order of
// scanEditionRow.
const editionColumns = `
	e.reference, e.type, e.number, e.sha256, e.published_at, e.reason, e.author_role, e.reviewer_role,
	coalesce(convert_from(e.content, 'UTF8')::json ->> 'correction', ''), t.reason, t.removed_at,
	h.number = e.number AND h.state = 'published',
	(SELECT coalesce(jsonb_agg(jsonb_build_object('type', p.type, 'reference', p.reference, 'number', p.number, 'sha256', p.sha256) ORDER BY x.position), '[]')
	 FROM record.pins AS x
	 JOIN record.editions AS p ON (p.reference, p.number) = (x.pinned_reference, x.pinned_number)
	 WHERE (x.reference, x.number) = (e.reference, e.number))`

func scanEditionRow(row pgx.CollectableRow) (register.EditionRow, error) {
	var r register.EditionRow
	var reason *register.Text
	var at *time.Time
	err := row.Scan(&r.Reference, &r.Type, &r.Number, &r.SHA256, &r.PublishedAt, &r.Reason, &r.AuthorRole, &r.ReviewerRole,
		&r.Correction, &reason, &at, &r.Current, jsonColumn{&r.Pins})
	if reason != nil && at != nil {
		r.Removed = &register.Tombstone{Reason: *reason, At: *at}
	}
	return r, err
}

const editionsFrom = `record.editions AS e
	JOIN record.heads AS h ON h.reference = e.reference
	LEFT JOIN record.tombstones AS t ON (t.reference, t.number) = (e.reference, e.number)`

// readableEditions are those of records that are not withdrawn; a merged record
// keeps its own, as long as what it was merged into is shown.
const readableEditions = `h.state <> 'withdrawn' AND (h.state <> 'merged' OR NOT EXISTS (
	WITH RECURSIVE chain AS (
	    SELECT g.state, g.merged_into FROM record.heads AS g WHERE g.reference = h.merged_into
	    UNION ALL
	    SELECT g.state, g.merged_into FROM chain AS c JOIN record.heads AS g ON g.reference = c.merged_into
	)
	SELECT FROM chain WHERE state = 'withdrawn'))`

// Editions returns one page of the editions that the filter chooses, of all
// records that are not withdrawn. A cursor that this list did not give is
// ErrInvalid.
func (s *Store) Editions(ctx context.Context, f register.EditionFilter) (register.EditionList, error) {
	keys, err := changeCursor(f.After, 3)
	if err != nil || f.After != "" && !isSmallNumber(keys[2]) {
		return register.EditionList{}, register.ErrInvalid
	}
	chosen := &choice{args: pgx.NamedArgs{}}
	chosen.by("record", f.Record, `e.reference = @record`)
	chosen.by("type", string(f.Type), `e.type = @type`)
	order, beyond := `e.published_at DESC, e.reference DESC, e.number DESC`, `<`
	if !f.Since.IsZero() {
		order, beyond = `e.published_at, e.reference, e.number`, `>`
		chosen.args["since"] = f.Since
		chosen.conditions = append(chosen.conditions, `e.published_at >= @since`)
	}
	chosen.by("after", keys[0], `(e.published_at, e.reference, e.number) `+beyond+` (@after::timestamptz, @after_reference, @after_number::integer)`)
	if f.After != "" {
		chosen.args["after_reference"], chosen.args["after_number"] = keys[1], keys[2]
	}
	l := listing{args: chosen.args}
	l.sized(f.Most, register.PageSize)
	rows, err := s.db.Querier().Query(ctx, `
		SELECT `+editionColumns+`
		FROM `+editionsFrom+`
		WHERE `+readableEditions+` AND `+chosen.String()+`
		ORDER BY `+order+`
		LIMIT @limit`, planAnew, pgx.StrictNamedArgs(l.args))
	if err != nil {
		return register.EditionList{}, store.Map(err)
	}
	var out register.EditionList
	out.Rows, err = pgx.CollectRows(rows, scanEditionRow)
	if len(out.Rows) > l.size {
		out.Rows = out.Rows[:l.size]
		last := out.Rows[l.size-1]
		out.Next = cursorOf(momentKey(last.PublishedAt), last.Reference, strconv.Itoa(last.Number))
	}
	return out, store.Map(err)
}

// EditionAt returns an edition as lists show it, by the reference of its record.
// Errors: ErrNotFound, a *WithdrawnError for a record that is withdrawn.
func (s *Store) EditionAt(ctx context.Context, reference string, number int) (register.EditionRow, error) {
	var out register.EditionRow
	err := s.db.Read(ctx, func(q store.Querier) error {
		if err := standAt(ctx, q, reference); err != nil {
			return err
		}
		rows, err := q.Query(ctx, `
			SELECT `+editionColumns+`
			FROM `+editionsFrom+`
			WHERE e.reference = @reference AND e.number = @number`,
			pgx.StrictNamedArgs{"reference": reference, "number": number})
		if err != nil {
			return store.Map(err)
		}
		out, err = pgx.CollectExactlyOneRow(rows, scanEditionRow)
		return store.Map(err)
	})
	return out, err
}
