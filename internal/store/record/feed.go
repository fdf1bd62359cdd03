package record

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// feedSize is how many entries a page of a feed has as usual.
const feedSize = 20

// ownEdition is the condition of editions in which the record itself changed; it
// is that of the index editions_feed_idx. A correction says so at the beginning of
// the canonical JSON, whose fields are in order.
const ownEdition = `(e.number = 1 OR e.content IS NULL OR position('\x22636f7272656374696f6e223a'::bytea IN substring(e.content FROM 1 FOR 100)) > 0)`

// Feed returns one page of the entries that the filter chooses, the newest first.
// A cursor that this list did not give is ErrInvalid.
func (s *Store) Feed(ctx context.Context, f register.FeedFilter) (register.FeedList, error) {
	keys, err := changeCursor(f.After, 3)
	if err != nil || f.After != "" && keys[2] != "0" && !isSmallNumber(keys[2]) {
		return register.FeedList{}, register.ErrInvalid
	}
	var out register.FeedList
	err = s.db.Read(ctx, func(q store.Querier) error {
		chosen, err := feedScope(ctx, q, f)
		if err != nil {
			return err
		}
		chosen.args["after"] = keys[0]
		if f.After != "" {
			chosen.args["after_reference"], chosen.args["after_number"] = keys[1], keys[2]
		}
		l := listing{args: chosen.args}
		l.sized(f.Most, feedSize)
		if out.Entries, err = feedEntries(ctx, q, chosen, f.After != ""); err != nil {
			return err
		}
		if len(out.Entries) > l.size {
			out.Entries = out.Entries[:l.size]
			last := out.Entries[l.size-1]
			out.Next = cursorOf(momentKey(last.At), last.Reference, strconv.Itoa(last.Number))
		}
		return nil
	})
	return out, err
}

// mostGathered is how many records of a feed are gathered first, to be sorted. Of
// more, some are met soon by who walks along all entries.
const mostGathered = 2000

// feedScope is the choice of the records of a feed. Pins tell which belong
// together, past ones too: what an incident showed once, and what is withdrawn, is
// known by nothing else.
func feedScope(ctx context.Context, q store.Querier, f register.FeedFilter) (*choice, error) {
	chosen := &choice{args: pgx.NamedArgs{}}
	if f.Referrals {
		chosen.by("type", string(register.TypeIncident), `h.type = @type`)
	}
	if f.About == "" {
		return chosen, nil
	}
	query := `SELECT DISTINCT p.reference FROM record.pins AS p WHERE p.pinned_reference = @about LIMIT ` + strconv.Itoa(mostGathered+1)
	if f.Type == register.TypeIncident {
		query = `SELECT DISTINCT p.pinned_reference FROM record.pins AS p WHERE p.reference = @about`
	}
	rows, err := q.Query(ctx, query, pgx.StrictNamedArgs{"about": f.About})
	if err != nil {
		return nil, store.Map(err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, store.Map(err)
	}
	if len(records) > mostGathered && f.Type == register.TypeInstitution {
		chosen.args["about"] = f.About
		chosen.conditions = append(chosen.conditions, `(h.reference = @about OR EXISTS (
			SELECT FROM record.pins AS p WHERE p.reference = h.reference AND p.pinned_reference = @about))`)
		return chosen, nil
	}
	chosen.args["records"] = append(records, f.About)
	chosen.conditions = append(chosen.conditions, `h.reference = ANY (@records)`)
	return chosen, nil
}

// feedEntries reads editions and departures along their indexes, and then what
// they hold. What is withdrawn comes without content.
func feedEntries(ctx context.Context, q store.Querier, chosen *choice, further bool) ([]register.FeedEntry, error) {
	editions, departures := `true`, `true`
	if further {
		editions = `(e.published_at, e.reference, e.number) < (@after::timestamptz, @after_reference, @after_number::integer)`
		departures = `(h.changed_at, h.reference, 0) < (@after::timestamptz, @after_reference, @after_number::integer)`
	} else {
		delete(chosen.args, "after")
	}
	rows, err := q.Query(ctx, `
		SELECT x.at, h.type, x.reference, h.slug, x.number, h.state, h.changed_at, h.notice,
		       NOT r.is_readable, n.content IS NULL,
		       CASE WHEN r.is_readable THEN e.content END, coalesce(e.sha256, ''),
		       CASE WHEN r.is_readable THEN b.content END, coalesce(b.sha256, ''),
		       t.reason, t.removed_at, coalesce(i.type, ''), coalesce(i.reference, ''), coalesce(i.slug, '')
		FROM (
		    (SELECT e.published_at AS at, e.reference, e.number
		     FROM record.editions AS e
		     JOIN record.heads AS h ON h.reference = e.reference
		     WHERE `+ownEdition+` AND `+editions+` AND `+chosen.String()+`
		     ORDER BY e.published_at DESC, e.reference DESC, e.number DESC
		     LIMIT @limit)
		    UNION ALL
		    (SELECT h.changed_at, h.reference, 0
		     FROM record.heads AS h
		     WHERE h.state <> 'published' AND `+departures+` AND `+chosen.String()+`
		     ORDER BY h.changed_at DESC, h.reference DESC
		     LIMIT @limit)
		    ORDER BY at DESC, reference DESC, number DESC
		    LIMIT @limit
		) AS x
		JOIN record.heads AS h ON h.reference = x.reference
		CROSS JOIN LATERAL (SELECT `+readableEditions+` AS is_readable OFFSET 0) AS r
		JOIN record.editions AS n ON (n.reference, n.number) = (h.reference, h.number)
		LEFT JOIN record.editions AS e ON (e.reference, e.number) = (x.reference, x.number)
		LEFT JOIN LATERAL (
		    SELECT p.content, p.sha256
		    FROM record.editions AS p
		    WHERE p.reference = x.reference AND p.number < x.number AND p.content IS NOT NULL
		    ORDER BY p.number DESC
		    LIMIT 1
		) AS b ON true
		LEFT JOIN record.tombstones AS t ON (t.reference, t.number) = (x.reference, x.number)
		LEFT JOIN record.heads AS i ON i.reference = h.merged_into
		ORDER BY x.at DESC, x.reference DESC, x.number DESC`, planAnew, pgx.StrictNamedArgs(chosen.args))
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanFeedEntry)
	return out, store.Map(err)
}

