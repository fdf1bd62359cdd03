package record_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// shortPatience is less than any lock of these tests lasts.
const shortPatience = 20 * time.Millisecond

// muchRoom is more than what these tests have kept takes.
const muchRoom = 1 << 20

// hasty is a store that waits for no count, on a pool of its own.
func hasty(t *testing.T, d *testkit.DB, bytes int64) (*record.Store, *store.DB) {
	t.Helper()
	db, err := store.Open(t.Context(), d.PublicURL(), store.PublicSide)
	must(t, err)
	t.Cleanup(db.Close)
	return record.NewStore(db).InHaste(shortPatience, bytes), db
}

// locked holds a table, so that whoever counts it waits, until it is let go of.
func locked(t *testing.T, d *testkit.DB) (release func()) {
	t.Helper()
	tx, err := d.Owner().Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE record.incidents IN ACCESS EXCLUSIVE MODE`)
	must(t, err)
	release = func() { _ = tx.Rollback(context.Background()) }
	t.Cleanup(release)
	return release
}

// waiting is how many backends wait for a lock.
func waiting(t *testing.T, d *testkit.DB) int {
	t.Helper()
	var n int
	must(t, d.Owner().QueryRow(t.Context(), `
		SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n))
	return n
}

// until asks again until it is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what + ": not within a minute")
		}
	}
}

// current waits for figures of now.
func current(t *testing.T, s *record.Store, f register.StatisticsFilter) (totals register.Totals, counts register.Statistics) {
	t.Helper()
	until(t, "figures of now", func() bool {
		var err error
		totals, counts, err = s.Figures(t.Context(), f)
		if err != nil && !errors.Is(err, register.ErrCounting) {
			t.Fatal(err)
		}
		return err == nil && totals.CountedAt.IsZero() && counts.CountedAt.IsZero()
	})
	return totals, counts
}

// TestFiguresOfASmallRegisterAreOfNow, after each publication.
func TestFiguresOfASmallRegisterAreOfNow(t *testing.T) {
	d := testkit.Founding(t)
	s := public(d)
	for _, want := range []int{1, 4} {
		totals, counts, err := s.Figures(t.Context(), register.StatisticsFilter{})
		must(t, err)
		if totals.Incidents != want || counts.Incidents != want || !totals.CountedAt.IsZero() || !counts.CountedAt.IsZero() {
			t.Errorf("%d and %d incidents, want %d; counted at %s and %s", totals.Incidents, counts.Incidents, want, totals.CountedAt, counts.CountedAt)
		}
		if want == 1 {
			publishMany(t, d, 3)
		}
	}
}

// TestFiguresThatTakeLongAreThoseCountedLast: while a count waits for a lock, all who ask
// get the figures from before it, with their time; afterwards, those of now.
func TestFiguresThatTakeLongAreThoseCountedLast(t *testing.T) {
	d := testkit.Founding(t)
	s, _ := hasty(t, d, muchRoom)
	begin := time.Now()
	if totals, _ := current(t, s, register.StatisticsFilter{}); totals.Incidents != 1 {
		t.Fatalf("%d incidents", totals.Incidents)
	}
	counted := time.Now()
	publishMany(t, d, 3)
	release := locked(t, d)
	for range 5 {
		totals, counts, err := s.Figures(t.Context(), register.StatisticsFilter{})
		must(t, err)
		if totals.Incidents != 1 || counts.Incidents != 1 {
			t.Fatalf("%d and %d incidents were counted under the lock", totals.Incidents, counts.Incidents)
		}
		for _, at := range []time.Time{totals.CountedAt, counts.CountedAt} {
			if at.Before(begin) || at.After(counted) {
				t.Fatalf("counted at %s, and not between %s and %s", at, begin, counted)
			}
		}
	}
	until(t, "both counts wait", func() bool { return waiting(t, d) >= 2 })
	if n := waiting(t, d); n != 2 {
		t.Errorf("%d counts are under way for five who asked the same", n)
	}
	release()
	if totals, counts := current(t, s, register.StatisticsFilter{}); totals.Incidents != 4 || counts.Incidents != 4 {
		t.Errorf("%d and %d incidents afterwards", totals.Incidents, counts.Incidents)
	}
}

