package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// NewRecord is a record that nobody has seen yet, with its content: a pointer to a
// noun of the register.
type NewRecord struct {
	Head Record // with an identifier of NewIDs
	Noun any
	// Entry is that of the directory.
	Entry Entry
}

// NewIDs returns random identifiers for records that are to be made.
func (d *Queries) NewIDs(ctx context.Context, n int) ([]register.Ref, error) {
	rows, err := d.q.Query(ctx, `SELECT gen_random_uuid() FROM generate_series(1, @n::integer)`, pgx.StrictNamedArgs{"n": n})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[register.Ref])
	return out, store.Map(err)
}

// InsertRecords makes new drafts, at version 1, with all that a save writes of
// each. It is what many saves would do, a table at a time: thousands of rows are
// some dozens of statements. It returns Problems for sources that do not exist.
func (d *Queries) InsertRecords(ctx context.Context, author string, records []NewRecord) error {
	var cited []string
	for _, r := range records {
		cited = append(cited, register.CitedSources(r.Noun)...)
	}
	slices.Sort(cited)
	sources, err := d.sourceIDs(ctx, slices.Compact(cited))
	if err != nil {
		return err
	}
	l := newLoad()
	for _, r := range records {
		if err := l.record(r, author, sources); err != nil {
			return err
		}
	}
	return l.run(ctx, d.q)
}

// load collects rows of many records by table.
type load struct {
	tables map[string]*loadTable
	plain  map[string]store.Insert // by statement
}

type loadTable struct {
	name    string
	columns []string
	rows    [][]any
}

func newLoad() *load { return &load{tables: map[string]*loadTable{}, plain: map[string]store.Insert{}} }

func (l *load) add(table string, columns []string, values ...any) {
	t := l.tables[table]
	if t == nil {
		t = &loadTable{name: table, columns: columns}
		l.tables[table] = t
	}
	t.rows = append(t.rows, values)
}

var (
	recordColumns   = []string{"id", "type", "slug", "language", "created_by"}
	changeColumns   = []string{"record_id", "version", "account_id"}
	factColumns     = []string{"record_id", "key", "kind", "position"}
	citedColumns    = []string{"record_id", "source_id"}
	revisionColumns = []string{"record_id", "version", "content"}
	entryColumns    = []string{
		"record_id", "type", "title", "short", "folded", "acronyms", "institutions", "occurred", "occurred_from", "occurred_to",
		"share", "waits_since", "original_not_seen",
	}
)

// record collects everything that is kept of a new record.
func (l *load) record(r NewRecord, author string, sources map[string]string) error {
	id := r.Head.ID
	l.add("records", recordColumns, id, r.Head.Type, r.Head.Slug, r.Head.Language, author)
	l.add("changes", changeColumns, id, 1, author)
	w := newWriter(id, sources)
	switch noun := r.Noun.(type) {
	case *register.Incident:
		w.incident(noun)
	case *register.Statement:
		w.statement(noun)
	case *register.Institution:
		w.institution(noun)
	default:
		return fmt.Errorf("insert %T: no noun of the register", r.Noun)
	}
	for _, f := range w.facts {
		l.add("facts", factColumns, id, f.key, f.kind, f.position)
	}
	for _, row := range w.rows {
		if err := l.row(row); err != nil {
			return err
		}
	}
	for _, key := range register.CitedSources(r.Noun) {
		l.add("record_sources", citedColumns, id, sources[key])
	}
	content, err := json.Marshal(r.Noun)
	if err != nil {
		return fmt.Errorf("encode revision: %w", err)
	}
	l.add("revisions", revisionColumns, id, 1, content)
	e := r.Entry
	from, to := days(e.Occurred)
	l.add("directory", entryColumns, id, e.Type, store.TextColumn(e.Title), store.TextColumn(e.Short), e.Folded, list(e.Acronyms),
		list(e.Institutions), e.Occurred.String(), from, to, e.Share, dayColumn(e.WaitsSince), e.OriginalNotSeen)
	return nil
}

// row collects a row as a save would write it.
func (l *load) row(r row) error {
	p, ok := l.plain[r.sql]
	if !ok {
		if p, ok = store.ParseInsert(r.sql); !ok || p.Table[0] != "desk" {
			return fmt.Errorf("not the INSERT of a row of the desk: %s", r.sql)
		}
		l.plain[r.sql] = p
	}
	l.add(p.Table[1], p.Columns, p.Row(r.args)...)
	return nil
}

// loadOrder are the tables to which others point, which come first.
func loadOrder() []string {
	return []string{
		"records", "sources", "changes", "facts", "officials", "incidents", "statements", "institutions", "exposures", "referrals",
		"renderings", "differences", "claims", "events", "targeted_systems", "date_assertions",
	}
}

// run copies the rows into their tables.
func (l *load) run(ctx context.Context, q store.Querier) error {
	place := func(t *loadTable) int {
		if i := slices.Index(loadOrder(), t.name); i >= 0 {
			return i
		}
		return len(loadOrder())
	}
	tables := make([]*loadTable, 0, len(l.tables))
	for _, t := range l.tables {
		tables = append(tables, t)
	}
	slices.SortFunc(tables, func(a, b *loadTable) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.name, b.name)) })
	for _, t := range tables {
		if _, err := q.CopyFrom(ctx, pgx.Identifier{"desk", t.name}, t.columns, store.CopyRows(t.rows)); err != nil {
			return fmt.Errorf("load %s: %w", t.name, store.Map(err))
		}
	}
	return nil
}
