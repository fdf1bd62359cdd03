package desk

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Outcomes of what was sent to review together. An open bundle has none.
const (
	BundlePublished = "published"
	BundleReturned  = "returned"
	BundleVoided    = "voided" // by an edit, or because it was sent again
)

// Bundle is what was sent to review together.
type Bundle struct {
	ID          string
	Record      register.Ref // for which the review was asked
	RequestedBy Person
	RequestedAt time.Time
	Note        string
	ClaimedBy   Person // zero: nobody
	ClaimedAt   time.Time
	Outcome     string // "": open
	ClosedBy    Person
	ClosedAt    time.Time
	Reason      string // of the return
}

// Person is somebody of the staff; the zero Person is nobody.
type Person struct {
	ID, Name string
}

// Member is a version in a bundle.
type Member struct {
	Record  register.Ref
	Version int
}

// InsertBundle makes a bundle of versions that are in review or approved, in
// their order. ErrConflict is returned when one of them is in another bundle
// that is open, or at another version.
func (d *Queries) InsertBundle(ctx context.Context, b Bundle, members []Member) (id string, err error) {
	err = d.q.QueryRow(ctx, `
		INSERT INTO desk.bundles (record_id, requested_by, requested_at, note)
		VALUES (@record, @by, @at, @note)
		RETURNING id`,
		pgx.StrictNamedArgs{"record": b.Record, "by": b.RequestedBy.ID, "at": b.RequestedAt, "note": b.Note}).Scan(&id)
	if err != nil {
		return "", store.Map(err)
	}
	var batch pgx.Batch
	for i, m := range members {
		batch.Queue(`
			INSERT INTO desk.bundle_records (bundle_id, record_id, version, position)
			VALUES (@bundle, @record, @version, @position)`,
			pgx.StrictNamedArgs{"bundle": id, "record": m.Record, "version": m.Version, "position": i})
	}
	return id, store.Map(d.q.SendBatch(ctx, &batch).Close())
}

const selectBundle = `
	SELECT b.id, b.record_id, asker.id, asker.name, b.requested_at, b.note,
	       coalesce(claimer.id::text, ''), coalesce(claimer.name, ''), b.claimed_at,
	       coalesce(b.outcome, ''), coalesce(closer.id::text, ''), coalesce(closer.name, ''), b.closed_at, b.reason
	FROM desk.bundles AS b
	JOIN desk.accounts AS asker ON asker.id = b.requested_by
	LEFT JOIN desk.accounts AS claimer ON claimer.id = b.claimed_by
	LEFT JOIN desk.accounts AS closer ON closer.id = b.closed_by`

func scanBundle(row pgx.CollectableRow) (Bundle, error) {
	var b Bundle
	var claimed, closed *time.Time
	err := row.Scan(&b.ID, &b.Record, &b.RequestedBy.ID, &b.RequestedBy.Name, &b.RequestedAt, &b.Note,
		&b.ClaimedBy.ID, &b.ClaimedBy.Name, &claimed, &b.Outcome, &b.ClosedBy.ID, &b.ClosedBy.Name, &closed, &b.Reason)
	b.ClaimedAt, b.ClosedAt = moment(claimed), moment(closed)
	return b, err
}

// moment is the time, zero for null.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Bundle returns a bundle with its versions; ErrNotFound when there is none.
func (d *Queries) Bundle(ctx context.Context, id string) (Bundle, []Member, error) {
	if !store.IsID(id) {
		return Bundle{}, nil, register.ErrNotFound
	}
	rows, err := d.q.Query(ctx, selectBundle+` WHERE b.id = @id`, pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return Bundle{}, nil, store.Map(err)
	}
	b, err := pgx.CollectExactlyOneRow(rows, scanBundle)
	if err != nil {
		return Bundle{}, nil, store.Map(err)
	}
	members, err := d.members(ctx, id)
	return b, members, err
}

