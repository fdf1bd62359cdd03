// Package desk holds the SQL of the working tables: drafts, sources, reviews,
// publications as acts, and the audit. Only staff's side of the program uses it.
package desk

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Queries are the statements on schema desk, run on a pool or in a
// transaction that the caller owns.
type Queries struct {
	q store.Querier
	// capturing is when captures of the sources that are saved are asked for;
	// zero: none are.
	capturing time.Time
	// known are identifiers of sources by key; nil: the database knows them.
	known map[string]string
}

// Capturing returns the statements so that a source which is saved asks for a
// capture of what its address shows, in the same transaction.
func (d *Queries) Capturing(now time.Time) *Queries { return &Queries{q: d.q, capturing: now} }

// New returns the statements on q.
func New(q store.Querier) *Queries { return &Queries{q: q} }

// Record is the head of a record at the desk.
type Record struct {
	ID               register.Ref
	Type             register.RecordType
	Slug             string
	Reference        string // empty before the first publication
	Language         register.Lang
	Version          int
	State            string
	PublishedVersion int // 0: never published
}

// States of a record.
const (
	StateDraft     = "draft"
	StateInReview  = "in-review"
	StateApproved  = "approved"
	StatePublished = "published"
	StateDiscarded = "discarded"
)

const selectRecord = `
	SELECT id, type, slug, coalesce(reference, ''), language, version, state, coalesce(published_version, 0)
	FROM desk.records`

func scanRecord(row pgx.CollectableRow) (Record, error) {
	var r Record
	err := row.Scan(&r.ID, &r.Type, &r.Slug, &r.Reference, &r.Language, &r.Version, &r.State, &r.PublishedVersion)
	return r, err
}

// LockRecords returns the heads of the records and locks them until the end of
// the transaction, always in the same order, so that two publications wait for
// each other instead of blocking each other. The lock leaves room for drafts
// that point to the records. Records that do not exist are left out.
func (d *Queries) LockRecords(ctx context.Context, ids []register.Ref) ([]Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` WHERE id = ANY (@ids) ORDER BY id FOR NO KEY UPDATE`,
		pgx.StrictNamedArgs{"ids": ids})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanRecord)
	return out, store.Map(err)
}

// Record returns the head of a record; ErrNotFound when there is none, also for
// what is no identifier at all.
func (d *Queries) Record(ctx context.Context, id register.Ref) (Record, error) {
	if !store.IsID(string(id)) {
		return Record{}, register.ErrNotFound
	}
	rows, err := d.q.Query(ctx, selectRecord+` WHERE id = @id`, pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return Record{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanRecord)
	return out, store.Map(err)
}

// RecordBySlug returns the head of a record, ErrNotFound when there is none.
func (d *Queries) RecordBySlug(ctx context.Context, t register.RecordType, slug string) (Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` WHERE type = @type AND slug = @slug`,
		pgx.StrictNamedArgs{"type": t, "slug": slug})
	if err != nil {
		return Record{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanRecord)
	return out, store.Map(err)
}

// RecordsBySlug returns the heads of those of the slugs that there are.
func (d *Queries) RecordsBySlug(ctx context.Context, t register.RecordType, slugs []string) ([]Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` WHERE type = @type AND slug = ANY (@slugs) ORDER BY slug`,
		pgx.StrictNamedArgs{"type": t, "slugs": slugs})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanRecord)
	return out, store.Map(err)
}

