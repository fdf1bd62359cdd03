package record

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// exportBatch is how many incidents, or editions, are in memory at once.
const exportBatch = 100

// exportWindow is at how many records one statement looks for those that are wanted:
// where they are few, in a large register, it would look longer than a statement may.
const exportWindow = 2_000

// Export walks along all that a scope holds, in one read-only transaction that
// sees one moment, a batch at a time, each with a statement of its own. It asks
// begin where things go, once it knows that there is something to export. Errors: as
// Incident for a scope of one, with *MovedError naming the new slug; ErrInvalid for
// a filter that none can be; whatever begin and the sink return.
func (s *Store) Export(ctx context.Context, scope register.ExportScope, begin register.ExportBegin) error {
	if err := scope.Filter.Validate(); err != nil {
		return err
	}
	return s.db.Read(ctx, func(q store.Querier) error {
		w := &exportWalk{q: q, scope: scope, window: s.window}
		if err := w.chooses(ctx); err != nil {
			return err
		}
		state, err := exportState(ctx, q)
		if err != nil {
			return err
		}
		if w.sink, err = begin(state); err != nil {
			return err
		}
		return w.run(ctx)
	})
}

// exportState tells what moment the transaction sees.
func exportState(ctx context.Context, q store.Querier) (register.ExportState, error) {
	var state register.ExportState
	var err error
	if state.Generation, state.Terms, err = readTerms(ctx, q); err != nil {
		return state, err
	}
	err = q.QueryRow(ctx, `SELECT coalesce(max(position) + 1, 0) FROM record.log_leaves`).Scan(&state.Leaves)
	return state, store.Map(err)
}

// exportWalk is one export on its way.
type exportWalk struct {
	q      store.Querier
	scope  register.ExportScope
	sink   register.ExportSink
	window int
	list   incidentListing
	// seen are the records whose editions were given out.
	seen register.ReferenceSet
}

// chooses makes ready what is to be walked along.
func (w *exportWalk) chooses(ctx context.Context) error {
	if w.scope.Incident != "" {
		return w.chooseOne(ctx)
	}
	l := &w.list
	l.q, l.size, l.filter, l.question = w.q, register.PageSize, w.scope.Filter, newQuestion(w.scope.Filter.Query)
	l.args = incidentArgs(l.filter)
	return l.choose(ctx)
}

// chooseOne makes the scope name its one incident by the reference.
func (w *exportWalk) chooseOne(ctx context.Context) error {
	slug := w.scope.Incident
	if isReference(slug) {
		err := w.q.QueryRow(ctx, `SELECT slug FROM record.heads WHERE reference = @reference AND type = 'incident'`,
			pgx.StrictNamedArgs{"reference": slug}).Scan(&slug)
		if err != nil {
			return store.Map(err)
		}
	}
	h, err := current(ctx, w.q, register.TypeIncident, slug)
	w.scope.Incident = h.reference
	return err
}

func (w *exportWalk) run(ctx context.Context) error {
	if w.sink.Incident != nil || w.sink.Edition != nil && !w.scope.Whole {
		if err := w.incidents(ctx); err != nil {
			return err
		}
	}
	if !w.scope.Whole {
		return nil
	}
	for _, step := range []struct {
		wanted bool
		walk   func(context.Context) error
	}{
		{w.sink.Record != nil, w.loose},
		{w.sink.Edition != nil, w.log},
		{w.sink.Departure != nil, w.departures},
	} {
		if !step.wanted {
			continue
		}
		if err := step.walk(ctx); err != nil {
			return err
		}
	}
	return nil
}

// incidents walks along the incidents of the scope.
func (w *exportWalk) incidents(ctx context.Context) error {
	for after := ""; ; {
		references, err := w.next(ctx, after)
		if err != nil || len(references) == 0 {
			return err
		}
		if w.sink.Incident != nil {
			err = w.give(ctx, references)
		}
		if err == nil && w.sink.Edition != nil && !w.scope.Whole {
			err = w.giveEditions(ctx, references)
		}
		if err != nil || w.scope.Incident != "" {
			return err
		}
		after = references[len(references)-1]
	}
}

