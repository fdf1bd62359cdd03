package desk

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// writer collects the rows of one record as its content has them. A record is
// made of parts: each fact with what hangs on it, and what belongs to the record
// as a whole. A save compares the parts with those that are there and writes the
// ones that differ; facts are kept by key, so that other records may point to
// them.
type writer struct {
	record  register.Ref
	sources map[string]string // key → identifier
	cited   []string          // keys of the sources that the content cites
	part    string            // to which the next rows belong
	facts   []factRow
	rows    []row
	// leans names, for a part, others whose rows its rows refer to: it is written
	// anew when they are.
	leans map[string][]string
}

// factRow is a fact without what hangs on it.
type factRow struct {
	part, key, kind string
	position        int
}

// row is how one row is written, and the part to which it belongs.
type row struct {
	part, sql string
	args      pgx.StrictNamedArgs
}

func newWriter(record register.Ref, sources map[string]string) *writer {
	return &writer{record: record, sources: sources, part: recordFact, leans: map[string][]string{}}
}

// exec collects one row of the part that is being collected; "record" is the
// record's identifier.
func (w *writer) exec(sql string, args pgx.StrictNamedArgs) {
	args["record"] = w.record
	w.rows = append(w.rows, row{part: w.part, sql: sql, args: args})
}

// leanOn notes that the part that is being collected refers to the rows of
// another.
func (w *writer) leanOn(part string) { w.leans[w.part] = append(w.leans[w.part], part) }

// fact collects a fact with its sources and dates, and begins its part.
func (w *writer) fact(kind string, f register.Fact) {
	w.part = f.Key
	w.subfact(kind, f)
}

// subfact collects a fact that belongs to the part of another.
func (w *writer) subfact(kind string, f register.Fact) {
	w.facts = append(w.facts, factRow{part: w.part, key: f.Key, kind: kind, position: len(w.facts) + 1})
	for i, source := range f.Sources {
		w.exec(`
			INSERT INTO desk.citations (record_id, key, source_id, position)
			VALUES (@record, @key, @source, @position)`,
			pgx.StrictNamedArgs{"key": f.Key, "source": w.sources[source], "position": i})
	}
	for i, d := range f.Dates {
		w.date(f.Key, i, d)
	}
	for i, said := range f.SaidIn {
		w.exec(`
			INSERT INTO desk.backings (record_id, key, position, statement_id, claim_key)
			VALUES (@record, @key, @position, @statement, @claim)`,
			pgx.StrictNamedArgs{
				"key": f.Key, "position": i, "statement": said.Statement, "claim": store.Nullable(said.Claim),
			})
	}
}

func (w *writer) date(key string, position int, d register.DateAssertion) {
	earliest, latest := bounds(d.EDTF)
	w.exec(`
		INSERT INTO desk.date_assertions (record_id, key, position, edtf, earliest, latest, wording, basis,
		                                  is_preferred, reason)
		VALUES (@record, @key, @position, @edtf, @earliest, @latest, @wording, @basis, @preferred, @reason)`,
		pgx.StrictNamedArgs{
			"key": key, "position": position, "edtf": d.EDTF.String(), "earliest": earliest, "latest": latest,
			"wording": store.TextColumn(d.Wording), "basis": d.Basis, "preferred": d.Preferred, "reason": store.TextColumn(d.Reason),
		})
	for rank, source := range d.Sources {
		w.exec(`
			INSERT INTO desk.date_citations (record_id, key, position, source_id, rank)
			VALUES (@record, @key, @position, @source, @rank)`,
			pgx.StrictNamedArgs{"key": key, "position": position, "source": w.sources[source], "rank": rank})
	}
}

// institutions collects the institutions that a fact names.
func (w *writer) institutions(key string, refs []register.Ref) {
	for i, ref := range refs {
		w.exec(`
			INSERT INTO desk.fact_institutions (record_id, key, position, institution_id)
			VALUES (@record, @key, @position, @institution)`,
			pgx.StrictNamedArgs{"key": key, "position": i, "institution": ref})
	}
}

// save writes the content of a record where it differs from what read finds:
// nothing, for a new one. The rows are read here, whatever the caller knows of
// them, for they decide what is left alone. It returns Problems for sources that
// do not exist.
func save[N any](
	ctx context.Context, d *Queries, record register.Ref, now *N,
	read func(*Queries, context.Context, Record) (*N, error), collect func(*writer, *N), t tables,
) error {
	before, err := read(d, ctx, Record{ID: record})
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return err
	}
	cited := register.CitedSources(now)
	if before != nil {
		cited = append(cited, register.CitedSources(before)...)
	}
	sources, err := d.sourceIDs(ctx, cited)
	if err != nil {
		return err
	}
	old, changed := newWriter(record, sources), newWriter(record, sources)
	if before != nil {
		collect(old, before)
	}
	collect(changed, now)
	changed.cited = register.CitedSources(now)
	return changed.replace(ctx, d.q, old, t)
}