// PublicReferences returns the public references of those of the records that
// are published, by identifier. A merged record has that of the last in the
// chain of its merges.
func (d *Queries) PublicReferences(ctx context.Context, ids []register.Ref) (map[register.Ref]string, error) {
	rows, err := d.q.Query(ctx, `
		WITH RECURSIVE chain AS (
		    SELECT id AS wanted, reference, merged_into, published_version
		    FROM desk.records
		    WHERE id = ANY (@ids)
		    UNION ALL
		    SELECT c.wanted, r.reference, r.merged_into, r.published_version
		    FROM chain AS c
		    JOIN desk.records AS r ON r.id = c.merged_into
		)
		SELECT wanted, reference
		FROM chain
		WHERE merged_into IS NULL AND reference IS NOT NULL AND published_version IS NOT NULL`,
		pgx.StrictNamedArgs{"ids": ids})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[register.Ref]string{}
	var id register.Ref
	var reference string
	_, err = pgx.ForEachRow(rows, []any{&id, &reference}, func() error {
		out[id] = reference
		return nil
	})
	return out, store.Map(err)
}

// InsertRecord makes the head of a new draft, at version 1, and returns its
// random identifier.
func (d *Queries) InsertRecord(ctx context.Context, r Record, author string) (register.Ref, error) {
	var id register.Ref
	err := d.q.QueryRow(ctx, `
		INSERT INTO desk.records (type, slug, language, created_by)
		VALUES (@type, @slug, @language, @author)
		RETURNING id`,
		pgx.StrictNamedArgs{"type": r.Type, "slug": r.Slug, "language": r.Language, "author": author}).Scan(&id)
	if err != nil {
		return "", store.Map(err)
	}
	return id, d.insertChange(ctx, id, 1, author)
}

// ChangeRecord counts the version on and makes the record a draft again, which
// voids whatever approval it had. ErrConflict is returned when the record is no
// longer at the version that the author saw, or was discarded: what was put away
// does not come back by a form that was still open.
func (d *Queries) ChangeRecord(ctx context.Context, r Record, author string) (version int, err error) {
	var batch pgx.Batch
	batch.Queue(`
		UPDATE desk.records
		SET language = @language, version = version + 1, state = 'draft', updated_at = now()
		WHERE id = @id AND version = @version AND type = @type AND state <> 'discarded'
		RETURNING version`,
		pgx.StrictNamedArgs{"id": r.ID, "version": r.Version, "type": r.Type, "language": r.Language}).QueryRow(func(row pgx.Row) error {
		if err := row.Scan(&version); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return register.ErrConflict
	})
	// By itself, and seldom: whoever names a column of a key locks the record for all that
	// points to it, be it the same as before. Two drafts that point to each other could
	// not be saved at the same time then, nor a line of the audit be written meanwhile.
	batch.Queue(`
		UPDATE desk.records SET slug = @slug WHERE id = @id AND slug <> @slug`,
		pgx.StrictNamedArgs{"id": r.ID, "slug": r.Slug})
	if err := d.q.SendBatch(ctx, &batch).Close(); err != nil {
		return 0, store.Map(err)
	}
	return version, d.insertChange(ctx, r.ID, version, author)
}

func (d *Queries) insertChange(ctx context.Context, id register.Ref, version int, author string) error {
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.changes (record_id, version, account_id)
		VALUES (@record, @version, @author)`,
		pgx.StrictNamedArgs{"record": id, "version": version, "author": author})
	return store.Map(err)
}

// LastAuthor returns the account that made the last change of a record.
func (d *Queries) LastAuthor(ctx context.Context, id register.Ref) (account string, role register.AccountRole, err error) {
	err = d.q.QueryRow(ctx, `
		SELECT a.id, a.role
		FROM desk.changes AS c
		JOIN desk.accounts AS a ON a.id = c.account_id
		WHERE c.record_id = @record
		ORDER BY c.version DESC
		LIMIT 1`,
		pgx.StrictNamedArgs{"record": id}).Scan(&account, &role)
	return account, role, store.Map(err)
}

// LockReferences locks published records by reference until the end of the
// transaction, in the order in which LockRecords does.
func (d *Queries) LockReferences(ctx context.Context, references []string) error {
	_, err := d.q.Exec(ctx, `
		SELECT id FROM desk.records WHERE reference = ANY (@references) ORDER BY id FOR NO KEY UPDATE`,
		pgx.StrictNamedArgs{"references": references})
	return store.Map(err)
}

// SetState moves a record on without changing its content.
func (d *Queries) SetState(ctx context.Context, id register.Ref, state string) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.records SET state = @state, updated_at = now() WHERE id = @id`,
		pgx.StrictNamedArgs{"id": id, "state": state})
	return store.Map(err)
}

