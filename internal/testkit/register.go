package testkit

import (
	"testing"
	"time"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/store"
)

// FoundingDay is when Founding publishes: noon of the day for which the
// founding record was written.
func FoundingDay() time.Time { return time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC) }

// Founding returns a fresh database in which the founding record is published.
func Founding(tb testing.TB) *DB {
	tb.Helper()
	d := Database(tb)
	clock := NewClock(FoundingDay())
	if _, err := founding.Publish(tb.Context(), store.Wrap(d.Desk()), clock.Now); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	return d
}
