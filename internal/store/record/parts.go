package record

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// choice collects the conditions of a list, only those that choose: a subquery
// beside "or not chosen" is asked for every row.
type choice struct {
	conditions []string
	args       pgx.NamedArgs
}

// by chooses by a value; an empty one does not choose.
func (c *choice) by(name, value, condition string) {
	if value != "" {
		c.conditions = append(c.conditions, condition)
		c.args[name] = value
	}
}

func (c *choice) String() string {
	if len(c.conditions) == 0 {
		return "true"
	}
	return strings.Join(c.conditions, " AND ")
}

func chosenClaims(f register.ClaimFilter) *choice {
	c := &choice{args: pgx.NamedArgs{}}
	c.by("statement", f.Statement, `c.statement_reference = @statement`)
	c.by("incident", f.Incident, `c.statement_reference IN (
		SELECT x.statement_reference FROM record.incident_statements AS x WHERE x.incident_reference = @incident)`)
	c.by("institution", f.Institution, `c.statement_reference IN (
		SELECT s.reference FROM record.statements AS s JOIN record.institutions AS i ON i.reference = s.issuer_reference WHERE i.slug = @institution)`)
	c.by("topic", f.Topic, `c.topic = @topic`)
	c.by("modality", string(f.Modality), `c.modality = @modality`)
	return c
}

// Claims returns one page of the claims that the filter chooses. A cursor that
// this list did not give is ErrInvalid.
func (s *Store) Claims(ctx context.Context, f register.ClaimFilter) (register.PartList, error) {
	chosen := chosenClaims(f)
	if !f.Since.IsZero() {
		chosen.args["since"] = f.Since
		return s.changedParts(ctx, `
			SELECT h.changed_at, h.reference, c.key
			FROM record.heads AS h
			JOIN record.claims AS c ON c.statement_reference = h.reference
			WHERE h.type = 'statement' AND h.state = 'published' AND h.changed_at >= @since
			  AND `+afterPart("c.key")+` AND `+chosen.String()+`
			ORDER BY h.changed_at, h.reference, c.key
			LIMIT @limit`, chosen.args, f.After, f.Most)
	}
	keys, err := cursorKeys(f.After, 2)
	if err != nil {
		return register.PartList{}, err
	}
	l := listing{args: chosen.args}
	l.sized(f.Most, register.PageSize)
	l.args["after_reference"], l.args["after_key"] = keys[0], keys[1]
	rows, err := s.db.Querier().Query(ctx, `
		SELECT c.statement_reference, c.key
		FROM record.claims AS c
		WHERE (c.statement_reference, c.key) > (@after_reference, @after_key) AND `+chosen.String()+`
		ORDER BY c.statement_reference, c.key
		LIMIT @limit`, planAnew, pgx.StrictNamedArgs(l.args))
	if err != nil {
		return register.PartList{}, store.Map(err)
	}
	var out register.PartList
	out.Parts, err = pgx.CollectRows(rows, pgx.RowToStructByPos[register.Part])
	if len(out.Parts) > l.size {
		out.Parts = out.Parts[:l.size]
		out.Next = cursorOf(out.Parts[l.size-1].Reference, out.Parts[l.size-1].Key)
	}
	return out, store.Map(err)
}

