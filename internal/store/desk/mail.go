package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// States of a mail.
const (
	MailWaiting = "waiting" // to be sent by its job
	MailSent    = "sent"
	MailKept    = "kept"   // not sent, because this server sends no mail
	MailFailed  = "failed" // given up; the mail says why
)

// MailRow is a mail of the outbox.
type MailRow struct {
	ID        string
	Mail      register.Mail
	State     string
	Failure   string // why it was given up
	CreatedAt time.Time
	ClosedAt  time.Time // when it was sent or given up; zero: it waits
}

// EnqueueMail writes a mail into the outbox and asks for the job that sends it,
// both in the caller's transaction. It goes to the account m.To, in the
// language and to the address of that account where m says no other. An account
// that is deactivated, or belongs to the program, gets no mail, which is no
// error; ErrInvalid is returned when there is neither account nor address.
func (d *Queries) EnqueueMail(ctx context.Context, m register.Mail) error {
	if m.To == "" && (m.Address == "" || m.Language == "") {
		return fmt.Errorf("%w: a mail to nobody", register.ErrInvalid)
	}
	ids, err := d.insertMail(ctx, m)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := store.Enqueue(ctx, d.q, register.SendMail{Mail: id}); err != nil {
			return err
		}
	}
	return nil
}

// EnqueueNoMail does what EnqueueMail does, in the same statements, for a mail to an
// address that is typed: none is written, since there is no account to which it goes,
// and the job finds none to send. Whoever waits for the answer measures nothing by which
// he could tell one from the other.
func (d *Queries) EnqueueNoMail(ctx context.Context, m register.Mail) error {
	m.To = string(store.NewID())
	if _, err := d.insertMail(ctx, m); err != nil {
		return err
	}
	return store.Enqueue(ctx, d.q, register.SendMail{Mail: string(store.NewID())})
}

// insertMail writes a mail into the outbox, and returns its identifier; none where the
// account gets no mail.
func (d *Queries) insertMail(ctx context.Context, m register.Mail) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		INSERT INTO desk.mails (account_id, kind, address, name, language, content)
		SELECT a.id, @kind, coalesce(@address, a.email), coalesce(@name, a.name, ''), coalesce(@language, a.language), @content
		FROM (SELECT @account::uuid AS id) AS wanted
		LEFT JOIN desk.accounts AS a ON a.id = wanted.id
		WHERE wanted.id IS NULL OR a.deactivated_at IS NULL AND NOT a.is_service
		RETURNING id`,
		pgx.StrictNamedArgs{
			"account": store.Nullable(m.To), "kind": m.Kind, "address": store.Nullable(m.Address),
			"name": store.Nullable(m.Name), "language": store.Nullable(m.Language), "content": m,
		})
	if err != nil {
		return nil, store.Map(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, store.Map(err)
}

const selectMail = `
	SELECT id, coalesce(account_id::text, ''), kind, address, name, language, content, state, failure, created_at, closed_at
	FROM desk.mails`

func scanMail(row pgx.CollectableRow) (MailRow, error) {
	var r MailRow
	var content []byte
	var closed *time.Time
	m := &r.Mail
	err := row.Scan(&r.ID, &m.To, &m.Kind, &m.Address, &m.Name, &m.Language, &content, &r.State, &r.Failure, &r.CreatedAt, &closed)
	if err != nil {
		return MailRow{}, err
	}
	if closed != nil {
		r.ClosedAt = *closed
	}
	return r, json.Unmarshal(content, m)
}

// Mail returns a mail of the outbox; ErrNotFound when there is none, such as
// one that was too old to be kept.
func (d *Queries) Mail(ctx context.Context, id string) (MailRow, error) {
	rows, err := d.q.Query(ctx, selectMail+` WHERE id = @id`, pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return MailRow{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanMail)
	return out, store.Map(err)
}

// Mails returns the newest mails, those before the moment and identifier of
// the last one on the page before; a zero moment begins at the newest.
func (d *Queries) Mails(ctx context.Context, before time.Time, id string, limit int) ([]MailRow, error) {
	var moment *time.Time
	if !before.IsZero() {
		moment = &before
	}
	rows, err := d.q.Query(ctx, selectMail+`
		WHERE @before::timestamptz IS NULL OR (created_at, id) < (@before, @id::uuid)
		ORDER BY created_at DESC, id DESC
		LIMIT @limit`,
		pgx.StrictNamedArgs{"before": moment, "id": store.Nullable(id), "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanMail)
	return out, store.Map(err)
}

// CloseMail notes what became of a mail that waited. Its link is taken out
// where eraseLink says so. A mail that is closed already stays as it is.
func (d *Queries) CloseMail(ctx context.Context, id, state, failure string, eraseLink bool) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.mails
		SET state = @state, failure = @failure, closed_at = now(),
		    content = CASE WHEN @erase THEN content - 'path' ELSE content END
		WHERE id = @id AND state = 'waiting'`,
		pgx.StrictNamedArgs{"id": id, "state": state, "failure": failure, "erase": eraseLink})
	return store.Map(err)
}

// ForgetMails deletes the mails that were closed before a moment, and returns
// how many there were.
func (d *Queries) ForgetMails(ctx context.Context, before time.Time) (int64, error) {
	tag, err := d.q.Exec(ctx, `
		DELETE FROM desk.mails WHERE closed_at < @before`,
		pgx.StrictNamedArgs{"before": before})
	return tag.RowsAffected(), store.Map(err)
}
