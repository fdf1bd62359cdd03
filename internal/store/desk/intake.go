package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// InsertRun begins a run of an import and returns its identifier.
func (d *Queries) InsertRun(ctx context.Context, r register.ImportRun) (id string, err error) {
	err = d.q.QueryRow(ctx, `
		INSERT INTO desk.import_runs (format, name, sha256, started_by, publish_as, started_at, confirmed_at)
		VALUES (@format, @name, @sha256, @by, @publish_as, @at, @confirmed)
		RETURNING id`,
		pgx.StrictNamedArgs{
			"format": r.Format, "name": r.Name, "sha256": r.SHA256, "by": r.StartedBy, "publish_as": store.Nullable(r.PublishAs),
			"at": r.StartedAt, "confirmed": nullableTime(r.ConfirmedAt),
		}).Scan(&id)
	return id, store.Map(err)
}

const selectRun = `
	SELECT id, format, name, sha256, started_by, coalesce(publish_as::text, ''), started_at, confirmed_at, finished_at, failure,
	       items, made, published, known, skipped, institutions_made, institutions_recognised
	FROM desk.import_runs`

func scanRun(row pgx.CollectableRow) (register.ImportRun, error) {
	var r register.ImportRun
	var confirmed, finished *time.Time
	err := row.Scan(&r.ID, &r.Format, &r.Name, &r.SHA256, &r.StartedBy, &r.PublishAs, &r.StartedAt, &confirmed, &finished, &r.Failure,
		&r.Items, &r.Made, &r.Published, &r.Known, &r.Skipped, &r.InstitutionsMade, &r.InstitutionsRecognised)
	r.ConfirmedAt, r.FinishedAt = moment(confirmed), moment(finished)
	return r, err
}

func (d *Queries) oneRun(ctx context.Context, where string, args pgx.StrictNamedArgs) (register.ImportRun, error) {
	rows, err := d.q.Query(ctx, selectRun+where, args)
	if err != nil {
		return register.ImportRun{}, store.Map(err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRun)
	return r, store.Map(err)
}

// Run returns a run of an import; ErrNotFound when there is none.
func (d *Queries) Run(ctx context.Context, id string) (register.ImportRun, error) {
	if !store.IsID(id) {
		return register.ImportRun{}, register.ErrNotFound
	}
	return d.oneRun(ctx, ` WHERE id = @id`, pgx.StrictNamedArgs{"id": id})
}

// BrokenRun returns the run of the same file that was confirmed and did not come to its
// end; ErrNotFound when there is none.
func (d *Queries) BrokenRun(ctx context.Context, like register.ImportRun) (register.ImportRun, error) {
	return d.oneRun(ctx, `
		WHERE finished_at IS NULL AND confirmed_at IS NOT NULL AND sha256 = @sha256 AND sha256 <> ''
		  AND format = @format AND started_by = @by AND publish_as IS NOT DISTINCT FROM @publish_as
		ORDER BY started_at DESC
		LIMIT 1`,
		pgx.StrictNamedArgs{
			"sha256": like.SHA256, "format": like.Format, "by": like.StartedBy, "publish_as": store.Nullable(like.PublishAs),
		})
}

// Runs returns the newest runs.
func (d *Queries) Runs(ctx context.Context, limit int) ([]register.ImportRun, error) {
	rows, err := d.q.Query(ctx, selectRun+` WHERE confirmed_at IS NOT NULL ORDER BY started_at DESC, id LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanRun)
	return out, store.Map(err)
}

// ConfirmRun notes that what an upload would make is to be made. ErrConflict is returned
// when that was noted before.
func (d *Queries) ConfirmRun(ctx context.Context, id string, at time.Time) error {
	tag, err := d.q.Exec(ctx, `UPDATE desk.import_runs SET confirmed_at = @at WHERE id = @id AND confirmed_at IS NULL`,
		pgx.StrictNamedArgs{"id": id, "at": at})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrConflict
	}
	return store.Map(err)
}

// AdvanceRun counts what a run has done, and keeps its notes. ErrConflict is returned
// when the run has ended, or has not dealt with done lines; that does not count where
// no lines are added.
func (d *Queries) AdvanceRun(ctx context.Context, id string, done int, c register.ImportCounts, notes []register.ImportNote) error {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.import_runs
		SET items = items + @items, made = made + @made, published = published + @published, known = known + @known,
		    skipped = skipped + @skipped, institutions_made = institutions_made + @institutions_made,
		    institutions_recognised = institutions_recognised + @recognised
		WHERE id = @id AND finished_at IS NULL AND (items = @done OR @items = 0)`,
		pgx.StrictNamedArgs{
			"id": id, "done": done, "items": c.Items, "made": c.Made, "published": c.Published, "known": c.Known, "skipped": c.Skipped,
			"institutions_made": c.InstitutionsMade, "recognised": c.InstitutionsRecognised,
		})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrConflict
	}
	if err != nil || len(notes) == 0 {
		return store.Map(err)
	}
	n := len(notes)
	lines, ids, reasons, details, drafts := make([]int, n), make([]string, n), make([]string, n), make([]string, n), make([]bool, n)
	for i, note := range notes {
		lines[i], ids[i], reasons[i], details[i], drafts[i] = note.Line, note.OriginID, string(note.Reason), note.Detail, note.Draft
	}
	_, err = d.q.Exec(ctx, `
		INSERT INTO desk.import_notes (run_id, position, line, origin_id, reason, detail, is_draft)
		SELECT @id, n.last + row.at, row.line, row.origin_id, row.reason, row.detail, row.is_draft
		FROM (SELECT coalesce(max(position), 0) AS last FROM desk.import_notes WHERE run_id = @id) AS n,
		     unnest(@lines::integer[], @ids::text[], @reasons::text[], @details::text[], @drafts::boolean[])
		     WITH ORDINALITY AS row (line, origin_id, reason, detail, is_draft, at)`,
		pgx.StrictNamedArgs{"id": id, "lines": lines, "ids": ids, "reasons": reasons, "details": details, "drafts": drafts})
	return store.Map(err)
}

