package register

import (
	"time"

	"github.com/sijil/sijil/internal/edtf"
)

// Dump is a file of everything that is published, as it was made one night.
type Dump struct {
	Name      string // of the file, which no other ever has
	Day       edtf.Day
	Format    string // name of the format of exports
	MediaType string
	// TakenAt is the moment that it shows, Generation the state of the record then.
	TakenAt    time.Time
	Generation int64
	Size       int64  // bytes
	SHA256     string // of the file, lower-case hexadecimal
	// Parts are the pieces in which the file is kept, in their order; a list of
	// dumps has none.
	Parts []DumpPart
}

// DumpPart is a piece of a dump.
type DumpPart struct {
	SHA256 string
	Size   int64
}
