package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// NotReminded returns the staff of the roles who got no mail of a kind since a
// moment, and locks them until the end of the transaction, so that two programs
// do not remind the same person.
func (d *Queries) NotReminded(ctx context.Context, kind register.MailKind, since time.Time, roles []register.AccountRole) ([]string, error) {
	return d.accounts(ctx, `
		SELECT a.id
		FROM desk.accounts AS a
		WHERE a.role = ANY (@roles) AND a.deactivated_at IS NULL AND NOT a.is_service
		  AND NOT EXISTS (
		      SELECT FROM desk.mails AS m WHERE m.account_id = a.id AND m.kind = @kind AND m.created_at > @since)
		ORDER BY a.id
		FOR NO KEY UPDATE OF a`,
		pgx.StrictNamedArgs{"roles": roles, "kind": kind, "since": since})
}

func (d *Queries) accounts(ctx context.Context, sql string, args pgx.StrictNamedArgs) ([]string, error) {
	rows, err := d.q.Query(ctx, sql, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// Overdue returns the reviews that were asked for before a moment and are not
// decided, the oldest first.
func (d *Queries) Overdue(ctx context.Context, before, now time.Time, limit int) ([]register.MailItem, error) {
	rows, err := d.q.Query(ctx, `
		SELECT e.title, b.id, b.requested_at
		FROM desk.bundles AS b
		JOIN desk.directory AS e ON e.record_id = b.record_id
		WHERE b.outcome IS NULL AND b.requested_at <= @before
		ORDER BY b.requested_at, b.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"before": before, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.MailItem, error) {
		var item register.MailItem
		var id string
		var at time.Time
		err := row.Scan(&item.Title, &id, &at)
		item.Path, item.Days = "/desk/review/"+id, edtf.DayOf(now).DaysSince(edtf.DayOf(at))
		return item, err
	})
	return out, store.Map(err)
}
