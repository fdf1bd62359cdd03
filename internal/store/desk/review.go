package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// InsertReview asks for a review of a version of a record. An earlier request
// that is still open is void.
func (d *Queries) InsertReview(ctx context.Context, record register.Ref, version int, by, note string) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.reviews
		SET outcome = 'voided', decided_at = now()
		WHERE record_id = @record AND outcome IS NULL`,
		pgx.StrictNamedArgs{"record": record})
	if err != nil {
		return store.Map(err)
	}
	_, err = d.q.Exec(ctx, `
		INSERT INTO desk.reviews (record_id, version, requested_by, note)
		VALUES (@record, @version, @by, @note)`,
		pgx.StrictNamedArgs{"record": record, "version": version, "by": by, "note": note})
	return store.Map(err)
}

// Outcomes of a review.
const (
	OutcomeApproved = "approved"
	OutcomeReturned = "returned"
)

// DecideReview closes the open review of a version. ErrConflict is returned
// when there is none, or when the record was changed meanwhile; ErrForbidden
// when the reviewer changed the record himself since its last edition.
func (d *Queries) DecideReview(ctx context.Context, record register.Ref, version int, reviewer, outcome, reason string) error {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.reviews
		SET outcome = @outcome, reviewer_id = @reviewer, decided_at = now(), reason = @reason
		WHERE record_id = @record AND version = @version AND outcome IS NULL`,
		pgx.StrictNamedArgs{
			"record": record, "version": version, "reviewer": reviewer, "outcome": outcome, "reason": reason,
		})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrConflict
	}
	return store.Map(err)
}

// Approval returns who approved the version of a record; ErrNotFound when
// nobody did.
func (d *Queries) Approval(ctx context.Context, record register.Ref, version int) (reviewer string, role register.AccountRole, err error) {
	err = d.q.QueryRow(ctx, `
		SELECT a.id, a.role
		FROM desk.reviews AS r
		JOIN desk.accounts AS a ON a.id = r.reviewer_id
		WHERE r.record_id = @record AND r.version = @version AND r.outcome = 'approved'
		ORDER BY r.decided_at DESC
		LIMIT 1`,
		pgx.StrictNamedArgs{"record": record, "version": version}).Scan(&reviewer, &role)
	return reviewer, role, store.Map(err)
}

// Publication is the act that makes an edition.
type Publication struct {
	Reference   string
	Number      int
	Record      register.Ref
	Version     int
	Carried     bool // made because something that it shows was published anew
	Merged      bool // made because something that it names was merged
	Author      string
	Reviewer    string
	PublishedAt time.Time
}

// InsertPublications notes acts. The database refuses one that nobody else
// approved: ErrForbidden.
func (d *Queries) InsertPublications(ctx context.Context, acts []Publication) error {
	var batch pgx.Batch
	for _, p := range acts {
		cause := "published"
		switch {
		case p.Merged:
			cause = "merged"
		case p.Carried:
			cause = "carried"
		}
		batch.Queue(`
			INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id,
			                               published_at)
			VALUES (@reference, @number, @record, @version, @cause, @author, @reviewer, @at)`,
			pgx.StrictNamedArgs{
				"reference": p.Reference, "number": p.Number, "record": p.Record, "version": p.Version,
				"cause": cause, "author": p.Author, "reviewer": p.Reviewer, "at": p.PublishedAt,
			})
	}
	return store.SendInserts(ctx, d.q, &batch)
}
