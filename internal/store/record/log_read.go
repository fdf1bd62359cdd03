package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// LogCheckpoint is a checkpoint that the log signed.
type LogCheckpoint struct {
	Size     int64
	Root     []byte
	Note     string // signed
	SignedAt time.Time
}

// LogKey is the public part of a key that signs, or did.
type LogKey struct {
	Key      string // verifier key
	Position int64  // of its leaf
	Since    time.Time
}

// Checkpoint returns the newest checkpoint of the log; ErrNotFound when none was
// signed yet.
func (s *Store) Checkpoint(ctx context.Context) (LogCheckpoint, error) {
	return lastCheckpoint(ctx, s.db.Querier())
}

// Checkpoint returns the newest checkpoint of the log; ErrNotFound when none was
// signed yet.
func (w *Writer) Checkpoint(ctx context.Context) (LogCheckpoint, error) {
	return lastCheckpoint(ctx, w.q)
}

func lastCheckpoint(ctx context.Context, q store.Querier) (LogCheckpoint, error) {
	rows, err := q.Query(ctx, `
		SELECT size, root, note, signed_at
		FROM record.log_checkpoints
		ORDER BY size DESC
		LIMIT 1`)
	if err != nil {
		return LogCheckpoint{}, store.Map(err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[LogCheckpoint])
	return c, store.Map(err)
}

// Checkpoints returns checkpoints of logs smaller than before, the newest first;
// before 0 begins with the newest of all.
func (s *Store) Checkpoints(ctx context.Context, before int64, limit int) ([]LogCheckpoint, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT size, root, note, signed_at
		FROM record.log_checkpoints
		WHERE @before = 0 OR size < @before
		ORDER BY size DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"before": before, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[LogCheckpoint])
	return out, store.Map(err)
}

// LogKeys returns the keys that sign the log, or did, the newest first.
func (s *Store) LogKeys(ctx context.Context) ([]LogKey, error) { return logKeys(ctx, s.db.Querier()) }

// LogKeys returns the keys that sign the log, or did, the newest first.
func (w *Writer) LogKeys(ctx context.Context) ([]LogKey, error) { return logKeys(ctx, w.q) }

func logKeys(ctx context.Context, q store.Querier) ([]LogKey, error) {
	rows, err := q.Query(ctx, `SELECT key, position, since FROM record.log_keys ORDER BY position DESC`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[LogKey])
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
	var hashes []byte
	err := q.QueryRow(ctx, `
		SELECT substr(hashes, 1, @width * 32)
		FROM record.log_tiles
		WHERE level = @level AND index = @index AND length(hashes) >= @width * 32`,
		pgx.StrictNamedArgs{"level": level, "index": index, "width": width}).Scan(&hashes)
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

// EditionProof is where the leaf of an edition stands in the log, with the salt
// under which it commits to the edition; nil once that was taken down.
type EditionProof struct {
	Position int64
	Salt     []byte
}

// EditionProof returns where the leaf of an edition stands; ErrNotFound when
// there is no such edition, or no leaf of it, as of one that was taken down
// before there was a log.
func (s *Store) EditionProof(ctx context.Context, reference string, number int) (EditionProof, error) {
	var p EditionProof
	err := s.db.Querier().QueryRow(ctx, `
		SELECT l.position, e.salt
		FROM record.log_leaves AS l
		JOIN record.editions AS e ON e.reference = l.reference AND e.number = l.edition
		WHERE l.reference = @reference AND l.edition = @number AND l.type IN ('edition', 'correction')`,
		pgx.StrictNamedArgs{"reference": reference, "number": number}).Scan(&p.Position, &p.Salt)
	return p, store.Map(err)
}
