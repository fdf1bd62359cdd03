package record

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// dumpColumns are the columns of a dump, in the order of scanDump.
const dumpColumns = `name, day, format, media_type, taken_at, generation, size, sha256`

func scanDump(row pgx.CollectableRow) (register.Dump, error) {
	var d register.Dump
	var day time.Time
	err := row.Scan(&d.Name, &day, &d.Format, &d.MediaType, &d.TakenAt, &d.Generation, &d.Size, &d.SHA256)
	d.Day = edtf.Day{Year: day.Year(), Month: day.Month(), Day: day.Day()}
	return d, err
}

// Dumps returns the dumps that are kept, the newest first, without their parts.
func (s *Store) Dumps(ctx context.Context) ([]register.Dump, error) {
	return readDumps(ctx, s.db.Querier())
}

// Dumps is that of Store, in a transaction.
func (w *Writer) Dumps(ctx context.Context) ([]register.Dump, error) { return readDumps(ctx, w.q) }

func readDumps(ctx context.Context, q store.Querier) ([]register.Dump, error) {
	rows, err := q.Query(ctx, `SELECT `+dumpColumns+` FROM record.dumps ORDER BY day DESC, name`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanDump)
	return out, store.Map(err)
}

// Dump returns a dump with its parts; ErrNotFound.
func (s *Store) Dump(ctx context.Context, name string) (register.Dump, error) {
	var out register.Dump
	err := s.db.Read(ctx, func(q store.Querier) error {
		args := pgx.StrictNamedArgs{"name": name}
		rows, err := q.Query(ctx, `SELECT `+dumpColumns+` FROM record.dumps WHERE name = @name`, args)
		if err != nil {
			return store.Map(err)
		}
		if out, err = pgx.CollectExactlyOneRow(rows, scanDump); err != nil {
			return store.Map(err)
		}
		rows, err = q.Query(ctx, `SELECT sha256, size FROM record.dump_parts WHERE name = @name ORDER BY position`, args)
		if err != nil {
			return store.Map(err)
		}
		out.Parts, err = pgx.CollectRows(rows, pgx.RowToStructByPos[register.DumpPart])
		return store.Map(err)
	})
	return out, err
}

// InsertDump makes a dump public, while nothing else is published; leaves is how many the
// public log had at the moment of the dump. It returns ErrConflict for one of what is not
// public any more: since its moment something was withdrawn or taken down, by the log,
// whose order is that of the commits. The database compares times, and
// that of an act is from before its commit: it may have begun before the dump, and be done
// when the dump had not seen it.
func (w *Writer) InsertDump(ctx context.Context, d register.Dump, leaves int64) error {
	var gone bool
	err := w.q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM record.log_leaves WHERE position >= @leaves AND type IN ('withdrawal', 'takedown'))`,
		pgx.StrictNamedArgs{"leaves": leaves}).Scan(&gone)
	if err != nil {
		return store.Map(err)
	}
	if gone {
		return fmt.Errorf("%w: something that the dump holds is not public any more", register.ErrConflict)
	}
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO record.dumps (name, day, format, media_type, taken_at, generation, size, sha256)
		VALUES (@name, @day, @format, @media_type, @taken_at, @generation, @size, @sha256)`,
		pgx.StrictNamedArgs{
			"name": d.Name, "day": d.Day.String(), "format": d.Format, "media_type": d.MediaType, "taken_at": d.TakenAt,
			"generation": d.Generation, "size": d.Size, "sha256": d.SHA256,
		})
	for i, p := range d.Parts {
		batch.Queue(`
			INSERT INTO record.dump_parts (name, position, sha256, size)
			VALUES (@name, @position, @sha256, @size)`,
			pgx.StrictNamedArgs{"name": d.Name, "position": i, "sha256": p.SHA256, "size": p.Size})
	}
	return store.Map(w.q.SendBatch(ctx, &batch).Close())
}

// ForgetDumps lets dumps go that are neither of the last days up to today nor of the
// first day of their month that has one. It reports whether there were any.
func (w *Writer) ForgetDumps(ctx context.Context, today edtf.Day, days int) (bool, error) {
	tag, err := w.q.Exec(ctx, `
		DELETE FROM record.dumps AS d
		WHERE d.day <= @today::date - @days::integer
		  AND d.day <> (SELECT min(f.day) FROM record.dumps AS f WHERE date_trunc('month', f.day) = date_trunc('month', d.day))`,
		pgx.StrictNamedArgs{"today": today.String(), "days": days})
	return tag.RowsAffected() > 0, store.Map(err)
}