func (d *Queries) members(ctx context.Context, id string) ([]Member, error) {
	rows, err := d.q.Query(ctx, `
		SELECT record_id, version
		FROM desk.bundle_records
		WHERE bundle_id = @id
		ORDER BY position`,
		pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
	return out, store.Map(err)
}

// LockBundle holds a bundle until the end of the transaction; ErrConflict when
// it was decided meanwhile.
func (d *Queries) LockBundle(ctx context.Context, id string) error {
	var outcome string
	err := d.q.QueryRow(ctx, `
		SELECT coalesce(outcome, '') FROM desk.bundles WHERE id = @id FOR UPDATE`,
		pgx.StrictNamedArgs{"id": id}).Scan(&outcome)
	if err == nil && outcome != "" {
		return register.ErrConflict
	}
	return store.Map(err)
}

// OpenBundle returns the bundle that holds a record and is not decided yet;
// ErrNotFound when there is none.
func (d *Queries) OpenBundle(ctx context.Context, record register.Ref) (id string, err error) {
	err = d.q.QueryRow(ctx, `
		SELECT b.id
		FROM desk.bundles AS b
		JOIN desk.bundle_records AS m ON m.bundle_id = b.id
		WHERE m.record_id = @record AND b.outcome IS NULL`,
		pgx.StrictNamedArgs{"record": record}).Scan(&id)
	return id, store.Map(err)
}

// LockTogether locks records with what is in review together with them, and with more, as
// LockRecords does, and returns the heads of the records: an edit voids the review of all
// of it, and whoever locked that later would do so out of the order of everybody. While
// records are locked no review of them begins. One that has begun since it was looked for
// is seen: then all are let go of, and locked anew.
func (d *Queries) LockTogether(ctx context.Context, ids, more []register.Ref) ([]Record, error) {
	for {
		if err := d.run(ctx, `SAVEPOINT together`, nil); err != nil {
			return nil, err
		}
		wanted, err := d.bundleMates(ctx, ids)
		if err != nil {
			return nil, err
		}
		heads, err := d.LockRecords(ctx, append(slices.Clone(wanted), more...))
		if err != nil {
			return nil, err
		}
		mates, err := d.bundleMates(ctx, ids)
		if err != nil {
			return nil, err
		}
		all := !slices.ContainsFunc(mates, func(id register.Ref) bool { return !slices.Contains(wanted, id) })
		if !all {
			if err := d.run(ctx, `ROLLBACK TO SAVEPOINT together`, nil); err != nil {
				return nil, err
			}
		}
		// What is written from here on must be the transaction's own (record.is_ours).
		if err := d.run(ctx, `RELEASE SAVEPOINT together`, nil); err != nil {
			return nil, err
		}
		if all {
			return slices.DeleteFunc(heads, func(head Record) bool { return !slices.Contains(ids, head.ID) }), nil
		}
	}
}

// bundleMates returns the records that are in an open bundle with one of some records,
// and these themselves.
func (d *Queries) bundleMates(ctx context.Context, records []register.Ref) ([]register.Ref, error) {
	rows, err := d.q.Query(ctx, `
		SELECT mate.record_id
		FROM desk.bundle_records AS m
		JOIN desk.bundles AS b ON b.id = m.bundle_id AND b.outcome IS NULL
		JOIN desk.bundle_records AS mate ON mate.bundle_id = b.id
		WHERE m.record_id = ANY (@records)
		UNION
		SELECT unnest(@records::uuid[])`,
		pgx.StrictNamedArgs{"records": records})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[register.Ref])
	return out, store.Map(err)
}

// Claim notes who has taken a review; "" lets go of it. ErrForbidden is
// returned for one who may not decide it.
func (d *Queries) Claim(ctx context.Context, bundle, account string, at time.Time) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.bundles
		SET claimed_by = @account, claimed_at = CASE WHEN @account::uuid IS NULL THEN NULL ELSE @at::timestamptz END
		WHERE id = @bundle`,
		pgx.StrictNamedArgs{"bundle": bundle, "account": store.Nullable(account), "at": at})
	return store.Map(err)
}

// CloseBundle notes what became of a bundle.
func (d *Queries) CloseBundle(ctx context.Context, bundle, outcome, by, reason string, at time.Time) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.bundles
		SET outcome = @outcome, closed_by = @by, closed_at = @at, reason = @reason
		WHERE id = @bundle`,
		pgx.StrictNamedArgs{"bundle": bundle, "outcome": outcome, "by": store.Nullable(by), "reason": reason, "at": at})
	return store.Map(err)
}

