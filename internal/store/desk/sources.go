package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// SourceRow is a source as lists and pickers show it.
type SourceRow struct {
	Key       string
	Publisher string
	Title     string
	URL       string
	Published edtf.Date
	// Records is how many records cite it.
	Records int
	// Capture is how the capture of its address stands; empty when none was
	// asked for.
	Capture register.CaptureState

	id      string
	created time.Time
}

// Cursor is where the list goes on after the row.
func (r SourceRow) Cursor() string { return cursor(r.created, r.id) }

const sourceColumns = `
	s.key, s.publisher, s.title, coalesce(s.url, ''), s.published,
	(SELECT count(*) FROM desk.record_sources AS c WHERE c.source_id = s.id),
	coalesce((SELECT t.state FROM desk.capture_targets AS t WHERE t.source_id = s.id AND t.address = s.url), ''),
	s.id, s.created_at`

func scanSourceRow(row pgx.CollectableRow) (SourceRow, error) {
	var r SourceRow
	err := row.Scan(&r.Key, &r.Publisher, &r.Title, &r.URL, store.DateColumn(&r.Published), &r.Records, &r.Capture, &r.id, &r.created)
	return r, err
}

// SaveSourceEntry writes the words by which a source is found.
func (d *Queries) SaveSourceEntry(ctx context.Context, key, folded string) error {
	if d.known != nil {
		return d.insertSourceEntry(ctx, d.known[key], folded)
	}
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.source_directory (source_id, folded)
		SELECT id, @folded FROM desk.sources WHERE key = @key
		ON CONFLICT (source_id) DO UPDATE SET folded = EXCLUDED.folded`,
		pgx.StrictNamedArgs{"key": key, "folded": folded})
	return store.Map(err)
}

// UnlistedSources returns the keys of up to limit sources that have no entry.
func (d *Queries) UnlistedSources(ctx context.Context, limit int) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		SELECT s.key
		FROM desk.sources AS s
		WHERE NOT EXISTS (SELECT FROM desk.source_directory AS e WHERE e.source_id = s.id)
		ORDER BY s.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// PickSources returns sources in whose key, publisher, title or address all
// the folded words stand; what begins so comes first, then the newest.
func (d *Queries) PickSources(ctx context.Context, words []string, limit int) ([]SourceRow, error) {
	if len(words) == 0 {
		return d.SourceList(ctx, nil, "", limit)
	}
	args := pgx.StrictNamedArgs{"candidates": candidates, "limit": limit, "starts": " " + strings.Join(words, " ") + "%"}
	rows, err := d.q.Query(ctx, `
		WITH found AS (
		    SELECT source_id, folded FROM desk.source_directory
		    WHERE `+wordCondition("part", words, args, fragment)+`
		    LIMIT @candidates
		)
		SELECT `+sourceColumns+`
		FROM found AS f
		JOIN desk.sources AS s ON s.id = f.source_id
		ORDER BY f.folded LIKE @starts OR f.folded LIKE E'%\n' || @starts DESC, s.created_at DESC, s.id
		LIMIT @limit`, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanSourceRow)
	return out, store.Map(err)
}

// SourceList returns sources, newest first, with all the folded words, after a
// cursor. A cursor that no list gave is ErrInvalid.
func (d *Queries) SourceList(ctx context.Context, words []string, after string, limit int) ([]SourceRow, error) {
	at, id, err := parseCursor(after)
	if err != nil {
		return nil, err
	}
	args := pgx.StrictNamedArgs{"after": at, "after_id": id, "limit": limit}
	condition := "true"
	if len(words) > 0 {
		condition = wordCondition("part", words, args, fragment)
	}
	rows, err := d.q.Query(ctx, fmt.Sprintf(`
		SELECT `+sourceColumns+`
		FROM desk.sources AS s
		LEFT JOIN desk.source_directory AS e ON e.source_id = s.id
		WHERE %s AND (@after_id::uuid IS NULL OR (s.created_at, s.id) < (@after::timestamptz, @after_id::uuid))
		ORDER BY s.created_at DESC, s.id DESC
		LIMIT @limit`, condition), args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanSourceRow)
	return out, store.Map(err)
}

// SourceByURL returns the key of the source with the address; "" when there is
// none. A slash at its end and the scheme make no other source.
func (d *Queries) SourceByURL(ctx context.Context, address string) (string, error) {
	rows, err := d.q.Query(ctx, `SELECT key FROM desk.sources WHERE url = ANY (@urls) ORDER BY created_at, id LIMIT 1`,
		pgx.StrictNamedArgs{"urls": sameAddress(address)})
	if err != nil {
		return "", store.Map(err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(keys) == 0 {
		return "", store.Map(err)
	}
	return keys[0], nil
}

// sameAddress lists the spellings under which one page is found.
func sameAddress(address string) []string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return []string{address}
	}
	rest = strings.TrimSuffix(rest, "/")
	return []string{"https://" + rest, "http://" + rest, "https://" + rest + "/", "http://" + rest + "/"}
}
