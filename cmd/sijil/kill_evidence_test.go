//go:build unix

package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/verify"
)

// editionAt names an edition.
type editionAt struct {
	Reference string
	Number    int
}

// namedEdition is an edition with what its record is called.
type namedEdition struct {
	editionAt
	Name string
}

// leafAt is a leaf of the log.
type leafAt struct {
	Position int64
	Type     string
	editionAt
}

// evidence is what the database holds of what was published.
type evidence struct {
	editions []namedEdition
	leaves   []leafAt // by position
	acts     []editionAt
	heads    []editionAt // what is public of each record
}

// evidence reads it, past the program.
func (k *kills) evidence() evidence {
	k.t.Helper()
	ctx := context.Background()
	connection := k.connect()
	defer connection.Close(ctx) //nolint:errcheck // it was only read
	var e evidence
	e.editions = rowsOf(k.t, connection, `
		SELECT reference, number, coalesce(content #>> '{incident,title,en}', content #>> '{institution,names,0,name}', '') AS name
		FROM (SELECT reference, number, convert_from(content, 'UTF8')::jsonb AS content FROM record.editions) AS e
		ORDER BY 1, 2`, func(x *namedEdition) []any { return []any{&x.Reference, &x.Number, &x.Name} })
	e.leaves = rowsOf(k.t, connection, `
		SELECT position, type, coalesce(reference, ''), coalesce(edition, 0) FROM record.log_leaves ORDER BY position`,
		func(x *leafAt) []any { return []any{&x.Position, &x.Type, &x.Reference, &x.Number} })
	at := func(x *editionAt) []any { return []any{&x.Reference, &x.Number} }
	e.acts = rowsOf(k.t, connection, `SELECT reference, number FROM desk.publications`, at)
	e.heads = rowsOf(k.t, connection, `SELECT reference, number FROM record.heads WHERE state = 'published'`, at)
	return e
}

func rowsOf[T any](t *testing.T, connection *pgx.Conn, sql string, into func(*T) []any) []T {
	t.Helper()
	rows, err := connection.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) {
		var x T
		return x, row.Scan(into(&x)...)
	})
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return out
}

// holds reports whether both records of a publication are there.
func (e *evidence) holds(p *publication) bool {
	return e.named(p.incident) > 0 && e.named(p.institution) > 0
}

// named counts the editions of what is called so.
func (e *evidence) named(name string) (n int) {
	for _, x := range e.editions {
		if x.Name == name {
			n++
		}
	}
	return n
}

// faults says what is not as it must be: public are publications that were seen
// before, asked those that were asked for since.
func (e *evidence) faults(public, asked []*publication) (out []string) {
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	leaves := map[editionAt]int{}
	for i, l := range e.leaves {
		if l.Position != int64(i) {
			add("leaf %d stands at position %d", i, l.Position)
		}
		if l.Type == "edition" || l.Type == "correction" {
			leaves[l.editionAt]++
		}
	}
	acts, heads := times(e.acts), times(e.heads)
	names := map[string]int{}
	for _, x := range e.editions {
		names[x.Name]++
		for what, n := range map[string]int{"leaves": leaves[x.editionAt], "acts": acts[x.editionAt], "heads": heads[x.editionAt]} {
			if n != 1 {
				add("%s %d (%s) has %d %s", x.Reference, x.Number, x.Name, n, what)
			}
		}
		delete(leaves, x.editionAt)
		delete(acts, x.editionAt)
		delete(heads, x.editionAt)
	}
	for what, left := range map[string]map[editionAt]int{"a leaf": leaves, "an act": acts, "a head": heads} {
		for x := range left {
			add("%s %d has %s and is no edition", x.Reference, x.Number, what)
		}
	}
	for _, p := range slices.Concat(public, asked) {
		incident, institution := names[p.incident], names[p.institution]
		whole := incident == 1 && institution == 1
		nothing := incident == 0 && institution == 0 && !p.acknowledged && slices.Contains(asked, p)
		if !whole && !nothing {
			add("%s is there %d times, %s %d times; acknowledged: %t", p.incident, incident, p.institution, institution, p.acknowledged)
		}
		delete(names, p.incident)
		delete(names, p.institution)
	}
	for name := range names {
		add("%s is there, and nobody asked for it", name)
	}
	return out
}

func times(all []editionAt) map[editionAt]int {
	out := map[editionAt]int{}
	for _, x := range all {
		out[x]++
	}
	return out
}

// readersSee asks the list of incidents for what became public just now.
func (k *kills) readersSee(asked []*publication) {
	k.t.Helper()
	var missing []string
	for begin := time.Now(); time.Since(begin) < 5*time.Second; time.Sleep(100 * time.Millisecond) { // a page in memory may be a second old
		if missing = k.notListed(asked); len(missing) == 0 {
			return
		}
	}
	k.t.Errorf("readers do not see as it is: %s", strings.Join(missing, ", "))
}

