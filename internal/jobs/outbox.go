package jobs

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"time"

	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Sender hands a letter to a mail server. It returns mail.ErrRefused when to
// try again is no use.
type Sender interface {
	Send(ctx context.Context, id string, to netmail.Address, letter mail.Letter) error
}

// Outbox sends the mails that transactions left in it.
type Outbox struct {
	DB     *store.DB
	Writer *mail.Writer
	// Sender is nil where no mail is sent: mails are kept instead.
	Sender Sender
	// KeepLinks leaves the secret links in the mails that are kept, for the
	// demonstration, where the mailbox is a page.
	KeepLinks bool
	Now       func() time.Time
}

// Send sends a mail and takes its secret link out of the outbox. A mail that
// was sent already, or is too old to be kept, is no error. One that the server
// refuses, or that failed at the last attempt, is closed with the reason.
func (o *Outbox) Send(ctx context.Context, id string, attempt Attempt) error {
	queries := desk.New(o.DB.Querier())
	row, err := queries.Mail(ctx, id)
	if errors.Is(err, register.ErrNotFound) || err == nil && row.State != desk.MailWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	secret := row.Mail.Kind.Secret()
	if o.Sender == nil {
		return queries.CloseMail(ctx, id, desk.MailKept, "", secret && !o.KeepLinks)
	}
	if until := row.Mail.Until; !until.IsZero() && !o.Now().Before(until) {
		return queries.CloseMail(ctx, id, desk.MailFailed, "its link ran out before it could be sent", secret)
	}
	to := netmail.Address{Name: row.Mail.Name, Address: row.Mail.Address}
	err = o.Sender.Send(ctx, id, to, o.Writer.Write(row.Mail))
	if err == nil {
		return queries.CloseMail(ctx, id, desk.MailSent, "", secret)
	}
	if refused := errors.Is(err, mail.ErrRefused); refused || attempt.Last {
		err = errors.Join(fmt.Errorf("%w: %w", ErrGiveUp, err), queries.CloseMail(ctx, id, desk.MailFailed, err.Error(), secret))
	}
	return err
}
