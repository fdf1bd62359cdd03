package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// node is one of several servers over a database. Its clock stands still: it never
// asks again by itself for what is new.
type node struct {
	*web.Site
	clock *testkit.Clock
}

func newNode(tb testing.TB, records web.Records) *node {
	tb.Helper()
	n := &node{clock: testkit.NewClock(testkit.FoundingDay())}
	var err error
	n.Site, err = web.New(web.Config{
		BaseURL: "http://sijil.test", Records: records, Now: n.clock.Now, Patience: patience,
		Log: slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// listening has a node hear what is announced, until the test ends.
func (n *node) listening(tb testing.TB, url string) *node {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	connected := make(chan struct{})
	var once sync.Once
	var work sync.WaitGroup
	work.Go(func() {
		err := store.Listen(ctx, url, slog.New(slog.NewTextHandler(io.Discard, nil)), func(g register.Generation) {
			n.Learn(g)
			once.Do(func() { close(connected) })
		})
		if err != nil {
			tb.Error(err)
		}
	})
	tb.Cleanup(func() { cancel(); work.Wait() })
	<-connected
	return n
}

// shows reports whether a page of a node has a status and a word in it.
func (n *node) shows(tb testing.TB, target string, status int, word string) bool {
	tb.Helper()
	a := testkit.Ask(tb, n, target)
	return a.Status == status && strings.Contains(a.Body, word)
}

// comes waits until a page shows it.
func (n *node) comes(tb testing.TB, target string, status int, word string) {
	tb.Helper()
	begin := time.Now()
	for !n.shows(tb, target, status, word) {
		if time.Since(begin) > patience {
			tb.Fatalf("%s does not show %q with status %d", target, word, status)
		}
		time.Sleep(time.Millisecond)
	}
	tb.Logf("%s is seen after %s", target, time.Since(begin).Round(time.Millisecond))
}

// TestEveryNodeHearsOfAPublication and of a withdrawal, without asking. A node that
// neither hears nor asks shows what was before, which is the control; one that only
// asks sees it a second later.
func TestEveryNodeHearsOfAPublication(t *testing.T) {
	t.Parallel()
	db := testkit.Database(t)
	records := record.NewStore(store.Wrap(db.Public()))
	one, two := newNode(t, records).listening(t, db.PublicURL()), newNode(t, records).listening(t, db.PublicURL())
	deaf := newNode(t, records)
	const list, page, name = "/en/incidents", "/en/statements/cnss-communique-1", "cnss-2025"
	for _, n := range []*node{one, two, deaf} {
		if !n.shows(t, list, http.StatusOK, "") || n.shows(t, list, http.StatusOK, name) {
			t.Fatal("the list is not empty at the beginning")
		}
	}
	working := store.Wrap(db.Desk())
	if _, err := founding.Publish(t.Context(), working, one.clock.Now); err != nil {
		t.Fatal(err)
	}
	one.comes(t, list, http.StatusOK, name)
	two.comes(t, list, http.StatusOK, name)
	asksAfterASecond := func(target string, status int, word string) {
		t.Helper()
		if deaf.shows(t, target, status, word) {
			t.Fatalf("%s is new on a node that nobody told", target)
		}
		deaf.clock.Advance(time.Second)
		if !deaf.shows(t, target, status, word) {
			t.Fatalf("%s is old on a node that asks each second", target)
		}
	}
	asksAfterASecond(list, http.StatusOK, name)

	for _, n := range []*node{one, two, deaf} {
		if !n.shows(t, page, http.StatusOK, "") {
			t.Fatal("the statement is not there")
		}
	}
	withdrawStatement(t, db, "cnss-communique-1")
	one.comes(t, page, http.StatusGone, "Published by mistake")
	two.comes(t, page, http.StatusGone, "Published by mistake")
	asksAfterASecond(page, http.StatusGone, "Published by mistake")
}

// withdrawStatement takes a withdrawal the whole way.
func withdrawStatement(tb testing.TB, db *testkit.DB, slug string) {
	tb.Helper()
	s := &deskSite{
		db: db, staff: testkit.Staff(tb, db),
		editorial: editorial.New(store.Wrap(db.Desk()), testkit.NewClock(testkit.FoundingDay().Add(time.Hour)).Now),
	}
	id, err := s.editorial.ProposeWithdrawal(tb.Context(), s.staff[testkit.Editor], editorial.Withdrawal{
		Record: s.recordAt(tb, register.TypeStatement, slug).ID,
		Notice: inWords("Publié par erreur", "نُشر عن طريق الخطأ", "Published by mistake"),
	})
	s.confirmed(tb, id, err)
}
