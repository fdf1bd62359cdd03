package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestABrokenConnectionSpoilsLittle: all connections have broken with the server. Neither
// a single statement nor a transaction that meets one fails; one that was under way does.
func TestABrokenConnectionSpoilsLittle(t *testing.T) {
	t.Parallel()
	const connections = 6
	d := testkit.Database(t)
	db, err := store.Open(t.Context(), d.DeskURL()+"&pool_max_conns=6", store.DeskSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pids := make([]int32, connections)
	all := func() (failed int) {
		var group sync.WaitGroup
		var mu sync.Mutex
		for n := range connections {
			group.Go(func() {
				err := db.InTx(t.Context(), func(q store.Querier) error {
					return q.QueryRow(t.Context(), `SELECT pg_backend_pid() FROM pg_sleep(0.2)`).Scan(&pids[n])
				})
				if err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed++
				}
			})
		}
		group.Wait()
		return failed
	}
	restart := func() {
		t.Helper()
		if _, err := d.Owner().Exec(t.Context(), `SELECT pg_terminate_backend(pid, 5000) FROM unnest($1::integer[]) AS pid`, pids); err != nil {
			t.Fatal(err)
		}
	}
	one := func(ctx context.Context) error {
		_, err := db.Querier().Exec(ctx, `SELECT 1`)
		return err
	}
	row := func(ctx context.Context) error {
		return db.Querier().QueryRow(ctx, `SELECT 1`).Scan(new(int))
	}
	for round, ask := range []func(context.Context) error{one, row, one, row} {
		if failed := all(); failed > 0 { // so that the pool has as many
			t.Fatalf("round %d: %d fail of %d after one has failed", round, failed, connections)
		}
		restart()
		if err := ask(t.Context()); err != nil {
			t.Errorf("round %d: with connections that have broken: %v", round, err)
		}
	}
	if failed := all(); failed > 0 {
		t.Fatalf("%d fail", failed)
	}
	err = db.InTx(t.Context(), func(q store.Querier) error {
		restart()
		_, err := q.Exec(t.Context(), `SELECT 1`)
		return err
	})
	if !errors.Is(err, register.ErrUnavailable) {
		t.Errorf("control: a transaction under way: %v", err)
	}
	if failed := all(); failed > 0 {
		t.Fatalf("%d fail", failed)
	}
	restart()
	if err := db.InTx(t.Context(), func(store.Querier) error { return nil }); err != nil {
		t.Errorf("the first transaction: %v", err)
	}
	all()
	restart()
	if err := db.Read(t.Context(), func(q store.Querier) error { _, err := q.Exec(t.Context(), `SELECT 1`); return err }); err != nil {
		t.Errorf("the first reading: %v", err)
	}
}

// TestWhichConnectionsAreAsked whether they live: each once after another one has broken,
// those that were made before that; and any that was idle for long.
func TestWhichConnectionsAreAsked(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	connect := func() *pgx.Conn {
		t.Helper()
		c, err := pgx.Connect(t.Context(), d.DeskURL())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
		return c
	}
	var s store.Suspicion
	first, second, broken := connect(), connect(), connect()
	asks := func(what string, c *pgx.Conn, idle time.Duration, want bool) {
		t.Helper()
		if got := store.Asks(t.Context(), &s, c, idle); got != want {
			t.Errorf("%s is asked: %t", what, got)
		}
	}
	asks("a new one", first, 0, false)
	asks("another", second, 0, false)
	asks("one that was idle as long as it may", first, store.SuspectAfter, false)
	asks("one that was idle for longer", first, store.SuspectAfter+1, true)
	store.Note(&s, second)
	asks("one after another was closed in good order", first, 0, false)
	if err := broken.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.Note(&s, broken)
	asks("one after another has broken", first, 0, true)
	asks("the same again", first, 0, false)
	asks("each of the others", second, 0, true)
	asks("one that was made since", connect(), 0, false)
}

// TestWhatIsAskedAgain: of a single statement that was sent, nobody knows what was done where
// the connection broke without a word; it is not asked again. Where the server said that it
// ended the connection nothing was done, but somebody may mean the statement.
func TestWhatIsAskedAgain(t *testing.T) {
	t.Parallel()
	ended := &pgconn.PgError{Code: "57P01"}
	for name, c := range map[string]struct {
		errors []error // one after the other
		again  []bool
	}{
		"ended":                   {[]error{ended, ended, ended}, []bool{true, true, false}},
		"broken at once":          {[]error{io.EOF}, []bool{false}},
		"broken in the middle":    {[]error{fmt.Errorf("read: %w", io.ErrUnexpectedEOF)}, []bool{false}},
		"broken by the network":   {[]error{&net.OpError{Op: "read", Err: syscall.ECONNRESET}}, []bool{false}},
		"refused by a rule":       {[]error{&pgconn.PgError{Code: "23505"}}, []bool{false}},
		"taken too long":          {[]error{&pgconn.PgError{Code: "57014"}}, []bool{false}},
		"nobody answers the door": {[]error{&pgconn.ConnectError{}}, []bool{false}},
	} {
		may := store.Undone()
		for i, err := range c.errors {
			if got := may(err); got != c.again[i] {
				t.Errorf("%s, number %d: asked again: %t", name, i+1, got)
			}
		}
	}
}

// TestAStatementThatWasEndedIsDoneOnce: the server ends the connection while a single
// statement writes. It is asked again, and its row is there once.
func TestAStatementThatWasEndedIsDoneOnce(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	db, err := store.Open(t.Context(), d.DeskURL(), store.DeskSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	owner := d.Owner()
	if _, err := owner.Exec(t.Context(), `
		CREATE SEQUENCE public.tries; CREATE TABLE public.ended (try bigint);
		GRANT USAGE ON SEQUENCE public.tries TO PUBLIC; GRANT INSERT ON public.ended TO PUBLIC`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := db.Querier().Exec(t.Context(), `
			INSERT INTO public.ended
			SELECT first.try FROM (SELECT nextval('public.tries') AS try OFFSET 0) AS first, LATERAL (SELECT pg_sleep(first.try * 0 + 1)) AS slept`)
		done <- err
	}()
	const ended = `
		SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
		WHERE state = 'active' AND wait_event = 'PgSleep' AND query LIKE '%public.ended%' AND pid <> pg_backend_pid()`
	for n := 0; n == 0 && len(done) == 0; time.Sleep(time.Millisecond) {
		if err := owner.QueryRow(t.Context(), ended).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Errorf("a statement that was ended: %v", err)
	}
	var rows, tries int
	if err := owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM public.ended), last_value FROM public.tries`).Scan(&rows, &tries); err != nil {
		t.Fatal(err)
	}
	if rows != 1 || tries != 2 {
		t.Errorf("%d rows after %d tries, want 1 after 2", rows, tries)
	}
}