// Sources returns one page of the sources that shown records cite: by their keys,
// of each part the reference is that of the record which shows it best; or, since
// a moment, as parts of the records that have changed. A cursor that this list
// did not give is ErrInvalid.
func (s *Store) Sources(ctx context.Context, f register.SourceFilter) (register.PartList, error) {
	if !f.Since.IsZero() {
		return s.changedSources(ctx, f)
	}
	keys, err := cursorKeys(f.After, 1)
	if err != nil {
		return register.PartList{}, err
	}
	query := sourcesOfAll
	l := listing{args: pgx.NamedArgs{"after": keys[0]}}
	if f.Record != "" {
		query, l.args["record"] = sourcesOfOne, f.Record
	}
	l.sized(f.Most, register.PageSize)
	rows, err := s.db.Querier().Query(ctx, query, pgx.StrictNamedArgs(l.args))
	if err != nil {
		return register.PartList{}, store.Map(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return register.PartList{}, store.Map(err)
	}
	var out register.PartList
	if len(list) > l.size {
		list = list[:l.size]
		out.Next = cursorOf(list[l.size-1])
	}
	for _, key := range list {
		out.Parts = append(out.Parts, register.Part{Reference: f.Record, Key: key})
	}
	return out, nil
}

// sourcesOfOne are the sources of one record; sourcesOfAll steps from key to key
// along the index, over what may be a hundred thousand citations of one.
const (
	sourcesOfOne = `
		SELECT c.source_key
		FROM record.cited_sources AS c
		WHERE c.reference = @record AND c.source_key > @after
		ORDER BY c.source_key
		LIMIT @limit`
	sourcesOfAll = `
		WITH RECURSIVE sources AS (
		    (SELECT c.source_key, 1 AS n
		     FROM record.cited_sources AS c
		     WHERE c.source_key > @after
		     ORDER BY c.source_key LIMIT 1)
		    UNION ALL
		    SELECT next.source_key, s.n + 1
		    FROM sources AS s
		    CROSS JOIN LATERAL (
		        SELECT c.source_key
		        FROM record.cited_sources AS c
		        WHERE c.source_key > s.source_key
		        ORDER BY c.source_key LIMIT 1) AS next
		    WHERE s.n < @limit::integer
		)
		SELECT source_key FROM sources ORDER BY source_key`
)

// changedSources reads the sources of what has changed, for each type of record
// along its own index.
func (s *Store) changedSources(ctx context.Context, f register.SourceFilter) (register.PartList, error) {
	chosen := &choice{args: pgx.NamedArgs{"since": f.Since}}
	chosen.by("record", f.Record, `h.reference = @record`)
	return s.changedParts(ctx, `
		SELECT part.changed_at, part.reference, part.source_key
		FROM unnest(ARRAY['incident', 'statement', 'institution']) AS t (type)
		CROSS JOIN LATERAL (
		    SELECT h.changed_at, h.reference, c.source_key
		    FROM record.heads AS h
		    JOIN record.cited_sources AS c USING (reference)
		    WHERE h.type = t.type AND h.state = 'published' AND h.changed_at >= @since
		      AND `+afterPart("c.source_key")+` AND `+chosen.String()+`
		    ORDER BY h.changed_at, h.reference, c.source_key
		    LIMIT @limit) AS part
		ORDER BY part.changed_at, part.reference, part.source_key
		LIMIT @limit`, chosen.args, f.After, f.Most)
}

// mostCiting is how many records are named that cite a source.
const mostCiting = 50

// Citing tells by which records sources are cited that shown records cite, by
// their keys; a key that no shown record cites is absent.
func (s *Store) Citing(ctx context.Context, keys []string) (map[string]register.Citing, error) {
	rows, err := s.db.Querier().Query(ctx, `
		SELECT k.source_key, x.reference, h.changed_at = max(h.changed_at) OVER (PARTITION BY k.source_key)
		FROM unnest(@keys::text[]) AS k (source_key)
		CROSS JOIN LATERAL (
		    SELECT c.reference
		    FROM record.cited_sources AS c
		    WHERE c.source_key = k.source_key
		    ORDER BY c.reference DESC
		    LIMIT @most) AS x
		JOIN record.heads AS h ON h.reference = x.reference
		ORDER BY k.source_key, x.reference DESC`,
		pgx.StrictNamedArgs{"keys": keys, "most": mostCiting + 1})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[string]register.Citing{}
	var key, reference string
	var latest bool
	_, err = pgx.ForEachRow(rows, []any{&key, &reference, &latest}, func() error {
		c := out[key]
		if c.More = len(c.By) == mostCiting; !c.More {
			c.By = append(c.By, reference)
		}
		if latest && c.Latest == "" {
			c.Latest = reference
		}
		out[key] = c
		return nil
	})
	return out, store.Map(err)
}
