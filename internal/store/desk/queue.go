package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// QueueFilter says which reviews to list. The zero filter lists all that are
// open.
type QueueFilter struct {
	Type      register.RecordType // of the record for which it was asked
	ClaimedBy string              // account
	Unclaimed bool
	// Institution is a part of a name, folded; "" is any.
	Institution string
	// AfterAt and AfterID are of the last row of the page before.
	AfterAt time.Time
	AfterID string
	Limit   int
}

// Waiting is a line of the queue.
type Waiting struct {
	Bundle      string
	Record      register.Ref
	Type        register.RecordType
	Title       register.Text
	Reference   string // "" before the first publication
	Records     int    // that were sent together
	RequestedBy string
	RequestedAt time.Time
	ClaimedBy   Person
	// Approved means that it only waits to be published, at PublishAt where a
	// time is set.
	Approved  bool
	PublishAt time.Time
}

// Queue lists the open reviews, the oldest first.
func (d *Queries) Queue(ctx context.Context, f QueueFilter) ([]Waiting, error) {
	var after *time.Time
	if !f.AfterAt.IsZero() {
		after = &f.AfterAt
	}
	rows, err := d.q.Query(ctx, `
		WITH named AS (
		    SELECT record_id FROM desk.directory
		    WHERE @institution <> '' AND type = 'institution' AND strpos(folded, @institution) > 0
		)
		SELECT b.id, b.record_id, r.type, e.title, coalesce(r.reference, ''),
		       (SELECT count(*) FROM desk.bundle_records AS m WHERE m.bundle_id = b.id),
		       asker.name, b.requested_at, coalesce(claimer.id::text, ''), coalesce(claimer.name, ''),
		       (SELECT coalesce(bool_and(member.state = 'approved'), false)
		        FROM desk.bundle_records AS m
		        JOIN desk.records AS member ON member.id = m.record_id
		        WHERE m.bundle_id = b.id),
		       s.publish_at
		FROM desk.bundles AS b
		JOIN desk.records AS r ON r.id = b.record_id
		JOIN desk.directory AS e ON e.record_id = b.record_id
		JOIN desk.accounts AS asker ON asker.id = b.requested_by
		LEFT JOIN desk.accounts AS claimer ON claimer.id = b.claimed_by
		LEFT JOIN desk.scheduled_publications AS s ON s.bundle_id = b.id AND s.outcome IS NULL
		WHERE b.outcome IS NULL
		  AND (@type = '' OR r.type = @type)
		  AND (@claimer::uuid IS NULL OR b.claimed_by = @claimer)
		  AND (NOT @unclaimed OR b.claimed_by IS NULL)
		  AND (@institution = '' OR b.record_id IN (SELECT record_id FROM named)
		       OR e.institutions && ARRAY(SELECT record_id FROM named))
		  AND (@after::timestamptz IS NULL OR (b.requested_at, b.id) > (@after, @after_id::uuid))
		ORDER BY b.requested_at, b.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{
			"type": f.Type, "claimer": store.Nullable(f.ClaimedBy), "unclaimed": f.Unclaimed, "institution": f.Institution,
			"after": after, "after_id": store.Nullable(f.AfterID), "limit": f.Limit,
		})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanWaiting)
	return out, store.Map(err)
}

func scanWaiting(row pgx.CollectableRow) (Waiting, error) {
	var w Waiting
	var at *time.Time
	err := row.Scan(&w.Bundle, &w.Record, &w.Type, &w.Title, &w.Reference, &w.Records, &w.RequestedBy, &w.RequestedAt,
		&w.ClaimedBy.ID, &w.ClaimedBy.Name, &w.Approved, &at)
	w.PublishAt = moment(at)
	return w, err
}

// Titles returns the titles of records, as the directory has them.
func (d *Queries) Titles(ctx context.Context, ids []register.Ref) (map[register.Ref]register.Text, error) {
	rows, err := d.q.Query(ctx, `
		SELECT record_id, title FROM desk.directory WHERE record_id = ANY (@ids::uuid[])`,
		pgx.StrictNamedArgs{"ids": identifiers(ids)})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[register.Ref]register.Text{}
	var id register.Ref
	var title register.Text
	_, err = pgx.ForEachRow(rows, []any{&id, &title}, func() error {
		out[id] = title
		title = nil
		return nil
	})
	return out, store.Map(err)
}

// Heads returns the heads of records, without locking them; those that do not
// exist are left out.
func (d *Queries) Heads(ctx context.Context, ids []register.Ref) ([]Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` WHERE id = ANY (@ids::uuid[]) ORDER BY id`,
		pgx.StrictNamedArgs{"ids": identifiers(ids)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanRecord)
	return out, store.Map(err)
}
