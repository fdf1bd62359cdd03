// Package bulk fills an empty database by copying: the statements by which the
// rest of the program writes rows are taken apart, and their rows sent with COPY.
// What is written, and in which columns, is thereby said in one place, and a
// million records take minutes instead of hours. It is for data made for
// measurements: foreign keys and triggers do not watch what is copied; the keys
// are checked when Finish makes them again. All rows are of one transaction: a
// filling that is given up leaves nothing, and rows are written once, frozen, and
// not to the log of a server that need not send it to others.
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

// most is how many bytes of rows of one table are kept before they are copied;
// waiting, how many tables may wait for it.
const (
	most    = 1 << 20
	waiting = 16
)

// Loader fills a database by what is inserted through its lanes. It is a lane
// itself. It is not safe for concurrent use; its lanes are, each by one at a time.
type Loader struct {
	*Lane
	conn    *pgx.Conn
	columns map[string]uint32 // OID of the type, by "schema.table.column"
	lanes   []*Lane
	url     string
	rebuild []turn // statements that make again what was dropped

	full   chan *table       // what is to be copied next
	empty  chan bytes.Buffer // what was copied, to be written anew
	copied chan struct{}     // closed when nothing is copied any more, for the reason failed
	failed error
	ended  bool // full is closed
}

// Lane is a store.Querier that copies what is inserted through it. It finds
// nothing that it is asked for, as an empty database would, and refuses what it
// cannot turn into rows.
type Lane struct {
	loader *Loader
	types  *pgtype.Map
	shapes map[string]*shape // by the text of the statement
	tables map[string]*table
}

// table collects rows of one table, in the columns of one kind of statement.
type table struct {
	name    string
	columns []string
	rows    bytes.Buffer
}

var _ store.Querier = (*Lane)(nil)

// New prepares the schemas of an empty database, of which url names the owner,
// for being filled: indexes and keys are dropped until Finish. Close must be
// called, whatever happens.
func New(ctx context.Context, url string, schemas ...string) (*Loader, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, store.Map(err)
	}
	l := &Loader{
		conn: conn, url: url,
		full: make(chan *table, waiting), empty: make(chan bytes.Buffer, waiting), copied: make(chan struct{}),
	}
	l.Lane = l.AddLane()
	if err := l.prepare(ctx, schemas); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	if l.columns, err = readColumns(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	go l.copyAll(ctx)
	return l, nil
}

// AddLane returns one more lane, whose rows may be mixed with those of others. It
// must be called before Finish.
func (l *Loader) AddLane() *Lane {
	lane := &Lane{loader: l, types: pgtype.NewMap(), shapes: map[string]*shape{}, tables: map[string]*table{}}
	l.lanes = append(l.lanes, lane)
	return lane
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
	}
	<-l.copied
	return l.failed
}

// Exec takes the rows of a statement.
func (l *Lane) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	_, err := l.take(sql, args)
	return pgconn.CommandTag{}, err
}

// Query finds nothing.
func (l *Lane) Query(context.Context, string, ...any) (pgx.Rows, error) { return nothing{}, nil }

// QueryRow takes the row of a statement that returns the identifier of what it
// inserts, which is given here; of any other it finds nothing.
func (l *Lane) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	if !isInsert(sql) {
		return nothing{}
	}
	id, err := l.take(sql, args)
	return given{id: id, err: err}
}

// SendBatch takes the rows of all statements of a batch.
func (l *Lane) SendBatch(_ context.Context, b *pgx.Batch) pgx.BatchResults {
	return &results{lane: l, batch: b}
}

// CopiesInserts says that what is inserted is copied here: it is to come as it is.
func (l *Lane) CopiesInserts() {}

// CopyFrom is refused: who copies already has no need of a Loader.
func (l *Lane) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, errors.New("bulk: rows that are copied already")
}

// take turns a statement into rows of its table, and returns the identifier that
// it gave where the statement asks for one.
func (l *Lane) take(sql string, args []any) (id string, err error) {
	s, ok := l.shapes[sql]
	if !ok {
		if s, err = parse(sql, l.loader.columns); err != nil {
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
		select {
		case t.rows = <-l.loader.empty:
		default:
		}
		l.tables[s.key] = t
	}
	if id, err = s.write(&t.rows, l.types, values); err != nil {
		return "", fmt.Errorf("bulk: %s: %w", s.table, err)
	}
	if t.rows.Len() >= most {
		delete(l.tables, s.key)
		return id, l.loader.send(t)
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
	if l.ended {
		return errors.New("bulk: rows after the end")
	}
	select {
	case l.full <- t:
		return nil
	case <-l.copied: // before the end only when it failed
		return l.failed
	}
}

// copyAll copies what is full, one table after the other, until full is closed.
func (l *Loader) copyAll(ctx context.Context) {
	defer close(l.copied)
	begun := map[string]string{}
	for t := range l.full {
		if err := l.copyTable(ctx, t, begun); err != nil {
			l.failed = fmt.Errorf("copy %s: %w", t.name, store.Map(err))
			return
		}
		t.rows.Reset()
		select {
		case l.empty <- t.rows:
		default:
		}
	}
	_, err := l.conn.Exec(ctx, `COMMIT`)
	l.failed = store.Map(err)
}

// copyTable copies rows. Into a table that was emptied in the same transaction
// they are copied as rows that all can see from now on.
func (l *Loader) copyTable(ctx context.Context, t *table, begun map[string]string) error {
	options, ok := begun[t.name]
	if !ok {
		var used bool
		if err := l.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+t.name+`)`).Scan(&used); err != nil {
			return err
		}
		if !used {
			if _, err := l.conn.Exec(ctx, `TRUNCATE `+t.name); err != nil {
				return err
			}
			options = " WITH (FREEZE)"
		}
		begun[t.name] = options
	}
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN%s", t.name, quoted(t.columns), options)
	_, err := l.conn.PgConn().CopyFrom(ctx, bytes.NewReader(t.rows.Bytes()), sql)
	return err
}

// Finish copies what is left, makes indexes and keys again, which checks that the
// rows fit together, and counts what the planner wants to know.
func (l *Loader) Finish(ctx context.Context, progress func(done, all int)) error {
	for _, lane := range l.lanes {
		for _, key := range slices.Sorted(maps.Keys(lane.tables)) {
			if err := l.send(lane.tables[key]); err != nil {
				return err
			}
		}
	}
	if err := l.end(); err != nil {
		return err
	}
	return l.makeAgain(ctx, progress)
}

// Size is how many bytes the database has.
func (l *Loader) Size(ctx context.Context) (bytes int64, err error) {
	err = l.conn.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&bytes)
	return bytes, store.Map(err)
}
