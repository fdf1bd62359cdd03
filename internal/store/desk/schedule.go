package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Outcomes of a set time. One that is still to come has none.
const (
	SchedulePublished = "published"
	ScheduleVoided    = "voided"    // by an edit, a return, or a lost role
	ScheduleCancelled = "cancelled" // by somebody who may publish
	ScheduleFailed    = "failed"    // it could not be published at its moment
)

// Schedule is a set time of publication.
type Schedule struct {
	ID        string
	Bundle    string
	PublishAt time.Time
	Reason    register.Text
	Material  bool // the correction is one of substance
	By        Person
	ByRole    register.AccountRole // as it is now
	At        time.Time            // when it was set
	Outcome   string
	Failure   string
}

// InsertSchedule sets a time for a bundle. ErrForbidden when not all of it is
// approved, ErrConflict when a time is set already.
func (d *Queries) InsertSchedule(ctx context.Context, s Schedule) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.scheduled_publications (bundle_id, publish_at, reason, is_material, scheduled_by, scheduled_at)
		VALUES (@bundle, @publish_at, @reason, @material, @by, @at)`,
		pgx.StrictNamedArgs{
			"bundle": s.Bundle, "publish_at": s.PublishAt, "reason": store.TextColumn(s.Reason),
			"material": s.Material, "by": s.By.ID, "at": s.At,
		})
	return store.Map(err)
}

const selectSchedule = `
	SELECT s.id, s.bundle_id, s.publish_at, s.reason, s.is_material, a.id, a.name,
	       CASE WHEN a.deactivated_at IS NULL THEN a.role ELSE '' END, s.scheduled_at, coalesce(s.outcome, ''), s.failure
	FROM desk.scheduled_publications AS s
	JOIN desk.accounts AS a ON a.id = s.scheduled_by`

func scanSchedule(row pgx.CollectableRow) (Schedule, error) {
	var s Schedule
	err := row.Scan(&s.ID, &s.Bundle, &s.PublishAt, &s.Reason, &s.Material, &s.By.ID, &s.By.Name, &s.ByRole, &s.At, &s.Outcome, &s.Failure)
	return s, err
}

// LastSchedule returns the time that was set last for a bundle, whatever became
// of it; ErrNotFound when there was none.
func (d *Queries) LastSchedule(ctx context.Context, bundle string) (Schedule, error) {
	rows, err := d.q.Query(ctx, selectSchedule+`
		WHERE s.bundle_id = @bundle
		ORDER BY s.scheduled_at DESC
		LIMIT 1`,
		pgx.StrictNamedArgs{"bundle": bundle})
	if err != nil {
		return Schedule{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanSchedule)
	return out, store.Map(err)
}

// DueSchedules returns the set times that have come, the earliest first.
func (d *Queries) DueSchedules(ctx context.Context, now time.Time) ([]Schedule, error) {
	rows, err := d.q.Query(ctx, selectSchedule+`
		WHERE s.outcome IS NULL AND s.publish_at <= @now
		ORDER BY s.publish_at, s.id
		LIMIT 50`,
		pgx.StrictNamedArgs{"now": now})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanSchedule)
	return out, store.Map(err)
}

// CloseSchedule notes what became of the set time of a bundle that is still to
// come; it reports whether there was one.
func (d *Queries) CloseSchedule(ctx context.Context, bundle, outcome, failure string, at time.Time) (bool, error) {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.scheduled_publications
		SET outcome = @outcome, failure = @failure, closed_at = @at
		WHERE bundle_id = @bundle AND outcome IS NULL`,
		pgx.StrictNamedArgs{"bundle": bundle, "outcome": outcome, "failure": failure, "at": at})
	return tag.RowsAffected() > 0, store.Map(err)
}

// NotPublishedRow is a review that is open because it could not be published at
// the time that was set.
type NotPublishedRow struct {
	Bundle string
	Title  register.Text
	At     time.Time
	By     string // who had set the time
}

// NotPublished returns the open reviews of which the time that was set last
// could not be kept, the last first.
func (d *Queries) NotPublished(ctx context.Context, limit int) ([]NotPublishedRow, error) {
	rows, err := d.q.Query(ctx, `
		SELECT s.bundle_id, e.title, s.publish_at, a.name
		FROM desk.scheduled_publications AS s
		JOIN desk.bundles AS b ON b.id = s.bundle_id AND b.outcome IS NULL
		JOIN desk.directory AS e ON e.record_id = b.record_id
		JOIN desk.accounts AS a ON a.id = s.scheduled_by
		WHERE s.outcome = 'failed'
		  AND NOT EXISTS (
		      SELECT FROM desk.scheduled_publications AS l
		      WHERE l.bundle_id = s.bundle_id AND l.scheduled_at > s.scheduled_at)
		ORDER BY s.publish_at DESC, s.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[NotPublishedRow])
	return out, store.Map(err)
}
