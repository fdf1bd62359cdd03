package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// InsertFile notes a file that was attached, and reports whether it is the
// first time: what is known of a file never changes.
func (d *Queries) InsertFile(ctx context.Context, f register.File) (first bool, err error) {
	tag, err := d.q.Exec(ctx, `
		INSERT INTO desk.files (sha256, size, media_type, name, pages, is_scanned, warnings, extracted_pages,
		                        extraction_method, language, uploaded_by, uploaded_at)
		VALUES (@sha256, @size, @type, @name, @pages, @scanned, @warnings, @extracted,
		        @method, @language, @account, @at)
		ON CONFLICT (sha256) DO NOTHING`,
		pgx.StrictNamedArgs{
			"sha256": f.SHA256, "size": f.Size, "type": f.Type, "name": f.Name, "pages": f.Pages, "scanned": f.Scanned,
			"warnings": list(f.Warnings), "extracted": list(f.Extraction.Pages), "method": f.Extraction.Method,
			"language": f.Extraction.Language, "account": f.UploadedBy, "at": f.UploadedAt,
		})
	return tag.RowsAffected() == 1, store.Map(err)
}

// File returns what is known of a file; ErrNotFound when it was never attached.
func (d *Queries) File(ctx context.Context, sha256 string) (register.File, error) {
	var f register.File
	err := d.q.QueryRow(ctx, `
		SELECT sha256, size, media_type, name, pages, is_scanned, warnings, extracted_pages, extraction_method,
		       language, uploaded_by, uploaded_at
		FROM desk.files
		WHERE sha256 = @sha256`,
		pgx.StrictNamedArgs{"sha256": sha256}).Scan(&f.SHA256, &f.Size, &f.Type, &f.Name, &f.Pages, &f.Scanned,
		&f.Warnings, &f.Extraction.Pages, &f.Extraction.Method, &f.Extraction.Language, &f.UploadedBy, &f.UploadedAt)
	return f, store.Map(err)
}

// FilesHeld returns those of the hashes of which a file was attached.
func (d *Queries) FilesHeld(ctx context.Context, hashes []string) ([]string, error) {
	rows, err := d.q.Query(ctx, `SELECT sha256 FROM desk.files WHERE sha256 = ANY (@hashes::text[]) ORDER BY sha256`,
		pgx.StrictNamedArgs{"hashes": list(hashes)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// FileTexts returns the confirmed versions of a file's text, the newest first.
func (d *Queries) FileTexts(ctx context.Context, sha256 string) ([]register.FileText, error) {
	rows, err := d.q.Query(ctx, `
		SELECT sha256, version, words, language, confirmed_by, confirmed_at
		FROM desk.file_texts
		WHERE sha256 = @sha256
		ORDER BY version DESC`,
		pgx.StrictNamedArgs{"sha256": sha256})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.FileText, error) {
		var t register.FileText
		err := row.Scan(&t.SHA256, &t.Version, &t.Text, &t.Language, &t.ConfirmedBy, &t.ConfirmedAt)
		return t, err
	})
	return out, store.Map(err)
}

// LockFile makes other confirmations of a file's text wait until the end of the
// transaction; ErrNotFound when the file was never attached.
func (d *Queries) LockFile(ctx context.Context, sha256 string) error {
	var found string
	err := d.q.QueryRow(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(sha256, 12))::text FROM desk.files WHERE sha256 = @sha256`,
		pgx.StrictNamedArgs{"sha256": sha256}).Scan(&found)
	return store.Map(err)
}

// LockContent makes others who attach, forget or remove this content wait until
// the end of the transaction, whether it is attached or not.
func (d *Queries) LockContent(ctx context.Context, sha256 string) error {
	return d.run(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(@sha256::text, 12))`, pgx.StrictNamedArgs{"sha256": sha256})
}

// ForgetFiles forgets the files that were last attached before a moment and
// that nothing names, and notes that their contents are to be removed.
func (d *Queries) ForgetFiles(ctx context.Context, before time.Time) error {
	return d.run(ctx, `SELECT desk.forget_files(@before)`, pgx.StrictNamedArgs{"before": before})
}

// LeavingFiles returns the contents that are to be removed from the store of
// files, those that have waited longest first.
func (d *Queries) LeavingFiles(ctx context.Context, limit int) ([]string, error) {
	rows, err := d.q.Query(ctx, `SELECT sha256 FROM desk.leaving_files ORDER BY since, sha256 LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// CrossOff notes that a content was removed, or is to stay.
func (d *Queries) CrossOff(ctx context.Context, sha256 string) error {
	return d.run(ctx, `DELETE FROM desk.leaving_files WHERE sha256 = @sha256`, pgx.StrictNamedArgs{"sha256": sha256})
}

// InsertFileText adds a version of a file's text.
func (d *Queries) InsertFileText(ctx context.Context, t register.FileText) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.file_texts (sha256, version, words, language, confirmed_by, confirmed_at)
		VALUES (@sha256, @version, @words, @language, @account, @at)`,
		pgx.StrictNamedArgs{
			"sha256": t.SHA256, "version": t.Version, "words": t.Text, "language": t.Language,
			"account": t.ConfirmedBy, "at": t.ConfirmedAt,
		})
	return store.Map(err)
}

// EraseFiles erases, for a takedown, what is known of files that nothing holds
// any more.
func (d *Queries) EraseFiles(ctx context.Context, decision string, hashes []string) error {
	_, err := d.q.Exec(ctx, `SELECT desk.erase_files(@decision, @hashes)`,
		pgx.StrictNamedArgs{"decision": decision, "hashes": list(hashes)})
	return store.Map(err)
}

// NamedFile is a content that something names.
type NamedFile struct {
	SHA256 string
	// Kept means that it was stored; Leaving, that it is to be removed.
	Kept, Leaving bool
}

// NamedFiles returns every content that a record, a source, an attachment, a dump or a
// removal under way names; one may stand there more than once.
func (d *Queries) NamedFiles(ctx context.Context) ([]NamedFile, error) {
	rows, err := d.q.Query(ctx, `
		SELECT sha256, true, false FROM desk.files
		UNION ALL SELECT sha256, false, false FROM desk.documents
		UNION ALL SELECT sha256, false, false FROM desk.captures WHERE warc_sha256 = ''
		UNION ALL SELECT warc_sha256, true, false FROM desk.kept_captures
		UNION ALL SELECT sha256, false, false FROM record.documents
		UNION ALL SELECT sha256, true, false FROM record.dump_parts
		UNION ALL SELECT sha256, false, true FROM desk.leaving_files
		UNION ALL SELECT unnest(pending_files), false, true FROM desk.decisions`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (NamedFile, error) {
		var f NamedFile
		err := row.Scan(&f.SHA256, &f.Kept, &f.Leaving)
		return f, err
	})
	return out, store.Map(err)
}
