package bulk

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// prepare drops the keys and indexes of the schemas, notes how they are made
// again, and lets neither triggers nor foreign keys act on this connection.
func (l *Loader) prepare(ctx context.Context, schemas []string) error {
	var used bool
	if err := l.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM desk.records)`).Scan(&used); err != nil {
		return store.Map(err)
	}
	if used {
		return fmt.Errorf("%w: the database holds records already", register.ErrConflict)
	}
	drop, err := l.droppable(ctx, schemas)
	if err != nil {
		return store.Map(err)
	}
	for _, sql := range append(drop, `SET session_replication_role = replica`, `SET synchronous_commit = off`, `BEGIN`) {
		if _, err := l.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, store.Map(err))
		}
	}
	return nil
}

// droppable returns the statements that drop keys and indexes: foreign keys
// first, since they lean on the others; they are made last.
func (l *Loader) droppable(ctx context.Context, schemas []string) (drop []string, err error) {
	rows, err := l.conn.Query(ctx, `
		SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) AS drop,
		       format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS make,
		       CASE k.contype WHEN 'f' THEN 0 ELSE 2 END AS rank
		FROM pg_catalog.pg_constraint AS k
		JOIN pg_catalog.pg_namespace AS n ON n.oid = k.connamespace
		WHERE n.nspname = ANY (@schemas) AND k.contype IN ('f', 'p', 'u')
		UNION ALL
		SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid), 1
		FROM pg_catalog.pg_index AS i
		JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
		JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = ANY (@schemas)
		  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid)
		ORDER BY rank, drop`,
		pgx.StrictNamedArgs{"schemas": schemas})
	if err != nil {
		return nil, err
	}
	var dropIt, makeIt string
	var rank int
	var foreign, indexes, keys []string
	_, err = pgx.ForEachRow(rows, []any{&dropIt, &makeIt, &rank}, func() error {
		drop = append(drop, dropIt)
		switch rank {
		case 0:
			foreign = append(foreign, makeIt)
		case 1:
			indexes = append(indexes, makeIt)
		default:
			keys = append(keys, makeIt)
		}
		return nil
	})
	l.rebuild = []turn{
		{statements: keys},
		{statements: indexes},
		{statements: foreign, alone: true},
		{statements: []string{`VACUUM (ANALYZE)`, `CHECKPOINT`}, alone: true},
	}
	return drop, err
}

// readColumns reads the type of each column, by "schema.table.column".
func readColumns(ctx context.Context, conn *pgx.Conn) (map[string]uint32, error) {
	rows, err := conn.Query(ctx, `
		SELECT n.nspname || '.' || c.relname || '.' || a.attname, a.atttypid
		FROM pg_catalog.pg_attribute AS a
		JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
		JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`)
	if err != nil {
		return nil, store.Map(err)
	}
	columns := map[string]uint32{}
	var name string
	var oid uint32
	_, err = pgx.ForEachRow(rows, []any{&name, &oid}, func() error { columns[name] = oid; return nil })
	return columns, store.Map(err)
}