// ClosePublished closes the open bundles all of whose versions are public now.
func (d *Queries) ClosePublished(ctx context.Context, records []register.Ref, by string, at time.Time) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.bundles AS b
		SET outcome = 'published', closed_by = @by, closed_at = @at
		WHERE b.outcome IS NULL
		  AND b.id IN (SELECT bundle_id FROM desk.bundle_records WHERE record_id = ANY (@records))
		  AND NOT EXISTS (
		      SELECT FROM desk.bundle_records AS m
		      JOIN desk.records AS r ON r.id = m.record_id
		      WHERE m.bundle_id = b.id AND r.published_version IS DISTINCT FROM m.version)`,
		pgx.StrictNamedArgs{"records": records, "by": by, "at": at})
	return store.Map(err)
}

// InsertChecks notes that somebody confirmed the items of the checklist.
func (d *Queries) InsertChecks(ctx context.Context, bundle, account string, items []string) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.review_checks (bundle_id, item, account_id)
		SELECT @bundle, item, @account FROM unnest(@items::text[]) AS item
		ON CONFLICT DO NOTHING`,
		pgx.StrictNamedArgs{"bundle": bundle, "account": account, "items": list(items)})
	return store.Map(err)
}

// Checks returns the items of the checklist that were confirmed.
func (d *Queries) Checks(ctx context.Context, bundle string) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		SELECT item FROM desk.review_checks WHERE bundle_id = @bundle ORDER BY item`,
		pgx.StrictNamedArgs{"bundle": bundle})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// Parts returns those of the records in which an account had a part since
// their last edition, by changing them or a source that they cite.
func (d *Queries) Parts(ctx context.Context, account string, records []register.Ref) ([]register.Ref, error) {
	rows, err := d.q.Query(ctx, `
		SELECT id FROM unnest(@records::uuid[]) AS id WHERE desk.has_part(@account, id)`,
		pgx.StrictNamedArgs{"account": account, "records": records})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[register.Ref])
	return out, store.Map(err)
}

// ApprovalStands reports whether the approval of a version, if there is one,
// would be good for a publication now.
func (d *Queries) ApprovalStands(ctx context.Context, m Member) (bool, error) {
	var stands bool
	err := d.q.QueryRow(ctx, `
		SELECT coalesce((
		    SELECT desk.approval_stands(r.record_id, r.version, r.reviewer_id)
		    FROM desk.reviews AS r
		    WHERE r.record_id = @record AND r.version = @version AND r.outcome = 'approved'
		    ORDER BY r.decided_at DESC
		    LIMIT 1), false)`,
		pgx.StrictNamedArgs{"record": m.Record, "version": m.Version}).Scan(&stands)
	return stands, store.Map(err)
}

// VoidBundle takes back what was sent together: what is not approved yet is a
// draft again.
func (d *Queries) VoidBundle(ctx context.Context, bundle string, at time.Time) error {
	var batch pgx.Batch
	for _, sql := range []string{
		`UPDATE desk.bundles SET outcome = 'voided', closed_at = @at WHERE id = @bundle`,
		`UPDATE desk.scheduled_publications SET outcome = 'voided', closed_at = @at
		 WHERE bundle_id = @bundle AND outcome IS NULL`,
		`UPDATE desk.reviews AS v SET outcome = 'voided', decided_at = @at
		 FROM desk.bundle_records AS m
		 WHERE m.bundle_id = @bundle AND v.record_id = m.record_id AND v.outcome IS NULL`,
	} {
		batch.Queue(sql, pgx.StrictNamedArgs{"bundle": bundle, "at": at})
	}
	batch.Queue(`
		UPDATE desk.records AS r SET state = 'draft'
		FROM desk.bundle_records AS m
		WHERE m.bundle_id = @bundle AND r.id = m.record_id AND r.state = 'in-review'`,
		pgx.StrictNamedArgs{"bundle": bundle})
	return store.Map(d.q.SendBatch(ctx, &batch).Close())
}

// PublishedBefore returns the version of a record that was the last public one
// when a later version was made; 0 when there was none.
func (d *Queries) PublishedBefore(ctx context.Context, m Member) (int, error) {
	var version int
	err := d.q.QueryRow(ctx, `
		SELECT coalesce(max(version), 0)
		FROM desk.publications
		WHERE record_id = @record AND cause = 'published' AND version < @version`,
		pgx.StrictNamedArgs{"record": m.Record, "version": m.Version}).Scan(&version)
	return version, store.Map(err)
}
