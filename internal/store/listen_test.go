package store_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// ear hears what is announced until the test ends.
func ear(t *testing.T, url string) <-chan register.Generation {
	t.Helper()
	heard := make(chan register.Generation, 64)
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() {
		if err := store.Listen(ctx, url, slog.New(slog.DiscardHandler), func(g register.Generation) { heard <- g }); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); work.Wait() })
	return heard
}

// hears waits for a generation of the record.
func hears(t *testing.T, heard <-chan register.Generation, record int64) {
	t.Helper()
	end := time.After(30 * time.Second)
	for {
		select {
		case g := <-heard:
			if g.Record == record {
				return
			}
		case <-end:
			t.Fatalf("generation %d is not heard of", record)
		}
	}
}

// TestWhatIsCommittedIsAnnounced, and only that; who was cut off hears what was
// said meanwhile.
func TestWhatIsCommittedIsAnnounced(t *testing.T) {
	t.Parallel()
	db := testkit.Database(t)
	working := store.Wrap(db.Desk())
	bump := func(then error) {
		err := working.InTx(t.Context(), func(q store.Querier) error {
			return errors.Join(record.NewWriter(q).BumpGeneration(t.Context()), then)
		})
		if !errors.Is(err, then) {
			t.Fatal(err)
		}
	}
	first, err := record.NewStore(store.Wrap(db.Public())).Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	heard := ear(t, db.PublicURL())
	hears(t, heard, first.Record)
	bump(nil)
	hears(t, heard, first.Record+1)
	bump(errors.New("not wanted"))
	select {
	case g := <-heard:
		t.Errorf("what was rolled back is announced: %+v", g)
	case <-time.After(50 * time.Millisecond):
	}
	// Cut off, and said while nobody listens: the very next word is late or lost.
	if _, err := db.Owner().Exec(t.Context(), `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sijil listener'`); err != nil {
		t.Fatal(err)
	}
	bump(nil)
	hears(t, heard, first.Record+2)
}

// TestAJobIsAnnouncedAfterItsTransaction, on the channel where River listens.
func TestAJobIsAnnouncedAfterItsTransaction(t *testing.T) {
	t.Parallel()
	db := testkit.Database(t)
	listener, err := db.Owner().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Release()
	if _, err := listener.Exec(t.Context(), `LISTEN "jobs.river_insert"`); err != nil {
		t.Fatal(err)
	}
	working := store.Wrap(db.Desk())
	err = working.InTx(t.Context(), func(q store.Querier) error { return store.Enqueue(t.Context(), q, register.SignLog{}) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	said, err := listener.Conn().WaitForNotification(ctx)
	if err != nil || said.Payload != `{"queue": "default"}` {
		t.Errorf("%+v, %v", said, err)
	}
}
