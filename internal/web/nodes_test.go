package web_test

import (
	"context"
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
		err := store.Listen(ctx, url, slog.New(slog.DiscardHandler), func(g register.Generation) {
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

// TestReadersGoOnWhileReplicasAndThePrimaryFail: two nodes read from a standby of a
// primary. Whatever ends or falls behind, no reader sees an old page or none.
func TestReadersGoOnWhileReplicasAndThePrimaryFail(t *testing.T) {
	t.Parallel()
	pair := testkit.NewPair(t)
	if _, err := founding.Publish(t.Context(), store.Wrap(pair.DB.Desk()), testkit.NewClock(testkit.FoundingDay()).Now); err != nil {
		t.Fatal(err)
	}
	one, two := newReplicated(t, pair), newReplicated(t, pair)
	both := []*replicated{one, two}
	for _, n := range both {
		n.asks(t, true)
		n.sees(t, "/en/statements/cnss-communique-1", http.StatusOK, "")
	}

	if !one.counts(t) {
		t.Error("figures are not counted on the standby")
	}

	pair.OnStandby("SELECT pg_wal_replay_pause()")
	withdrawStatement(t, pair.DB, "cnss-communique-1")
	careless := newNode(t, &unguarded{Store: record.NewStore(wrapped(t, pair.StandbyURL())), primary: record.NewStore(one.db)})
	if !careless.shows(t, "/en/statements/cnss-communique-1", http.StatusOK, "") {
		t.Error("a node that reads whatever a standby has shows no old page: this test shows nothing")
	}
	for _, n := range both {
		n.sees(t, "/en/statements/cnss-communique-1", http.StatusGone, "Published by mistake")
		n.asks(t, false)
		if n.counts(t) {
			t.Error("figures are counted on a standby that is behind")
		}
	}
	pair.OnStandby("SELECT pg_wal_replay_resume()")
	for _, n := range both {
		n.asks(t, true)
		n.sees(t, "/en/statements/cnss-communique-1", http.StatusGone, "Published by mistake")
	}

	pair.StopStandby()
	for _, n := range both {
		n.sees(t, "/fr/institutions/cnss", http.StatusOK, "CNSS")
		n.asks(t, false)
	}
	pair.StartStandby()
	for _, n := range both {
		n.asks(t, true)
	}

	pair.StopPrimary()
	for _, n := range both {
		n.sees(t, "/ar/incidents/cnss-2025", http.StatusOK, "")
		n.sees(t, "/readyz", http.StatusOK, "ready")
		n.sees(t, "/en/incidents?year=2025", http.StatusOK, "cnss-2025")
		n.sees(t, "/en/statistics", http.StatusOK, "")
	}
	pair.StartPrimary()
	withdrawStatement(t, pair.DB, "cnss-communique-2")
	for _, n := range both {
		n.sees(t, "/en/statements/cnss-communique-2", http.StatusGone, "Published by mistake")
		n.asks(t, true)
	}
}

// replicated is a node that reads from the standby of a pair.
type replicated struct {
	*node
	db *store.DB
}

func newReplicated(tb testing.TB, pair *testkit.Pair) *replicated {
	tb.Helper()
	db := wrapped(tb, pair.DB.PublicURL())
	if err := db.ReadFrom(tb.Context(), slog.New(slog.DiscardHandler), pair.StandbyURL()); err != nil {
		tb.Fatal(err)
	}
	return &replicated{node: newNode(tb, record.NewStore(db)), db: db}
}

// counts reports whether figures are counted on the standby.
func (n *replicated) counts(tb testing.TB) (standby bool) {
	tb.Helper()
	err := n.db.ReadAtLength(tb.Context(), time.Minute, func(q store.Querier) error {
		return q.QueryRow(tb.Context(), `SELECT pg_is_in_recovery()`).Scan(&standby)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return standby
}

// wrapped is a pool of the public role until the test ends.
func wrapped(tb testing.TB, url string) *store.DB {
	tb.Helper()
	db, err := store.Open(tb.Context(), url, store.PublicSide)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(db.Close)
	return db
}

// asks waits until the replica is asked, or is not.
func (n *replicated) asks(tb testing.TB, want bool) {
	tb.Helper()
	for begin := time.Now(); n.db.Replicas()[0].Asked != want; time.Sleep(time.Millisecond) {
		if time.Since(begin) > patience {
			tb.Fatalf("the replica is asked: %t; %+v", !want, n.db.Replicas()[0])
		}
	}
}

// sees asks once, a second later than before: nobody has to ask twice.
func (n *replicated) sees(tb testing.TB, target string, status int, word string) {
	tb.Helper()
	n.clock.Advance(time.Second)
	if a := testkit.Ask(tb, n, target); a.Status != status || !strings.Contains(a.Body, word) {
		tb.Errorf("%s: status %d, want %d with %q", target, a.Status, status, word)
	}
}

// unguarded reads from a standby and compares nothing.
type unguarded struct {
	*record.Store
	primary *record.Store
}

// Generation is that of the primary.
func (u *unguarded) Generation(ctx context.Context) (register.Generation, error) {
	return u.primary.Generation(ctx)
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