// EndRun notes that a run came to its end, and forgets what was uploaded for it.
func (d *Queries) EndRun(ctx context.Context, id, failure string, at time.Time) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.import_runs SET finished_at = @at, failure = @failure WHERE id = @id AND finished_at IS NULL`,
		pgx.StrictNamedArgs{"id": id, "at": at, "failure": failure})
	if err == nil {
		_, err = d.q.Exec(ctx, `DELETE FROM desk.import_files WHERE run_id = @id`, pgx.StrictNamedArgs{"id": id})
	}
	return store.Map(err)
}

// Notes returns what is to be reported of a run: from behind a position on, up to
// a limit.
func (d *Queries) Notes(ctx context.Context, id string, after, limit int) ([]register.ImportNote, error) {
	rows, err := d.q.Query(ctx, `
		SELECT line, origin_id, reason, detail, is_draft
		FROM desk.import_notes
		WHERE run_id = @id AND position > @after
		ORDER BY position
		LIMIT @limit`,
		pgx.StrictNamedArgs{"id": id, "after": after, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.ImportNote])
	return out, store.Map(err)
}

// InsertUpload keeps a file until its run is done.
func (d *Queries) InsertUpload(ctx context.Context, run string, content []byte, mapping string) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.import_files (run_id, content, mapping) VALUES (@id, @content, @mapping)`,
		pgx.StrictNamedArgs{"id": run, "content": content, "mapping": mapping})
	return store.Map(err)
}

// Upload returns the file of a run; ErrNotFound once it is done.
func (d *Queries) Upload(ctx context.Context, run string) (content []byte, mapping string, err error) {
	err = d.q.QueryRow(ctx, `SELECT content, mapping FROM desk.import_files WHERE run_id = @id`,
		pgx.StrictNamedArgs{"id": run}).Scan(&content, &mapping)
	return content, mapping, store.Map(err)
}

// ForgetUploads takes away uploads of before a time that nobody confirmed.
func (d *Queries) ForgetUploads(ctx context.Context, before time.Time) error {
	_, err := d.q.Exec(ctx, `
		DELETE FROM desk.import_runs WHERE confirmed_at IS NULL AND started_at < @before`,
		pgx.StrictNamedArgs{"before": before})
	return store.Map(err)
}

// KnownOrigins returns those of the identifiers of a format from which a record
// came.
func (d *Queries) KnownOrigins(ctx context.Context, format register.ImportFormat, ids []string) (map[string]bool, error) {
	rows, err := d.q.Query(ctx, `
		SELECT origin_id FROM desk.origins WHERE format = @format AND origin_id = ANY (@ids)`,
		pgx.StrictNamedArgs{"format": format, "ids": ids})
	if err != nil {
		return nil, store.Map(err)
	}
	known := map[string]bool{}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { known[id] = true; return nil })
	return known, store.Map(err)
}

// Origin returns the origin of a record; ErrNotFound for one that did not come
// from a file, and for one whose content was taken down.
func (d *Queries) Origin(ctx context.Context, record register.Ref) (register.Origin, error) {
	var o register.Origin
	err := d.q.QueryRow(ctx, `
		SELECT format, origin_id, line, raw FROM desk.origins WHERE record_id = @record AND raw IS NOT NULL`,
		pgx.StrictNamedArgs{"record": record}).Scan(&o.Format, &o.ID, &o.Line, &o.Raw)
	return o, store.Map(err)
}

