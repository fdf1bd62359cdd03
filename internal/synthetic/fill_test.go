package synthetic_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/synthetic"
	"github.com/sijil/sijil/internal/testkit"
)

// TestFilledIsAsPublished compares a filled register with the same one that was
// drafted, reviewed and published: every table of both schemas, row by row.
func TestFilledIsAsPublished(t *testing.T) {
	t.Parallel()
	const incidents, seed = 12, 3
	filled, published := testkit.Database(t), testkit.Database(t)
	fill(t, filled, incidents, seed)
	publishAll(t, published, synthetic.New(incidents, seed))
	rows := 0
	for _, table := range tablesOf(t, filled) {
		got, want := rowsOf(t, filled, table), rowsOf(t, published, table)
		rows += len(want)
		if len(got) != len(want) {
			t.Errorf("%s: %d rows, published %d", table, len(got), len(want))
		}
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("%s, row %d:\n%s\npublished:\n%s", table, i, got[i], want[i])
				break
			}
		}
	}
	if rows < 1000 {
		t.Errorf("only %d rows were compared", rows)
	}
	if got, want := filled.Schema(15, "desk", "record"), published.Schema(15, "desk", "record"); got != want {
		t.Error("keys and indexes are not what they were")
	}
}

// TestFilledGoesOn publishes after a filling, over the end of a tile of the log:
// the database refuses what does not fit the leaves and numbers that are there.
func TestFilledGoesOn(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	fill(t, d, 70, 1)
	if _, err := synthetic.Fill(t.Context(), store.Wrap(d.Desk()), d.OwnerURL(), 1, 1, testkit.NewClock(testkit.FoundingDay()).Now, func(synthetic.Stage, int, int) {}); !errors.Is(err, register.ErrConflict) {
		t.Errorf("filled twice: %v", err)
	}
	var leaves int
	if err := d.Owner().QueryRow(t.Context(), `SELECT count(*) FROM record.log_leaves`).Scan(&leaves); err != nil || leaves < 256 {
		t.Fatalf("%d leaves, %v", leaves, err)
	}
	p := &publisher{t: t, staff: testkit.Staff(t, d), clock: testkit.NewClock(testkit.FoundingDay())}
	p.editorial = editorial.New(store.Wrap(d.Desk()), p.clock.Now)
	source := register.Source{Key: "real-one", Kind: register.SourcePressReport, Publisher: "La presse"}
	if err := p.editorial.SaveSources(t.Context(), p.staff[testkit.Analyst], []register.Source{source}); err != nil {
		t.Fatal(err)
	}
	for n := range 512 - leaves + 1 {
		i := synthetic.New(1, uint64(n)).NextInstitution(n)
		i.Slug = fmt.Sprintf("real-%d", n)
		p.publish(editorial.Draft{Institution: i})
		if n == 2 && leaves < 500 {
			break // a tile more is a long way: what follows the filling is what counts
		}
	}
}

func fill(t *testing.T, d *testkit.DB, incidents int, seed uint64) {
	t.Helper()
	var last int
	made, err := synthetic.Fill(t.Context(), store.Wrap(d.Desk()), d.OwnerURL(), incidents, seed, testkit.NewClock(testkit.FoundingDay()).Now, func(s synthetic.Stage, done, _ int) {
		if s == synthetic.StageRecords {
			last = done
		}
	})
	if err != nil || last != incidents || made.Statements != 3*incidents || made.Bytes == 0 {
		t.Fatalf("%d of %d, %+v, %v", last, incidents, made, err)
	}
}

type publisher struct {
	t         *testing.T
	staff     map[string]register.Actor
	clock     *testkit.Clock
	editorial *editorial.Editorial
}

func (p *publisher) publish(draft editorial.Draft) register.Ref {
	p.t.Helper()
	ctx := p.t.Context()
	v, err := p.editorial.Save(ctx, p.staff[testkit.Analyst], draft)
	if err == nil {
		err = p.editorial.SendForReview(ctx, p.staff[testkit.Analyst], v, "")
	}
	if err == nil {
		err = p.editorial.Approve(ctx, p.staff[testkit.Editor], v)
	}
	if err == nil {
		_, err = p.editorial.Publish(ctx, p.staff[testkit.Editor], []editorial.Version{v}, synthetic.Reason())
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return v.ID
}

// publishAll publishes what a generator makes, in the order in which Fill does.
func publishAll(t *testing.T, d *testkit.DB, g *synthetic.Generator) {
	t.Helper()
	p := &publisher{t: t, staff: testkit.Staff(t, d), clock: testkit.NewClock(testkit.FoundingDay())}
	p.editorial = editorial.New(store.Wrap(d.Desk()), p.clock.Now)
	ids := map[register.Ref]register.Ref{}
	known := func(ref *register.Ref) { *ref = ids[*ref] }
	for n := range g.Institutions() {
		ids[synthetic.Institution(n)] = p.publish(editorial.Draft{Institution: g.NextInstitution(n)})
	}
	for group := g.Next(); group != nil; group = g.Next() {
		if err := p.editorial.SaveSources(t.Context(), p.staff[testkit.Analyst], group.Sources); err != nil {
			t.Fatal(err)
		}
		for i, s := range group.Statements {
			register.EachRef(s, known)
			ids[synthetic.Statement(i)] = p.publish(editorial.Draft{Statement: s})
		}
		register.EachRef(group.Incident, known)
		p.publish(editorial.Draft{Incident: group.Incident})
	}
}

// leftOut are tables that are about how records came to be, not what they are:
// sessions of staff, the chain of the audit, counters of generations.
var leftOut = []string{
	"desk.audit", "desk.audit_head", "desk.sessions", "desk.accounts", "desk.bundles", "desk.bundle_records", "record.generations",
}

func tablesOf(t *testing.T, d *testkit.DB) []string {
	t.Helper()
	rows, err := d.Owner().Query(t.Context(), `
		SELECT schemaname || '.' || tablename FROM pg_catalog.pg_tables WHERE schemaname IN ('desk', 'record') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 40 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	return slices.DeleteFunc(tables, func(table string) bool { return slices.Contains(leftOut, table) })
}

var (
	uuids   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*(Z|\+00:00)`)
	secrets = regexp.MustCompile(`"(salt|commitment|entry|content|sha256|hashes|id|bundle_id|review_id|pinned_sha256)": ?("[^"]*"|\d+|null)`)
	hashes  = regexp.MustCompile(`[0-9a-f]{64}`)
)

// rowsOf are the rows of a table as JSON, without what differs from one register
// to the next: random identifiers, times, salts, and what is hashed with them.
func rowsOf(t *testing.T, d *testkit.DB, table string) []string {
	t.Helper()
	readable := map[string]string{
		"record.editions":     `SELECT to_jsonb(t)::text || ' ' || convert_from(t.content, 'UTF8') FROM record.editions AS t`,
		"record.search_words": `SELECT concat(word, documents, ARRAY(SELECT x FROM unnest(trigrams) AS x ORDER BY x)) FROM record.search_words`,
	}
	sql := readable[table]
	if sql == "" {
		sql = fmt.Sprintf(`SELECT to_jsonb(t)::text FROM %s AS t`, table)
	}
	rows, err := d.Owner().Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range out {
		for _, form := range []*regexp.Regexp{secrets, uuids, moments, hashes} {
			row = form.ReplaceAllString(row, "…")
		}
		out[i] = row
	}
	slices.Sort(out)
	return out
}
