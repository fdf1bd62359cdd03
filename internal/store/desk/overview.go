package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// InHand returns the drafts that an account made or is to work on, what was
// worked on last first.
func (d *Queries) InHand(ctx context.Context, account string, limit int) ([]ListRow, error) {
	rows, err := d.q.Query(ctx, `
		SELECT `+listColumns+`
		FROM desk.records AS r
		JOIN desk.directory AS e ON e.record_id = r.id
		JOIN desk.accounts AS a ON a.id = r.created_by
		WHERE r.state = 'draft' AND (r.created_by = @account OR r.assigned_to = @account)
		ORDER BY r.updated_at DESC, r.id DESC
		LIMIT @limit`,
		pgx.StrictNamedArgs{"account": account, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanListRow)
	return out, store.Map(err)
}

// ReviewRow is a record that waits for a review, or came back from one.
type ReviewRow struct {
	ListRow
	By   string // who asked for the review, or who returned the record
	Note string // what he said with it
	At   time.Time
}

func scanReviewRow(row pgx.CollectableRow) (ReviewRow, error) {
	var r ReviewRow
	err := row.Scan(&r.ID, &r.Type, &r.Reference, &r.State, &r.Title, &r.Short, store.DateColumn(&r.Occurred), &r.Share,
		&r.Author, &r.Assigned, &r.UpdatedAt, &r.By, &r.Note, &r.At)
	return r, err
}

// Waiting returns the records that wait for a review, the longest first.
func (d *Queries) Waiting(ctx context.Context, limit int) ([]ReviewRow, error) {
	return d.reviews(ctx, `
		SELECT `+listColumns+`, b.name, v.note, v.requested_at
		FROM desk.reviews AS v
		JOIN desk.records AS r ON r.id = v.record_id AND r.state = 'in-review'
		JOIN desk.directory AS e ON e.record_id = r.id
		JOIN desk.accounts AS a ON a.id = r.created_by
		JOIN desk.accounts AS b ON b.id = v.requested_by
		WHERE v.outcome IS NULL
		ORDER BY v.requested_at, v.record_id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
}

// Returned returns the drafts that came back from a review that the account had
// asked for, and were not sent again; the last first.
func (d *Queries) Returned(ctx context.Context, account string, limit int) ([]ReviewRow, error) {
	return d.reviews(ctx, `
		SELECT `+listColumns+`, b.name, v.reason, v.decided_at
		FROM desk.reviews AS v
		JOIN desk.records AS r ON r.id = v.record_id AND r.state = 'draft'
		JOIN desk.directory AS e ON e.record_id = r.id
		JOIN desk.accounts AS a ON a.id = r.created_by
		JOIN desk.accounts AS b ON b.id = v.reviewer_id
		WHERE v.outcome = 'returned' AND v.requested_by = @account
		  AND NOT EXISTS (
		      SELECT FROM desk.reviews AS l WHERE l.record_id = v.record_id AND l.requested_at > v.requested_at)
		ORDER BY v.decided_at DESC, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"account": account, "limit": limit})
}

func (d *Queries) reviews(ctx context.Context, sql string, args pgx.StrictNamedArgs) ([]ReviewRow, error) {
	rows, err := d.q.Query(ctx, sql, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanReviewRow)
	return out, store.Map(err)
}

// StaleRow is an incident whose referral nobody has confirmed.
type StaleRow struct {
	Picked
	Since edtf.Day // the last day of its last step
}

// Stale returns incidents with a referral on which nothing has followed since a
// day or longer, the longest first.
func (d *Queries) Stale(ctx context.Context, day edtf.Day, limit int) ([]StaleRow, error) {
	rows, err := d.q.Query(ctx, `
		SELECT `+pickedColumns+`, e.waits_since
		FROM desk.directory AS e
		JOIN desk.records AS r ON r.id = e.record_id AND r.state <> 'discarded'
		WHERE e.waits_since <= @day
		ORDER BY e.waits_since, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"day": midnight(day), "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (StaleRow, error) {
		var s StaleRow
		var since time.Time
		err := row.Scan(&s.ID, &s.Reference, &s.State, &s.Title, &s.Short, store.DateColumn(&s.Occurred), &since)
		s.Since = edtf.Day{Year: since.Year(), Month: since.Month(), Day: since.Day()}
		return s, err
	})
	return out, store.Map(err)
}

// OriginalsNotSeen returns statements that are known only through others, what
// was worked on last first.
func (d *Queries) OriginalsNotSeen(ctx context.Context, limit int) ([]Picked, error) {
	return d.picked(ctx, `
		SELECT `+pickedColumns+`
		FROM desk.directory AS e
		JOIN desk.records AS r ON r.id = e.record_id AND r.state <> 'discarded'
		WHERE e.original_not_seen
		ORDER BY r.updated_at DESC, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
}

// PublishedRow is an edition that was published.
type PublishedRow struct {
	Picked
	Type   register.RecordType
	Number int
	By     string // the reviewer's name
	At     time.Time
}

// Published returns what was published last; editions that were only carried
// along are left out.
func (d *Queries) Published(ctx context.Context, limit int) ([]PublishedRow, error) {
	rows, err := d.q.Query(ctx, `
		SELECT `+pickedColumns+`, r.type, p.number, a.name, p.published_at
		FROM desk.publications AS p
		JOIN desk.records AS r ON r.id = p.record_id
		JOIN desk.directory AS e ON e.record_id = r.id
		JOIN desk.accounts AS a ON a.id = p.reviewer_id
		WHERE p.cause = 'published'
		ORDER BY p.recorded_at DESC
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (PublishedRow, error) {
		var p PublishedRow
		err := row.Scan(&p.ID, &p.Reference, &p.State, &p.Title, &p.Short, store.DateColumn(&p.Occurred), &p.Type, &p.Number, &p.By, &p.At)
		return p, err
	})
	return out, store.Map(err)
}

// ActivityRow is something that was done at the desk.
type ActivityRow struct {
	Action string
	By     string              // name of who did it
	Record register.Ref        // empty where it concerns no record
	Type   register.RecordType // of the record
	Title  register.Text
	Short  register.Text
	At     time.Time
}

// Activity returns what was done last to records.
func (d *Queries) Activity(ctx context.Context, limit int) ([]ActivityRow, error) {
	rows, err := d.q.Query(ctx, `
		SELECT l.action, a.name, r.id, r.type, e.title, e.short, l.at
		FROM desk.audit AS l
		JOIN desk.accounts AS a ON a.id = l.account_id
		JOIN desk.records AS r ON r.id = l.record_id
		JOIN desk.directory AS e ON e.record_id = r.id
		ORDER BY l.id DESC
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ActivityRow, error) {
		var r ActivityRow
		err := row.Scan(&r.Action, &r.By, &r.Record, &r.Type, &r.Title, &r.Short, &r.At)
		return r, err
	})
	return out, store.Map(err)
}