// TestWhatWasNeverCountedIsBeingCounted: who asks first is told so, and who asks next has
// the figures, of which the first has not waited for the end.
func TestWhatWasNeverCountedIsBeingCounted(t *testing.T) {
	d := testkit.Founding(t)
	s, _ := hasty(t, d, muchRoom)
	release := locked(t, d)
	year := func(y int) register.StatisticsFilter { return register.StatisticsFilter{From: y, To: y} }
	leaving, leave := context.WithCancel(t.Context())
	if _, err := s.Statistics(leaving, year(2025)); !errors.Is(err, register.ErrCounting) {
		t.Errorf("got %v", err)
	}
	leave() // the count does not end with who asked
	if _, err := s.Statistics(t.Context(), year(2024)); !errors.Is(err, register.ErrCounting) {
		t.Errorf("one more: got %v", err)
	}
	if _, err := s.Statistics(t.Context(), year(2023)); !errors.Is(err, register.ErrUnavailable) {
		t.Errorf("more than may wait: got %v", err)
	}
	if _, err := s.Totals(t.Context()); !errors.Is(err, register.ErrCounting) {
		t.Errorf("the whole waits for what readers choose: got %v", err)
	}
	release()
	until(t, "both choices are kept", func() bool { n, _ := s.Kept(); return n == 2 && waiting(t, d) == 0 })
	for y, want := range map[int]int{2025: 1, 2024: 0} {
		if _, counts := current(t, s, year(y)); counts.Incidents != want {
			t.Errorf("%d: %d incidents", y, counts.Incidents)
		}
	}
}

// TestCountsEndWithThePool, which does not wait for them.
func TestCountsEndWithThePool(t *testing.T) {
	d := testkit.Founding(t)
	s, db := hasty(t, d, muchRoom)
	locked(t, d)
	if _, err := s.Statistics(t.Context(), register.StatisticsFilter{}); !errors.Is(err, register.ErrCounting) {
		t.Fatalf("got %v", err)
	}
	until(t, "the count waits", func() bool { return waiting(t, d) == 1 })
	db.Close() // returns when its work has ended
	until(t, "nobody waits", func() bool { return waiting(t, d) == 0 })
	if db.Behind(t.Context(), func(context.Context) { t.Error("a closed pool works") }) {
		t.Error("a closed pool takes work")
	}
}

// TestFewChoicesAreKept: those that were asked for last, in the room that there is.
func TestFewChoicesAreKept(t *testing.T) {
	d := testkit.Founding(t)
	for room, want := range map[int64]int{muchRoom: 6, 30 << 10: 3} {
		s, _ := hasty(t, d, room)
		for y := 2001; y <= 2006; y++ {
			current(t, s, register.StatisticsFilter{From: y, To: y})
			current(t, s, register.StatisticsFilter{From: 2001, To: 2001})
		}
		if n, size := s.Kept(); n != want || size > room {
			t.Errorf("%d choices of %d bytes are kept in %d", n, size, room)
		}
		release := locked(t, d) // what is kept needs no count
		for y, kept := range map[int]bool{2001: true, 2002: want == 6, 2006: true} {
			_, err := s.Statistics(t.Context(), register.StatisticsFilter{From: y, To: y})
			if kept != (err == nil) {
				t.Errorf("%d, in %d: %v", y, room, err)
			}
		}
		release()
	}
}

// TestACountThatFailsIsTold, to who waits for it, and is begun anew.
func TestACountThatFailsIsTold(t *testing.T) {
	d := testkit.Founding(t)
	s := public(d)
	_, err := d.Owner().Exec(t.Context(), `ALTER TABLE record.referrals RENAME TO elsewhere`)
	must(t, err)
	if _, err := s.Totals(t.Context()); err == nil || errors.Is(err, register.ErrCounting) {
		t.Errorf("got %v", err)
	}
	_, err = d.Owner().Exec(t.Context(), `ALTER TABLE record.elsewhere RENAME TO referrals`)
	must(t, err)
	if totals, err := s.Totals(t.Context()); err != nil || totals.Referrals != 2 {
		t.Errorf("%d referrals, %v", totals.Referrals, err)
	}
}

// TestReadingAtLengthLastsAsLongAsItMay, and what is read next as long as before.
func TestReadingAtLengthLastsAsLongAsItMay(t *testing.T) {
	d := testkit.Database(t)
	db, err := store.Open(t.Context(), d.PublicURL()+"&pool_max_conns=1", store.PublicSide)
	must(t, err)
	t.Cleanup(db.Close)
	limit := func(read func(func(q store.Querier) error) error) (out string) {
		must(t, read(func(q store.Querier) error {
			rows, err := q.Query(t.Context(), `SELECT current_setting('statement_timeout')`)
			if err != nil {
				return err
			}
			out, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
			return err
		}))
		return out
	}
	atLength := func(do func(q store.Querier) error) error { return db.ReadAtLength(t.Context(), 5*time.Minute, do) }
	page := func(do func(q store.Querier) error) error { return db.Read(t.Context(), do) }
	if a, b := limit(atLength), limit(page); a != "5min" || b != "3s" {
		t.Errorf("at length %s, for a page %s", a, b)
	}
}
