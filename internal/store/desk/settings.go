package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Settings returns what an admin set for everybody.
func (d *Queries) Settings(ctx context.Context) (register.Settings, error) {
	rows, err := d.q.Query(ctx, `
		SELECT stale_referral_days, review_reminder_days, mail_retention_days, recheck_days, version
		FROM desk.settings`)
	if err != nil {
		return register.Settings{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[register.Settings])
	return out, store.Map(err)
}

// SaveSettings writes the settings anew. ErrConflict is returned when they are
// no longer at the version that was seen.
func (d *Queries) SaveSettings(ctx context.Context, s register.Settings) error {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.settings
		SET stale_referral_days = @stale, review_reminder_days = @review, mail_retention_days = @mails, recheck_days = @recheck,
		    version = version + 1
		WHERE version = @version`,
		pgx.StrictNamedArgs{
			"stale": s.StaleReferralDays, "review": s.ReviewReminderDays, "mails": s.MailRetentionDays,
			"recheck": s.RecheckDays, "version": s.Version,
		})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrConflict
	}
	return store.Map(err)
}
