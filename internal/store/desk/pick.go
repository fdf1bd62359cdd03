package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Picked is a record that a picker offers.
type Picked struct {
	ID        register.Ref
	Reference string // empty before the first publication
	State     string
	Title     register.Text
	Short     register.Text // of an institution
	Occurred  edtf.Date     // of an incident or a statement
}

// candidates is how many records are ranked at most: of a word that stands in
// half of all titles, no more are looked at.
const candidates = 400

// pickedColumns are those of scanPicked.
const pickedColumns = `r.id, coalesce(r.reference, ''), r.state, e.title, e.short, e.occurred`

func scanPicked(row pgx.CollectableRow) (Picked, error) {
	var p Picked
	err := row.Scan(&p.ID, &p.Reference, &p.State, &p.Title, &p.Short, store.DateColumn(&p.Occurred))
	return p, err
}

// Pick returns records of a type in whose titles or names all the words stand,
// at least as fragments of words; the words are folded. Acronyms come first,
// then what begins so, then words that do, then the rest. Without words it
// returns those that were worked on last. What was discarded is left out.
func (d *Queries) Pick(ctx context.Context, t register.RecordType, words []string, limit int) ([]Picked, error) {
	if len(words) == 0 {
		return d.pickLast(ctx, t, limit)
	}
	args := pgx.StrictNamedArgs{
		"query": strings.Join(words, " "), "candidates": candidates, "limit": limit,
		"starts": " " + strings.Join(words, " ") + "%",
	}
	begin := wordCondition("begin", words, args, func(w string) string { return "% " + w + "%" })
	part := wordCondition("part", words, args, fragment)
	// The type is no parameter, so that the index on that type alone is used
	// whatever plan is kept. What is found is put together apart, and made single
	// after that: a UNION would have PostgreSQL 18 read every branch in the order
	// of identifiers, which is to read the whole directory.
	return d.picked(ctx, fmt.Sprintf(`
		WITH found AS MATERIALIZED (
		    %[4]s
		    (SELECT record_id FROM desk.directory WHERE type = '%[1]s' AND %[2]s LIMIT @candidates)
		    UNION ALL
		    (SELECT record_id FROM desk.directory WHERE type = '%[1]s' AND %[3]s LIMIT @candidates)
		)
		SELECT `+pickedColumns+`
		FROM desk.directory AS e
		JOIN desk.records AS r ON r.id = e.record_id
		WHERE e.record_id IN (SELECT record_id FROM found)
		  AND r.state <> 'discarded' AND r.merged_into IS NULL
		ORDER BY @query = ANY (e.acronyms) DESC,
		         EXISTS (SELECT FROM unnest(e.acronyms) AS a WHERE starts_with(a, @query)) DESC,
		         e.folded LIKE @starts OR e.folded LIKE E'%%\n' || @starts DESC,
		         %[2]s DESC,
		         r.published_version IS NULL, length(e.folded), r.updated_at DESC, r.id
		LIMIT @limit`, recordType(t), begin, part, byAcronym(t)), args)
}

// Named returns the records of a type that are called exactly so: by one of
// their titles or names, which is folded, or by their reference or slug. What
// was discarded is left out, and what was merged into another.
func (d *Queries) Named(ctx context.Context, t register.RecordType, name, folded string) ([]Picked, error) {
	// The type is no parameter, as in Pick.
	return d.picked(ctx, fmt.Sprintf(`
		WITH found AS MATERIALIZED (
		    (SELECT record_id FROM desk.directory
		     WHERE type = '%[1]s' AND @folded <> '' AND folded LIKE @pattern AND ' ' || @folded = ANY (string_to_array(folded, E'\n'))
		     LIMIT @candidates)
		    UNION ALL
		    (SELECT id FROM desk.records WHERE type = '%[1]s' AND (reference = @name OR slug = @name))
		)
		SELECT `+pickedColumns+`
		FROM desk.directory AS e
		JOIN desk.records AS r ON r.id = e.record_id
		WHERE e.record_id IN (SELECT record_id FROM found)
		  AND r.state <> 'discarded' AND r.merged_into IS NULL
		ORDER BY r.id`, recordType(t)),
		pgx.StrictNamedArgs{"name": name, "folded": folded, "pattern": "% " + folded + "%", "candidates": candidates})
}

// byAcronym finds institutions, which alone have acronyms, by a whole one.
func byAcronym(t register.RecordType) string {
	if recordType(t) != register.TypeInstitution {
		return ""
	}
	return `(SELECT record_id FROM desk.directory WHERE type = 'institution' AND acronyms @> ARRAY[@query] LIMIT @candidates)
		    UNION ALL`
}

// recordType is a type as it may stand in a statement: one of the three.
func recordType(t register.RecordType) register.RecordType {
	switch t {
	case register.TypeIncident:
		return register.TypeIncident
	case register.TypeStatement:
		return register.TypeStatement
	case register.TypeInstitution:
	}
	return register.TypeInstitution
}

// fragment finds a word anywhere; fewer than three letters only where a word
// begins, as trigrams know no less.
func fragment(word string) string {
	if len([]rune(word)) < 3 {
		return "% " + word + "%"
	}
	return "%" + word + "%"
}

// wordCondition asks for all words in the column folded, and adds the patterns
// to the arguments. Folded words hold letters and digits only, so that nothing
// in them is a wildcard.
func wordCondition(name string, words []string, args pgx.StrictNamedArgs, pattern func(string) string) string {
	conditions := make([]string, len(words))
	for i, w := range words {
		key := fmt.Sprintf("%s%d", name, i)
		args[key] = pattern(w)
		conditions[i] = "folded LIKE @" + key
	}
	return "(" + strings.Join(conditions, " AND ") + ")"
}

func (d *Queries) pickLast(ctx context.Context, t register.RecordType, limit int) ([]Picked, error) {
	return d.picked(ctx, `
		SELECT `+pickedColumns+`
		FROM desk.records AS r
		JOIN desk.directory AS e ON e.record_id = r.id
		WHERE r.type = @type AND r.state <> 'discarded' AND r.merged_into IS NULL
		ORDER BY r.updated_at DESC, r.id DESC
		LIMIT @limit`,
		pgx.StrictNamedArgs{"type": recordType(t), "limit": limit})
}

// Entries returns what pickers show of the records with the identifiers, in
// their order; what does not exist is left out.
func (d *Queries) Entries(ctx context.Context, ids []register.Ref) ([]Picked, error) {
	return d.picked(ctx, `
		SELECT `+pickedColumns+`
		FROM unnest(@ids::uuid[]) WITH ORDINALITY AS wanted (id, position)
		JOIN desk.records AS r ON r.id = wanted.id
		JOIN desk.directory AS e ON e.record_id = r.id
		ORDER BY wanted.position`,
		pgx.StrictNamedArgs{"ids": identifiers(ids)})
}

// identifiers are those of the references that have the form of one.
func identifiers(ids []register.Ref) []register.Ref {
	out := []register.Ref{}
	for _, id := range ids {
		if store.IsID(string(id)) {
			out = append(out, id)
		}
	}
	return out
}
