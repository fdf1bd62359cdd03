package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Entry is what lists, pickers and the search for duplicates know of a record.
type Entry struct {
	Record register.Ref
	Type   register.RecordType
	Title  register.Text
	// Short is what an institution is called in running text.
	Short register.Text
	// Folded holds all titles or names, folded as record.Fold does, each on a
	// line of its own that begins with a space: every word follows a space.
	Folded string
	// Acronyms are those of an institution, folded.
	Acronyms []string
	// Share is how complete the record is, 0 to 100.
	Share int
	// WaitsSince is the last day of the last step of a referral that nobody
	// confirmed; no day when there is none.
	WaitsSince edtf.Day
	// OriginalNotSeen means a statement that is known only through others.
	OriginalNotSeen bool
	// Institutions are those that an incident affects, or who issued a
	// statement.
	Institutions []register.Ref
	Occurred     edtf.Date
}

// SaveEntry writes the entry of a record.
func (d *Queries) SaveEntry(ctx context.Context, e Entry) error {
	from, to := days(e.Occurred)
	_, err := d.q.Exec(ctx, `
		INSERT INTO desk.directory (record_id, type, title, short, folded, acronyms, institutions, occurred,
		                            occurred_from, occurred_to, share, waits_since, original_not_seen)
		VALUES (@record, @type, @title, @short, @folded, @acronyms, @institutions, @occurred,
		        @from, @to, @share, @waits, @not_seen)
		ON CONFLICT (record_id) DO UPDATE
		SET title = EXCLUDED.title, short = EXCLUDED.short, folded = EXCLUDED.folded, acronyms = EXCLUDED.acronyms,
		    institutions = EXCLUDED.institutions, occurred = EXCLUDED.occurred,
		    occurred_from = EXCLUDED.occurred_from, occurred_to = EXCLUDED.occurred_to, share = EXCLUDED.share,
		    waits_since = EXCLUDED.waits_since, original_not_seen = EXCLUDED.original_not_seen`,
		pgx.StrictNamedArgs{
			"record": e.Record, "type": e.Type, "title": store.TextColumn(e.Title), "short": store.TextColumn(e.Short),
			"folded": e.Folded, "acronyms": list(e.Acronyms), "institutions": list(e.Institutions),
			"occurred": e.Occurred.String(), "from": from, "to": to, "share": e.Share,
			"waits": dayColumn(e.WaitsSince), "not_seen": e.OriginalNotSeen,
		})
	return store.Map(err)
}

// dayColumn is a day for a column of dates; nil for no day.
func dayColumn(day edtf.Day) *time.Time {
	if day.IsZero() {
		return nil
	}
	return midnight(day)
}

func midnight(day edtf.Day) *time.Time {
	t := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC)
	return &t
}

// days are the first and the last civil day of a date, nil where open.
func days(d edtf.Date) (from, to *time.Time) {
	if day, ok := d.FirstDay(); ok {
		from = midnight(day)
	}
	if day, ok := d.LastDay(); ok {
		to = midnight(day)
	}
	return from, to
}

// Unlisted returns up to limit records that have no entry, or whose current
// version was not kept: those from before there was a directory.
func (d *Queries) Unlisted(ctx context.Context, limit int) ([]Record, error) {
	rows, err := d.q.Query(ctx, selectRecord+` AS r
		WHERE r.erased_version IS DISTINCT FROM r.version -- else there is nothing to be caught up with
		  AND (NOT EXISTS (SELECT FROM desk.directory AS e WHERE e.record_id = r.id)
		       OR NOT EXISTS (SELECT FROM desk.revisions AS v WHERE v.record_id = r.id AND v.version = r.version))
		ORDER BY id
		LIMIT @limit`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanRecord)
	return out, store.Map(err)
}
