package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// standing is a record as its slug leads to it, and where its merges end.
type standing struct {
	reference, slug string
	number          int
	mergedInto      string // slug of the last in the chain of its merges; "" for none
}

// stand finds the record behind a slug, be it merged: its editions stay its
// own. It returns ErrNotFound, a *MovedError when the slug is a former one, and
// a *WithdrawnError when the record, or what it was merged into, was withdrawn:
// nothing of it is readable then.
func stand(ctx context.Context, q store.Querier, t register.RecordType, slug string) (standing, error) {
	rows, err := q.Query(ctx, `
		WITH RECURSIVE chain AS (
		    SELECT h.reference, h.slug, h.state, h.number, h.merged_into, h.notice, h.changed_at, 0 AS step
		    FROM record.slugs AS s
		    JOIN record.heads AS h ON h.reference = s.reference
		    WHERE s.type = @type AND s.slug = @slug
		    UNION ALL
		    SELECT h.reference, h.slug, h.state, h.number, h.merged_into, h.notice, h.changed_at, c.step + 1
		    FROM chain AS c
		    JOIN record.heads AS h ON h.reference = c.merged_into
		)
		SELECT c.reference, c.slug, c.state, c.number, c.notice, c.changed_at, e.content IS NULL
		FROM chain AS c
		JOIN record.editions AS e USING (reference, number)
		ORDER BY c.step`,
		pgx.StrictNamedArgs{"type": t, "slug": slug})
	if err != nil {
		return standing{}, store.Map(err)
	}
	var own standing
	var state string
	var last head
	var removed bool
	steps := 0
	_, err = pgx.ForEachRow(rows, []any{&last.reference, &last.slug, &state, &last.edition.Number, &last.notice, &last.changedAt, &removed}, func() error {
		if steps == 0 {
			own = standing{reference: last.reference, slug: last.slug, number: last.edition.Number}
		}
		steps++
		return nil
	})
	switch {
	case err != nil:
		return own, store.Map(err)
	case steps == 0:
		return own, register.ErrNotFound
	case state == stateWithdrawn:
		gone := &register.WithdrawnError{Reference: own.reference, Notice: last.notice, At: last.changedAt, Removed: removed}
		if steps > 1 {
			gone.With = last.reference
		}
		return own, gone
	case own.slug != slug:
		return own, &register.MovedError{Slug: own.slug}
	case steps > 1:
		own.mergedInto = last.slug
	}
	return own, nil
}

// History returns a record with all its editions, the newest first; those that
// were taken down have their tombstones. Errors: ErrNotFound, *MovedError,
// ErrWithdrawn.
func (s *Store) History(ctx context.Context, t register.RecordType, slug string) (*register.History, error) {
	var out *register.History
	err := s.db.Read(ctx, func(q store.Querier) error {
		at, err := stand(ctx, q, t, slug)
		if err != nil {
			return err
		}
		out = &register.History{Type: t, Reference: at.reference, Slug: at.slug, MergedInto: at.mergedInto}
		out.Editions, err = editionMarks(ctx, q, at.reference)
		return err
	})
	return out, err
}

func editionMarks(ctx context.Context, q store.Querier, reference string) ([]register.EditionMark, error) {
	rows, err := q.Query(ctx, `
		SELECT e.number, e.sha256, e.published_at, e.reason, e.author_role, e.reviewer_role, t.reason, t.removed_at
		FROM record.editions AS e
		LEFT JOIN record.tombstones AS t USING (reference, number)
		WHERE e.reference = @reference
		ORDER BY e.number DESC`,
		pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.EditionMark, error) {
		var e register.EditionMark
		var reason *register.Text
		var at *time.Time
		err := row.Scan(&e.Number, &e.SHA256, &e.PublishedAt, &e.Reason, &e.AuthorRole, &e.ReviewerRole, &reason, &at)
		if reason != nil && at != nil {
			e.Removed = &register.Tombstone{Reason: *reason, At: *at}
		}
		return e, err
	})
	return out, store.Map(err)
}

