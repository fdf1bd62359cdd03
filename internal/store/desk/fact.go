package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// recordFact is the key of the fact that stands for the record itself.
const recordFact = "record"

// writer collects the rows of one record and sends them in one batch. A record
// is written whole: its facts are kept by key, so that other records may point
// to them, and what hangs on them is written anew.
type writer struct {
	record  register.Ref
	sources map[string]string // key → identifier
	keys    []string
	batch   pgx.Batch
}

func (d *Queries) newWriter(ctx context.Context, record register.Ref, noun any) (*writer, error) {
	sources, err := d.sourceIDs(ctx, register.CitedSources(noun))
	if err != nil {
		return nil, err
	}
	return &writer{record: record, sources: sources}, nil
}

// send writes everything that was collected.
func (w *writer) send(ctx context.Context, q store.Querier) error {
	return store.Map(q.SendBatch(ctx, &w.batch).Close())
}

// exec collects one statement; "record" is the record's identifier.
func (w *writer) exec(sql string, args pgx.StrictNamedArgs) {
	args["record"] = w.record
	w.batch.Queue(sql, args)
}

// clear collects the removal of what the record had, but for its facts, and
// notes which sources it cites now.
func (w *writer) clear(statements ...string) {
	for _, sql := range statements {
		w.exec(sql, pgx.StrictNamedArgs{})
	}
	w.exec(`DELETE FROM desk.record_sources WHERE record_id = @record`, pgx.StrictNamedArgs{})
	for _, id := range w.sources {
		w.exec(`INSERT INTO desk.record_sources (record_id, source_id) VALUES (@record, @source)`,
			pgx.StrictNamedArgs{"source": id})
	}
	w.exec(`DELETE FROM desk.citations WHERE record_id = @record`, pgx.StrictNamedArgs{})
	w.exec(`DELETE FROM desk.backings WHERE record_id = @record`, pgx.StrictNamedArgs{})
	w.exec(`DELETE FROM desk.date_assertions WHERE record_id = @record`, pgx.StrictNamedArgs{})
	w.exec(`DELETE FROM desk.fact_institutions WHERE record_id = @record`, pgx.StrictNamedArgs{})
}

// fact collects a fact with its sources, dates and backing.
func (w *writer) fact(kind string, f register.Fact) {
	w.keys = append(w.keys, f.Key)
	w.exec(`
		INSERT INTO desk.facts (record_id, key, kind, position)
		VALUES (@record, @key, @kind, @position)
		ON CONFLICT (record_id, key) DO UPDATE SET kind = EXCLUDED.kind, position = EXCLUDED.position`,
		pgx.StrictNamedArgs{"key": f.Key, "kind": kind, "position": len(w.keys)})
	for i, source := range f.Sources {
		w.exec(`
			INSERT INTO desk.citations (record_id, key, source_id, position)
			VALUES (@record, @key, @source, @position)`,
			pgx.StrictNamedArgs{"key": f.Key, "source": w.sources[source], "position": i})
	}
	for i, d := range f.Dates {
		w.date(f.Key, i, d)
	}
}

