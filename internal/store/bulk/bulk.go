// Package bulk fills an empty database by copying: the statements by which the
// rest of the program writes rows are taken apart, and their rows sent with COPY.
// What is written, and in which columns, is thereby said in one place, and a
// million records take minutes instead of hours. It is for data made for
// measurements: foreign keys and triggers do not watch what is copied; the keys
// are checked when Finish makes them again.
package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/store"
)

// most is how many bytes of rows of one table are kept before they are copied.
const most = 4 << 20

// Loader is a store.Querier that copies what is inserted through it. It finds
// nothing that it is asked for, as an empty database would, and refuses what it
// cannot turn into rows. It is not safe for concurrent use.
type Loader struct {
	conn    *pgx.Conn
	types   *pgtype.Map
	columns map[string]uint32 // OID of the type, by "schema.table.column"
	shapes  map[string]*shape // by the text of the statement
	tables  map[string]*table
	rebuild []string // statements that make again what was dropped, in order

	full   chan *table // what is to be copied next
	copied chan error  // one answer, when full is closed
	failed error
	ended  bool // full is closed
}

// table collects rows of one table, in the columns of one kind of statement.
type table struct {
	name    string
	columns []string
	rows    bytes.Buffer
}

var _ store.Querier = (*Loader)(nil)

// New prepares the schemas of an empty database, of which url names the owner,
// for being filled: indexes and keys are dropped until Finish. Close must be
// called, whatever happens.
func New(ctx context.Context, url string, schemas ...string) (*Loader, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, store.Map(err)
	}
	l := &Loader{
		conn: conn, types: conn.TypeMap(), shapes: map[string]*shape{}, tables: map[string]*table{},
		full: make(chan *table, 1), copied: make(chan error, 1),
	}
	if err := l.prepare(ctx, schemas); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	if l.columns, err = readColumns(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	go l.copyAll(ctx)
	return l, nil
}

// Close gives the connection back, once nothing is copied any more.
func (l *Loader) Close(ctx context.Context) error {
	_ = l.end() // of a filling that was given up; Finish has told
	return l.conn.Close(ctx)
}

// end lets what is full be copied, and waits for it.
func (l *Loader) end() error {
	if !l.ended {
		l.ended = true
		close(l.full)
		if l.failed == nil {
			l.failed = <-l.copied
		}
	}
	return l.failed
}

// Exec takes the rows of a statement.
func (l *Loader) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	_, err := l.take(sql, args)
	return pgconn.CommandTag{}, err
}

// Query finds nothing.
func (l *Loader) Query(context.Context, string, ...any) (pgx.Rows, error) { return nothing{}, nil }

// QueryRow takes the row of a statement that returns the identifier of what it
// inserts, which is given here; of any other it finds nothing.
func (l *Loader) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	if !isInsert(sql) {
		return nothing{}
	}
	id, err := l.take(sql, args)
	return given{id: id, err: err}
}

// SendBatch takes the rows of all statements of a batch.
func (l *Loader) SendBatch(_ context.Context, b *pgx.Batch) pgx.BatchResults {
	return &results{loader: l, batch: b}
}

// CopyFrom is refused: who copies already has no need of a Loader.
func (l *Loader) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, errors.New("bulk: rows that are copied already")
}

// take turns a statement into rows of its table, and returns the identifier that
// it gave where the statement asks for one.
func (l *Loader) take(sql string, args []any) (id string, err error) {
	s, ok := l.shapes[sql]
	if !ok {
		if s, err = parse(sql, l.columns); err != nil {
			return "", err
		}
		l.shapes[sql] = s
	}
	if s.removes {
		return "", nil // there is nothing to be removed
	}
	values, ok := namedArgs(args)
	if !ok {
		return "", fmt.Errorf("bulk: a statement without named arguments: %s", sql)
	}
	t := l.tables[s.key]
	if t == nil {
		t = &table{name: s.table, columns: s.columns}
		l.tables[s.key] = t
	}
	if id, err = s.write(&t.rows, l.types, values); err != nil {
		return "", fmt.Errorf("bulk: %s: %w", s.table, err)
	}
	if t.rows.Len() >= most {
		delete(l.tables, s.key)
		return id, l.send(t)
	}
	return id, nil
}

func namedArgs(args []any) (map[string]any, bool) {
	if len(args) != 1 {
		return nil, len(args) == 0
	}
	named, ok := args[0].(pgx.StrictNamedArgs)
	return named, ok
}

// send hands rows to whoever copies.
func (l *Loader) send(t *table) error {
	switch {
	case l.failed != nil:
		return l.failed
	case l.ended:
		return errors.New("bulk: rows after the end")
	}
	select {
	case l.full <- t:
		return nil
	case l.failed = <-l.copied: // it only answers before the end when it fails
		return l.failed
	}
}

// copyAll copies what is full, one table after the other, until full is closed.
func (l *Loader) copyAll(ctx context.Context) {
	for t := range l.full {
		sql := fmt.Sprintf("COPY %s (%s) FROM STDIN", t.name, quoted(t.columns))
		if _, err := l.conn.PgConn().CopyFrom(ctx, &t.rows, sql); err != nil {
			l.copied <- fmt.Errorf("copy %s: %w", t.name, store.Map(err))
			return
		}
	}
	l.copied <- nil
}

// Finish copies what is left, makes indexes and keys again, which checks that the
// rows fit together, and counts what the planner wants to know.
func (l *Loader) Finish(ctx context.Context, progress func(done, all int)) error {
	for _, key := range slices.Sorted(maps.Keys(l.tables)) {
		if err := l.send(l.tables[key]); err != nil {
			return err
		}
	}
	if err := l.end(); err != nil {
		return err
	}
	statements := slices.Concat(
		[]string{`SET session_replication_role = origin`, `SET maintenance_work_mem = '512MB'`}, l.rebuild, []string{`VACUUM (ANALYZE)`})
	for i, sql := range statements {
		progress(i+1, len(statements))
		if _, err := l.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, store.Map(err))
		}
	}
	return nil
}

// Size is how many bytes the database has.
func (l *Loader) Size(ctx context.Context) (bytes int64, err error) {
	err = l.conn.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&bytes)
	return bytes, store.Map(err)
}
