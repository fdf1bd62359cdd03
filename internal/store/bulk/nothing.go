package bulk

import (
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// nothing is what an empty database answers.
type nothing struct{}

func (nothing) Close()                                       {}
func (nothing) Err() error                                   { return nil }
func (nothing) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (nothing) FieldDescriptions() []pgconn.FieldDescription { return nil }
func (nothing) Next() bool                                   { return false }
func (nothing) Scan(...any) error                            { return pgx.ErrNoRows }
func (nothing) Values() ([]any, error)                       { return nil, pgx.ErrNoRows }
func (nothing) RawValues() [][]byte                          { return nil }
func (nothing) TypeMap() *pgtype.Map                         { return nil }
func (nothing) Conn() *pgx.Conn                              { return nil }

// given is the identifier of what was inserted.
type given struct {
	id  string
	err error
}

func (g given) Scan(to ...any) error {
	if g.err != nil {
		return g.err
	}
	v := reflect.ValueOf(to[0])
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.String {
		return fmt.Errorf("bulk: an identifier for %T", to[0])
	}
	v.Elem().SetString(g.id)
	return nil
}

// results takes the statements of a batch when it is closed, as most callers
// read them; their own functions find nothing.
type results struct {
	lane   *Lane
	batch  *pgx.Batch
	closed bool
}

func (r *results) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, nil }
func (r *results) Query() (pgx.Rows, error)         { return nothing{}, nil }
func (r *results) QueryRow() pgx.Row                { return nothing{} }
func (r *results) Tx() pgx.Tx                       { return nil }

func (r *results) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	for _, q := range r.batch.QueuedQueries {
		if q.Fn != nil {
			if err := q.Fn(r); err != nil {
				return err
			}
			continue
		}
		if _, err := r.lane.take(q.SQL, q.Arguments); err != nil {
			return err
		}
	}
	return nil
}
