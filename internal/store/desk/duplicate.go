package desk

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// MaxDuplicates is how many records each search for duplicates returns.
const MaxDuplicates = 5

// IncidentsCiting returns incidents that cite the source with the address.
func (d *Queries) IncidentsCiting(ctx context.Context, address string) ([]Picked, error) {
	return d.picked(ctx, `
		WITH cited AS MATERIALIZED (
		    SELECT c.record_id
		    FROM desk.record_sources AS c
		    JOIN desk.records AS r ON r.id = c.record_id AND r.type = 'incident' AND r.state <> 'discarded'
		    WHERE c.source_id = ANY (ARRAY(SELECT id FROM desk.sources WHERE url = ANY (@urls)))
		    LIMIT @candidates
		)
		SELECT `+pickedColumns+`
		FROM cited AS c
		JOIN desk.records AS r ON r.id = c.record_id
		JOIN desk.directory AS e ON e.record_id = r.id
		ORDER BY r.updated_at DESC, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"urls": sameAddress(address), "candidates": candidates, "limit": MaxDuplicates})
}

// IncidentsNear returns incidents of an institution whose date can be within so
// many days of the date. Dates are intervals: what may have been near is near.
func (d *Queries) IncidentsNear(ctx context.Context, institution register.Ref, date edtf.Date, within int) ([]Picked, error) {
	from, to := days(date)
	return d.picked(ctx, `
		SELECT `+pickedColumns+`
		FROM desk.directory AS e
		JOIN desk.records AS r ON r.id = e.record_id AND r.state <> 'discarded'
		WHERE e.type = 'incident' AND e.institutions @> ARRAY[@institution::uuid] AND e.occurred <> ''
		  AND (@to::date IS NULL OR e.occurred_from IS NULL OR e.occurred_from <= @to::date + @within::integer)
		  AND (@from::date IS NULL OR e.occurred_to IS NULL OR e.occurred_to >= @from::date - @within::integer)
		ORDER BY r.updated_at DESC, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"institution": institution, "from": from, "to": to, "within": within, "limit": MaxDuplicates})
}

// IncidentsTitled returns incidents with a title, in any language, that is like
// the folded one: so much of the trigrams of whole words in common, from 0 to 1.
// Of many such titles only some are compared. It needs a transaction, for which
// it sets how the search is done.
func (d *Queries) IncidentsTitled(ctx context.Context, folded string, like float64) ([]Picked, error) {
	_, err := d.q.Exec(ctx, `
		SELECT set_config('pg_trgm.strict_word_similarity_threshold', @like, true), set_config('enable_seqscan', 'off', true)`,
		pgx.StrictNamedArgs{"like": strconv.FormatFloat(like, 'f', -1, 64)})
	if err != nil {
		return nil, store.Map(err)
	}
	return d.picked(ctx, `
		WITH alike AS MATERIALIZED (
		    SELECT record_id, desk.strict_word_similarity(@title, folded) AS likeness
		    FROM desk.directory
		    WHERE type = 'incident' AND folded OPERATOR(desk.%>>) @title
		    LIMIT @compared
		)
		SELECT `+pickedColumns+`
		FROM alike AS s
		JOIN desk.records AS r ON r.id = s.record_id AND r.state <> 'discarded'
		JOIN desk.directory AS e ON e.record_id = r.id
		ORDER BY s.likeness DESC, r.updated_at DESC, r.id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"title": folded, "compared": compared, "limit": MaxDuplicates})
}

// compared is how many similar titles are compared at most.
const compared = 50

// picked reads rows of records to choose from. It is planned anew for each
// search: a plan that PostgreSQL keeps knows nothing of the words, takes all to
// be alike, and reads the directory from end to end for those that are rare.
func (d *Queries) picked(ctx context.Context, sql string, args pgx.StrictNamedArgs) ([]Picked, error) {
	rows, err := d.q.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanPicked)
	return out, store.Map(err)
}