// Contents returns the contents of some editions of a record, by their numbers;
// those that were taken down are absent. It is for records that History shows.
func (s *Store) Contents(ctx context.Context, reference string, numbers []int) (map[int]register.Edition, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT e.content, e.sha256
		FROM record.editions AS e
		JOIN record.heads AS h USING (reference)
		WHERE e.reference = @reference AND e.number = ANY (@numbers) AND e.content IS NOT NULL AND h.state <> 'withdrawn'`,
		pgx.StrictNamedArgs{"reference": reference, "numbers": numbers})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[int]register.Edition{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var content []byte
		var sha string
		if err := row.Scan(&content, &sha); err != nil {
			return struct{}{}, err
		}
		e, err := decode(content, sha)
		out[e.Number] = e
		return struct{}{}, err
	})
	return out, store.Map(err)
}

// Names tells what records are called: those among the references that are
// public now.
func (s *Store) Names(ctx context.Context, refs []register.Ref) (map[register.Ref]register.Named, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT reference, 'incident', slug, title FROM record.incidents WHERE reference = ANY (@references)
		UNION ALL
		SELECT reference, 'statement', slug, title FROM record.statements WHERE reference = ANY (@references)
		UNION ALL
		SELECT reference, 'institution', slug, short FROM record.institutions WHERE reference = ANY (@references)`,
		pgx.StrictNamedArgs{"references": refs})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[register.Ref]register.Named{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var ref register.Ref
		var n register.Named
		err := row.Scan(&ref, &n.Type, &n.Slug, &n.Name)
		out[ref] = n
		return struct{}{}, err
	})
	return out, store.Map(err)
}

// Past returns one edition of a record with the editions that it pins, as they
// were. Errors: as History, and a *WithdrawnError with its number for an edition
// that was taken down.
func (s *Store) Past(ctx context.Context, t register.RecordType, slug string, number int) (*register.PastEdition, error) {
	var out *register.PastEdition
	err := s.db.Read(ctx, func(q store.Querier) error {
		at, err := stand(ctx, q, t, slug)
		if err != nil {
			return err
		}
		content, sha, err := contentOf(ctx, q, at.reference, number)
		if err != nil {
			return err
		}
		out = &register.PastEdition{Slug: at.slug, Current: at.number, MergedInto: at.mergedInto}
		if out.Edition, err = decode(content, sha); err != nil {
			return err
		}
		if out.Pinned, out.Gone, err = pinnedBy(ctx, q, at.reference, number); err != nil || out.Statement == nil {
			return err
		}
		out.Related, err = relatedStatements(ctx, q, out.Statement)
		return err
	})
	return out, err
}

// contentOf reads the canonical JSON of an edition and its hash; ErrNotFound
// when there is no such edition, a *WithdrawnError when it was taken down.
func contentOf(ctx context.Context, q store.Querier, reference string, number int) (content []byte, sha string, err error) {
	var reason *register.Text
	var at *time.Time
	err = q.QueryRow(ctx, `
		SELECT e.content, e.sha256, t.reason, t.removed_at
		FROM record.editions AS e
		LEFT JOIN record.tombstones AS t USING (reference, number)
		WHERE e.reference = @reference AND e.number = @number`,
		pgx.StrictNamedArgs{"reference": reference, "number": number}).Scan(&content, &sha, &reason, &at)
	if err != nil {
		return nil, "", store.Map(err)
	}
	if content == nil {
		removed := &register.WithdrawnError{Reference: reference, Edition: number, Removed: true}
		if reason != nil && at != nil {
			removed.Notice, removed.At = *reason, *at
		}
		return nil, "", removed
	}
	return content, sha, nil
}

// pinnedBy reads the editions that an edition pins. A record that is withdrawn
// now, or whose edition was taken down, is gone from old editions, too.
func pinnedBy(ctx context.Context, q store.Querier, reference string, number int) ([]register.Edition, []register.Gone, error) {
	rows, err := q.Query(ctx, `
		SELECT p.position, h.reference, h.type, h.slug, h.state, coalesce(t.reason, h.notice), h.changed_at,
		       CASE h.state WHEN 'withdrawn' THEN NULL ELSE e.content END, e.sha256, e.content IS NULL
		FROM record.pins AS p
		JOIN record.editions AS e ON (e.reference, e.number) = (p.pinned_reference, p.pinned_number)
		JOIN record.heads AS h ON h.reference = p.pinned_reference
		LEFT JOIN record.tombstones AS t ON (t.reference, t.number) = (p.pinned_reference, p.pinned_number)
		WHERE p.reference = @reference AND p.number = @number
		ORDER BY p.position`,
		pgx.StrictNamedArgs{"reference": reference, "number": number})
	if err != nil {
		return nil, nil, store.Map(err)
	}
	var h head
	_, err = pgx.CollectRows(rows, h.scan)
	return h.pinned, h.gone, store.Map(err)
}

// Canonical returns the bytes of an edition as they were hashed, by the
// reference of its record. Errors as Past; a reference does not move.
func (s *Store) Canonical(ctx context.Context, reference string, number int) ([]byte, error) {
	var out []byte
	err := s.db.Read(ctx, func(q store.Querier) error {
		err := standAt(ctx, q, reference)
		if err != nil {
			return err
		}
		out, _, err = contentOf(ctx, q, reference, number)
		return err
	})
	return out, err
}
