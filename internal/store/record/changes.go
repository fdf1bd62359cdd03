package record

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// ChangedIncidents returns a page of the incidents that the filter chooses and
// that have changed since a moment, in the order of the changes. The filter may
// not search: a cursor that this list did not give, and words, are ErrInvalid.
func (s *Store) ChangedIncidents(ctx context.Context, f register.IncidentFilter, since time.Time) (register.Changes, error) {
	if err := f.Validate(); err != nil || f.Query != "" {
		return register.Changes{}, register.ErrInvalid
	}
	l := listing{from: `record.incidents AS i`, condition: chosenIncidents, args: incidentArgs(f)}
	return s.changed(ctx, l, register.TypeIncident, "i", since, f.After, f.Most)
}

// ChangedStatements is ChangedIncidents of statements.
func (s *Store) ChangedStatements(ctx context.Context, f register.StatementFilter, since time.Time) (register.Changes, error) {
	if err := f.Validate(); err != nil {
		return register.Changes{}, err
	}
	return s.changed(ctx, statementListing(f), register.TypeStatement, "s", since, f.After, f.Most)
}

// ChangedInstitutions is ChangedIncidents of institutions.
func (s *Store) ChangedInstitutions(ctx context.Context, f register.InstitutionFilter, since time.Time) (register.Changes, error) {
	if err := f.Validate(); err != nil {
		return register.Changes{}, err
	}
	return s.changed(ctx, institutionListing(f), register.TypeInstitution, "i", since, f.After, f.Most)
}

// changed reads a page of the records of a type that a list chooses, and of those
// that are gone, in the order in which they changed. The table of the list has
// the alias.
func (s *Store) changed(
	ctx context.Context, l listing, t register.RecordType, alias string, since time.Time, after string, most int,
) (register.Changes, error) {
	keys, err := changeCursor(after, 2)
	if err != nil {
		return register.Changes{}, err
	}
	l.args["type"], l.args["since"], l.args["after"], l.args["after_reference"] = t, since, keys[0], keys[1]
	l.sized(most, register.PageSize)
	rows, err := s.db.Querier().Query(ctx, `
		SELECT h.reference, h.state, coalesce(h.merged_into, ''), h.notice, h.changed_at, e.content IS NULL
		FROM record.heads AS h
		JOIN record.editions AS e USING (reference, number)
		LEFT JOIN `+l.from+` ON `+alias+`.reference = h.reference
		WHERE h.type = @type AND h.changed_at >= @since
		  AND (@after = '' OR (h.changed_at, h.reference) > (nullif(@after, '')::timestamptz, @after_reference))
		  AND (h.state <> 'published' OR e.content IS NULL OR (`+l.condition+`))
		ORDER BY h.changed_at, h.reference
		LIMIT @limit`, planAnew, pgx.StrictNamedArgs(l.args))
	if err != nil {
		return register.Changes{}, store.Map(err)
	}
	var out register.Changes
	var last register.Departure
	var state string
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&last.Reference, &state, &last.Into, &last.Notice, &last.At, &last.Removed}, func() error {
		if n++; n > l.size {
			out.Next = keys[0]
			return nil
		}
		last.Type = t
		keys = []string{cursorOf(momentKey(last.At), last.Reference)}
		if state == statePublished && !last.Removed {
			out.References = append(out.References, last.Reference)
		} else {
			out.Gone = append(out.Gone, last)
		}
		last.Notice = nil
		return nil
	})
	return out, store.Map(err)
}

// changeCursor reads a cursor of so many keys, the first of which is a moment.
func changeCursor(after string, n int) ([]string, error) {
	keys, err := cursorKeys(after, n)
	if err != nil || after != "" && !isSortKey(keys[0], time.RFC3339Nano) {
		return nil, register.ErrInvalid
	}
	return keys, nil
}

// changedParts reads a page of parts of the records that have changed since a
// moment: query selects changed_at, reference and key of those after the cursor,
// in that order.
func (s *Store) changedParts(ctx context.Context, query string, args pgx.NamedArgs, after string, most int) (register.PartList, error) {
	keys, err := changeCursor(after, 3)
	if err != nil {
		return register.PartList{}, err
	}
	l := listing{args: args}
	l.sized(most, register.PageSize)
	args["after"], args["after_reference"], args["after_key"] = keys[0], keys[1], keys[2]
	rows, err := s.db.Querier().Query(ctx, query, planAnew, pgx.StrictNamedArgs(args))
	if err != nil {
		return register.PartList{}, store.Map(err)
	}
	var out register.PartList
	var at, last time.Time
	var part register.Part
	_, err = pgx.ForEachRow(rows, []any{&at, &part.Reference, &part.Key}, func() error {
		if len(out.Parts) == l.size {
			before := out.Parts[l.size-1]
			out.Next = cursorOf(momentKey(last), before.Reference, before.Key)
			return nil
		}
		out.Parts, last = append(out.Parts, part), at
		return nil
	})
	return out, store.Map(err)
}

// afterPart is the condition of the next page of parts in the order of changes.
func afterPart(key string) string {
	return `(@after = '' OR (h.changed_at, h.reference, ` + key + `) > (nullif(@after, '')::timestamptz, @after_reference, @after_key))`
}

// ChangedReferrals returns a page of the referrals that the filter chooses, of
// incidents that have changed since a moment, in the order of the changes.
func (s *Store) ChangedReferrals(ctx context.Context, f register.ReferralFilter, since time.Time) (register.PartList, error) {
	l := referralListing(f)
	l.args["since"] = since
	return s.changedParts(ctx, `
		SELECT h.changed_at, h.reference, r.key
		FROM record.heads AS h
		JOIN `+l.from+` ON r.incident_reference = h.reference
		WHERE h.type = 'incident' AND h.state = 'published' AND h.changed_at >= @since
		  AND `+afterPart("r.key")+`
		  AND (`+l.condition+`)
		ORDER BY h.changed_at, h.reference, r.key
		LIMIT @limit`, l.args, f.After, f.Most)
}