func scanFeedEntry(row pgx.CollectableRow) (register.FeedEntry, error) {
	var e register.FeedEntry
	var state, sha, shaBefore string
	var gone register.Departure
	var hidden bool
	var content, before []byte
	var reason *register.Text
	var removedAt *time.Time
	var into register.Named
	err := row.Scan(&e.At, &e.Type, &e.Reference, &e.Slug, &e.Number, &state, &gone.At, &gone.Notice, &hidden, &gone.Removed,
		&content, &sha, &before, &shaBefore, &reason, &removedAt, &into.Type, &gone.Into, &into.Slug)
	if err != nil {
		return e, err
	}
	if reason != nil && removedAt != nil {
		e.Removed = &register.Tombstone{Reason: *reason, At: *removedAt}
	}
	if hidden || e.Number == 0 {
		gone.Type, gone.Reference = e.Type, e.Reference
		e.Gone = &gone
	}
	if into.Slug != "" {
		e.Into = &into
	}
	if e.Edition, err = decodeOrNil(content, sha); err != nil {
		return e, err
	}
	e.Before, err = decodeOrNil(before, shaBefore)
	return e, err
}

// decodeOrNil is the edition of a content; nil where there is none.
func decodeOrNil(content []byte, sha string) (*register.Edition, error) {
	if content == nil {
		return nil, nil //nolint:nilnil // no content, no edition: that is said by its place
	}
	e, err := decode(content, sha)
	return &e, err
}

// ChangedSince lists the records that were published, withdrawn or merged since a
// moment, for those who are told of it.
func (w *Writer) ChangedSince(ctx context.Context, since time.Time, limit int) ([]register.PublicAddress, error) {
	rows, err := w.q.Query(ctx, `
		SELECT h.type, h.reference, h.slug, h.changed_at
		FROM record.heads AS h
		WHERE h.type = ANY (@types) AND h.changed_at >= @since
		ORDER BY h.changed_at DESC, h.reference
		LIMIT @limit`,
		pgx.StrictNamedArgs{"types": register.RecordTypes(), "since": since, "limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.PublicAddress])
	return out, store.Map(err)
}
