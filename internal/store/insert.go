package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Insert is an INSERT of one row of named values: what copying needs of it.
type Insert struct {
	Table   pgx.Identifier
	Columns []string
	names   []string
}

var insertForm = regexp.MustCompile(`^INSERT INTO (\w+)\.(\w+) \(([^()]+)\) VALUES \(([^()]+)\)$`)

// ParseInsert takes an INSERT of one row apart; ok is false for every other statement,
// one with ON CONFLICT among them.
func ParseInsert(sql string) (insert Insert, ok bool) {
	m := insertForm.FindStringSubmatch(strings.Join(strings.Fields(sql), " "))
	if m == nil {
		return Insert{}, false
	}
	i := Insert{Table: pgx.Identifier{m[1], m[2]}, Columns: strings.Split(m[3], ", "), names: strings.Split(m[4], ", ")}
	for n, name := range i.names {
		var named bool
		if i.names[n], named = strings.CutPrefix(name, "@"); !named || len(i.names) != len(i.Columns) {
			return Insert{}, false
		}
	}
	return i, true
}

// Row is what a row with these values has in the columns.
func (i Insert) Row(args pgx.StrictNamedArgs) []any {
	row := make([]any, len(i.names))
	for n, name := range i.names {
		row[n] = args[name]
	}
	return row
}

// copyFrom is from how many rows on an INSERT is sent as a COPY, which asks twice.
const copyFrom = 12

// SendInserts sends a batch in which the same INSERT of a row stands many times: its
// rows go as one COPY, with the same triggers and keys. Statements are sent in the order
// in which each stands for the first time; what one needs, and what undoes it, must not
// depend on more than that.
func SendInserts(ctx context.Context, q Querier, batch *pgx.Batch) error {
	if _, is := q.(interface{ CopiesInserts() }); is || batch.Len() < copyFrom {
		return Map(q.SendBatch(ctx, batch).Close())
	}
	groups := map[string][]*pgx.QueuedQuery{}
	var order []string
	for _, queued := range batch.QueuedQueries {
		if groups[queued.SQL] == nil {
			order = append(order, queued.SQL)
		}
		groups[queued.SQL] = append(groups[queued.SQL], queued)
	}
	few := &pgx.Batch{}
	send := func() error {
		if few.Len() == 0 {
			return nil
		}
		err := q.SendBatch(ctx, few).Close()
		few = &pgx.Batch{}
		return Map(err)
	}
	for _, sql := range order {
		insert, ok := ParseInsert(sql)
		if !ok || len(groups[sql]) < copyFrom {
			few.QueuedQueries = append(few.QueuedQueries, groups[sql]...)
			continue
		}
		if err := send(); err != nil {
			return err
		}
		if err := insert.copy(ctx, q, groups[sql]); err != nil {
			return err
		}
	}
	return send()
}

// copy copies the rows of what was queued.
func (i Insert) copy(ctx context.Context, q Querier, queued []*pgx.QueuedQuery) error {
	rows := make([][]any, len(queued))
	for n, one := range queued {
		args, ok := one.Arguments[0].(pgx.StrictNamedArgs)
		if !ok {
			return fmt.Errorf("insert into %s: no named values", i.Table.Sanitize())
		}
		rows[n] = i.Row(args)
	}
	_, err := q.CopyFrom(ctx, i.Table, i.Columns, CopyRows(rows))
	if pgErr, told := errors.AsType[*pgconn.PgError](err); told && strings.HasPrefix(pgErr.Message, "COPY from stdin failed: ") {
		// A value that its column does not take is our fault, though the server calls it a
		// statement that was cancelled.
		return fmt.Errorf("copy into %s: %s", i.Table.Sanitize(), pgErr.Message)
	}
	if err != nil {
		return fmt.Errorf("copy into %s: %w", i.Table.Sanitize(), Map(err))
	}
	return nil
}
