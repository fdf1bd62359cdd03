package record

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Writer makes editions and their projections, in a transaction of the desk's
// role that the caller owns.
type Writer struct {
	q store.Querier
}

// NewWriter returns a writer on a transaction.
func NewWriter(q store.Querier) *Writer { return &Writer{q: q} }

// NextReferences gives the next reference of each series, such as "SJ-2025" →
// "SJ-2025-0001". The series are locked until the end of the transaction: no
// number is given twice, and one that is not used after all is given again.
func (w *Writer) NextReferences(ctx context.Context, series []string) ([]string, error) {
	out := make([]string, len(series))
	var batch pgx.Batch
	for i, s := range series {
		batch.Queue(`
			INSERT INTO record.reference_series (series, last)
			VALUES (@series, 1)
			ON CONFLICT (series) DO UPDATE SET last = reference_series.last + 1
			RETURNING last`,
			pgx.StrictNamedArgs{"series": s}).QueryRow(func(row pgx.Row) error {
			var last int
			err := row.Scan(&last)
			out[i] = fmt.Sprintf("%s-%04d", s, last)
			return err
		})
	}
	return out, store.Map(w.q.SendBatch(ctx, &batch).Close())
}

// CurrentEdition is the current edition of a record. Of one that is withdrawn, or whose
// content was taken down, Shown is false: editions may pin it, but pages show nothing
// of it.
type CurrentEdition struct {
	register.Edition
	Shown bool
}

// Current returns the current edition of a record; ErrNotFound when it was
// never published.
func (w *Writer) Current(ctx context.Context, reference string) (e register.Edition, shown bool, err error) {
	found, err := w.CurrentEditions(ctx, []string{reference})
	if err == nil && len(found) == 0 {
		err = register.ErrNotFound
	}
	if err != nil {
		return register.Edition{Content: register.Content{Reference: reference}}, false, err
	}
	return found[0].Edition, found[0].Shown, nil
}

// CurrentEditions returns the current editions of those of the records that were ever
// published, in no order.
func (w *Writer) CurrentEditions(ctx context.Context, references []string) ([]CurrentEdition, error) {
	rows, err := w.q.Query(ctx, `
		SELECT h.reference, e.content, e.sha256, h.type, h.number, h.state
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		WHERE h.reference = ANY (@references)`,
		pgx.StrictNamedArgs{"references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (CurrentEdition, error) {
		var c CurrentEdition
		var content []byte
		var state string
		err := row.Scan(&c.Reference, &content, &c.SHA256, &c.Type, &c.Number, &state)
		if err != nil || content == nil {
			return c, err
		}
		c.Edition, err = decode(content, c.SHA256)
		c.Shown = state == statePublished
		return c, err
	})
	return out, store.Map(err)
}