// Origins returns origins of a format behind an identifier, in the order of the
// identifiers, up to a limit; without those that were taken down.
func (d *Queries) Origins(ctx context.Context, format register.ImportFormat, after string, limit int) ([]register.Origin, error) {
	rows, err := d.q.Query(ctx, `
		SELECT format, origin_id, line, raw
		FROM desk.origins
		WHERE format = @format AND origin_id > @after AND raw IS NOT NULL
		ORDER BY origin_id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"format": format, "after": after, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.Origin, error) {
		var o register.Origin
		return o, row.Scan(&o.Format, &o.ID, &o.Line, &o.Raw)
	})
	return out, store.Map(err)
}

// NamedInstitution is an institution that is called by a name.
type NamedInstitution struct {
	Record  Record
	Name    string // as it was asked for
	Country string
}

// InstitutionsNamed returns the institutions that have one of the names, which are
// folded and begin with a space, as lines of the directory do, or one of the
// slugs. What was discarded or merged is left out.
func (d *Queries) InstitutionsNamed(ctx context.Context, names, slugs []string) ([]NamedInstitution, error) {
	rows, err := d.q.Query(ctx, `
		WITH found AS (
		    SELECT e.record_id, name
		    FROM desk.directory AS e, unnest(string_to_array(e.folded, E'\n')) AS name
		    WHERE e.type = 'institution' AND string_to_array(e.folded, E'\n') && @names AND name = ANY (@names)
		    UNION
		    SELECT id, slug FROM desk.records WHERE type = 'institution' AND slug = ANY (@slugs)
		)
		SELECT r.id, r.slug, r.version, r.state, coalesce(r.published_version, 0), f.name, coalesce(i.country, '')
		FROM found AS f
		JOIN desk.records AS r ON r.id = f.record_id
		LEFT JOIN desk.institutions AS i ON i.record_id = r.id
		WHERE r.state <> 'discarded' AND r.merged_into IS NULL
		ORDER BY r.id`,
		pgx.StrictNamedArgs{"names": list(names), "slugs": list(slugs)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (NamedInstitution, error) {
		n := NamedInstitution{Record: Record{Type: register.TypeInstitution}}
		r := &n.Record
		return n, row.Scan(&r.ID, &r.Slug, &r.Version, &r.State, &r.PublishedVersion, &n.Name, &n.Country)
	})
	return out, store.Map(err)
}

// UnpublishedOrigins returns origins of drafts that a run made and neither published nor
// reported, in the order of their lines.
func (d *Queries) UnpublishedOrigins(ctx context.Context, run string, limit int) ([]register.Origin, error) {
	rows, err := d.q.Query(ctx, `
		SELECT o.format, o.origin_id, o.line, o.raw
		FROM desk.origins AS o
		JOIN desk.records AS r ON r.id = o.record_id
		WHERE o.run_id = @run AND o.raw IS NOT NULL AND r.state = 'draft' AND r.version = 1 AND r.published_version IS NULL
		  AND NOT EXISTS (SELECT FROM desk.import_notes AS n WHERE n.run_id = @run AND n.origin_id = o.origin_id)
		ORDER BY o.line, o.origin_id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"run": run, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.Origin, error) {
		var o register.Origin
		return o, row.Scan(&o.Format, &o.ID, &o.Line, &o.Raw)
	})
	return out, store.Map(err)
}

// RecordsOfOrigins returns the records that came from identifiers of a format, by
// identifier.
func (d *Queries) RecordsOfOrigins(ctx context.Context, format register.ImportFormat, ids []string) (map[string]register.Ref, error) {
	rows, err := d.q.Query(ctx, `SELECT origin_id, record_id FROM desk.origins WHERE format = @format AND origin_id = ANY (@ids)`,
		pgx.StrictNamedArgs{"format": format, "ids": ids})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[string]register.Ref{}
	var id string
	var record register.Ref
	_, err = pgx.ForEachRow(rows, []any{&id, &record}, func() error { out[id] = record; return nil })
	return out, store.Map(err)
}

