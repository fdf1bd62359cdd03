package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// SaveInstitution writes the content of an institution's draft where it differs
// from what is there.
func (d *Queries) SaveInstitution(ctx context.Context, record register.Ref, i *register.Institution) error {
	return save(ctx, d, record, i, (*Queries).Institution, (*writer).institution, tables{
		whole: []string{
			`DELETE FROM desk.institutions WHERE record_id = @record`,
			`DELETE FROM desk.institution_links WHERE record_id = @record`,
		},
		facts: []string{
			`DELETE FROM desk.institution_names WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.officials WHERE record_id = @record AND key = ANY (@keys)`,
		},
	})
}

func (w *writer) institution(i *register.Institution) {
	w.fact("record", register.Fact{Key: recordFact, Sources: i.Sources})
	w.exec(`
		INSERT INTO desk.institutions (record_id, kind, sector, country, website, parent_id, description)
		VALUES (@record, @kind, @sector, @country, @website, @parent, @description)`,
		pgx.StrictNamedArgs{
			"kind": i.Kind, "sector": i.Sector, "country": i.Country, "website": i.Website,
			"parent": store.Nullable(i.Parent), "description": store.TextColumn(i.Description),
		})
	w.links("predecessor", i.Predecessors)
	w.links("successor", i.Successors)
	for _, n := range i.Names {
		w.name(n)
	}
	for _, o := range i.Officials {
		w.official(o)
	}
}

func (w *writer) name(n register.InstitutionName) {
	w.fact("name", register.Fact{Key: n.Key, Sources: n.Sources})
	w.exec(`
		INSERT INTO desk.institution_names (record_id, key, language, script, kind, name, used_from, used_until)
		VALUES (@record, @key, @language, @script, @kind, @name, @from, @until)`,
		pgx.StrictNamedArgs{
			"key": n.Key, "language": n.Language, "script": n.Script, "kind": n.Kind, "name": n.Name,
			"from": n.From.String(), "until": n.Until.String(),
		})
}

func (w *writer) official(o register.Official) {
	w.fact("official", register.Fact{Key: o.Key, Sources: o.Sources})
	w.exec(`
		INSERT INTO desk.officials (record_id, key, name, aliases, office, office_from, office_until)
		VALUES (@record, @key, @name, @aliases, @office, @from, @until)`,
		pgx.StrictNamedArgs{
			"key": o.Key, "name": store.TextColumn(o.Name), "aliases": list(o.Aliases), "office": store.TextColumn(o.Office),
			"from": o.From.String(), "until": o.Until.String(),
		})
}

func (w *writer) links(direction string, links []register.InstitutionLink) {
	for i, l := range links {
		w.exec(`
			INSERT INTO desk.institution_links (record_id, direction, position, institution_id, linked_on, note)
			VALUES (@record, @direction, @position, @institution, @on, @note)`,
			pgx.StrictNamedArgs{
				"direction": direction, "position": i, "institution": l.Institution,
				"on": l.On.String(), "note": store.TextColumn(l.Note),
			})
	}
}

// Institution reads the content of an institution's draft; ErrNotFound when
// there is none.
func (d *Queries) Institution(ctx context.Context, head Record) (*register.Institution, error) {
	i := &register.Institution{Language: head.Language, Slug: head.Slug}
	r := newReader(head.ID)
	content(r, `
		SELECT kind, sector, country, website, coalesce(parent_id::text, ''), description
		FROM desk.institutions
		WHERE record_id = @record`,
		func(row pgx.CollectableRow) error {
			return row.Scan(&i.Kind, &i.Sector, &i.Country, &i.Website, &i.Parent, &i.Description)
		})
	into(r, &i.Names, `
		SELECT n.key, n.language, n.script, n.kind, n.name, n.used_from, n.used_until
		FROM desk.institution_names AS n
		JOIN desk.facts AS f USING (record_id, key)
		WHERE n.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, n *register.InstitutionName) error {
			err := row.Scan(&n.Key, &n.Language, &n.Script, &n.Kind, &n.Name, store.DateColumn(&n.From), store.DateColumn(&n.Until))
			n.Sources = r.fact(n.Key).Sources
			return err
		})
	r.officials(&i.Officials)
	r.links(i)
	if err := r.run(ctx, d.q); err != nil {
		return nil, err
	}
	i.Sources = r.fact(recordFact).Sources
	return i, nil
}

func (r *reader) officials(list *[]register.Official) {
	into(r, list, `
		SELECT o.key, o.name, o.aliases, o.office, o.office_from, o.office_until
		FROM desk.officials AS o
		JOIN desk.facts AS f USING (record_id, key)
		WHERE o.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, o *register.Official) error {
			err := row.Scan(&o.Key, &o.Name, &o.Aliases, &o.Office, store.DateColumn(&o.From), store.DateColumn(&o.Until))
			o.Sources = r.fact(o.Key).Sources
			return err
		})
}

func (r *reader) links(i *register.Institution) {
	query(r, `
		SELECT direction, institution_id, linked_on, note
		FROM desk.institution_links
		WHERE record_id = @record
		ORDER BY direction, position`,
		func(row pgx.CollectableRow) error {
			var direction string
			var l register.InstitutionLink
			err := row.Scan(&direction, &l.Institution, store.DateColumn(&l.On), &l.Note)
			if direction == "predecessor" {
				i.Predecessors = append(i.Predecessors, l)
			} else {
				i.Successors = append(i.Successors, l)
			}
			return err
		})
}
