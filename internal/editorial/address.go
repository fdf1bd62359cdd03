package editorial

import (
	"slices"

	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
)

// reachable returns sources with their hosts in ASCII, whoever brings them: the register
// keeps addresses as they are asked for.
func reachable(sources []register.Source) []register.Source {
	sources = slices.Clone(sources)
	for i := range sources {
		sources[i].URL = lookalike.ASCII(sources[i].URL)
	}
	return sources
}

// reachable writes the host of an institution's own address in ASCII.
func (d *Draft) reachable() {
	if d.Institution != nil {
		d.Institution.Website = lookalike.ASCII(d.Institution.Website)
	}
}
