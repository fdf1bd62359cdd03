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
}

// Called returns what records are called; those that do not exist are left
// out, and so is what is no identifier.
func (d *Queries) Called(ctx context.Context, ids []register.Ref) ([]Title, error) {
	rows, err := d.q.Query(ctx, `
		SELECT e.record_id, e.type, e.title, coalesce(r.reference, ''), r.state
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

func scanTitle(row pgx.CollectableRow) (Title, error) {
	var t Title
	err := row.Scan(&t.ID, &t.Type, &t.Title, &t.Reference, &t.State)
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
