package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Titled is a record as it is named where it is not itself the matter.
type Titled struct {
	ID        register.Ref
	Title     register.Text
	Reference string // empty before the first publication
	State     string
}

func (d *Queries) titled(ctx context.Context, sql string, args pgx.StrictNamedArgs) ([]Titled, error) {
	rows, err := d.q.Query(ctx, sql, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Titled, error) {
		var t Titled
		err := row.Scan(&t.ID, &t.Title, &t.Reference, &t.State)
		return t, err
	})
	return out, store.Map(err)
}

// StatementsWithFile returns the statements that have the file as a document.
func (d *Queries) StatementsWithFile(ctx context.Context, sha256 string) ([]Titled, error) {
	return d.titled(ctx, `
		SELECT r.id, s.title, coalesce(r.reference, ''), r.state
		FROM desk.records AS r
		JOIN desk.statements AS s ON s.record_id = r.id
		WHERE r.state <> 'discarded'
		  AND EXISTS (SELECT FROM desk.documents AS x WHERE x.record_id = r.id AND x.sha256 = @sha256)
		ORDER BY r.created_at, r.id`,
		pgx.StrictNamedArgs{"sha256": sha256})
}

// StatementsWithSource returns the statements that rest on a source.
func (d *Queries) StatementsWithSource(ctx context.Context, key string) ([]Titled, error) {
	return d.titled(ctx, `
		SELECT r.id, s.title, coalesce(r.reference, ''), r.state
		FROM desk.record_sources AS cited
		JOIN desk.sources AS source ON source.id = cited.source_id
		JOIN desk.records AS r ON r.id = cited.record_id
		JOIN desk.statements AS s ON s.record_id = r.id
		WHERE source.key = @key AND r.state <> 'discarded'
		ORDER BY r.created_at, r.id`,
		pgx.StrictNamedArgs{"key": key})
}

// IncidentsWithStatement returns the incidents that the statement concerns.
func (d *Queries) IncidentsWithStatement(ctx context.Context, statement register.Ref) ([]Titled, error) {
	return d.titled(ctx, `
		SELECT r.id, i.title, coalesce(r.reference, ''), r.state
		FROM desk.incident_statements AS x
		JOIN desk.records AS r ON r.id = x.record_id
		JOIN desk.incidents AS i ON i.record_id = r.id
		WHERE x.statement_id = @statement AND r.state <> 'discarded'
		ORDER BY r.created_at, r.id`,
		pgx.StrictNamedArgs{"statement": statement})
}

// StatementAt is a statement's draft with its identifier.
type StatementAt struct {
	ID register.Ref
	*register.Statement
}

// StatementsBeside returns the other statements of the incidents that a
// statement concerns, each once, as they are worked on. At most limit are
// returned.
func (d *Queries) StatementsBeside(ctx context.Context, statement register.Ref, limit int) ([]StatementAt, error) {
	rows, err := d.q.Query(ctx, `
		SELECT r.id, v.content::text
		FROM desk.records AS r
		JOIN desk.revisions AS v ON v.record_id = r.id AND v.version = r.version
		WHERE r.id <> @statement AND r.state <> 'discarded'
		  AND r.id IN (SELECT b.statement_id
		               FROM desk.incident_statements AS a
		               JOIN desk.incident_statements AS b ON b.record_id = a.record_id
		               WHERE a.statement_id = @statement)
		ORDER BY r.created_at DESC, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"statement": statement, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (StatementAt, error) {
		at := StatementAt{Statement: &register.Statement{}}
		var content []byte
		if err := row.Scan(&at.ID, &content); err != nil {
			return at, err
		}
		if err := json.Unmarshal(content, at.Statement); err != nil {
			return at, fmt.Errorf("decode statement: %w", err)
		}
		return at, nil
	})
	return out, store.Map(err)
}

// SourceKeyByURL returns the key of the source with an address; ErrNotFound
// when there is none.
func (d *Queries) SourceKeyByURL(ctx context.Context, url string) (string, error) {
	var key string
	err := d.q.QueryRow(ctx, `SELECT key FROM desk.sources WHERE url = @url`, pgx.StrictNamedArgs{"url": url}).Scan(&key)
	return key, store.Map(err)
}

// SlugTaken reports whether a record of the type has the slug at the desk.
func (d *Queries) SlugTaken(ctx context.Context, t register.RecordType, slug string) (bool, error) {
	var taken bool
	err := d.q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM desk.records WHERE type = @type AND slug = @slug)`,
		pgx.StrictNamedArgs{"type": t, "slug": slug}).Scan(&taken)
	return taken, store.Map(err)
}
