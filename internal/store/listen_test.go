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

// TestEachOfACrowdIsAnnounced: what is committed while something else is being announced is
// announced after it.
func TestEachOfACrowdIsAnnounced(t *testing.T) {
	t.Parallel()
	db := testkit.Database(t)
	working := store.Wrap(db.Desk())
	first, err := record.NewStore(store.Wrap(db.Public())).Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	heard := ear(t, db.PublicURL())
	hears(t, heard, first.Record)
	const crowd = 20
	for range crowd {
		if err := working.InTx(t.Context(), func(q store.Querier) error { return record.NewWriter(q).BumpGeneration(t.Context()) }); err != nil {
			t.Fatal(err)
		}
	}
	hears(t, heard, first.Record+crowd)
}

// TestWhatCannotBeCommittedIsNotAnnounced: a commit that fails, as by a rule that is looked
// at in its end, is one that nobody hears of; nobody hears of it before, either.
func TestWhatCannotBeCommittedIsNotAnnounced(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	if _, err := d.Owner().Exec(t.Context(), `
		CREATE FUNCTION public.refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'for a test'; END $$;
		CREATE CONSTRAINT TRIGGER refuses AFTER UPDATE ON record.generations DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (NEW.generation > OLD.generation) EXECUTE FUNCTION public.refuses()`); err != nil {
		t.Fatal(err)
	}
	listener, err := d.Owner().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Release()
	if _, err := listener.Exec(t.Context(), `LISTEN sijil_published`); err != nil {
		t.Fatal(err)
	}
	working := openAs(t, store.DeskSide, d.DeskURL())
	err = working.InTx(t.Context(), func(q store.Querier) error { return record.NewWriter(q).BumpGeneration(t.Context()) })
	if err == nil {
		t.Fatal("it was committed")
	}
	working.Close() // which waits until what was committed is announced
	if _, err := d.Owner().Exec(t.Context(), `SELECT pg_notify('sijil_published', 'the end')`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	said, err := listener.Conn().WaitForNotification(ctx)
	if err != nil || said.Payload != "the end" {
		t.Errorf("announced: %+v, %v", said, err)
	}
}

// TestWhatIsSaidWhileOneConnectsIsHeard: who listens first, and reads then what there is,
// misses nothing that is said between.
func TestWhatIsSaidWhileOneConnectsIsHeard(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	lock, err := d.Owner().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(context.Background()) //nolint:errcheck // it is over already
	if _, err := lock.Exec(t.Context(), `LOCK TABLE record.generations`); err != nil {
		t.Fatal(err)
	}
	heard := ear(t, d.PublicURL())
	for waits := false; !waits; time.Sleep(time.Millisecond) { // to read what there is
		err := d.Owner().QueryRow(t.Context(), `
			SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'sijil listener' AND wait_event_type = 'Lock')`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Owner().Exec(t.Context(), `SELECT pg_notify('sijil_published', '77 0')`); err != nil {
		t.Fatal(err)
	}
	if err := lock.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	hears(t, heard, 77)
}

// TestWhoClosesHasSaidWhatWasCommitted: a program that publishes and ends, such as an import,
// tells those that run.
func TestWhoClosesHasSaidWhatWasCommitted(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	heard := ear(t, d.PublicURL())
	first := (<-heard).Record
	for n := range int64(10) {
		working, err := store.Open(t.Context(), d.DeskURL(), store.DeskSide)
		if err != nil {
			t.Fatal(err)
		}
		err = working.InTx(t.Context(), func(q store.Querier) error { return record.NewWriter(q).BumpGeneration(t.Context()) })
		working.Close()
		if err != nil {
			t.Fatal(err)
		}
		hears(t, heard, first+n+1)
	}
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
