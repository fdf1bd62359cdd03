package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestABrokenConnectionSpoilsLittle: all connections have broken with the server. A single
// statement that meets one first fails, since it may have been done; none after it does,
// and no transaction.
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
	for round := range 3 {
		if failed := all(); failed > 0 { // so that the pool has as many
			t.Fatalf("round %d: %d fail of %d after one has failed", round, failed, connections)
		}
		restart()
		one := func(ctx context.Context) error {
			_, err := db.Querier().Exec(ctx, `SELECT 1`)
			return err
		}
		if err := store.Map(one(t.Context())); !errors.Is(err, register.ErrUnavailable) {
			t.Errorf("control: with a connection that has broken: %v", err)
		}
		for deadline := time.Now().Add(10 * time.Second); db.Pool().Stat().TotalConns() == connections; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the connection that has broken is not given up")
			}
		}
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