// next are the references of the next incidents behind one.
func (w *exportWalk) next(ctx context.Context, after string) ([]string, error) {
	if w.scope.Incident != "" {
		return []string{w.scope.Incident}, nil
	}
	l := &w.list
	l.args["after_reference"], l.args["limit"] = after, exportBatch
	rows, err := w.q.Query(ctx, `
		SELECT i.reference
		FROM `+l.from+`
		WHERE`+l.condition+`
		  AND i.reference > @after_reference
		ORDER BY i.reference
		LIMIT @limit`, planAnew, l.args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// give reads a batch of incidents with what they show, and hands it on.
func (w *exportWalk) give(ctx context.Context, references []string) error {
	batch, err := readPublished(ctx, w.q, references)
	if err != nil {
		return err
	}
	shown, err := readPins(ctx, w.q, batch)
	if err != nil {
		return err
	}
	for i := range batch {
		x := register.ExportedIncident{FirstPublishedAt: batch[i].FirstPublishedAt, Published: batch[i]}
		var pinned []register.Edition
		var gone []register.Gone
		for _, pin := range batch[i].Pins {
			p := shown[pinKey{pin.Reference, pin.Number}]
			if p.gone != nil {
				gone = append(gone, *p.gone)
			} else {
				pinned, x.Shown = append(pinned, p.published.Edition), append(x.Shown, p.published)
			}
		}
		x.IncidentEdition = register.NewIncidentEdition(batch[i].Edition, pinned)
		x.Gone = gone
		if err := w.sink.Incident(&x); err != nil {
			return err
		}
	}
	return nil
}

type pinKey struct {
	reference string
	number    int
}

// pinnedEdition is an edition that others show, or why nothing is shown of it.
type pinnedEdition struct {
	published register.Published
	gone      *register.Gone
}

// readPins reads the editions that others show, each once.
func readPins(ctx context.Context, q store.Querier, of []register.Published) (map[pinKey]pinnedEdition, error) {
	out := map[pinKey]pinnedEdition{}
	var references []string
	var numbers []int32
	for i := range of {
		for _, pin := range of[i].Pins {
			key := pinKey{pin.Reference, pin.Number}
			if _, ok := out[key]; !ok {
				out[key] = pinnedEdition{}
				references, numbers = append(references, pin.Reference), append(numbers, int32(pin.Number)) //nolint:gosec // a column of that size
			}
		}
	}
	rows, err := q.Query(ctx, `
		SELECT e.reference, e.number, e.type, h.slug, h.notice, e.sha256, e.content IS NULL,
		       CASE h.state WHEN 'withdrawn' THEN NULL ELSE e.content END, f.published_at
		FROM unnest(@references::text[], @numbers::integer[]) AS p (reference, number)
		JOIN record.editions AS e USING (reference, number)
		JOIN record.editions AS f ON f.reference = e.reference AND f.number = 1
		JOIN record.heads AS h ON h.reference = e.reference`,
		pgx.StrictNamedArgs{"references": references, "numbers": numbers})
	if err != nil {
		return nil, store.Map(err)
	}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var key pinKey
		var gone register.Gone
		var sha string
		var content []byte
		var first time.Time
		err := row.Scan(&key.reference, &key.number, &gone.Type, &gone.Slug, &gone.Notice, &sha, &gone.Removed, &content, &first)
		if err != nil {
			return struct{}{}, err
		}
		p := pinnedEdition{}
		if content == nil {
			gone.Reference = key.reference
			p.gone = &gone
		} else {
			p.published.Edition, err = decode(content, sha)
			p.published.FirstPublishedAt, p.published.ChangedAt = first, p.published.PublishedAt
		}
		out[key] = p
		return struct{}{}, err
	})
	return out, store.Map(err)
}

// loose walks along the statements and institutions that no incident shows.
func (w *exportWalk) loose(ctx context.Context) error {
	for after := ""; ; {
		var last *string
		var references []string
		err := w.q.QueryRow(ctx, `
			WITH seen AS MATERIALIZED (
				SELECT reference, type, state
				FROM record.heads
				WHERE reference > @after
				ORDER BY reference
				LIMIT @window)
			SELECT (SELECT max(reference) FROM seen),
			       ARRAY(
			           SELECT h.reference
			           FROM seen AS h
			           WHERE h.type IN ('institution', 'statement') AND h.state = 'published'
			             AND NOT EXISTS (
			                 SELECT FROM record.pins AS p
			                 JOIN record.incidents AS i ON (i.reference, i.number) = (p.reference, p.number)
			                 WHERE p.pinned_reference = h.reference)
			           ORDER BY h.reference)`, planAnew, pgx.StrictNamedArgs{"after": after, "window": w.window}).Scan(&last, &references)
		if err != nil || last == nil {
			return store.Map(err)
		}
		after = *last
		for some := range slices.Chunk(references, exportBatch) {
			if err := w.giveRecords(ctx, some); err != nil {
				return err
			}
		}
	}
}

