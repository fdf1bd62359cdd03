// Package memory has a program that lets go at once of most of what it makes (pages,
// records on their way in) spend memory for time: it is collected less often, as long as
// the machine has room.
package memory

import (
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// growth is by how many per cent what is in use may grow before it is collected
	// (the runtime's own is 100). Pages are made of many small pieces, all let go of
	// at once: collecting them was an eighth of what a new page costs.
	growth = 400
	// share is which part of the memory that the program may have, by its cgroup or
	// else by the machine, it takes before it collects as often as it must.
	share = 0.5
)

// Spend sets when the runtime collects, and returns the limit in bytes from which on it
// does so as often as it must; 0 where none is known, and all stays as it was. What the
// variables of the runtime itself say (GOGC, GOMEMLIMIT), read by getenv, stands.
func Spend(getenv func(string) string) (limit int64) {
	return spend(getenv, memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem))
}

func spend(getenv func(string) string, known memlimit.Provider) (limit int64) {
	if getenv("GOMEMLIMIT") == "" {
		available, err := known()
		if err != nil {
			return 0 // without a bound more growth could be too much
		}
		debug.SetMemoryLimit(int64(float64(available) * share))
	}
	if getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
	return debug.SetMemoryLimit(-1)
}
