package testkit

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// Press makes editions in memory of what would be published, for tests of what is
// made of editions alone. A record that is known by its slug is not printed again.
type Press struct {
	known map[register.Ref]register.Ref // slug → reference
	count map[register.RecordType]int
}

// NewPress returns a press that has printed nothing.
func NewPress() *Press {
	return &Press{known: map[register.Ref]register.Ref{}, count: map[register.RecordType]int{}}
}

// FoundingSet is the founding record as it is written.
func FoundingSet(tb testing.TB) register.Set {
	tb.Helper()
	folder, err := fs.Sub(db.Founding, "founding")
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	set, err := exchange.ReadSet(folder)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	return set
}

// VERISSet is an incident in VERIS as a set of records.
func VERISSet(a register.Arrival) register.Set {
	return register.Set{Sources: a.Sources, Institutions: a.Institutions, Incidents: []register.Incident{*a.Incident}}
}

// Print makes the first editions of the records of a set, those before others that
// these show.
func (p *Press) Print(tb testing.TB, set register.Set) []register.Published {
	tb.Helper()
	var out []register.Published
	series := map[register.RecordType]string{register.TypeInstitution: "IN", register.TypeStatement: "ST-2025", register.TypeIncident: "SJ-2025"}
	add := func(t register.RecordType, slug string, content register.Content) {
		if _, ok := p.known[register.Ref(slug)]; ok {
			return
		}
		p.count[t]++
		content.Format, content.Type, content.Number = register.EditionFormat, t, 1
		content.Reference = fmt.Sprintf("%s-%04d", series[t], p.count[t])
		p.known[register.Ref(slug)] = register.Ref(content.Reference)
		out = append(out, register.Published{Edition: register.Edition{Content: content}})
	}
	for i := range set.Institutions {
		add(register.TypeInstitution, set.Institutions[i].Slug, register.Content{Institution: &set.Institutions[i]})
	}
	for i := range set.Statements {
		add(register.TypeStatement, set.Statements[i].Slug, register.Content{Statement: &set.Statements[i]})
	}
	for i := range set.Incidents {
		add(register.TypeIncident, set.Incidents[i].Slug, register.Content{Incident: &set.Incidents[i]})
	}
	for i := range out {
		p.finish(tb, &out[i], set.Sources)
	}
	return out
}

// finish translates references, and adds what is cited.
func (p *Press) finish(tb testing.TB, e *register.Published, sources []register.Source) {
	tb.Helper()
	translate := func(ref *register.Ref) {
		to, ok := p.known[*ref]
		if !ok {
			tb.Fatalf("testkit: %s points to %s, which is not printed", e.Reference, *ref)
		}
		*ref = to
	}
	var cited []string
	switch e.Type {
	case register.TypeInstitution:
		register.EachRef(e.Institution, translate)
		cited = register.CitedSources(e.Institution)
	case register.TypeStatement:
		register.EachRef(e.Statement, translate)
		cited = register.CitedSources(e.Statement)
	case register.TypeIncident:
		register.EachRef(e.Incident, translate)
		cited = register.CitedSources(e.Incident)
	}
	for _, s := range sources {
		if slices.Contains(cited, s.Key) {
			e.Sources = append(e.Sources, s)
		}
	}
	e.Sources = register.PublicSources(e.Sources)
	e.PublishedAt = FoundingDay().Add(time.Duration(p.count[e.Type]) * time.Millisecond)
	e.FirstPublishedAt, e.ChangedAt = e.PublishedAt, e.PublishedAt
	_, sha, err := e.Canonical()
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	e.SHA256 = sha
}