func (w *exportWalk) giveRecords(ctx context.Context, references []string) error {
	batch, err := readPublished(ctx, w.q, references)
	if err != nil {
		return err
	}
	for i := range batch {
		if err := w.sink.Record(&batch[i]); err != nil {
			return err
		}
	}
	return nil
}

// giveEditions hands on all editions of incidents, and of what any of them shows
// or has shown, unless that was done with others.
func (w *exportWalk) giveEditions(ctx context.Context, incidents []string) error {
	rows, err := w.q.Query(ctx, `
		SELECT DISTINCT pinned_reference
		FROM record.pins
		WHERE reference = ANY (@references)
		ORDER BY pinned_reference`,
		pgx.StrictNamedArgs{"references": incidents})
	if err != nil {
		return store.Map(err)
	}
	references, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return store.Map(err)
	}
	references = slices.DeleteFunc(append(references, incidents...), func(r string) bool { return !w.seen.Add(r) })
	for len(references) > 0 {
		some := references[:min(len(references), exportBatch)]
		references = references[len(some):]
		after := pinKey{}
		for more := true; more; {
			n := 0
			err := w.editions(ctx, `e.reference = ANY (@references) AND (e.reference, e.number) > (@after, @number)`,
				`e.reference, e.number`, pgx.StrictNamedArgs{"references": some, "after": after.reference, "number": after.number},
				func(e *register.ExportedEdition) error {
					after, n = pinKey{e.Reference, e.Number}, n+1
					return w.sink.Edition(e)
				})
			if err != nil {
				return err
			}
			more = n == exportBatch
		}
	}
	return nil
}

// log walks along all editions in the order of the public log.
func (w *exportWalk) log(ctx context.Context) error {
	after := int64(-1)
	for {
		n := 0
		err := w.editions(ctx, `l.position > @after`, `l.position`, pgx.StrictNamedArgs{"after": after},
			func(e *register.ExportedEdition) error {
				after, n = e.Leaf, n+1
				return w.sink.Edition(e)
			})
		if err != nil || n < exportBatch {
			return err
		}
	}
}

// editions reads a batch of editions that can be read, then hands them on: a
// statement is not kept waiting by who takes them.
func (w *exportWalk) editions(ctx context.Context, condition, order string, args pgx.StrictNamedArgs, give func(*register.ExportedEdition) error) error {
	args["limit"] = exportBatch
	rows, err := w.q.Query(ctx, `
		SELECT e.type, e.reference, e.number, e.sha256, e.content, e.salt, l.position
		FROM record.log_leaves AS l
		JOIN record.editions AS e ON (e.reference, e.number) = (l.reference, l.edition)
		JOIN record.heads AS h ON h.reference = e.reference
		WHERE l.type IN ('edition', 'correction') AND e.content IS NOT NULL AND `+readableEditions+`
		  AND `+condition+`
		ORDER BY `+order+`
		LIMIT @limit`, planAnew, args)
	if err != nil {
		return store.Map(err)
	}
	batch, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[register.ExportedEdition])
	if err != nil {
		return store.Map(err)
	}
	for _, e := range batch {
		if err := give(e); err != nil {
			return err
		}
	}
	return nil
}

// departures walks along the records that are shown no more.
func (w *exportWalk) departures(ctx context.Context) error {
	for after := ""; ; {
		var last *string
		err := w.q.QueryRow(ctx, `
			SELECT max(reference)
			FROM (SELECT reference FROM record.heads WHERE reference > @after ORDER BY reference LIMIT @window) AS seen`,
			planAnew, pgx.StrictNamedArgs{"after": after, "window": w.window}).Scan(&last)
		if err != nil || last == nil {
			return store.Map(err)
		}
		rows, err := w.q.Query(ctx, `
			SELECT h.type, h.reference, h.changed_at, coalesce(h.merged_into, ''), h.notice, e.content IS NULL
			FROM record.heads AS h
			JOIN record.editions AS e USING (reference, number)
			WHERE h.reference > @after AND h.reference <= @last AND (h.state <> 'published' OR e.content IS NULL)
			ORDER BY h.reference`, planAnew, pgx.StrictNamedArgs{"after": after, "last": *last})
		if err != nil {
			return store.Map(err)
		}
		batch, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[register.Departure])
		if err != nil {
			return store.Map(err)
		}
		for _, d := range batch {
			if err := w.sink.Departure(d); err != nil {
				return err
			}
		}
		after = *last
	}
}
