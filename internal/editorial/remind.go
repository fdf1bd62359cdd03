package editorial

import (
	"context"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// longestDigest is how many records one mail names.
const longestDigest = 25

// rolesThat lists the roles that have a permission.
func rolesThat(may register.Permission) []register.AccountRole {
	return slices.DeleteFunc(register.AccountRoles(), func(r register.AccountRole) bool { return !r.Can(may) })
}

// Remind tells staff of what has waited too long by now: referrals that were
// announced and are not heard of since, and reviews that nobody decides. The
// same is told again after as many days as the settings say. It may run in
// several programs at the same time.
func (e *Editorial) Remind(ctx context.Context, now time.Time) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		settings, err := d.Settings(ctx)
		if err != nil {
			return err
		}
		if err := remindOfReferrals(ctx, d, settings, now); err != nil {
			return err
		}
		since := now.AddDate(0, 0, -settings.ReviewReminderDays)
		items, err := d.Overdue(ctx, since, now, longestDigest)
		if err != nil {
			return err
		}
		return remind(ctx, d, register.Mail{Kind: register.MailReviewWaits, Path: "/desk/review", Items: items}, since, rolesThat(register.MayReview))
	})
}

func remindOfReferrals(ctx context.Context, d *desk.Queries, settings register.Settings, now time.Time) error {
	today := edtf.DayOf(now)
	rows, err := d.Stale(ctx, today.AddDays(-settings.StaleReferralDays), longestDigest)
	if err != nil {
		return err
	}
	var items []register.MailItem
	for _, row := range rows {
		items = append(items, register.MailItem{
			Title: row.Title, Path: "/desk/incidents/" + string(row.ID), Days: today.DaysSince(row.Since),
		})
	}
	since := now.AddDate(0, 0, -min(settings.StaleReferralDays, settings.MailRetentionDays))
	return remind(ctx, d, register.Mail{Kind: register.MailStaleReferrals, Path: "/desk", Items: items}, since, rolesThat(register.MayDraft))
}

// remind writes a digest to those who got none since a moment.
func remind(ctx context.Context, d *desk.Queries, mail register.Mail, since time.Time, roles []register.AccountRole) error {
	if len(mail.Items) == 0 {
		return nil
	}
	to, err := d.NotReminded(ctx, mail.Kind, since, roles)
	if err != nil {
		return err
	}
	for _, mail.To = range to {
		if err := d.EnqueueMail(ctx, mail); err != nil {
			return err
		}
	}
	return nil
}

// ForgetMails deletes the mails that were closed longer ago than the settings
// keep them.
func (e *Editorial) ForgetMails(ctx context.Context, now time.Time) error {
	d := desk.New(e.db.Querier())
	settings, err := d.Settings(ctx)
	if err != nil {
		return err
	}
	_, err = d.ForgetMails(ctx, now.AddDate(0, 0, -settings.MailRetentionDays))
	return err
}

// Settings returns what an admin set for everybody.
func (e *Editorial) Settings(ctx context.Context) (register.Settings, error) {
	return desk.New(e.db.Querier()).Settings(ctx)
}

// SaveSettings writes the settings anew; they hold from then on. It returns
// ErrForbidden, Problems, and ErrConflict when somebody else changed them
// meanwhile.
func (e *Editorial) SaveSettings(ctx context.Context, actor register.Actor, s register.Settings) error {
	if !actor.Role.Can(register.MayAdminSettings) {
		return register.ErrForbidden
	}
	if err := s.Validate().OrNil(); err != nil {
		return err
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if err := d.SaveSettings(ctx, s); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "change-settings", "", 0, map[string]any{
			"stale": s.StaleReferralDays, "review": s.ReviewReminderDays, "mails": s.MailRetentionDays,
			"recheck": s.RecheckDays,
		})
	})
}
