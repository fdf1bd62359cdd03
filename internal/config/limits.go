package config

import (
	"fmt"
	"slices"
)

// Classes bounds how much is done at the same time, by class of work.
type Classes map[string]int

// classes are the kinds of work that have a bound of their own, as the web names
// them.
func classes() []string { return []string{"page", "search", "export", "sign-in", "fetch", "desk"} }

// mostExports is how many exports have a connection to the database.
const mostExports = 4

// checkConcurrency wants known classes, and room for each.
func (c Config) checkConcurrency() error {
	for name, most := range c.Concurrency {
		switch {
		case !slices.Contains(classes(), name):
			return fmt.Errorf("SIJIL_CONCURRENCY names %q: it bounds %v", name, classes())
		case most < 1 || most > 10_000:
			return fmt.Errorf("SIJIL_CONCURRENCY has %s=%d: it must be between 1 and 10000", name, most)
		case name == "export" && most > mostExports:
			return fmt.Errorf("SIJIL_CONCURRENCY has export=%d: more than %d have no connection to the database", most, mostExports)
		}
	}
	return nil
}
