package memory

import (
	"errors"
	"math"
	"runtime/debug"
	"testing"
)

// TestSpend is not parallel: what it sets is the process's.
func TestSpend(t *testing.T) {
	for _, c := range []struct {
		name, percent, bound string
		available            uint64
		err                  error
		wantPercent          int
		wantLimit, returned  int64
	}{
		{name: "half of what there is", available: 2 << 30, wantPercent: growth, wantLimit: 1 << 30, returned: 1 << 30},
		{name: "nothing is known", err: errors.New("no cgroup"), wantPercent: 100, wantLimit: math.MaxInt64},
		{name: "the operator has said how often", percent: "50", available: 2 << 30, wantPercent: 100, wantLimit: 1 << 30, returned: 1 << 30},
		{name: "the operator has said how much", bound: "7GiB", available: 2 << 30, wantPercent: growth, wantLimit: math.MaxInt64, returned: math.MaxInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
			t.Cleanup(func() {
				debug.SetGCPercent(percent)
				debug.SetMemoryLimit(limit)
			})
			said := map[string]string{"GOGC": c.percent, "GOMEMLIMIT": c.bound}
			returned := spend(func(name string) string { return said[name] }, func() (uint64, error) { return c.available, c.err })
			if got := debug.SetMemoryLimit(-1); got != c.wantLimit || returned != c.returned {
				t.Errorf("limit %d, returned %d; want %d, %d", got, returned, c.wantLimit, c.returned)
			}
			if got := debug.SetGCPercent(100); got != c.wantPercent {
				t.Errorf("grows by %d %%, want %d", got, c.wantPercent)
			}
		})
	}
}

// TestTheMachineIsKnown: here, as on every Linux, one of the two tells.
func TestTheMachineIsKnown(t *testing.T) {
	limit := debug.SetMemoryLimit(-1)
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	if got := Spend(func(string) string { return "" }); got <= 0 || got == math.MaxInt64 {
		t.Errorf("limit %d", got)
	}
}