// InsertOrigins keeps where records came from; the first origin of a record is its
// origin.
func (d *Queries) InsertOrigins(ctx context.Context, run string, origins map[register.Ref]register.Origin) error {
	n := len(origins)
	records, formats, ids := make([]register.Ref, 0, n), make([]string, 0, n), make([]string, 0, n)
	lines, raws := make([]int, 0, n), make([]string, 0, n)
	for record, o := range origins {
		records, formats, ids = append(records, record), append(formats, string(o.Format)), append(ids, o.ID)
		lines, raws = append(lines, o.Line), append(raws, string(o.Raw))
	}
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.origins (record_id, format, origin_id, line, raw, sha256, run_id)
		SELECT row.record_id, row.format, row.origin_id, row.line, row.raw, encode(sha256(convert_to(row.raw, 'UTF8')), 'hex'), @run
		FROM unnest(@records::uuid[], @formats::text[], @ids::text[], @lines::integer[], @raws::text[])
		     AS row (record_id, format, origin_id, line, raw)
		ON CONFLICT (record_id) DO NOTHING`,
		pgx.StrictNamedArgs{"run": run, "records": records, "formats": formats, "ids": ids, "lines": lines, "raws": raws})
	return store.Map(err)
}

// KnownSources returns those of the keys that sources have, with whether their
// address is withheld.
func (d *Queries) KnownSources(ctx context.Context, keys []string) (map[string]bool, error) {
	rows, err := d.q.Query(ctx, `SELECT key, url_withheld FROM desk.sources WHERE key = ANY (@keys)`, pgx.StrictNamedArgs{"keys": keys})
	if err != nil {
		return nil, store.Map(err)
	}
	known := map[string]bool{}
	var key string
	var withheld bool
	_, err = pgx.ForEachRow(rows, []any{&key, &withheld}, func() error { known[key] = withheld; return nil })
	return known, store.Map(err)
}

// InsertSources makes new sources with the words by which they are found, as many
// saves would, a table at a time; where captures are on, it asks for one of each
// address.
func (d *Queries) InsertSources(ctx context.Context, author string, sources []register.Source, folded []string) error {
	ids, err := d.NewIDs(ctx, len(sources))
	if err != nil {
		return err
	}
	l := newLoad()
	for i, s := range sources {
		l.add("sources", []string{
			"id", "key", "kind", "publisher", "title", "author", "url", "url_withheld", "language", "published", "published_basis",
			"accessed", "gist", "capture_open",
		}, ids[i], s.Key, s.Kind, s.Publisher, s.Title, s.Author, store.Nullable(s.URL), s.URLWithheld, s.Language, s.Published.String(),
			s.PublishedBasis, s.Accessed.String(), store.TextColumn(s.Gist), s.CaptureOpen)
		l.add("source_changes", []string{"source_id", "account_id"}, ids[i], author)
		l.add("source_directory", []string{"source_id", "folded"}, ids[i], folded[i])
	}
	if err := l.run(ctx, d.q); err != nil || d.capturing.IsZero() {
		return err
	}
	for _, s := range sources {
		if err := d.AskCapture(ctx, s.Key, d.capturing, false); err != nil {
			return err
		}
	}
	return nil
}

// WithholdAddresses keeps the addresses of sources at the desk from now on.
func (d *Queries) WithholdAddresses(ctx context.Context, author string, keys []string) error {
	_, err := d.q.Exec(ctx, `
		WITH changed AS (
		    UPDATE desk.sources SET url_withheld = true, capture_open = false WHERE key = ANY (@keys) RETURNING id
		)
		INSERT INTO desk.source_changes (source_id, account_id)
		SELECT id, @author FROM changed`,
		pgx.StrictNamedArgs{"keys": keys, "author": author})
	return store.Map(err)
}

// ApproveNew asks for the review of records that were made now and approves them: by
// two persons, as the database sees to. They are locked by their making.
func (d *Queries) ApproveNew(ctx context.Context, records []register.Ref, by, reviewer string) error {
	args := func(more pgx.StrictNamedArgs) pgx.StrictNamedArgs {
		more["records"] = records
		return more
	}
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO desk.reviews (record_id, version, requested_by)
		SELECT id, version, @by FROM desk.records WHERE id = ANY (@records)`, args(pgx.StrictNamedArgs{"by": by}))
	batch.Queue(`UPDATE desk.records SET state = 'in-review', updated_at = now() WHERE id = ANY (@records)`, args(pgx.StrictNamedArgs{}))
	batch.Queue(`
		UPDATE desk.reviews SET outcome = 'approved', reviewer_id = @reviewer, decided_at = now(), reason = ''
		WHERE record_id = ANY (@records) AND outcome IS NULL`, args(pgx.StrictNamedArgs{"reviewer": reviewer}))
	batch.Queue(`UPDATE desk.records SET state = 'approved', updated_at = now() WHERE id = ANY (@records)`, args(pgx.StrictNamedArgs{}))
	return store.Map(d.q.SendBatch(ctx, &batch).Close())
}
