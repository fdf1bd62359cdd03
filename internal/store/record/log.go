package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// LogTile is a tile of the log's tree, or what is added to one.
type LogTile struct {
	Level  int
	Index  int64
	From   int // how many hashes the tile had before
	Hashes []byte
}

// LogSize returns how many leaves the log has. Who is to append holds the
// generation, so that nobody else does.
func (w *Writer) LogSize(ctx context.Context) (size int64, err error) {
	err = w.q.QueryRow(ctx, `SELECT coalesce(max(position) + 1, 0) FROM record.log_leaves`).Scan(&size)
	return size, store.Map(err)
}

// LogEdge returns the unfinished tile of each level of a log of the size that
// the log has, or had before leaves were appended that are in no tile yet.
func (w *Writer) LogEdge(ctx context.Context, size int64) ([]LogTile, error) {
	rows, err := w.q.Query(ctx, `
		SELECT 0 AS level, @size::bigint >> 8 AS index, string_agg(sha256('\x00'::bytea || l.entry), ''::bytea ORDER BY l.position) AS hashes
		FROM record.log_leaves AS l
		WHERE l.position >= @size::bigint >> 8 << 8 AND l.position < @size
		HAVING count(*) > 0
		UNION ALL
		SELECT tile.level, tile.index, tile.hashes
		FROM generate_series(1, 6) AS l
		JOIN record.log_tiles AS tile ON tile.level = l AND tile.index = @size::bigint >> (8 * (l + 1))`,
		pgx.StrictNamedArgs{"size": size})
	if err != nil {
		return nil, store.Map(err)
	}
	tiles, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (LogTile, error) {
		var t LogTile
		return t, row.Scan(&t.Level, &t.Index, &t.Hashes)
	})
	return tiles, store.Map(err)
}

// AppendLeaves adds leaves to the log, and what those commit to that are not
// about an edition; it returns the position of the first. The entries are the
// canonical JSON of the leaves. The database refuses leaves that do not fit what
// they are about, and at commit those that fill a tile which is not there.
func (w *Writer) AppendLeaves(ctx context.Context, leaves []register.LoggedLeaf, entries [][]byte) (first int64, err error) {
	var batch pgx.Batch
	batch.Queue(`
		WITH added AS (
		    INSERT INTO record.log_leaves (position, type, reference, edition, logged_at, commitment, entry)
		    SELECT n.size + row.at - 1, row.type, nullif(row.reference, ''), nullif(row.edition, 0), row.logged_at,
		           row.commitment, row.entry
		    FROM (SELECT coalesce(max(position) + 1, 0) AS size FROM record.log_leaves) AS n,
		         unnest(@types::text[], @references::text[], @editions::integer[], @times::timestamptz[],
		                @commitments::text[], @entries::bytea[])
		         WITH ORDINALITY AS row (type, reference, edition, logged_at, commitment, entry, at)
		    RETURNING position
		)
		SELECT min(position) FROM added`, leafColumns(leaves, entries)).QueryRow(func(row pgx.Row) error { return row.Scan(&first) })
	for i, l := range leaves {
		if l.Content == nil {
			continue
		}
		batch.Queue(`
			INSERT INTO record.log_openings (position, salt, content)
			SELECT max(position) - @behind, @salt, @content
			FROM record.log_leaves`,
			pgx.StrictNamedArgs{"behind": len(leaves) - 1 - i, "salt": l.Salt, "content": l.Content})
	}
	return first, store.Map(w.q.SendBatch(ctx, &batch).Close())
}

// GrowTiles adds hashes to tiles, from the leaves up. Those of leaves come once
// they fill a tile: until then they follow from the leaves. The database refuses
// hashes that are not those of what lies below.
func (w *Writer) GrowTiles(ctx context.Context, grown []LogTile) error {
	var batch pgx.Batch
	for _, t := range grown {
		args := pgx.StrictNamedArgs{"level": t.Level, "index": t.Index, "hashes": t.Hashes}
		if t.From == 0 {
			batch.Queue(`
				INSERT INTO record.log_tiles (level, index, hashes)
				VALUES (@level, @index, @hashes)`, args)
			continue
		}
		batch.Queue(`
			UPDATE record.log_tiles
			SET hashes = hashes || @hashes
			WHERE level = @level AND index = @index`, args)
	}
	return store.Map(w.q.SendBatch(ctx, &batch).Close())
}

// leafColumns are leaves column by column: many are one statement.
func leafColumns(leaves []register.LoggedLeaf, entries [][]byte) pgx.StrictNamedArgs {
	n := len(leaves)
	types, references, editions := make([]register.LeafType, n), make([]string, n), make([]int, n)
	times, commitments := make([]time.Time, n), make([]string, n)
	for i, l := range leaves {
		types[i], references[i], editions[i] = l.Type, l.Reference, l.Edition
		times[i], commitments[i] = l.Time, l.Commitment
	}
	return pgx.StrictNamedArgs{
		"types": types, "references": references, "editions": editions,
		"times": times, "commitments": commitments, "entries": entries,
	}
}

