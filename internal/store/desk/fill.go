package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// Knowing returns the statements so that the identifiers of sources are kept in
// known, by key, when they are saved, and looked for there and not in the
// database.
func (d *Queries) Knowing(known map[string]string) *Queries {
	return &Queries{q: d.q, capturing: d.capturing, known: known}
}

// InsertPublished makes the head of a record that is at version 1, was reviewed,
// and is public under its reference: what is otherwise written in four steps. The
// record names its own identifier.
func (d *Queries) InsertPublished(ctx context.Context, r Record, author, reviewer string, at time.Time) error {
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO desk.records (id, type, slug, reference, language, state, published_version, created_by,
		                          created_at, updated_at)
		VALUES (@id, @type, @slug, @reference, @language, 'published', 1, @author, @at, @at)`,
		pgx.StrictNamedArgs{
			"id": r.ID, "type": r.Type, "slug": r.Slug, "reference": r.Reference, "language": r.Language,
			"author": author, "at": at,
		})
	batch.Queue(`
		INSERT INTO desk.reviews (record_id, version, requested_by, requested_at, outcome, reviewer_id, decided_at)
		VALUES (@record, 1, @author, @at, 'approved', @reviewer, @at)`,
		pgx.StrictNamedArgs{"record": r.ID, "author": author, "reviewer": reviewer, "at": at})
	if err := d.q.SendBatch(ctx, &batch).Close(); err != nil {
		return store.Map(err)
	}
	return d.insertChange(ctx, r.ID, 1, author)
}

// knownSources are the sources of which the identifiers are known; ok is false
// where the database is to be asked.
func (d *Queries) knownSources(keys []string) (ids map[string]string, ok bool) {
	if d.known == nil {
		return nil, false
	}
	ids = make(map[string]string, len(keys))
	for _, key := range keys {
		if id := d.known[key]; id != "" {
			ids[key] = id
		}
	}
	return ids, true
}

// insertSourceEntry lists a new source by its identifier.
func (d *Queries) insertSourceEntry(ctx context.Context, id, folded string) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.source_directory (source_id, folded)
		VALUES (@source, @folded)`,
		pgx.StrictNamedArgs{"source": id, "folded": folded})
	return store.Map(err)
}
