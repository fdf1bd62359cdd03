package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Published returns the current editions of records that are shown, by their
// references and in that order; those that are not shown are left out.
func (s *Store) Published(ctx context.Context, references []string) ([]register.Published, error) {
	return readPublished(ctx, s.db.Querier(), references)
}

func readPublished(ctx context.Context, q store.Querier, references []string) ([]register.Published, error) {
	rows, err := q.Query(ctx, `
		SELECT e.content, e.sha256, f.published_at, h.changed_at
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		JOIN record.editions AS f ON f.reference = h.reference AND f.number = 1
		WHERE h.reference = ANY (@references) AND h.state = 'published' AND e.content IS NOT NULL`,
		pgx.StrictNamedArgs{"references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	known := map[string]register.Published{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		p, err := scanPublished(row)
		known[p.Reference] = p
		return struct{}{}, err
	})
	out := make([]register.Published, 0, len(references))
	for _, reference := range references {
		if p, ok := known[reference]; ok {
			out = append(out, p)
			delete(known, reference) // each once
		}
	}
	return out, store.Map(err)
}

func scanPublished(row pgx.CollectableRow, more ...any) (register.Published, error) {
	var p register.Published
	var content []byte
	var sha string
	if err := row.Scan(append([]any{&content, &sha, &p.FirstPublishedAt, &p.ChangedAt}, more...)...); err != nil || content == nil {
		return p, err
	}
	var err error
	p.Edition, err = decode(content, sha)
	return p, err
}

// PublishedAt returns the current edition of a record by its reference. Errors:
// ErrNotFound, a *MovedError with the reference of the record into which it was
// merged, a *WithdrawnError.
func (s *Store) PublishedAt(ctx context.Context, t register.RecordType, reference string) (register.Published, error) {
	rows, err := s.db.Querier().Query(ctx, `
		WITH RECURSIVE chain AS (
		    SELECT h.* FROM record.heads AS h WHERE h.reference = @reference AND h.type = @type
		    UNION ALL
		    SELECT h.* FROM chain AS c JOIN record.heads AS h ON h.reference = c.merged_into
		)
		SELECT e.content, e.sha256, f.published_at, c.changed_at, c.reference, c.state, c.notice
		FROM chain AS c
		JOIN record.editions AS e USING (reference, number)
		JOIN record.editions AS f ON f.reference = c.reference AND f.number = 1
		WHERE c.merged_into IS NULL`,
		pgx.StrictNamedArgs{"type": t, "reference": reference})
	if err != nil {
		return register.Published{}, store.Map(err)
	}
	var found, state string
	var notice register.Text
	p, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (register.Published, error) {
		return scanPublished(row, &found, &state, &notice)
	})
	removed := p.Reference == ""
	switch {
	case err != nil:
		return p, store.Map(err)
	case state == stateWithdrawn || removed:
		gone := &register.WithdrawnError{Reference: reference, Notice: notice, At: p.ChangedAt, Removed: removed}
		if found != reference {
			gone.With = found
		}
		return p, gone
	case found != reference:
		return p, &register.MovedError{Reference: found}
	}
	return p, nil
}

// IncidentRows returns incidents as lists show them, by their references.
func (s *Store) IncidentRows(ctx context.Context, references []string) (map[string]register.IncidentRow, error) {
	rows, err := collectIncidents(ctx, s.db.Querier(), `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		WHERE i.reference = ANY (@references)`, pgx.StrictNamedArgs{"references": references})
	out := make(map[string]register.IncidentRow, len(rows))
	for _, r := range rows {
		out[r.Reference] = r
	}
	return out, err
}

// Concerned returns the incidents that statements concern, by the references of
// the statements.
func (s *Store) Concerned(ctx context.Context, statements []string) (map[string][]string, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT statement_reference, incident_reference
		FROM record.incident_statements
		WHERE statement_reference = ANY (@references)
		ORDER BY statement_reference, incident_reference`,
		pgx.StrictNamedArgs{"references": statements})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[string][]string{}
	var statement, incident string
	_, err = pgx.ForEachRow(rows, []any{&statement, &incident}, func() error {
		out[statement] = append(out[statement], incident)
		return nil
	})
	return out, store.Map(err)
}

// momentKey writes a moment as cursors have it.
func momentKey(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
