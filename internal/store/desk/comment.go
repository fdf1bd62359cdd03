package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Comment is a remark on a draft, for staff only.
type Comment struct {
	Record register.Ref
	By     string
	Body   string
	At     time.Time
}

// InsertComment keeps a remark on a record, and returns its identifier.
func (d *Queries) InsertComment(ctx context.Context, record register.Ref, account, body string, at time.Time) (id string, err error) {
	err = d.q.QueryRow(ctx, `
		INSERT INTO desk.comments (record_id, account_id, body, created_at)
		VALUES (@record, @account, @body, @at)
		RETURNING id`,
		pgx.StrictNamedArgs{"record": record, "account": account, "body": body, "at": at}).Scan(&id)
	return id, store.Map(err)
}

// Comments returns the remarks on some records, the oldest first.
func (d *Queries) Comments(ctx context.Context, records []register.Ref) ([]Comment, error) {
	rows, err := d.q.Query(ctx, `
		SELECT c.record_id, a.name, c.body, c.created_at
		FROM desk.comments AS c
		JOIN desk.accounts AS a ON a.id = c.account_id
		WHERE c.record_id = ANY (@records)
		ORDER BY c.created_at, c.id
		LIMIT 500`,
		pgx.StrictNamedArgs{"records": records})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Comment])
	return out, store.Map(err)
}

// Assign gives a record to somebody to work on; "" to nobody. ErrInvalid when
// there is no such person at the desk.
func (d *Queries) Assign(ctx context.Context, record register.Ref, account string) error {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.records
		SET assigned_to = @account
		WHERE id = @record AND (@account::uuid IS NULL OR EXISTS (
		    SELECT FROM desk.accounts WHERE id = @account AND deactivated_at IS NULL AND NOT is_service))`,
		pgx.StrictNamedArgs{"record": record, "account": store.Nullable(account)})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrInvalid
	}
	return store.Map(err)
}

// AssignedTo returns who is to work on a record; the zero Person is nobody.
func (d *Queries) AssignedTo(ctx context.Context, record register.Ref) (Person, error) {
	var p Person
	err := d.q.QueryRow(ctx, `
		SELECT coalesce(a.id::text, ''), coalesce(a.name, '')
		FROM desk.records AS r
		LEFT JOIN desk.accounts AS a ON a.id = r.assigned_to
		WHERE r.id = @record`,
		pgx.StrictNamedArgs{"record": record}).Scan(&p.ID, &p.Name)
	return p, store.Map(err)
}

// Staff returns the people who work at the desk, by name.
func (d *Queries) Staff(ctx context.Context) ([]Person, error) {
	rows, err := d.q.Query(ctx, `
		SELECT id, name
		FROM desk.accounts
		WHERE deactivated_at IS NULL AND NOT is_service
		ORDER BY name, id`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Person])
	return out, store.Map(err)
}

// Authorship says who made a record, whether somebody else changed it, and
// whether it was ever public.
type Authorship struct {
	CreatedBy string
	Shared    bool
	Published bool
}

// Authorship returns who made a record.
func (d *Queries) Authorship(ctx context.Context, record register.Ref) (Authorship, error) {
	var a Authorship
	err := d.q.QueryRow(ctx, `
		SELECT r.created_by,
		       EXISTS (SELECT FROM desk.changes AS c WHERE c.record_id = r.id AND c.account_id <> r.created_by),
		       r.reference IS NOT NULL
		FROM desk.records AS r
		WHERE r.id = @record`,
		pgx.StrictNamedArgs{"record": record}).Scan(&a.CreatedBy, &a.Shared, &a.Published)
	return a, store.Map(err)
}

// Discard puts a draft away and frees its address for another record.
func (d *Queries) Discard(ctx context.Context, record register.Ref) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.records
		SET state = 'discarded', slug = rtrim(left(slug, 100), '-') || '-' || left(id::text, 8), updated_at = now()
		WHERE id = @record`,
		pgx.StrictNamedArgs{"record": record})
	return store.Map(err)
}

// Act is something that happened to a record.
type Act struct {
	ID      int64
	At      time.Time
	By      string // "" for the program
	Action  string // as audited
	Version int    // 0: none
	// Detail is what the audit keeps beside it.
	Detail map[string]any
	// Text is what was said with it: a note, a remark, the reason of a return.
	Text string
}

// Acts returns what happened to a record, the newest first, before the
// number of the last line of the page before; 0 begins at the newest.
func (d *Queries) Acts(ctx context.Context, record register.Ref, before int64, limit int) ([]Act, error) {
	rows, err := d.q.Query(ctx, `
		SELECT a.id, a.at, coalesce(p.name, ''), a.action, coalesce(a.version, 0), a.detail,
		       coalesce(CASE a.action
		           WHEN 'send-for-review' THEN (
		               SELECT b.note FROM desk.bundles AS b
		               WHERE b.id::text = a.detail ->> 'bundle')
		           WHEN 'returned' THEN (
		               SELECT r.reason FROM desk.reviews AS r
		               WHERE r.record_id = a.record_id AND r.version = a.version AND r.outcome = 'returned'
		               ORDER BY r.decided_at DESC LIMIT 1)
		           WHEN 'comment' THEN (
		               SELECT c.body FROM desk.comments AS c
		               WHERE c.record_id = a.record_id AND c.id::text = a.detail ->> 'comment')
		       END, '')
		FROM desk.audit AS a
		LEFT JOIN desk.accounts AS p ON p.id = a.account_id
		WHERE a.record_id = @record AND (@before = 0 OR a.id < @before)
		ORDER BY a.id DESC
		LIMIT @limit`,
		pgx.StrictNamedArgs{"record": record, "before": before, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Act])
	return out, store.Map(err)
}

// SavedBy returns those who saved the versions of a record after
// one, up to another.
func (d *Queries) SavedBy(ctx context.Context, record register.Ref, after, upTo int) ([]Person, error) {
	rows, err := d.q.Query(ctx, `
		SELECT DISTINCT p.id, p.name
		FROM desk.audit AS a
		JOIN desk.accounts AS p ON p.id = a.account_id
		WHERE a.record_id = @record AND a.action IN ('draft', 'change') AND a.version > @after AND a.version <= @up_to
		ORDER BY p.name, p.id`,
		pgx.StrictNamedArgs{"record": record, "after": after, "up_to": upTo})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Person])
	return out, store.Map(err)
}

// PersonName returns the name of an account.
func (d *Queries) PersonName(ctx context.Context, account string) (string, error) {
	var name string
	err := d.q.QueryRow(ctx, `SELECT name FROM desk.accounts WHERE id = @id`, pgx.StrictNamedArgs{"id": account}).Scan(&name)
	return name, store.Map(err)
}

// Reviewers returns the accounts that may review all of the records: editors
// and admins who had no part in any of them since its last edition.
func (d *Queries) Reviewers(ctx context.Context, records []register.Ref) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		SELECT a.id
		FROM desk.accounts AS a
		WHERE a.role IN ('editor', 'admin') AND a.deactivated_at IS NULL AND NOT a.is_service
		  AND NOT EXISTS (SELECT FROM unnest(@records::uuid[]) AS r WHERE desk.has_part(a.id, r))
		ORDER BY a.id`,
		pgx.StrictNamedArgs{"records": records})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}
