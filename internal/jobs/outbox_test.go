package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"slices"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// postman notes the letters that it is given.
type postman struct {
	letters []mail.Letter
	to      []string
	fails   error
}

// Send implements jobs.Sender.
func (p *postman) Send(_ context.Context, _ string, to netmail.Address, letter mail.Letter) error {
	if p.fails != nil {
		return p.fails
	}
	p.letters, p.to = append(p.letters, letter), append(p.to, to.Address)
	return nil
}

type office struct {
	db      *store.DB
	outbox  *jobs.Outbox
	account desk.Account
}

func newOffice(t *testing.T, sender jobs.Sender) *office {
	t.Helper()
	messages, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	db := store.Wrap(testkit.Database(t).Desk())
	account, err := desk.New(db.Querier()).EnsureAccount(t.Context(), desk.Account{
		Email: "nadia@example.org", Name: "Nadia", Role: register.RoleAnalyst, Language: register.Arabic,
	})
	if err != nil {
		t.Fatal(err)
	}
	clock := testkit.NewClock(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	return &office{db: db, account: account, outbox: &jobs.Outbox{
		DB: db, Writer: mail.NewWriter(messages, "https://sijil.example"), Sender: sender, Now: clock.Now,
	}}
}

// write puts a mail into the outbox and returns its row, if there is one.
func (o *office) write(t *testing.T, m register.Mail) []desk.MailRow {
	t.Helper()
	err := o.db.InTx(t.Context(), func(q store.Querier) error { return desk.New(q).EnqueueMail(t.Context(), m) })
	if err != nil {
		t.Fatal(err)
	}
	return o.mails(t)
}

func (o *office) mails(t *testing.T) []desk.MailRow {
	t.Helper()
	rows, err := desk.New(o.db.Querier()).Mails(t.Context(), time.Time{}, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestAMailGoesOutInTheLanguageOfTheAccount, once, and its secret link goes out
// of the outbox.
func TestAMailGoesOutInTheLanguageOfTheAccount(t *testing.T) {
	var p postman
	o := newOffice(t, &p)
	id := o.write(t, register.Mail{Kind: register.MailPasswordReset, To: o.account.ID, Path: "/desk/reset/secret"})[0].ID
	for range 2 {
		if err := o.outbox.Send(t.Context(), id, jobs.Attempt{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.letters) != 1 || p.to[0] != "nadia@example.org" || p.letters[0].Lang != "ar" {
		t.Fatalf("%+v to %v", p.letters, p.to)
	}
	if p.letters[0].Action.URL != "https://sijil.example/ar/desk/reset/secret" {
		t.Errorf("the link is %s", p.letters[0].Action.URL)
	}
	if row := o.mails(t)[0]; row.State != desk.MailSent || row.Mail.Path != "" || row.ClosedAt.IsZero() {
		t.Errorf("%+v", row)
	}
}

// TestTheJobFindsTheMail goes the whole way, from the transaction to the
// postman.
func TestTheJobFindsTheMail(t *testing.T) {
	var p postman
	o := newOffice(t, &p)
	sent := make(chan error, 1)
	start(t, o.db, jobs.Tasks{SendMail: func(ctx context.Context, id string, attempt jobs.Attempt) error {
		err := o.outbox.Send(ctx, id, attempt)
		sent <- err
		return err
	}}, slog.New(slog.DiscardHandler))
	o.write(t, register.Mail{Kind: register.MailAssigned, To: o.account.ID, Path: "/desk/incidents/x"})
	select {
	case err := <-sent:
		if err != nil || len(p.letters) != 1 {
			t.Errorf("%v, %d letters", err, len(p.letters))
		}
	case <-time.After(30 * time.Second):
		t.Error("the mail was never sent")
	}
	if row := o.mails(t)[0]; row.Mail.Path != "/desk/incidents/x" {
		t.Errorf("an ordinary link was erased: %+v", row)
	}
}

func TestWhoGetsNoMail(t *testing.T) {
	o := newOffice(t, nil)
	service, err := desk.New(o.db.Querier()).EnsureAccount(t.Context(), desk.Account{
		Email: "import@example.org", Name: "Import", Role: register.RoleAnalyst, Language: register.French, Service: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if rows := o.write(t, register.Mail{Kind: register.MailReturned, To: service.ID}); len(rows) > 0 {
		t.Errorf("an account of the program got %+v", rows)
	}
	err = o.db.InTx(t.Context(), func(q store.Querier) error {
		return desk.New(q).EnqueueMail(t.Context(), register.Mail{Kind: register.MailReturned})
	})
	if !errors.Is(err, register.ErrInvalid) {
		t.Errorf("a mail to nobody: %v", err)
	}
	rows := o.write(t, register.Mail{Kind: register.MailInvitation, Address: "new@example.org", Language: register.English})
	if len(rows) != 1 || rows[0].Mail.Address != "new@example.org" {
		t.Errorf("a mail to an address: %+v", rows)
	}
}

// TestWhatBecomesOfAMail by what the server says, and where there is none.
func TestWhatBecomesOfAMail(t *testing.T) {
	away := errors.New("away")
	refused := fmt.Errorf("%w: no such mailbox", mail.ErrRefused)
	early, late := time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		sender jobs.Sender
		keep   bool
		until  time.Time
		last   bool
		state  string
		linked bool
		gaveUp bool
	}{
		{"no server", nil, false, late, false, desk.MailKept, false, false},
		{"demonstration", nil, true, late, false, desk.MailKept, true, false},
		{"too late", &postman{}, false, early, false, desk.MailFailed, false, false},
		{"away for now", &postman{fails: away}, false, late, false, desk.MailWaiting, true, false},
		{"away for good", &postman{fails: away}, false, late, true, desk.MailFailed, false, true},
		{"refused", &postman{fails: refused}, false, late, false, desk.MailFailed, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, c.sender)
			o.outbox.KeepLinks = c.keep
			m := register.Mail{Kind: register.MailInvitation, To: o.account.ID, Path: "/desk/invitation/secret", Until: c.until}
			err := o.outbox.Send(t.Context(), o.write(t, m)[0].ID, jobs.Attempt{Last: c.last})
			if errors.Is(err, jobs.ErrGiveUp) != c.gaveUp {
				t.Errorf("%v", err)
			}
			row := o.mails(t)[0]
			if row.State != c.state || (row.Mail.Path != "") != c.linked || (row.Failure != "") != (c.state == desk.MailFailed) {
				t.Errorf("%+v", row)
			}
		})
	}
}

// TestTheLettersOfAuthAreMails, in whatever language, and each of its own kind.
func TestTheLettersOfAuthAreMails(t *testing.T) {
	var p postman
	o := newOffice(t, &p)
	kinds := []auth.LetterKind{
		auth.LetterInvitation, auth.LetterReset, auth.LetterEmail, auth.LetterEmailChanged, auth.LetterPassword, auth.LetterResetDone, auth.LetterToken, auth.LetterFactor, auth.LetterDevice,
	}
	for _, kind := range kinds {
		letter := auth.Letter{Kind: kind, To: "omar@example.org", Name: "Omar", Lang: register.English, Path: "/en/desk/there"}
		err := o.db.InTx(t.Context(), func(q store.Querier) error { return jobs.Post{}.Send(t.Context(), q, letter) })
		if err != nil {
			t.Fatal(err)
		}
		row := o.mails(t)[0]
		if !slices.Contains(register.MailKinds(), row.Mail.Kind) {
			t.Errorf("%s is no kind of mail", row.Mail.Kind)
		}
		if err := o.outbox.Send(t.Context(), row.ID, jobs.Attempt{}); err != nil {
			t.Fatal(err)
		}
		if got := p.letters[len(p.letters)-1].Action.URL; got != "https://sijil.example/en/desk/there" {
			t.Errorf("%s leads to %s", kind, got)
		}
	}
}

// TestALetterToNobodyIsNone: it is asked for like any other, nothing is written, and its
// job finds nothing to send.
func TestALetterToNobodyIsNone(t *testing.T) {
	var p postman
	o := newOffice(t, &p)
	letter := auth.Letter{Kind: auth.LetterReset, To: "nobody@example.org", Name: "nobody@example.org", Lang: register.French, Path: "/fr/desk/reset/secret"}
	for _, to := range []string{letter.To, "nadia@example.org"} { // whoever has the address
		letter.To = to
		if err := o.db.InTx(t.Context(), func(q store.Querier) error { return jobs.Post{}.Pretend(t.Context(), q, letter) }); err != nil {
			t.Fatal(err)
		}
	}
	if rows := o.mails(t); len(rows) != 0 {
		t.Fatalf("%+v", rows)
	}
	var asked []string
	err := o.db.Querier().QueryRow(t.Context(), `SELECT array_agg(args ->> 'mail') FROM jobs.river_job WHERE kind = $1`, register.SendMail{}.Kind()).Scan(&asked)
	if err != nil || len(asked) != 2 {
		t.Fatalf("%d jobs, %v", len(asked), err)
	}
	for _, id := range asked {
		if err := o.outbox.Send(t.Context(), id, jobs.Attempt{}); err != nil {
			t.Error(err)
		}
	}
	if len(p.letters) != 0 {
		t.Errorf("%d letters went out", len(p.letters))
	}
}
