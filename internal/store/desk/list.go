package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// ListFilter chooses records of one type. Empty fields do not choose.
type ListFilter struct {
	Type     register.RecordType
	State    string   // one of States; what was discarded is shown only when asked for
	Mine     string   // account: made by it
	Assigned string   // account: assigned to it
	Words    []string // folded, all in the titles or names
	After    string   // cursor
	Limit    int
}

// States lists the states of a record in their order.
func States() []string {
	return []string{StateDraft, StateInReview, StateApproved, StatePublished, StateDiscarded}
}

// ListRow is a record as lists of the desk show it.
type ListRow struct {
	ID        register.Ref
	Type      register.RecordType
	Reference string // empty before the first publication
	State     string
	Title     register.Text
	Short     register.Text // of an institution
	Occurred  edtf.Date
	Share     int    // how complete it is, 0 to 100
	Author    string // name of who made it
	Assigned  string // name of who is to work on it, empty for nobody
	UpdatedAt time.Time
}

// Cursor is where the list goes on after the row.
func (r ListRow) Cursor() string { return cursor(r.UpdatedAt, string(r.ID)) }

const listColumns = `
	r.id, r.type, coalesce(r.reference, ''), r.state, e.title, e.short, e.occurred, e.share, a.name,
	coalesce((SELECT name FROM desk.accounts WHERE id = r.assigned_to), ''), r.updated_at`

func scanListRow(row pgx.CollectableRow) (ListRow, error) {
	var r ListRow
	err := row.Scan(&r.ID, &r.Type, &r.Reference, &r.State, &r.Title, &r.Short, store.DateColumn(&r.Occurred), &r.Share,
		&r.Author, &r.Assigned, &r.UpdatedAt)
	return r, err
}

// List returns records that the filter chooses, what was worked on last first.
// A cursor that no list gave is ErrInvalid.
func (d *Queries) List(ctx context.Context, f ListFilter) ([]ListRow, error) {
	at, id, err := parseCursor(f.After)
	if err != nil {
		return nil, err
	}
	args := pgx.StrictNamedArgs{"after": at, "after_id": id, "limit": f.Limit}
	rows, err := d.q.Query(ctx, fmt.Sprintf(`
		SELECT `+listColumns+`
		FROM desk.records AS r
		JOIN desk.directory AS e ON e.record_id = r.id
		JOIN desk.accounts AS a ON a.id = r.created_by
		WHERE %s AND (@after_id::uuid IS NULL OR (r.updated_at, r.id) < (@after::timestamptz, @after_id::uuid))
		ORDER BY r.updated_at DESC, r.id DESC
		LIMIT @limit`, f.condition(args)), args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanListRow)
	return out, store.Map(err)
}

// condition is what the filter asks for; it adds the values to the arguments.
func (f ListFilter) condition(args pgx.StrictNamedArgs) string {
	of := string(recordType(f.Type))
	conditions := []string{"r.type = '" + of + "'", "e.type = '" + of + "'", "r.merged_into IS NULL"}
	if f.State == "" {
		conditions = append(conditions, "r.state <> 'discarded'")
	} else {
		args["state"] = f.State
		conditions = append(conditions, "r.state = @state")
	}
	if f.Mine != "" {
		args["mine"] = f.Mine
		conditions = append(conditions, "r.created_by = @mine")
	}
	if f.Assigned != "" {
		args["assigned"] = f.Assigned
		conditions = append(conditions, "r.assigned_to = @assigned")
	}
	if len(f.Words) > 0 {
		conditions = append(conditions, strings.ReplaceAll(wordCondition("part", f.Words, args, fragment), "folded LIKE", "e.folded LIKE"))
	}
	return strings.Join(conditions, " AND ")
}
