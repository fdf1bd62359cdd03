// Package record holds the SQL of what is published: editions, and the
// projections that lists, search and counts read. The public side reads it
// under a role that has no right on anything else; publishing writes it.
package record

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Store reads published editions.
type Store struct {
	db      *store.DB
	whole   wholes
	figures figures
	// window is at how many records one statement of an export looks.
	window int
}

// NewStore returns a reader on a pool of the public role.
func NewStore(db *store.DB) *Store {
	return (&Store{db: db, whole: wholes{rows: map[string]int{}}, window: exportWindow}).LoggingTo(slog.New(slog.DiscardHandler))
}

// LoggingTo has the store tell what goes wrong in the background; it is said before
// anything is read.
func (s *Store) LoggingTo(log *slog.Logger) *Store {
	s.figures = newFigures(s.db, log, usualPace())
	return s
}

// Ping returns ErrUnavailable when the database cannot be reached.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

// Generation returns the state of what is published.
func (s *Store) Generation(ctx context.Context) (register.Generation, error) {
	return s.db.Generation(ctx)
}

// ChangedAt returns when the record last changed in any way: something was published,
// withdrawn, merged or taken down. Zero: nothing ever was.
func (s *Store) ChangedAt(ctx context.Context) (time.Time, error) {
	var at *time.Time
	err := s.db.Querier().QueryRow(ctx, `
		SELECT greatest(
		    (SELECT max(changed_at) FROM record.heads WHERE type = 'incident'),
		    (SELECT max(changed_at) FROM record.heads WHERE type = 'statement'),
		    (SELECT max(changed_at) FROM record.heads WHERE type = 'institution'),
		    (SELECT logged_at FROM record.log_leaves ORDER BY position DESC LIMIT 1))`).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, store.Map(err)
	}
	return *at, nil
}

// head is the current edition of a record, or why there is none to show.
type head struct {
	slug      string
	state     string
	reference string
	notice    register.Text
	changedAt time.Time
	edition   register.Edition
	pinned    []register.Edition
	gone      []register.Gone
}

// current reads the current edition behind a slug together with the editions
// that it pins, in one statement: a page is never half of one edition and half
// of the next. A merged record leads to the last in the chain of its merges. It
// returns ErrNotFound, a *MovedError when the slug is a former one or the record
// was merged, and a *WithdrawnError.
func current(ctx context.Context, q store.Querier, t register.RecordType, slug string) (head, error) {
	rows, err := q.Query(ctx, `
		WITH RECURSIVE chain AS (
		    SELECT h.reference, h.type, h.number, h.slug, h.state, h.merged_into, h.notice, h.changed_at
		    FROM record.slugs AS s
		    JOIN record.heads AS h ON h.reference = s.reference
		    WHERE s.type = @type AND s.slug = @slug
		    UNION ALL
		    SELECT h.reference, h.type, h.number, h.slug, h.state, h.merged_into, h.notice, h.changed_at
		    FROM chain AS c
		    JOIN record.heads AS h ON h.reference = c.merged_into
		), wanted AS (
		    SELECT * FROM chain WHERE merged_into IS NULL
		)
		SELECT -1 AS position, w.reference, w.type, w.slug, w.state, w.notice, w.changed_at, e.content, e.sha256,
		       e.content IS NULL
		FROM wanted AS w
		JOIN record.editions AS e USING (reference, number)
		UNION ALL
		SELECT p.position, h.reference, h.type, h.slug, h.state, h.notice, h.changed_at,
		       CASE h.state WHEN 'withdrawn' THEN NULL ELSE e.content END, e.sha256, e.content IS NULL
		FROM wanted AS w
		JOIN record.pins AS p USING (reference, number)
		JOIN record.editions AS e ON (e.reference, e.number) = (p.pinned_reference, p.pinned_number)
		JOIN record.heads AS h ON h.reference = p.pinned_reference
		ORDER BY position`,
		pgx.StrictNamedArgs{"type": t, "slug": slug})
	if err != nil {
		return head{}, store.Map(err)
	}
	var h head
	_, err = pgx.CollectRows(rows, h.scan)
	if err != nil {
		return head{}, store.Map(err)
	}
	return h, h.problem(slug)
}

// scan takes one row: first the edition itself, then what it pins. Content
// that was withdrawn or taken down is absent.
func (h *head) scan(row pgx.CollectableRow) (struct{}, error) {
	var position int
	var content pgtype.DriverBytes // valid until the next row, and decoded before
	var sha, slug, state string
	var gone register.Gone
	var at time.Time
	err := row.Scan(&position, &gone.Reference, &gone.Type, &slug, &state, &gone.Notice, &at, &content, &sha, &gone.Removed)
	if err != nil {
		return struct{}{}, err
	}
	if position < 0 {
		h.reference, h.slug, h.state, h.notice, h.changedAt = gone.Reference, slug, state, gone.Notice, at
	}
	if content == nil {
		if position >= 0 {
			gone.Slug = slug
			h.gone = append(h.gone, gone)
		}
		return struct{}{}, nil
	}
	edition, err := decode(content, sha)
	if position < 0 {
		h.edition = edition
	} else {
		h.pinned = append(h.pinned, edition)
	}
	return struct{}{}, err
}

// problem says why the head cannot be shown under the slug that was asked for.
func (h *head) problem(asked string) error {
	removed := h.edition.Reference == ""
	switch {
	case h.state == "":
		return register.ErrNotFound
	case h.state == stateWithdrawn || removed:
		return &register.WithdrawnError{
			Reference: h.reference, Notice: h.notice, At: h.changedAt, Removed: removed,
		}
	case h.slug != asked:
		return &register.MovedError{Slug: h.slug}
	}
	return nil
}

