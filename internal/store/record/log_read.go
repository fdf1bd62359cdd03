package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Checkpoint returns the newest checkpoint of the log as it is handed out: with
// what witnesses signed of it. ErrNotFound when none was signed yet.
func (s *Store) Checkpoint(ctx context.Context) (register.LogCheckpoint, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT c.size, c.root, c.signed_at,
		       c.note || coalesce((
		           SELECT string_agg(s.line, '' ORDER BY s.signed_at, s.witness)
		           FROM record.log_cosignatures AS s
		           WHERE s.size = c.size), '') AS note
		FROM record.log_checkpoints AS c
		ORDER BY c.size DESC
		LIMIT 1`)
	return oneCheckpoint(rows, err)
}

// Checkpoint returns the newest checkpoint of the log as the log signed it;
// ErrNotFound when it signed none yet.
func (w *Writer) Checkpoint(ctx context.Context) (register.LogCheckpoint, error) {
	rows, err := w.q.Query(ctx, `
		SELECT size, root, note, signed_at
		FROM record.log_checkpoints
		ORDER BY size DESC
		LIMIT 1`)
	return oneCheckpoint(rows, err)
}

func oneCheckpoint(rows pgx.Rows, err error) (register.LogCheckpoint, error) {
	if err != nil {
		return register.LogCheckpoint{}, store.Map(err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[register.LogCheckpoint])
	return c, store.Map(err)
}

// Checkpoints returns checkpoints of logs smaller than before, the newest first;
// before 0 begins with the newest of all.
func (s *Store) Checkpoints(ctx context.Context, before int64, limit int) ([]register.LogCheckpoint, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT size, root, note, signed_at
		FROM record.log_checkpoints
		WHERE @before = 0 OR size < @before
		ORDER BY size DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"before": before, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[register.LogCheckpoint])
	return out, store.Map(err)
}

// LogKeys returns the keys that sign the log, or did, the newest first.
func (s *Store) LogKeys(ctx context.Context) ([]register.LogKey, error) {
	return logKeys(ctx, s.db.Querier())
}

// LogKeys returns the keys that sign the log, or did, the newest first.
func (w *Writer) LogKeys(ctx context.Context) ([]register.LogKey, error) { return logKeys(ctx, w.q) }

func logKeys(ctx context.Context, q store.Querier) ([]register.LogKey, error) {
	rows, err := q.Query(ctx, `SELECT key, position, since FROM record.log_keys ORDER BY position DESC`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[register.LogKey])
	return out, store.Map(err)
}

// LogTile returns the first hashes of a tile of the log's tree, as many as the
// width says; ErrNotFound when it has not so many.
func (s *Store) LogTile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	return logTile(ctx, s.db.Querier(), level, index, width)
}

// LogTile returns the first hashes of a tile of the log's tree, as many as the
// width says; ErrNotFound when it has not so many.
func (w *Writer) LogTile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	return logTile(ctx, w.q, level, index, width)
}

func logTile(ctx context.Context, q store.Querier, level int, index int64, width int) ([]byte, error) {
	if level == 0 && width < fullTile {
		return leafHashes(ctx, q, index*fullTile, width)
	}
	var hashes []byte
	err := q.QueryRow(ctx, `
		SELECT substr(hashes, 1, @width * 32)
		FROM record.log_tiles
		WHERE level = @level AND index = @index AND length(hashes) >= @width * 32`,
		pgx.StrictNamedArgs{"level": level, "index": index, "width": width}).Scan(&hashes)
	return hashes, store.Map(err)
}

// fullTile is how many hashes a full tile has.
const fullTile = 256

// leafHashes are those of n leaves from a position on (RFC 6962, 2.1): a part of a
// tile, which is kept when it is full.
func leafHashes(ctx context.Context, q store.Querier, from int64, n int) ([]byte, error) {
	var hashes []byte
	err := q.QueryRow(ctx, `
		SELECT string_agg(sha256('\x00'::bytea || entry), ''::bytea ORDER BY position)
		FROM record.log_leaves
		WHERE position >= @from AND position < @from + @n
		HAVING count(*) = @n`, pgx.StrictNamedArgs{"from": from, "n": n}).Scan(&hashes)
	return hashes, store.Map(err)
}

// LogEntries returns n entries of the log from a position on; ErrNotFound when
// there are not so many.
func (s *Store) LogEntries(ctx context.Context, from int64, n int) ([][]byte, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT entry
		FROM record.log_leaves
		WHERE position >= @from AND position < @from + @n
		ORDER BY position`, pgx.StrictNamedArgs{"from": from, "n": n})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err == nil && len(out) != n {
		err = register.ErrNotFound
	}
	return out, store.Map(err)
}

// EditionProof returns where the leaf of an edition stands; errors as Canonical.
func (s *Store) EditionProof(ctx context.Context, reference string, number int) (register.EditionProof, error) {
	var p register.EditionProof
	err := s.db.Read(ctx, func(q store.Querier) error {
		if err := standAt(ctx, q, reference); err != nil {
			return err
		}
		if _, _, err := contentOf(ctx, q, reference, number); err != nil {
			return err
		}
		err := q.QueryRow(ctx, `
			SELECT l.position, e.salt
			FROM record.log_leaves AS l
			JOIN record.editions AS e ON e.reference = l.reference AND e.number = l.edition
			WHERE l.reference = @reference AND l.edition = @number AND l.type IN ('edition', 'correction')`,
			pgx.StrictNamedArgs{"reference": reference, "number": number}).Scan(&p.Position, &p.Salt)
		return store.Map(err)
	})
	return p, err
}
