package desk

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/register"
	desktables "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
)

// mailsPerPage is how many mails the mailbox shows.
const mailsPerPage = 20

// Mailbox answers the page of the mails that the demonstration does not send.
// Elsewhere there is none: a mail is between its sender and its receiver.
func (d *Desk) Mailbox(ctx context.Context, r Request) (Answer, error) {
	if !d.cfg.Demo {
		return Answer{}, register.ErrNotFound
	}
	at, id, err := mailCursor(r.Query.Get("after"))
	if err != nil {
		return Answer{}, err
	}
	rows, err := d.editorial.Mails(ctx, r.Who.Actor, at, id, mailsPerPage+1)
	if err != nil {
		return Answer{}, err
	}
	page := views.MailboxPage{Frame: d.frame(r, d.loc(r).T("mailbox.title"))}
	if len(rows) > mailsPerPage {
		rows = rows[:mailsPerPage]
		last := rows[mailsPerPage-1]
		page.Next = "?after=" + url.QueryEscape(last.CreatedAt.UTC().Format(time.RFC3339Nano)+"_"+last.ID)
	}
	if !at.IsZero() {
		page.First = page.Action()
	}
	writer := mail.NewWriter(d.catalog, d.baseURL)
	for _, row := range rows {
		page.Mails = append(page.Mails, d.mailView(r, row, writer.Write(row.Mail)))
	}
	return show(views.Mailbox(page)), nil
}

func (d *Desk) mailView(r Request, row desktables.MailRow, letter mail.Letter) views.MailView {
	v := views.MailView{
		ID: row.ID, Subject: letter.Subject, Lang: letter.Lang, Dir: letter.Dir,
		To: row.Mail.Address, Name: row.Mail.Name, At: d.moment(r, row.CreatedAt),
		State: d.loc(r).T("mailbox.state." + row.State), Quote: letter.Quote, ActionLabel: letter.Action.Label, ActionURL: letter.Action.URL,
	}
	v.Paragraphs = append([]string{letter.Greeting}, letter.Paragraphs...)
	for _, item := range letter.Items {
		v.Items = append(v.Items, views.MailItem{Label: item.Label, Note: item.Note, URL: item.URL})
	}
	return v
}

// mailCursor reads where a page begins: a moment and an identifier.
func mailCursor(s string) (time.Time, string, error) {
	if s == "" {
		return time.Time{}, "", nil
	}
	moment, id, _ := strings.Cut(s, "_")
	at, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		return time.Time{}, "", register.ErrInvalid
	}
	return at, id, nil
}