// notListed are the incidents that are not in the list as often as they must be.
func (k *kills) notListed(asked []*publication) (out []string) {
	k.t.Helper()
	a := testkit.Ask(k.t, k.office.site, "/en/incidents.csv")
	table, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if a.Status != http.StatusOK || err != nil {
		return []string{fmt.Sprintf("status %d, %v", a.Status, err)}
	}
	for _, p := range asked {
		n, want := 0, 0
		for _, row := range table {
			if slices.Contains(row, p.incident) {
				n++
			}
		}
		if k.seen.holds(p) {
			want = 1
		}
		if n != want {
			out = append(out, fmt.Sprintf("%s (%d times)", p.incident, n))
		}
	}
	return out
}

// controls shows that a fault would have been seen: past all guards a leaf is
// taken out of the database, and then what was found is not there.
func (k *kills) controls() {
	k.t.Helper()
	if faults := k.seen.faults(append(k.public, &publication{incident: "Outage of nowhere", institution: "Nobody"}), nil); len(faults) != 1 {
		k.t.Errorf("what was never published is not missed: %v", faults)
	}
	k.program.kill()
	owner(k.t, k.pg, `SET session_replication_role = replica;
		DELETE FROM record.log_leaves WHERE position = (SELECT max(position) FROM record.log_leaves WHERE type = 'edition')`)
	k.program.start()
	k.ready()
	e := k.evidence()
	if faults := e.faults(k.public, nil); len(faults) == 0 {
		k.t.Error("that a leaf is gone is not seen")
	}
	site, err := verify.NewSite(k.site.String(), http.DefaultTransport)
	if err != nil {
		k.t.Fatal(err)
	}
	if r := verify.Log(k.t.Context(), site, verify.Options{Since: k.kept}); r.Verdict() != verify.Broken {
		k.t.Errorf("that a leaf is gone is not found from outside: %s", r.Verdict())
	}
}

// TestWhatAKillCouldLeaveIsSeen changes evidence in which nothing is wrong.
func TestWhatAKillCouldLeaveIsSeen(t *testing.T) {
	t.Parallel()
	one, two := editionAt{"SJ-2025-0001", 1}, editionAt{"IN-0001", 1}
	told := &publication{incident: "Outage", institution: "Bureau", asked: true, acknowledged: true}
	unsure := &publication{incident: "Outage", institution: "Bureau", asked: true}
	lost := &publication{incident: "Another outage", institution: "Another bureau", asked: true}
	good := func() *evidence {
		return &evidence{
			editions: []namedEdition{{one, "Outage"}, {two, "Bureau"}},
			leaves:   []leafAt{{0, "edition", two}, {1, "edition", one}, {2, "key", editionAt{}}},
			acts:     []editionAt{one, two}, heads: []editionAt{one, two},
		}
	}
	for name, c := range map[string]struct {
		change func(*evidence)
		public []*publication
		asked  []*publication
		want   string // "": nothing is wrong
	}{
		"acknowledged and there":           {func(*evidence) {}, nil, []*publication{told}, ""},
		"unacknowledged and there":         {func(*evidence) {}, nil, []*publication{unsure, lost}, ""},
		"there for long":                   {func(*evidence) {}, []*publication{unsure}, []*publication{lost}, ""},
		"unacknowledged, then lost":        {func(*evidence) {}, []*publication{unsure, lost}, nil, "Another outage is there 0 times"},
		"acknowledged and lost":            {func(e *evidence) { *e = evidence{} }, nil, []*publication{told}, "Outage is there 0 times"},
		"half of it is there":              {func(e *evidence) { e.editions = e.editions[:1] }, nil, []*publication{unsure}, "Bureau 0 times"},
		"there twice":                      {func(e *evidence) { e.editions[1].Name = "Outage" }, nil, []*publication{told}, "Outage is there 2 times"},
		"an edition without a leaf":        {func(e *evidence) { e.leaves = e.leaves[:1] }, nil, []*publication{told}, "SJ-2025-0001 1 (Outage) has 0 leaves"},
		"a leaf without an edition":        {func(e *evidence) { e.leaves[1].Number = 2 }, nil, []*publication{told}, "SJ-2025-0001 2 has a leaf"},
		"two leaves of an edition":         {func(e *evidence) { e.leaves[2] = leafAt{2, "correction", one} }, nil, []*publication{told}, "has 2 leaves"},
		"a gap in the log":                 {func(e *evidence) { e.leaves[2].Position = 3 }, nil, []*publication{told}, "leaf 2 stands at position 3"},
		"an edition without an act":        {func(e *evidence) { e.acts = e.acts[1:] }, nil, []*publication{told}, "has 0 acts"},
		"an edition that is not shown":     {func(e *evidence) { e.heads = e.heads[1:] }, nil, []*publication{told}, "has 0 heads"},
		"an edition that nobody asked for": {func(*evidence) {}, nil, nil, "nobody asked for it"},
	} {
		t.Run(name, func(t *testing.T) {
			e := good()
			c.change(e)
			got := strings.Join(e.faults(c.public, c.asked), "; ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
