package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// Submission is one sending of a form.
type Submission struct {
	Account string
	Once    string // random word of the form
	SHA256  []byte // of its fields
}

// submissionLife is how long it is remembered that a form was sent, and
// abandonedAfter when one that led nowhere is taken for broken off.
const (
	submissionLife = 24 * time.Hour
	abandonedAfter = time.Minute
)

// BeginSubmission notes that a form is being worked on, and returns true, or
// false when the same form with the same fields was brought before.
func (d *Queries) BeginSubmission(ctx context.Context, s Submission, now time.Time) (first bool, err error) {
	_, err = d.q.Exec(ctx, `
		DELETE FROM desk.submissions
		WHERE sent_at < @old OR account_id = @account AND result IS NULL AND sent_at < @abandoned`,
		pgx.StrictNamedArgs{
			"account": s.Account, "old": now.Add(-submissionLife), "abandoned": now.Add(-abandonedAfter),
		})
	if err != nil {
		return false, store.Map(err)
	}
	tag, err := d.q.Exec(ctx, `
		INSERT INTO desk.submissions (account_id, once, sha256, sent_at)
		VALUES (@account, @once, @sha256, @now)
		ON CONFLICT DO NOTHING`,
		pgx.StrictNamedArgs{"account": s.Account, "once": s.Once, "sha256": s.SHA256, "now": now})
	return tag.RowsAffected() == 1, store.Map(err)
}

// SubmissionResult returns the address to which a form led, "" while it is
// being worked on; ErrNotFound when it led to nothing.
func (d *Queries) SubmissionResult(ctx context.Context, s Submission) (result string, err error) {
	err = d.q.QueryRow(ctx, `
		SELECT coalesce(result, '')
		FROM desk.submissions
		WHERE account_id = @account AND once = @once AND sha256 = @sha256`,
		pgx.StrictNamedArgs{"account": s.Account, "once": s.Once, "sha256": s.SHA256}).Scan(&result)
	return result, store.Map(err)
}

// EndSubmission notes where a form led; with an empty result it is forgotten,
// so that it can be sent again.
func (d *Queries) EndSubmission(ctx context.Context, s Submission, result string) error {
	args := pgx.StrictNamedArgs{"account": s.Account, "once": s.Once, "sha256": s.SHA256}
	sql := `DELETE FROM desk.submissions WHERE account_id = @account AND once = @once AND sha256 = @sha256`
	if result != "" {
		args["result"] = result
		sql = `
			UPDATE desk.submissions SET result = @result
			WHERE account_id = @account AND once = @once AND sha256 = @sha256`
	}
	_, err := d.q.Exec(ctx, sql, args)
	return store.Map(err)
}
