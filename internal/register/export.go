package register

import (
	"strconv"
	"strings"
	"time"
)

// ExportScope says of what an export is. The zero scope is that of all incidents.
type ExportScope struct {
	// Incident is the slug or the reference of the one incident; empty: several.
	Incident string
	// Filter chooses among several; order and page do not count.
	Filter IncidentFilter
	// Whole takes in what no incident shows, too. It chooses nothing.
	Whole bool
}

// ExportState is the moment of the published record that an export shows.
type ExportState struct {
	Generation int64
	// Leaves is how many leaves the public log has.
	Leaves int64
	Terms  *Terms
}

// ExportedIncident is the current edition of an incident with all that it shows.
// What it shows are current editions, too: a new one is carried at once into what
// shows it.
type ExportedIncident struct {
	*IncidentEdition
	// FirstPublishedAt is when the first edition of the incident was published.
	FirstPublishedAt time.Time
	// Published is the same edition with nothing put together, and Shown are those
	// that it shows.
	Published Published
	Shown     []Published
}

// ExportedEdition is one edition of a record as it was published, byte for byte.
type ExportedEdition struct {
	Type      RecordType
	Reference string
	Number    int
	SHA256    string
	Content   []byte // canonical JSON
	Salt      []byte // that hides the content behind its leaf; it is public with the proof
	Leaf      int64  // position in the public log
}

// ExportSink takes what an export holds, one after the other. What would go to a
// nil function is not read.
type ExportSink struct {
	// Incident takes each incident, in the order of their references.
	Incident func(*ExportedIncident) error
	// Record takes, of the whole register, the statements and institutions that no
	// incident shows, behind all incidents.
	Record func(*Published) error
	// Edition takes all editions that can be read of what is exported: of the whole
	// register in the order of the public log; of a choice, the editions of the incidents
	// and of what they show or have shown, each record once.
	Edition func(*ExportedEdition) error
	// Departure takes, of the whole register, the records that are shown no more.
	Departure func(*Departure) error
}

// ExportBegin is called once when it is certain that there is something to
// export, and says where it goes.
type ExportBegin func(ExportState) (ExportSink, error)

// ReferenceSet is a set of references that takes one bit for each, since numbers
// are given without gaps. The zero set is empty.
type ReferenceSet struct {
	series map[string][]uint64
	others map[string]bool
}

// densest bounds the bits of a series: a number beyond is kept by its name.
const densest = 1 << 26

// Add adds a reference, and reports whether it was not in the set.
func (s *ReferenceSet) Add(reference string) bool {
	cut := strings.LastIndexByte(reference, '-')
	n, err := strconv.Atoi(reference[cut+1:])
	if cut < 0 || err != nil || n < 0 || n >= densest {
		fresh := !s.others[reference]
		if s.others == nil {
			s.others = map[string]bool{}
		}
		s.others[reference] = true
		return fresh
	}
	if s.series == nil {
		s.series = map[string][]uint64{}
	}
	// The zeros before a number are part of the name: "7" and "0007" are two.
	name := reference[:cut] + "/" + strconv.Itoa(len(reference)-cut)
	words := s.series[name]
	for len(words) <= n/64 {
		words = append(words, 0)
	}
	bit := uint64(1) << (n % 64)
	fresh := words[n/64]&bit == 0
	words[n/64] |= bit
	s.series[name] = words
	return fresh
}