// ShownBy returns the references of the published records whose current
// edition shows one of the given records, locked, in the order in which they
// must be carried along: statements before incidents.
func (w *Writer) ShownBy(ctx context.Context, references []string) ([]string, error) {
	rows, err := w.q.Query(ctx, `
		SELECT h.reference
		FROM record.heads AS h
		WHERE h.state = 'published'
		  AND EXISTS (
		      SELECT FROM record.pins AS p
		      WHERE (p.reference, p.number) = (h.reference, h.number)
		        AND p.pinned_reference = ANY (@references))
		ORDER BY h.type DESC, h.reference
		FOR UPDATE`,
		pgx.StrictNamedArgs{"references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// HasEditions reports whether anything was ever published.
func (w *Writer) HasEditions(ctx context.Context) (bool, error) {
	var found bool
	err := w.q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM record.editions)`).Scan(&found)
	return found, store.Map(err)
}

// ReserveReference makes the series of a reference that was given elsewhere go on
// behind it.
func (w *Writer) ReserveReference(ctx context.Context, reference string) error {
	cut := strings.LastIndexByte(reference, '-')
	number, err := strconv.Atoi(reference[cut+1:])
	if err != nil || cut < 0 {
		return fmt.Errorf("%w: reference %q", register.ErrInvalid, reference)
	}
	for {
		// A series grows by one only; what is behind a gap was given to what is gone.
		tag, err := w.q.Exec(ctx, `
			INSERT INTO record.reference_series (series, last)
			VALUES (@series, 1)
			ON CONFLICT (series) DO UPDATE SET last = reference_series.last + 1
			WHERE reference_series.last < @number`,
			pgx.StrictNamedArgs{"series": reference[:cut], "number": number})
		if err != nil || tag.RowsAffected() == 0 {
			return store.Map(err)
		}
	}
}

// NewEdition is an edition that is to be stored. The canonical content is what was
// hashed; the salt hides it behind the leaf of the log.
type NewEdition struct {
	register.Edition
	Canonical, Salt []byte
	// Pinned are the editions that it shows.
	Pinned []register.Edition
}

// InsertEditions stores editions with their pins and makes each the current one
// of its record, under its slug; what was withdrawn is public again by it. One that shows another comes behind it.
func (w *Writer) InsertEditions(ctx context.Context, editions []NewEdition) error {
	var batch pgx.Batch
	for i := range editions {
		queueEdition(&batch, &editions[i])
	}
	return w.send(ctx, &batch, editions)
}

// send sends what was queued for editions: a table at a time where all of them are
// first ones, of which there is nothing that would have to be changed before.
func (w *Writer) send(ctx context.Context, batch *pgx.Batch, editions []NewEdition) error {
	if slices.ContainsFunc(editions, func(e NewEdition) bool { return e.Number > 1 }) {
		return store.Map(w.q.SendBatch(ctx, batch).Close())
	}
	return store.SendInserts(ctx, w.q, batch)
}

func queueEdition(batch *pgx.Batch, e *NewEdition) {
	batch.Queue(`
		INSERT INTO record.editions (reference, number, type, content, sha256, salt, published_at, reason,
		                             author_role, reviewer_role)
		VALUES (@reference, @number, @type, @content, @sha256, @salt, @published_at, @reason,
		        @author_role, @reviewer_role)`,
		pgx.StrictNamedArgs{
			"reference": e.Reference, "number": e.Number, "type": e.Type, "content": e.Canonical, "sha256": e.SHA256,
			"salt": e.Salt, "published_at": e.PublishedAt, "reason": store.TextColumn(e.Reason),
			"author_role": e.AuthorRole, "reviewer_role": e.ReviewerRole,
		})
	for i, p := range e.Pins {
		batch.Queue(`
			INSERT INTO record.pins (reference, number, position, pinned_reference, pinned_number)
			VALUES (@reference, @number, @position, @pinned_reference, @pinned_number)`,
			pgx.StrictNamedArgs{
				"reference": e.Reference, "number": e.Number, "position": i,
				"pinned_reference": p.Reference, "pinned_number": p.Number,
			})
	}
	slug := slugOf(&e.Content)
	head := pgx.StrictNamedArgs{
		"reference": e.Reference, "type": e.Type, "slug": slug, "number": e.Number, "published_at": e.PublishedAt,
	}
	if e.Number == 1 {
		batch.Queue(`
			INSERT INTO record.heads (reference, type, slug, number, changed_at)
			VALUES (@reference, @type, @slug, @number, @published_at)`, head)
		batch.Queue(`
			INSERT INTO record.slugs (type, slug, reference)
			VALUES (@type, @slug, @reference)`,
			pgx.StrictNamedArgs{"type": e.Type, "slug": slug, "reference": e.Reference})
		return
	}
	batch.Queue(`
		INSERT INTO record.heads (reference, type, slug, number, changed_at)
		VALUES (@reference, @type, @slug, @number, @published_at)
		ON CONFLICT (reference) DO UPDATE
		SET slug = EXCLUDED.slug, number = EXCLUDED.number, changed_at = EXCLUDED.changed_at,
		    state = 'published', notice = '{}'`, head)
	batch.Queue(`
		INSERT INTO record.slugs (type, slug, reference)
		SELECT @type, @slug, @reference
		WHERE NOT EXISTS (
		    SELECT FROM record.slugs WHERE type = @type AND slug = @slug AND reference = @reference)`,
		pgx.StrictNamedArgs{"type": e.Type, "slug": slug, "reference": e.Reference})
}

// LockGeneration makes other publications wait until the end of the transaction.
func (w *Writer) LockGeneration(ctx context.Context) error {
	_, err := w.q.Exec(ctx, `SELECT generation FROM record.generations FOR UPDATE`)
	return store.Map(err)
}

// BumpGeneration makes other publications wait, as LockGeneration does, and tells page
// caches that something was published, once that is committed. Who publishes in any
// case begins with it: one statement the less while others wait.
func (w *Writer) BumpGeneration(ctx context.Context) error {
	_, err := w.q.Exec(ctx, `
		UPDATE record.generations SET generation = generation + 1, changed_at = now()`)
	store.Announce(w.q)
	return store.Map(err)
}

// BumpSignatures tells page caches that the log was signed, by itself, by a
// witness, or by an authority for time.
func (w *Writer) BumpSignatures(ctx context.Context) error {
	_, err := w.q.Exec(ctx, `UPDATE record.generations SET signatures = signatures + 1`)
	store.Announce(w.q)
	return store.Map(err)
}

func slugOf(c *register.Content) string {
	switch c.Type {
	case register.TypeIncident:
		return c.Incident.Slug
	case register.TypeStatement:
		return c.Statement.Slug
	case register.TypeInstitution:
		return c.Institution.Slug
	}
	return ""
}

// LastNumber returns the number of a record's last edition, 0 when it was
// never published.
func (w *Writer) LastNumber(ctx context.Context, reference string) (int, error) {
	var n int
	err := w.q.QueryRow(ctx, `
		SELECT coalesce(max(number), 0) FROM record.editions WHERE reference = @reference`,
		pgx.StrictNamedArgs{"reference": reference}).Scan(&n)
	return n, store.Map(err)
}

// LastNumbers returns the numbers of the last editions of records; those that were
// never published are missing.
func (w *Writer) LastNumbers(ctx context.Context, references []string) (map[string]int, error) {
	rows, err := w.q.Query(ctx, `
		SELECT reference, max(number) FROM record.editions WHERE reference = ANY (@references) GROUP BY reference`,
		pgx.StrictNamedArgs{"references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[string]int{}
	var reference string
	var number int
	_, err = pgx.ForEachRow(rows, []any{&reference, &number}, func() error { out[reference] = number; return nil })
	return out, store.Map(err)
}
