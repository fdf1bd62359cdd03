package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// recordFact is the key of the fact that stands for the record itself.
const recordFact = "record"

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
