package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

// letter is a mail about a record, from one person of the staff to another.
type letter struct {
	kind register.MailKind
	path string // that it leads to
	note string
}

// write puts a letter about a record into the outbox for each of the accounts;
// nobody is told of what he did himself.
func (l letter) write(ctx context.Context, d *desk.Queries, actor register.Actor, record register.Ref, to ...string) error {
	titles, err := d.Titles(ctx, []register.Ref{record})
	if err != nil {
		return err
	}
	by, err := d.PersonName(ctx, actor.ID)
	if err != nil {
		return err
	}
	for _, account := range to {
		if account == actor.ID || account == "" {
			continue
		}
		err := d.EnqueueMail(ctx, register.Mail{
			Kind: l.kind, To: account, Path: l.path, By: by, Title: titles[record], Note: l.note,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// recordPath is the address of a record at the desk, after the language.
func recordPath(head desk.Record) string {
	return "/desk/" + string(head.Type) + "s/" + string(head.ID)
}