// parts are the rows of a record's content by the part to which they belong, in
// the order in which they were collected.
func (w *writer) parts() map[string][]row {
	out := map[string][]row{}
	for _, f := range w.facts {
		out[f.part] = nil // a part may be nothing but its fact
	}
	for _, r := range w.rows {
		out[r.part] = append(out[r.part], r)
	}
	return out
}

// differing returns the parts that are not in was as they are here, or only
// there, with those that lean on them.
func (w *writer) differing(was *writer) map[string]bool {
	now, before, out := w.parts(), was.parts(), map[string]bool{}
	for part, rows := range now {
		if old, ok := before[part]; !ok || !slices.EqualFunc(rows, old, sameRow) {
			out[part] = true
		}
	}
	for part := range before {
		if _, ok := now[part]; !ok {
			out[part] = true
		}
	}
	for _, leans := range []map[string][]string{w.leans, was.leans} {
		for part, on := range leans {
			if slices.ContainsFunc(on, func(other string) bool { return out[other] }) {
				out[part] = true
			}
		}
	}
	return out
}

func sameRow(a, b row) bool { return a.sql == b.sql && reflect.DeepEqual(a.args, b.args) }

// tables are where the content of a type of record stands beside its facts:
// statements that remove what belongs to the record as a whole, and to the facts
// with @keys. What hangs on a removed row goes with it.
type tables struct{ whole, facts []string }

// everyFact removes what every fact may have.
var everyFact = []string{
	`DELETE FROM desk.citations WHERE record_id = @record AND key = ANY (@keys)`,
	`DELETE FROM desk.backings WHERE record_id = @record AND key = ANY (@keys)`,
	`DELETE FROM desk.date_assertions WHERE record_id = @record AND key = ANY (@keys)`,
	`DELETE FROM desk.fact_institutions WHERE record_id = @record AND key = ANY (@keys)`,
}

// replace writes the content that was collected in the place of the one that the
// record has: the parts that differ, and nothing else.
func (w *writer) replace(ctx context.Context, q store.Querier, was *writer, t tables) error {
	changed := w.differing(was)
	var batch pgx.Batch
	queue := func(sql string, args pgx.StrictNamedArgs) {
		args["record"] = w.record
		batch.Queue(sql, args)
	}
	if keys := was.keysOf(changed); len(keys) > 0 {
		if changed[recordFact] {
			for _, sql := range t.whole {
				queue(sql, pgx.StrictNamedArgs{})
			}
		}
		for _, sql := range slices.Concat(t.facts, everyFact) {
			queue(sql, pgx.StrictNamedArgs{"keys": keys})
		}
	}
	for _, f := range w.facts {
		if !slices.Contains(was.facts, f) {
			queue(`
				INSERT INTO desk.facts (record_id, key, kind, position)
				VALUES (@record, @key, @kind, @position)
				ON CONFLICT (record_id, key) DO UPDATE SET kind = EXCLUDED.kind, position = EXCLUDED.position`,
				pgx.StrictNamedArgs{"key": f.key, "kind": f.kind, "position": f.position})
		}
	}
	for _, r := range w.rows {
		if changed[r.part] {
			batch.Queue(r.sql, r.args)
		}
	}
	queue(`DELETE FROM desk.facts WHERE record_id = @record AND key <> ALL (@keys)`,
		pgx.StrictNamedArgs{"keys": w.keys()})
	w.cite(queue)
	return store.Map(q.SendBatch(ctx, &batch).Close())
}

// cite notes which sources the record cites.
func (w *writer) cite(queue func(string, pgx.StrictNamedArgs)) {
	cited := make([]string, len(w.cited))
	for i, key := range w.cited {
		cited[i] = w.sources[key]
	}
	queue(`DELETE FROM desk.record_sources WHERE record_id = @record AND source_id <> ALL (@sources)`,
		pgx.StrictNamedArgs{"sources": cited})
	queue(`
		INSERT INTO desk.record_sources (record_id, source_id)
		SELECT @record, unnest(@sources::uuid[])
		ON CONFLICT DO NOTHING`,
		pgx.StrictNamedArgs{"sources": cited})
}

// keysOf are the keys of the facts in parts.
func (w *writer) keysOf(parts map[string]bool) []string {
	var out []string
	for _, f := range w.facts {
		if parts[f.part] {
			out = append(out, f.key)
		}
	}
	return out
}

func (w *writer) keys() []string {
	out := make([]string, len(w.facts))
	for i, f := range w.facts {
		out[i] = f.key
	}
	return out
}
