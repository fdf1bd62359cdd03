package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Editions returns the contents of a record's editions from one number to
// another, without those that were taken down before.
func (w *Writer) Editions(ctx context.Context, reference string, first, last int) ([]register.Content, error) {
	rows, err := w.q.Query(ctx, `
		SELECT content
		FROM record.editions
		WHERE reference = @reference AND number BETWEEN @first AND @last AND content IS NOT NULL
		ORDER BY number`,
		pgx.StrictNamedArgs{"reference": reference, "first": first, "last": last})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.Content, error) {
		var raw []byte
		if err := row.Scan(&raw); err != nil {
			return register.Content{}, err
		}
		c, err := register.DecodeContent(raw)
		if err != nil {
			return register.Content{}, err
		}
		return *c, nil
	})
	return out, store.Map(err)
}

// Erase takes content, salt and reason out of a record's editions from one
// number to another, and out of what the log's leaves commit to beside them, and
// sets a tombstone for each. Hashes, numbers, pins and leaves stay. The database refuses it to all but the role for takedowns, and without a
// decision of two persons.
func (w *Writer) Erase(ctx context.Context, reference string, first, last int, reason register.Text, at time.Time) error {
	args := pgx.StrictNamedArgs{"reference": reference, "first": first, "last": last}
	_, err := w.q.Exec(ctx, `
		INSERT INTO record.tombstones (reference, number, reason, removed_at)
		SELECT reference, number, @reason, @at
		FROM record.editions
		WHERE reference = @reference AND number BETWEEN @first AND @last AND content IS NOT NULL`,
		pgx.StrictNamedArgs{"reference": reference, "first": first, "last": last, "reason": store.TextColumn(reason), "at": at})
	if err != nil {
		return store.Map(err)
	}
	_, err = w.q.Exec(ctx, `
		UPDATE record.editions
		SET content = NULL, salt = NULL, reason = '{}'
		WHERE reference = @reference AND number BETWEEN @first AND @last AND content IS NOT NULL`, args)
	if err != nil {
		return store.Map(err)
	}
	_, err = w.q.Exec(ctx, `
		UPDATE record.log_openings AS o
		SET salt = NULL, content = NULL
		FROM record.log_leaves AS l
		WHERE l.position = o.position AND l.reference = @reference AND l.edition BETWEEN @first AND @last
		  AND l.type IN ('document', 'withdrawal') AND o.content IS NOT NULL`, args)
	return store.Map(err)
}

// Unnamed returns those of the files (SHA-256) that no edition names any more.
// It reads every edition: a takedown is rare, and must not miss one.
func (w *Writer) Unnamed(ctx context.Context, files []string) ([]string, error) {
	rows, err := w.q.Query(ctx, `
		SELECT file
		FROM unnest(@files::text[]) AS file
		WHERE NOT EXISTS (
		    SELECT FROM record.editions AS e
		    WHERE e.content IS NOT NULL AND position(convert_to(file, 'UTF8') IN e.content) > 0)`,
		pgx.StrictNamedArgs{"files": files})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}