// backings collects what the facts rest on. It comes after all facts, for a
// fact may rest on a claim of the same record.
func (w *writer) backings(noun any) {
	register.EachFact(noun, func(f *register.Fact) {
		for i, said := range f.SaidIn {
			w.exec(`
				INSERT INTO desk.backings (record_id, key, position, statement_id, claim_key)
				VALUES (@record, @key, @position, @statement, @claim)`,
				pgx.StrictNamedArgs{
					"key": f.Key, "position": i, "statement": said.Statement, "claim": store.Nullable(said.Claim),
				})
		}
	})
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

// prune collects the removal of the facts that the record no longer has.
func (w *writer) prune() {
	w.exec(`DELETE FROM desk.facts WHERE record_id = @record AND key <> ALL (@keys)`,
		pgx.StrictNamedArgs{"keys": w.keys})
}

// reader collects the queries that read one record and runs them in one round
// trip.
type reader struct {
	record       register.Ref
	batch        pgx.Batch
	found        bool // the record has content
	facts        map[string]*register.Fact
	institutions map[string][]register.Ref
}

// newReader begins with what all facts have in common, so that the queries
// after it can take their facts by key.
func newReader(record register.Ref) *reader {
	r := &reader{record: record, facts: map[string]*register.Fact{}, institutions: map[string][]register.Ref{}}
	query(r, `SELECT key FROM desk.facts WHERE record_id = @record ORDER BY position`,
		func(row pgx.CollectableRow) error {
			var key string
			err := row.Scan(&key)
			r.facts[key] = &register.Fact{Key: key}
			return err
		})
	query(r, `
		SELECT c.key, s.key
		FROM desk.citations AS c
		JOIN desk.sources AS s ON s.id = c.source_id
		WHERE c.record_id = @record
		ORDER BY c.position`, r.scanCitation)
	query(r, `
		SELECT key, statement_id, coalesce(claim_key, '')
		FROM desk.backings
		WHERE record_id = @record
		ORDER BY position`, r.scanBacking)
	query(r, `
		SELECT d.key, d.edtf, d.wording, d.basis, d.is_preferred, d.reason,
		       ARRAY (SELECT s.key
		              FROM desk.date_citations AS c
		              JOIN desk.sources AS s ON s.id = c.source_id
		              WHERE (c.record_id, c.key, c.position) = (d.record_id, d.key, d.position)
		              ORDER BY c.rank)
		FROM desk.date_assertions AS d
		WHERE d.record_id = @record
		ORDER BY d.position`, r.scanDate)
	query(r, `
		SELECT key, institution_id
		FROM desk.fact_institutions
		WHERE record_id = @record
		ORDER BY position`, r.scanInstitution)
	return r
}

// query collects a query whose rows are given to scan one by one.
func query(r *reader, sql string, scan func(pgx.CollectableRow) error) {
	r.batch.Queue(sql, pgx.StrictNamedArgs{"record": r.record}).Query(func(rows pgx.Rows) error {
		_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
			return struct{}{}, scan(row)
		})
		return err
	})
}

// content is query for the one row that every draft with content has, even where
// nothing is in it yet.
func content(r *reader, sql string, scan func(pgx.CollectableRow) error) {
	query(r, sql, func(row pgx.CollectableRow) error {
		r.found = true
		return scan(row)
	})
}

// into collects a query whose rows become the items of a list.
func into[T any](r *reader, list *[]T, sql string, scan func(pgx.CollectableRow, *T) error) {
	query(r, sql, func(row pgx.CollectableRow) error {
		var item T
		if err := scan(row, &item); err != nil {
			return err
		}
		*list = append(*list, item)
		return nil
	})
}

// run sends the queries; ErrNotFound when the record has no content.
func (r *reader) run(ctx context.Context, q store.Querier) error {
	if err := q.SendBatch(ctx, &r.batch).Close(); err != nil {
		return store.Map(err)
	}
	if !r.found {
		return register.ErrNotFound
	}
	return nil
}

// fact returns what all facts have in common for a key.
func (r *reader) fact(key string) register.Fact {
	if f := r.facts[key]; f != nil {
		return *f
	}
	return register.Fact{Key: key}
}

func (r *reader) scanCitation(row pgx.CollectableRow) error {
	var key, source string
	err := row.Scan(&key, &source)
	if f := r.facts[key]; f != nil {
		f.Sources = append(f.Sources, source)
	}
	return err
}

func (r *reader) scanBacking(row pgx.CollectableRow) error {
	var key string
	var said register.ClaimRef
	err := row.Scan(&key, &said.Statement, &said.Claim)
	if f := r.facts[key]; f != nil {
		f.SaidIn = append(f.SaidIn, said)
	}
	return err
}

func (r *reader) scanDate(row pgx.CollectableRow) error {
	var key string
	var d register.DateAssertion
	err := row.Scan(&key, store.DateColumn(&d.EDTF), &d.Wording, &d.Basis, &d.Preferred, &d.Reason, &d.Sources)
	if f := r.facts[key]; f != nil {
		f.Dates = append(f.Dates, d)
	}
	return err
}

func (r *reader) scanInstitution(row pgx.CollectableRow) error {
	var key string
	var ref register.Ref
	err := row.Scan(&key, &ref)
	r.institutions[key] = append(r.institutions[key], ref)
	return err
}
