package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// InsertRevision keeps the content of a version of a record: a pointer to a
// noun of the register. It is written once and stays as it is.
func (d *Queries) InsertRevision(ctx context.Context, id register.Ref, version int, noun any) error {
	content, err := json.Marshal(noun)
	if err != nil {
		return fmt.Errorf("encode revision: %w", err)
	}
	_, err = d.q.Exec(ctx, `
		INSERT INTO desk.revisions (record_id, version, content)
		VALUES (@record, @version, @content)`,
		pgx.StrictNamedArgs{"record": id, "version": version, "content": content})
	return store.Map(err)
}

// Revision reads the content of a version into a pointer to a noun.
// ErrNotFound when that version was not kept.
func (d *Queries) Revision(ctx context.Context, id register.Ref, version int, noun any) error {
	var content []byte
	err := d.q.QueryRow(ctx, `
		SELECT content::text
		FROM desk.revisions
		WHERE record_id = @record AND version = @version`,
		pgx.StrictNamedArgs{"record": id, "version": version}).Scan(&content)
	if err != nil {
		return store.Map(err)
	}
	if err := json.Unmarshal(content, noun); err != nil {
		return fmt.Errorf("decode revision: %w", err)
	}
	return nil
}

// HasRevision reports whether the content of a version was kept.
func (d *Queries) HasRevision(ctx context.Context, id register.Ref, version int) (bool, error) {
	var kept bool
	err := d.q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM desk.revisions WHERE record_id = @record AND version = @version)`,
		pgx.StrictNamedArgs{"record": id, "version": version}).Scan(&kept)
	return kept, store.Map(err)
}