// LoggedDocuments returns the documents (SHA-256) of a record that are in the
// log.
func (w *Writer) LoggedDocuments(ctx context.Context, reference string) ([]string, error) {
	rows, err := w.q.Query(ctx, `
		SELECT convert_from(o.content, 'UTF8')::jsonb ->> 'sha256'
		FROM record.log_leaves AS l
		JOIN record.log_openings AS o USING (position)
		WHERE l.reference = @reference AND l.type = 'document' AND o.content IS NOT NULL`,
		pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// UnloggedEdition is an edition from before the log, with what its leaf commits
// to.
type UnloggedEdition struct {
	Content []byte
	Salt    []byte
}

// UnloggedEditions returns editions that have no leaf, in the order in which
// they were published: those from before there was a log. What was taken down
// has nothing left to which a leaf could commit.
func (w *Writer) UnloggedEditions(ctx context.Context, limit int) ([]UnloggedEdition, error) {
	rows, err := w.q.Query(ctx, `
		SELECT e.content, e.salt
		FROM record.editions AS e
		WHERE e.content IS NOT NULL
		  AND NOT EXISTS (
		      SELECT FROM record.log_leaves AS l
		      WHERE l.reference = e.reference AND l.edition = e.number AND l.type IN ('edition', 'correction'))
		ORDER BY e.published_at, array_position(ARRAY['institution', 'statement', 'incident'], e.type), e.reference, e.number
		LIMIT @limit`, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[UnloggedEdition])
	return out, store.Map(err)
}

// UnloggedRemoval is a withdrawal or a takedown from before the log.
type UnloggedRemoval struct {
	Type   register.LeafType
	Notice register.RemovalNotice
}

// UnloggedRemovals returns what was withdrawn or taken down and has no leaf of
// it, the oldest first.
func (w *Writer) UnloggedRemovals(ctx context.Context) ([]UnloggedRemoval, error) {
	rows, err := w.q.Query(ctx, `
		SELECT 'takedown', t.reference, t.number, t.reason, t.removed_at
		FROM record.tombstones AS t
		WHERE NOT EXISTS (
		    SELECT FROM record.log_leaves AS l
		    WHERE l.reference = t.reference AND l.edition = t.number AND l.type = 'takedown')
		UNION ALL
		SELECT 'withdrawal', h.reference, h.number, h.notice, h.changed_at
		FROM record.heads AS h
		WHERE h.state = 'withdrawn'
		  AND NOT EXISTS (SELECT FROM record.tombstones AS t WHERE (t.reference, t.number) = (h.reference, h.number))
		  AND NOT EXISTS (
		      SELECT FROM record.log_leaves AS l
		      WHERE l.reference = h.reference AND l.edition = h.number AND l.type = 'withdrawal')
		ORDER BY 5, 2, 3`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (UnloggedRemoval, error) {
		var u UnloggedRemoval
		n := &u.Notice
		err := row.Scan(&u.Type, &n.Reference, &n.Edition, &n.Reason, &n.RemovedAt)
		return u, err
	})
	return out, store.Map(err)
}

// LogIsSigned reports whether the newest checkpoint is of all leaves, and the
// log knows the key.
func (w *Writer) LogIsSigned(ctx context.Context, key string) (bool, error) {
	var signed bool
	err := w.q.QueryRow(ctx, `
		SELECT coalesce((SELECT max(position) + 1 FROM record.log_leaves), 0)
		       = coalesce((SELECT max(size) FROM record.log_checkpoints), 0)
		   AND EXISTS (SELECT FROM record.log_keys WHERE key = @key)`,
		pgx.StrictNamedArgs{"key": key}).Scan(&signed)
	return signed, store.Map(err)
}

// InsertLogKey keeps a key with the position at which its leaf is appended next.
func (w *Writer) InsertLogKey(ctx context.Context, k register.LogKey) error {
	_, err := w.q.Exec(ctx, `
		INSERT INTO record.log_keys (key, position, since)
		VALUES (@key, @position, @since)`,
		pgx.StrictNamedArgs{"key": k.Key, "position": k.Position, "since": k.Since})
	return store.Map(err)
}

// InsertCheckpoint keeps a checkpoint, of a log that grew since the last one.
func (w *Writer) InsertCheckpoint(ctx context.Context, c register.LogCheckpoint) error {
	_, err := w.q.Exec(ctx, `
		INSERT INTO record.log_checkpoints (size, root, note, signed_at)
		VALUES (@size, @root, @note, @signed_at)`,
		pgx.StrictNamedArgs{"size": c.Size, "root": c.Root, "note": c.Note, "signed_at": c.SignedAt})
	return store.Map(err)
}
