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
	// At is when it was sent. It tells a sending from the one that was taken for broken
	// off before it, and comes back late.
	At time.Time
}

// args name the sending in statements.
func (s *Submission) args() pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{"account": s.Account, "once": s.Once, "sha256": s.SHA256, "at": s.At}
}

// submissionLife is how long it is remembered that a form was sent, and
// abandonedAfter when one that led nowhere is taken for broken off.
const (
	submissionLife = 24 * time.Hour
	abandonedAfter = time.Minute
)

// BeginSubmission notes that a form is being worked on, and returns true, or
// false when the same form with the same fields was brought before. What was
// committed is not begun anew, though nobody has noted where it led.
func (d *Queries) BeginSubmission(ctx context.Context, s Submission) (first bool, err error) {
	_, err = d.q.Exec(ctx, `
		DELETE FROM desk.submissions
		WHERE sent_at < @old OR account_id = @account AND result IS NULL AND done_at IS NULL AND sent_at < @abandoned`,
		pgx.StrictNamedArgs{
			"account": s.Account, "old": s.At.Add(-submissionLife), "abandoned": s.At.Add(-abandonedAfter),
		})
	if err != nil {
		return false, store.Map(err)
	}
	tag, err := d.q.Exec(ctx, `
		INSERT INTO desk.submissions (account_id, once, sha256, sent_at)
		VALUES (@account, @once, @sha256, @at)
		ON CONFLICT DO NOTHING`, s.args())
	return tag.RowsAffected() == 1, store.Map(err)
}

// Outcome is what came of a form so far.
type Outcome struct {
	Result string    // address to which it led, "" while it is not known
	DoneAt time.Time // when its work was committed; zero while it was not
}

// SubmissionOutcome returns what came of a form whoever sent it first; ErrNotFound
// when it led to nothing.
func (d *Queries) SubmissionOutcome(ctx context.Context, s Submission) (Outcome, error) {
	var o Outcome
	var done *time.Time
	err := d.q.QueryRow(ctx, `
		SELECT coalesce(result, ''), done_at
		FROM desk.submissions
		WHERE account_id = @account AND once = @once AND sha256 = @sha256`,
		pgx.StrictNamedArgs{"account": s.Account, "once": s.Once, "sha256": s.SHA256}).Scan(&o.Result, &done)
	if done != nil {
		o.DoneAt = *done
	}
	return o, store.Map(err)
}

// MarkSubmission notes, in the transaction that does the work of a form, that it is
// done. It returns false when the sending was taken for broken off meanwhile: then
// somebody else may have done it, and the transaction must not be committed.
func (d *Queries) MarkSubmission(ctx context.Context, s Submission, now time.Time) (own bool, err error) {
	args := s.args()
	args["now"] = now
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.submissions SET done_at = coalesce(done_at, @now)
		WHERE account_id = @account AND once = @once AND sha256 = @sha256 AND sent_at = @at`, args)
	return tag.RowsAffected() == 1, store.Map(err)
}

// EndSubmission notes where a form led.
func (d *Queries) EndSubmission(ctx context.Context, s Submission, result string) error {
	args := s.args()
	args["result"] = result
	_, err := d.q.Exec(ctx, `
		UPDATE desk.submissions SET result = @result
		WHERE account_id = @account AND once = @once AND sha256 = @sha256 AND sent_at = @at`, args)
	return store.Map(err)
}

// DropSubmission forgets a form that led nowhere, so that it can be sent again; one
// that is marked as done stays where keepDone is set. It waits for a transaction that
// has marked it and is not over yet.
func (d *Queries) DropSubmission(ctx context.Context, s Submission, keepDone bool) error {
	args := s.args()
	args["keep"] = keepDone
	_, err := d.q.Exec(ctx, `
		DELETE FROM desk.submissions
		WHERE account_id = @account AND once = @once AND sha256 = @sha256 AND sent_at = @at
			AND (done_at IS NULL OR NOT @keep)`, args)
	return store.Map(err)
}
