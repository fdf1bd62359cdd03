package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Title is what a record is called at the desk.
type Title struct {
	ID        register.Ref
	Type      register.RecordType
	Title     register.Text
	Reference string // empty before the first publication
	State     string
	// Exact means that the record is called exactly as what was searched for.
	Exact bool
}

// Called returns what records are called; those that do not exist are left
// out, and so is what is no identifier.
func (d *Queries) Called(ctx context.Context, ids []register.Ref) ([]Title, error) {
	rows, err := d.q.Query(ctx, `
		SELECT e.record_id, e.type, e.title, coalesce(r.reference, ''), r.state, true
		FROM desk.directory AS e
		JOIN desk.records AS r ON r.id = e.record_id
		WHERE e.record_id = ANY (@ids)`,
		pgx.StrictNamedArgs{"ids": identifiers(ids)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanTitle)
	return out, store.Map(err)
}

// FindTitles looks for records of a type by what somebody typed: a reference, a
// slug, or a part of a title or name, which is folded as the directory is. What
// is called exactly so comes first.
func (d *Queries) FindTitles(ctx context.Context, t register.RecordType, typed, folded string, limit int) ([]Title, error) {
	// The type is no parameter, so that the index on that type alone is used.
	rows, err := d.q.Query(ctx, fmt.Sprintf(`
		WITH found AS (
		    (SELECT record_id, true AS named FROM desk.directory WHERE type = '%[1]s' AND @folded <> '' AND folded LIKE @pattern LIMIT @candidates)
		    UNION ALL
		    (SELECT id, false FROM desk.records WHERE type = '%[1]s' AND (reference = @typed OR slug = @typed))
		)
		SELECT e.record_id, e.type, e.title, coalesce(r.reference, ''), r.state,
		       bool_or(NOT f.named OR ' ' || @folded = ANY (string_to_array(e.folded, E'\n'))) AS exact
		FROM found AS f
		JOIN desk.directory AS e ON e.record_id = f.record_id
		JOIN desk.records AS r ON r.id = f.record_id
		WHERE r.state <> 'discarded'
		GROUP BY e.record_id, r.id
		ORDER BY exact DESC, length(e.folded), e.record_id
		LIMIT @limit`, recordType(t)),
		pgx.StrictNamedArgs{"typed": typed, "folded": folded, "pattern": "%" + folded + "%", "candidates": candidates, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanTitle)
	return out, store.Map(err)
}

func scanTitle(row pgx.CollectableRow) (Title, error) {
	var t Title
	err := row.Scan(&t.ID, &t.Type, &t.Title, &t.Reference, &t.State, &t.Exact)
	return t, err
}

// ClaimTitle is what a claim is about, for who chooses among claims.
type ClaimTitle struct {
	Statement  register.Ref
	Key        string
	Topic      register.Topic
	Paraphrase register.Text
}

// ClaimTitles lists the claims of statements in their order.
func (d *Queries) ClaimTitles(ctx context.Context, statements []register.Ref) ([]ClaimTitle, error) {
	rows, err := d.q.Query(ctx, `
		SELECT c.record_id, c.key, c.topic, c.paraphrase
		FROM desk.claims AS c
		JOIN desk.facts AS f ON f.record_id = c.record_id AND f.key = c.key
		WHERE c.record_id = ANY (@statements)
		ORDER BY c.record_id, f.position`,
		pgx.StrictNamedArgs{"statements": identifiers(statements)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ClaimTitle, error) {
		var c ClaimTitle
		err := row.Scan(&c.Statement, &c.Key, &c.Topic, &c.Paraphrase)
		return c, err
	})
	return out, store.Map(err)
}

// Content is a record as it is worked on, as it was kept with its last version.
type Content struct {
	Record
	JSON []byte
}

// Contents returns records as they are worked on, without reading their tables.
func (d *Queries) Contents(ctx context.Context, ids []register.Ref) ([]Content, error) {
	rows, err := d.q.Query(ctx, `
		SELECT r.id, r.type, r.slug, coalesce(r.reference, ''), r.language, r.version, r.state,
		       coalesce(r.published_version, 0), v.content::text
		FROM desk.records AS r
		JOIN desk.revisions AS v ON v.record_id = r.id AND v.version = r.version
		WHERE r.id = ANY (@ids)`,
		pgx.StrictNamedArgs{"ids": identifiers(ids)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Content, error) {
		var c Content
		err := row.Scan(&c.ID, &c.Type, &c.Slug, &c.Reference, &c.Language, &c.Version, &c.State, &c.PublishedVersion, &c.JSON)
		return c, err
	})
	return out, store.Map(err)
}

// Decode reads the content into a pointer to a noun.
func (c *Content) Decode(noun any) error {
	if err := json.Unmarshal(c.JSON, noun); err != nil {
		return fmt.Errorf("decode %s: %w", c.Slug, err)
	}
	return nil
}
