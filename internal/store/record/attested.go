package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Cosignatures returns what witnesses signed of the checkpoints of the given
// sizes, the newest checkpoint first, by time.
func (s *Store) Cosignatures(ctx context.Context, sizes []int64) ([]register.LogCosignature, error) {
	return cosignatures(ctx, s.db.Querier(), sizes)
}

// Cosignatures returns what witnesses signed of the checkpoints of the given
// sizes, the newest checkpoint first, by time.
func (w *Writer) Cosignatures(ctx context.Context, sizes ...int64) ([]register.LogCosignature, error) {
	return cosignatures(ctx, w.q, sizes)
}

func cosignatures(ctx context.Context, q store.Querier, sizes []int64) ([]register.LogCosignature, error) {
	rows, err := q.Query(ctx, `
		SELECT size, witness, signed_at, line
		FROM record.log_cosignatures
		WHERE size = ANY(@sizes)
		ORDER BY size DESC, signed_at, witness`, pgx.StrictNamedArgs{"sizes": sizes})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[register.LogCosignature])
	return out, store.Map(err)
}

// Witnesses returns the last cosignature of each witness, the newest first.
func (s *Store) Witnesses(ctx context.Context) ([]register.LogCosignature, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT size, witness, signed_at, line
		FROM (
		    SELECT DISTINCT ON (witness) size, witness, signed_at, line
		    FROM record.log_cosignatures
		    ORDER BY witness, size DESC
		) AS last
		ORDER BY size DESC, witness`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[register.LogCosignature])
	return out, store.Map(err)
}

// LastCosigned returns the size of the newest checkpoint that a witness
// cosigned; 0 for none.
func (w *Writer) LastCosigned(ctx context.Context, witness string) (int64, error) {
	var size int64
	err := w.q.QueryRow(ctx, `
		SELECT coalesce(max(size), 0)
		FROM record.log_cosignatures
		WHERE witness = @witness`, pgx.StrictNamedArgs{"witness": witness}).Scan(&size)
	return size, store.Map(err)
}

// InsertCosignature keeps what a witness signed of a checkpoint, and reports
// whether that is new.
func (w *Writer) InsertCosignature(ctx context.Context, c register.LogCosignature) (bool, error) {
	tag, err := w.q.Exec(ctx, `
		INSERT INTO record.log_cosignatures (size, witness, signed_at, line)
		VALUES (@size, @witness, @signed_at, @line)
		ON CONFLICT (size, witness) DO NOTHING`,
		pgx.StrictNamedArgs{"size": c.Size, "witness": c.Witness, "signed_at": c.SignedAt, "line": c.Line})
	return tag.RowsAffected() > 0, store.Map(err)
}

// Timestamps returns what an authority said of the checkpoints of the given
// sizes, without its answers.
func (s *Store) Timestamps(ctx context.Context, sizes []int64) ([]register.LogTimestamp, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT size, authority, stamped_at, NULL::bytea AS reply
		FROM record.log_timestamps
		WHERE size = ANY(@sizes)`, pgx.StrictNamedArgs{"sizes": sizes})
	return timestamps(rows, err)
}

// LastTimestamps returns the newest timestamps of checkpoints, without the
// answers of the authority.
func (s *Store) LastTimestamps(ctx context.Context, limit int) ([]register.LogTimestamp, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT size, authority, stamped_at, NULL::bytea AS reply
		FROM record.log_timestamps
		ORDER BY size DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"limit": limit})
	return timestamps(rows, err)
}

func timestamps(rows pgx.Rows, err error) ([]register.LogTimestamp, error) {
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[register.LogTimestamp])
	return out, store.Map(err)
}

// Timestamp returns what an authority answered of the checkpoint of a size, and
// that checkpoint as the log signed it; ErrNotFound when there is no timestamp.
func (s *Store) Timestamp(ctx context.Context, size int64) (reply []byte, note string, err error) {
	err = s.db.Querier().QueryRow(ctx, `
		SELECT t.reply, c.note
		FROM record.log_timestamps AS t
		JOIN record.log_checkpoints AS c USING (size)
		WHERE t.size = @size`, pgx.StrictNamedArgs{"size": size}).Scan(&reply, &note)
	return reply, note, store.Map(err)
}

// HasTimestamp reports whether the checkpoint of a size has a timestamp.
func (w *Writer) HasTimestamp(ctx context.Context, size int64) (bool, error) {
	var has bool
	err := w.q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM record.log_timestamps WHERE size = @size)`,
		pgx.StrictNamedArgs{"size": size}).Scan(&has)
	return has, store.Map(err)
}

// InsertTimestamp keeps a timestamp of a checkpoint, and reports whether that is
// its first.
func (w *Writer) InsertTimestamp(ctx context.Context, t register.LogTimestamp) (bool, error) {
	tag, err := w.q.Exec(ctx, `
		INSERT INTO record.log_timestamps (size, authority, stamped_at, reply)
		VALUES (@size, @authority, @stamped_at, @reply)
		ON CONFLICT (size) DO NOTHING`,
		pgx.StrictNamedArgs{"size": t.Size, "authority": t.Authority, "stamped_at": t.StampedAt, "reply": t.Reply})
	return tag.RowsAffected() > 0, store.Map(err)
}
