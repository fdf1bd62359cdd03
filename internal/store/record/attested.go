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
