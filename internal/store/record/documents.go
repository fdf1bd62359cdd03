package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// OpenCapture returns the key of a source whose copy has the hash and may be
// given to readers, as the current edition of a published record says; else
// ErrNotFound.
func (s *Store) OpenCapture(ctx context.Context, sha256 string) (key string, err error) {
	err = s.db.Querier().QueryRow(ctx, `
		SELECT c.source_key
		FROM record.cited_sources AS c
		JOIN record.heads AS h USING (reference)
		WHERE c.open_warc = @sha256 AND c.open_warc <> '' AND h.state = 'published'
		ORDER BY c.reference
		LIMIT 1`,
		pgx.StrictNamedArgs{"sha256": sha256}).Scan(&key)
	return key, store.Map(err)
}

// Document returns the document with the hash if the current edition of a
// published statement names it, else ErrNotFound: that of a draft, of an
// earlier edition only, or of what was withdrawn.
func (s *Store) Document(ctx context.Context, sha256 string) (register.Document, error) {
	var d register.Document
	err := s.db.Querier().QueryRow(ctx, `
		SELECT d.sha256, d.name, d.media_type, d.size
		FROM record.documents AS d
		JOIN record.heads AS h USING (reference)
		WHERE d.sha256 = @sha256 AND h.state = 'published'
		ORDER BY d.reference
		LIMIT 1`,
		pgx.StrictNamedArgs{"sha256": sha256}).Scan(&d.SHA256, &d.Name, &d.Type, &d.Size)
	return d, store.Map(err)
}