// Incident returns the current edition of an incident with everything that it
// shows. Errors: ErrNotFound, *MovedError, ErrWithdrawn, ErrUnavailable.
func (s *Store) Incident(ctx context.Context, slug string) (*register.IncidentEdition, error) {
	h, err := current(ctx, s.db.Querier(), register.TypeIncident, slug)
	if err != nil {
		return nil, err
	}
	e := register.NewIncidentEdition(h.edition, h.pinned)
	e.Gone = h.gone
	return e, nil
}

// Statement returns the current edition of a statement with the incidents that
// it concerns and the statements to which its claims point. Errors as Incident.
func (s *Store) Statement(ctx context.Context, slug string) (*register.StatementView, error) {
	var view *register.StatementView
	err := s.db.Read(ctx, func(q store.Querier) error {
		h, err := current(ctx, q, register.TypeStatement, slug)
		if err != nil {
			return err
		}
		view = &register.StatementView{
			StatementEdition: register.NewStatementEdition(h.edition), PublishedAt: h.edition.PublishedAt,
			Reason: h.edition.Reason, Correction: h.edition.Correction, Gone: h.gone,
		}
		for _, p := range h.pinned {
			view.Institutions = append(view.Institutions, register.NewInstitutionEdition(p))
		}
		if view.Incidents, err = incidentsOfStatement(ctx, q, h.edition.Reference); err != nil {
			return err
		}
		if view.Related, err = relatedStatements(ctx, q, h.edition.Statement); err != nil {
			return err
		}
		view.Pointing, err = pointingStatements(ctx, q, h.edition.Reference)
		return err
	})
	return view, err
}

// relatedStatements reads the current editions of the statements to which a
// statement points.
func relatedStatements(ctx context.Context, q store.Querier, s *register.Statement) (map[register.Ref]register.StatementEdition, error) {
	var refs []register.Ref
	register.EachRef(s, func(ref *register.Ref) { refs = append(refs, *ref) })
	rows, err := q.Query(ctx, `
		SELECT e.content, e.sha256
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		WHERE h.reference = ANY (@references) AND h.type = 'statement' AND h.state = 'published'
		  AND e.content IS NOT NULL`,
		pgx.StrictNamedArgs{"references": refs})
	if err != nil {
		return nil, store.Map(err)
	}
	list, err := pgx.CollectRows(rows, scanStatement)
	out := make(map[register.Ref]register.StatementEdition, len(list))
	for _, s := range list {
		out[register.Ref(s.Reference)] = s
	}
	return out, store.Map(err)
}

// pointingMost is how many statements that point to one are shown with it: more
// would be answers to a question put to everybody.
const pointingMost = 40

// pointingStatements reads the current editions of the statements that point to
// one by a relation, the first that was said first.
func pointingStatements(ctx context.Context, q store.Querier, reference string) ([]register.StatementEdition, error) {
	rows, err := q.Query(ctx, `
		SELECT e.content, e.sha256
		FROM record.statements AS s
		JOIN record.heads AS h USING (reference)
		JOIN record.editions AS e ON (e.reference, e.number) = (h.reference, h.number)
		WHERE s.reference IN (SELECT r.reference FROM record.statement_relations AS r WHERE r.to_reference = @reference)
		  AND e.content IS NOT NULL
		ORDER BY s.said_order, s.reference
		LIMIT @most`,
		pgx.StrictNamedArgs{"reference": reference, "most": pointingMost})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanStatement)
	return out, store.Map(err)
}

// scanStatement reads the content of a statement's edition and its hash.
func scanStatement(row pgx.CollectableRow) (register.StatementEdition, error) {
	var content []byte
	var sha string
	if err := row.Scan(&content, &sha); err != nil {
		return register.StatementEdition{}, err
	}
	e, err := decode(content, sha)
	return register.NewStatementEdition(e), err
}

// Institution returns the current edition of an institution with its
// incidents, statements and referrals. Errors as Incident.
func (s *Store) Institution(ctx context.Context, slug string) (*register.InstitutionView, error) {
	var view *register.InstitutionView
	err := s.db.Read(ctx, func(q store.Querier) error {
		h, err := current(ctx, q, register.TypeInstitution, slug)
		if err != nil {
			return err
		}
		view = &register.InstitutionView{
			InstitutionEdition: register.NewInstitutionEdition(h.edition), PublishedAt: h.edition.PublishedAt,
			Reason: h.edition.Reason, Correction: h.edition.Correction,
		}
		return about(ctx, q, view)
	})
	return view, err
}

// Newest returns the incidents that were published last; the first of them is the
// newest of which somebody has spoken, where there is one.
func (s *Store) Newest(ctx context.Context) ([]register.IncidentRow, error) {
	const newest = 5
	var rows []register.IncidentRow
	err := s.db.Read(ctx, func(q store.Querier) error {
		lead, err := newestSpokenOf(ctx, q)
		if err != nil {
			return err
		}
		rows, err = newestIncidents(ctx, q, newest)
		if len(lead) > 0 {
			rows = slices.DeleteFunc(rows, func(r register.IncidentRow) bool { return r.Reference == lead[0].Reference })
			rows = append(lead, rows[:min(len(rows), newest-1)]...)
		}
		return err
	})
	return rows, err
}

// jsonColumn reads a jsonb column into any value.
type jsonColumn struct{ value any }

// Scan implements sql.Scanner.
func (c jsonColumn) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return json.Unmarshal([]byte(src), c.value)
	case []byte:
		return json.Unmarshal(src, c.value)
	}
	return fmt.Errorf("JSON column holds %T", src)
}