// MarkPublished notes that the current versions of records are public under
// references.
func (d *Queries) MarkPublished(ctx context.Context, references map[register.Ref]string) error {
	ids, named := make([]register.Ref, 0, len(references)), make([]string, 0, len(references))
	for id, reference := range references {
		ids, named = append(ids, id), append(named, reference)
	}
	var batch pgx.Batch
	batch.Queue(`
		UPDATE desk.records AS r
		SET reference = now.reference, state = 'published', published_version = version, updated_at = now()
		FROM unnest(@ids::uuid[], @references::text[]) AS now (id, reference)
		WHERE r.id = now.id AND r.reference IS NULL`,
		pgx.StrictNamedArgs{"ids": ids, "references": named})
	// Those that have their reference keep it, and what points to them does not wait.
	batch.Queue(`
		UPDATE desk.records AS r
		SET state = 'published', published_version = version, updated_at = now()
		WHERE r.id = ANY (@ids) AND r.published_version IS DISTINCT FROM r.version`,
		pgx.StrictNamedArgs{"ids": ids})
	return store.Map(d.q.SendBatch(ctx, &batch).Close())
}

// RecordsByReference returns the published records with the references; those
// that do not exist are left out.
func (d *Queries) RecordsByReference(ctx context.Context, references []string) (map[string]Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` WHERE reference = ANY (@references)`,
		pgx.StrictNamedArgs{"references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	records, err := pgx.CollectRows(rows, scanRecord)
	out := make(map[string]Record, len(records))
	for _, r := range records {
		out[r.Reference] = r
	}
	return out, store.Map(err)
}

// RecordByReference returns the identifier of a published record.
func (d *Queries) RecordByReference(ctx context.Context, reference string) (Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` WHERE reference = @reference`,
		pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return Record{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanRecord)
	return out, store.Map(err)
}

// AuditEntry is a line of the audit: what was done, by whom, to what. The actor is empty
// for what nobody did who is known: an operator at the command line, or a failed
// sign-in.
type AuditEntry struct {
	Actor, Action string
	Record        register.Ref
	Version       int
	Detail        map[string]any
}

// Audit writes a line.
func (d *Queries) Audit(ctx context.Context, actor, action string, record register.Ref, version int, detail map[string]any) error {
	return d.AuditAll(ctx, []AuditEntry{{Actor: actor, Action: action, Record: record, Version: version, Detail: detail}})
}

// AuditAll writes lines in their order. In a transaction they are its last statements:
// the end of the chain is one lock for everybody.
func (d *Queries) AuditAll(ctx context.Context, entries []AuditEntry) error {
	var batch pgx.Batch
	for _, a := range entries {
		if a.Detail == nil {
			a.Detail = map[string]any{}
		}
		batch.Queue(`
			INSERT INTO desk.audit (account_id, action, record_id, version, detail)
			VALUES (@actor, @action, @record, @version, @detail)`,
			pgx.StrictNamedArgs{
				"actor": store.Nullable(a.Actor), "action": a.Action, "record": store.Nullable(a.Record),
				"version": nullableInt(a.Version), "detail": a.Detail,
			})
	}
	return store.SendLast(ctx, d.q, &batch)
}

func nullableInt(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// list is the slice for an array column: no items are an empty array, not null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// bounds are the first and the last moment of a date, nil where open.
func bounds(d edtf.Date) (earliest, latest *time.Time) {
	if t, ok := d.Earliest(); ok {
		earliest = &t
	}
	if t, ok := d.Latest(); ok {
		latest = &t
	}
	return earliest, latest
}
