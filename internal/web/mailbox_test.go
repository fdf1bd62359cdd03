package web_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	deskstore "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// newDemoSite is the demonstration: nothing is sent, and the mailbox is a page.
func newDemoSite(tb testing.TB) *deskSite {
	tb.Helper()
	db := testkit.Database(tb)
	s := &deskSite{db: db, clock: testkit.NewClock(testkit.FoundingDay()), staff: testkit.Staff(tb, db)}
	s.editorial = editorial.New(store.Wrap(db.Desk()), s.clock.Now)
	handler, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: record.NewStore(store.Wrap(db.Public())), Now: s.clock.Now, Patience: patience,
		Log:  slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Desk: &desk.Config{Editorial: s.editorial, Sessions: s.staff, Now: s.clock.Now, Demo: true},
	})
	if err != nil {
		tb.Fatal(err)
	}
	s.Handler = handler
	return s
}

// mails puts mails of every kind, in every language, into the outbox.
func mails(tb testing.TB, s *deskSite) {
	tb.Helper()
	err := store.Wrap(s.db.Desk()).InTx(tb.Context(), func(q store.Querier) error {
		for i, kind := range register.MailKinds() {
			err := deskstore.New(q).EnqueueMail(tb.Context(), register.Mail{
				Kind: kind, Address: fmt.Sprintf("person%d@example.org", i), Name: "Nadia", Language: register.Langs()[i%3], By: "Omar",
				Path: "/desk", Title: register.Text{"fr": "Fuite à l’agence", "ar": "تسريب"}, Note: "Une source <manque>.",
				Items: []register.MailItem{{Title: register.Text{"fr": "Plainte"}, Path: "/desk", Days: 31}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func TestTheDemonstrationShowsItsMails(t *testing.T) {
	t.Parallel()
	s := newDemoSite(t)
	if a := testkit.Ask(t, s, "/en/desk/mailbox", testkit.As(testkit.Analyst)); a.Status != http.StatusOK || !strings.Contains(a.Body, "No mail yet.") {
		t.Errorf("empty: status %d", a.Status)
	}
	mails(t, s)
	mails(t, s)
	a := testkit.Ask(t, s, "/fr/desk/mailbox", testkit.As(testkit.Analyst))
	for _, want := range []string{"person0@example.org", "To review: Fuite", "Des relectures attendent", "Une source &lt;manque&gt;.", "http://sijil.test/fr/desk", `dir="rtl"`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	next := a.Attr(`a[rel="next"]`, "href")
	b := testkit.Ask(t, s, "/fr/desk/mailbox"+next, testkit.As(testkit.Analyst))
	first, second := a.Page().Find("article").Length(), b.Page().Find("article").Length()
	if first != 20 || first+second != 2*len(register.MailKinds()) {
		t.Errorf("%d mails, then %d", first, second)
	}
	if a := testkit.Ask(t, s, "/fr/desk/mailbox?after=yesterday", testkit.As(testkit.Analyst)); a.Status != http.StatusBadRequest {
		t.Errorf("a cursor that is none: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/desk", testkit.As(testkit.Analyst)); a.Page().Find(`a[href="/fr/desk/mailbox"]`).Length() == 0 {
		t.Error("no link leads to the mailbox")
	}
}

// TestOnlyTheDemonstrationHasAMailbox: elsewhere the links in mails are for who
// gets them.
func TestOnlyTheDemonstrationHasAMailbox(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	if a := testkit.Ask(t, s, "/fr/desk/mailbox", testkit.As(testkit.Admin)); a.Status != http.StatusNotFound {
		t.Errorf("status %d", a.Status)
	}
}

func TestTheMailboxInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDemoSite(t)
	mails(t, s)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for i, lang := range []string{"fr", "ar"} {
		lookAtDesk(t, browser, server, "/"+lang+"/desk/mailbox", look{lang, looks(i)[0].screen})
	}
}
