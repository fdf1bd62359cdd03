package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// States of a record towards the public.
const (
	statePublished = "published"
	stateWithdrawn = "withdrawn"
)

// MarkMerged makes a record lead to another, for good: its slugs redirect, and
// lists, search and counts know it no more. What shows it must have been
// projected anew before.
func (w *Writer) MarkMerged(ctx context.Context, t register.RecordType, reference, into string, at time.Time) error {
	_, err := w.q.Exec(ctx, `
		UPDATE record.heads
		SET state = 'merged', merged_into = @into, changed_at = @at
		WHERE reference = @reference`,
		pgx.StrictNamedArgs{"reference": reference, "into": into, "at": at})
	if err != nil {
		return store.Map(err)
	}
	return w.unproject(ctx, t, reference)
}

// MarkWithdrawn puts a notice in the place of a record, and projects what shows
// it without it. The editions stay; whether pages may read them is what the
// state says. One in whose place the notice stands already, as where a takedown
// goes on with earlier editions in the same words, stays as it is.
func (w *Writer) MarkWithdrawn(ctx context.Context, t register.RecordType, reference string, notice register.Text, at time.Time) error {
	_, err := w.q.Exec(ctx, `
		UPDATE record.heads
		SET state = 'withdrawn', notice = @notice, changed_at = @at
		WHERE reference = @reference AND state <> 'merged' AND NOT (state = 'withdrawn' AND notice = @notice)`,
		pgx.StrictNamedArgs{"reference": reference, "notice": store.TextColumn(notice), "at": at})
	if err != nil {
		return store.Map(err)
	}
	shownBy, err := w.ShownBy(ctx, []string{reference})
	if err != nil {
		return err
	}
	for _, other := range shownBy {
		if err := w.reproject(ctx, other); err != nil {
			return err
		}
	}
	return w.unproject(ctx, t, reference)
}

// reproject projects the current edition of a record again, with what it shows
// now.
func (w *Writer) reproject(ctx context.Context, reference string) error {
	e, shown, err := w.Current(ctx, reference)
	if err != nil || !shown {
		return err
	}
	var pinned []register.Edition
	for _, pin := range e.Pins {
		p, shown, err := w.Current(ctx, pin.Reference)
		if err != nil {
			return err
		}
		if shown {
			pinned = append(pinned, p)
		}
	}
	return w.Project(ctx, e, pinned)
}

// MakeFindable projects again what is public and cannot be found: records from
// before searches knew them. It returns how many there were, at most limit.
func (w *Writer) MakeFindable(ctx context.Context, limit int) (int, error) {
	rows, err := w.q.Query(ctx, `
		SELECT h.reference
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		WHERE h.state = 'published' AND e.content IS NOT NULL
		  AND NOT EXISTS (SELECT FROM record.search_rows AS s WHERE s.reference = h.reference)
		ORDER BY h.reference
		LIMIT @limit`, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return 0, store.Map(err)
	}
	references, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, store.Map(err)
	}
	for _, reference := range references {
		if err := w.reproject(ctx, reference); err != nil {
			return 0, err
		}
	}
	return len(references), nil
}

// unproject takes a record out of lists, search and counts.
func (w *Writer) unproject(ctx context.Context, t register.RecordType, reference string) error {
	var batch pgx.Batch
	args := pgx.StrictNamedArgs{"reference": reference}
	batch.Queue(`DELETE FROM record.cited_sources WHERE reference = @reference`, args)
	if t == register.TypeIncident {
		batch.Queue(countWordsSQL, pgx.StrictNamedArgs{"reference": reference, "words": []string{}})
		batch.Queue(`DELETE FROM record.search_words WHERE documents <= 0`)
	}
	batch.Queue(`DELETE FROM record.search_rows WHERE reference = @reference`, args)
	switch t {
	case register.TypeIncident:
		batch.Queue(`DELETE FROM record.incident_institutions WHERE incident_reference = @reference`, args)
		batch.Queue(`DELETE FROM record.incident_statements WHERE incident_reference = @reference`, args)
		batch.Queue(`DELETE FROM record.referrals WHERE incident_reference = @reference`, args)
		batch.Queue(`DELETE FROM record.incidents WHERE reference = @reference`, args)
	case register.TypeStatement:
		batch.Queue(`DELETE FROM record.documents WHERE reference = @reference`, args)
		batch.Queue(`DELETE FROM record.statement_relations WHERE reference = @reference`, args)
		batch.Queue(`DELETE FROM record.claims WHERE statement_reference = @reference`, args)
		batch.Queue(`DELETE FROM record.statements WHERE reference = @reference`, args)
	case register.TypeInstitution:
		batch.Queue(`DELETE FROM record.institutions WHERE reference = @reference`, args)
	}
	return store.Map(w.q.SendBatch(ctx, &batch).Close())
}
