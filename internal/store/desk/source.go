package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// SaveSource makes a source, or changes the one with the same key, and notes
// who did; where captures are on, it asks for one of an address that is new. ErrConflict is returned while a record that cites it is in review or
// waits for publication: what was approved stays what it is.
func (d *Queries) SaveSource(ctx context.Context, s register.Source, author string) error {
	var id string
	err := d.q.QueryRow(ctx, `
		INSERT INTO desk.sources (key, kind, publisher, title, author, url, url_withheld, language,
		                          published, published_basis, accessed, gist, capture_open)
		VALUES (@key, @kind, @publisher, @title, @author, @url, @url_withheld, @language,
		        @published, @published_basis, @accessed, @gist, @capture_open)
		ON CONFLICT (key) DO UPDATE
		SET kind = EXCLUDED.kind, publisher = EXCLUDED.publisher, title = EXCLUDED.title,
		    author = EXCLUDED.author, url = EXCLUDED.url, url_withheld = EXCLUDED.url_withheld,
		    language = EXCLUDED.language, published = EXCLUDED.published,
		    published_basis = EXCLUDED.published_basis, accessed = EXCLUDED.accessed, gist = EXCLUDED.gist,
		    capture_open = EXCLUDED.capture_open
		RETURNING id`,
		pgx.StrictNamedArgs{
			"key": s.Key, "kind": s.Kind, "publisher": s.Publisher, "title": s.Title, "author": s.Author,
			"url": store.Nullable(s.URL), "url_withheld": s.URLWithheld, "language": s.Language,
			"published": s.Published.String(), "published_basis": s.PublishedBasis,
			"accessed": s.Accessed.String(), "gist": store.TextColumn(s.Gist), "capture_open": s.CaptureOpen,
		}).Scan(&id)
	if err != nil {
		return store.Map(err)
	}
	if d.known != nil {
		d.known[s.Key] = id
	}
	if s.Capture != nil {
		if err := d.saveCapture(ctx, id, *s.Capture); err != nil {
			return err
		}
	}
	if !d.capturing.IsZero() {
		if err := d.AskCapture(ctx, s.Key, d.capturing, false); err != nil {
			return err
		}
	}
	_, err = d.q.Exec(ctx, `
		INSERT INTO desk.source_changes (source_id, account_id)
		VALUES (@source, @author)`,
		pgx.StrictNamedArgs{"source": id, "author": author})
	return store.Map(err)
}

// saveCapture keeps a capture that is not known yet.
func (d *Queries) saveCapture(ctx context.Context, sourceID string, c register.Capture) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.captures (source_id, sha256, size, media_type, captured, http_status, last_check, changed_since,
		                           warc_sha256, state, now_sha256, now_since)
		SELECT @source, @sha256, @size, @media_type, @captured, @http_status, @last_check, @changed_since,
		       @warc, @state, @now, @now_since
		WHERE NOT EXISTS (SELECT FROM desk.captures WHERE source_id = @source AND sha256 = @sha256)`,
		pgx.StrictNamedArgs{
			"source": sourceID, "sha256": c.SHA256, "size": c.Size, "media_type": c.Type,
			"captured": c.CapturedAt.String(), "http_status": nullableInt(c.HTTPStatus),
			"last_check": c.LastCheck.String(), "changed_since": c.ChangedSince,
			"warc": c.WARC, "state": c.State, "now": c.Now, "now_since": c.NowSince.String(),
		})
	return store.Map(err)
}

// Sources returns the sources with the keys, each with its newest capture, in
// the order of the keys. A key that does not exist is left out.
func (d *Queries) Sources(ctx context.Context, keys []string) ([]register.Source, error) {
	rows, err := d.q.Query(ctx, `
		SELECT s.key, s.kind, s.publisher, s.title, s.author, coalesce(s.url, ''), s.url_withheld, s.language,
		       s.published, s.published_basis, s.accessed, s.gist, s.capture_open,
		       coalesce(c.sha256, ''), coalesce(c.size, 0), coalesce(c.media_type, ''), coalesce(c.captured, ''),
		       coalesce(c.http_status, 0), coalesce(c.last_check, ''), coalesce(c.changed_since, false),
		       coalesce(c.warc_sha256, ''), coalesce(c.state, ''), coalesce(c.now_sha256, ''), coalesce(c.now_since, '')
		FROM desk.sources AS s
		LEFT JOIN LATERAL (
		    SELECT * FROM desk.captures WHERE source_id = s.id ORDER BY created_at DESC, id LIMIT 1
		) AS c ON true
		WHERE s.key = ANY (@keys)
		ORDER BY array_position(@keys, s.key)`,
		pgx.StrictNamedArgs{"keys": keys})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanSource)
	return out, store.Map(err)
}

func scanSource(row pgx.CollectableRow) (register.Source, error) {
	var s register.Source
	var c register.Capture
	err := row.Scan(
		&s.Key, &s.Kind, &s.Publisher, &s.Title, &s.Author, &s.URL, &s.URLWithheld, &s.Language,
		store.DateColumn(&s.Published), &s.PublishedBasis, store.DateColumn(&s.Accessed), &s.Gist, &s.CaptureOpen,
		&c.SHA256, &c.Size, &c.Type, store.DateColumn(&c.CapturedAt), &c.HTTPStatus, store.DateColumn(&c.LastCheck), &c.ChangedSince,
		&c.WARC, &c.State, &c.Now, store.DateColumn(&c.NowSince))
	if c.SHA256 != "" {
		s.Capture = &c
	}
	return s, err
}

// sourceIDs returns the identifiers of the sources with the keys; the problems
// name those that do not exist.
func (d *Queries) sourceIDs(ctx context.Context, keys []string) (map[string]string, error) {
	ids, known := d.knownSources(keys)
	if !known {
		rows, err := d.q.Query(ctx, `SELECT key, id FROM desk.sources WHERE key = ANY (@keys)`,
			pgx.StrictNamedArgs{"keys": keys})
		if err != nil {
			return nil, store.Map(err)
		}
		ids = map[string]string{}
		var key, id string
		if _, err = pgx.ForEachRow(rows, []any{&key, &id}, func() error { ids[key] = id; return nil }); err != nil {
			return nil, store.Map(err)
		}
	}
	var problems register.Problems
	for _, k := range keys {
		if ids[k] == "" {
			problems = append(problems, register.Problem{Field: "sources", Key: "problem.unknown-source", Value: k})
		}
	}
	return ids, problems.OrNil()
}
