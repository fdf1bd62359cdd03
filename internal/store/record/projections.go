package record

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Project writes what lists, search and counts read of an edition. What the
// edition shows of others must have been projected before; what it pins and does
// not show any more, since it was withdrawn, is not among the pinned editions.
func (w *Writer) Project(ctx context.Context, e register.Edition, pinned []register.Edition) error {
	var batch pgx.Batch
	p := &projection{edition: e, batch: &batch}
	p.project(pinned)
	return store.Map(w.q.SendBatch(ctx, &batch).Close())
}

// Projections are what Project would write of editions, in their order. Of a record
// that was never public nothing has to be taken away, and the words of all such
// incidents are counted together.
type Projections struct {
	editions []NewEdition
	batch    pgx.Batch
}

// ProjectionsOf computes projections. It asks nothing of the database.
func ProjectionsOf(editions []NewEdition) *Projections {
	p := &Projections{editions: editions}
	counts := map[string]int{}
	queueProjections(&p.batch, editions, counts)
	if len(counts) > 0 {
		queueCounts(&p.batch, counts)
	}
	return p
}

// WriteProjections writes projections of editions that were stored now.
func (w *Writer) WriteProjections(ctx context.Context, p *Projections) error {
	return w.send(ctx, &p.batch, p.editions)
}

// queueProjections collects the rows of editions, and counts the words of incidents
// that were never public.
func queueProjections(batch *pgx.Batch, editions []NewEdition, counts map[string]int) {
	for i := range editions {
		e := &editions[i]
		p := &projection{edition: e.Edition, batch: batch, first: e.Number == 1, counts: counts}
		p.project(e.Pinned)
	}
}

// projection collects the rows of one record's current edition.
type projection struct {
	edition register.Edition
	batch   *pgx.Batch
	// first means that the record was never public: none of its rows are there.
	first bool
	// counts are the words of incidents that were never public, with in how many of
	// them each stands.
	counts map[string]int
}

func (p *projection) project(pinned []register.Edition) {
	e := p.edition
	switch e.Type {
	case register.TypeInstitution:
		p.institution(register.NewInstitutionEdition(e))
	case register.TypeStatement:
		p.statement(register.NewStatementEdition(e), pinned)
	case register.TypeIncident:
		p.incident(register.NewIncidentEdition(e, pinned))
	}
	p.sources(e)
}

// forget takes away what was projected of the edition before.
func (p *projection) forget(sql string) {
	if !p.first {
		p.exec(sql, pgx.StrictNamedArgs{})
	}
}

func (p *projection) exec(sql string, args pgx.StrictNamedArgs) {
	args["reference"] = p.edition.Reference
	p.batch.Queue(sql, args)
}

// put collects the row of which a record has one at most: in the place of the one that
// it has, by the clause, if it was public before.
func (p *projection) put(insert, inPlace string, args pgx.StrictNamedArgs) {
	if p.first {
		p.exec(insert, args)
		return
	}
	p.exec(insert+inPlace, args)
}

func (p *projection) sources(e register.Edition) {
	p.forget(`DELETE FROM record.cited_sources WHERE reference = @reference`)
	for _, s := range e.Sources {
		p.exec(`
			INSERT INTO record.cited_sources (reference, source_key, is_archived, open_warc)
			VALUES (@reference, @key, @archived, @open)`,
			pgx.StrictNamedArgs{"key": s.Key, "archived": s.Capture != nil, "open": s.OpenWARC()})
	}
}

func (p *projection) institution(e register.InstitutionEdition) {
	brief := e.Brief()
	p.put(`
		INSERT INTO record.institutions (reference, slug, number, kind, sector, country, name, short, published_at)
		VALUES (@reference, @slug, @number, @kind, @sector, @country, @name, @short, @published_at)`, `
		ON CONFLICT (reference) DO UPDATE
		SET slug = EXCLUDED.slug, number = EXCLUDED.number, kind = EXCLUDED.kind, sector = EXCLUDED.sector,
		    country = EXCLUDED.country, name = EXCLUDED.name, short = EXCLUDED.short,
		    published_at = EXCLUDED.published_at`,
		pgx.StrictNamedArgs{
			"slug": e.Slug, "number": e.Edition, "kind": e.Kind, "sector": e.Sector, "country": e.Country,
			"name": store.TextColumn(brief.Name), "short": store.TextColumn(brief.Short), "published_at": p.edition.PublishedAt,
		})
	p.findInstitution(e)
}

func (p *projection) statement(s register.StatementEdition, pinned []register.Edition) {
	issuer := s.Issuer
	if !slices.ContainsFunc(pinned, func(e register.Edition) bool { return e.Reference == string(issuer) }) {
		issuer = ""
	}
	facts, archived := register.CountFacts(s.Statement, p.edition.Sources)
	p.put(`
		INSERT INTO record.statements (reference, slug, number, title, summary, kind, is_official, said,
		                               said_disputed, said_order, issuer_reference, issuer_name,
		                               original_not_seen, languages, facts, archived_facts, published_at)
		VALUES (@reference, @slug, @number, @title, @summary, @kind, @official, @said,
		        @disputed, @order, @issuer, @issuer_name, @not_seen, @languages, @facts, @archived, @published_at)`, `
		ON CONFLICT (reference) DO UPDATE
		SET slug = EXCLUDED.slug, number = EXCLUDED.number, title = EXCLUDED.title, summary = EXCLUDED.summary,
		    kind = EXCLUDED.kind, is_official = EXCLUDED.is_official, said = EXCLUDED.said,
		    said_disputed = EXCLUDED.said_disputed, said_order = EXCLUDED.said_order,
		    issuer_reference = EXCLUDED.issuer_reference, issuer_name = EXCLUDED.issuer_name,
		    original_not_seen = EXCLUDED.original_not_seen, languages = EXCLUDED.languages,
		    facts = EXCLUDED.facts, archived_facts = EXCLUDED.archived_facts,
		    published_at = EXCLUDED.published_at`,
		pgx.StrictNamedArgs{
			"slug": s.Slug, "number": s.Edition, "title": store.TextColumn(s.Title), "summary": store.TextColumn(s.Summary), "kind": s.Kind,
			"official": s.Official, "said": s.Dates.Date().String(), "disputed": s.Dates.Disputed(),
			"order": dayColumn(orderDay(s.Dates.Date())), "issuer": store.Nullable(issuer), "issuer_name": store.TextColumn(s.IssuerName),
			"not_seen": s.OriginalNotSeen, "languages": languages(s.Languages()), "facts": facts, "archived": archived,
			"published_at": p.edition.PublishedAt,
		})
	p.findStatement(s, pinned)
	p.documents(s.Documents)
	p.relations(s.Relations)
	p.forget(`DELETE FROM record.claims WHERE statement_reference = @reference`)
	for _, c := range s.Claims {
		p.exec(`
			INSERT INTO record.claims (statement_reference, key, topic, paraphrase, modality)
			VALUES (@reference, @key, @topic, @paraphrase, @modality)`,
			pgx.StrictNamedArgs{
				"key": c.Key, "topic": c.Topic, "paraphrase": store.TextColumn(c.Paraphrase), "modality": c.Modality,
			})
	}
}

// documents are those that may be handed out to everybody from now on; those of
// the edition before may no more.
func (p *projection) documents(documents []register.Document) {
	p.forget(`DELETE FROM record.documents WHERE reference = @reference`)
	for _, d := range documents {
		p.exec(`
			INSERT INTO record.documents (reference, sha256, name, media_type, size)
			VALUES (@reference, @sha256, @name, @type, @size)
			ON CONFLICT (reference, sha256) DO NOTHING`,
			pgx.StrictNamedArgs{"sha256": d.SHA256, "name": d.Name, "type": d.Type, "size": d.Size})
	}
}

// relations are the statements to which this one points.
func (p *projection) relations(relations []register.StatementRelation) {
	p.forget(`DELETE FROM record.statement_relations WHERE reference = @reference`)
	for _, r := range relations {
		p.exec(`
			INSERT INTO record.statement_relations (reference, kind, to_reference)
			VALUES (@reference, @kind, @to)
			ON CONFLICT (reference, kind, to_reference) DO NOTHING`,
			pgx.StrictNamedArgs{"kind": r.Kind, "to": r.Statement})
	}
}

func (p *projection) incident(e *register.IncidentEdition) {
	p.incidentRow(e)
	p.forget(`DELETE FROM record.incident_institutions WHERE incident_reference = @reference`)
	named := map[register.Ref]bool{}
	for i, a := range e.Affected {
		if e.Institution(a.Institution) == nil {
			continue
		}
		args := pgx.StrictNamedArgs{"institution": a.Institution, "position": i, "roles": some(a.Roles)}
		if !named[a.Institution] {
			named[a.Institution] = true
			p.exec(`
				INSERT INTO record.incident_institutions (incident_reference, institution_reference, position, roles)
				VALUES (@reference, @institution, @position, @roles)`, args)
			continue
		}
		// Two that were merged into one have both their roles.
		p.exec(`
			INSERT INTO record.incident_institutions (incident_reference, institution_reference, position, roles)
			VALUES (@reference, @institution, @position, @roles)
			ON CONFLICT (incident_reference, institution_reference) DO UPDATE
			SET roles = ARRAY(SELECT DISTINCT unnest(incident_institutions.roles || EXCLUDED.roles))`, args)
	}
	p.forget(`DELETE FROM record.incident_statements WHERE incident_reference = @reference`)
	for i, s := range e.Statements {
		p.exec(`
			INSERT INTO record.incident_statements (incident_reference, statement_reference, position)
			VALUES (@reference, @statement, @position)`,
			pgx.StrictNamedArgs{"statement": s.Reference, "position": i})
	}
	p.referrals(e)
	p.findIncident(e)
}

func (p *projection) incidentRow(e *register.IncidentEdition) {
	row := register.NewIncidentRow(e)
	shortest, longest := dayColumns(row.FirstStatement)
	facts, archived := register.CountFacts(e.Incident, e.SourceList)
	p.put(`
		INSERT INTO record.incidents (reference, slug, number, title, summary, country, kinds, kind_classes,
		                              standing, occurred, occurred_disputed, occurred_order, occurred_year,
		                              institutions, institution_slugs, sectors, entries, first_statement_min,
		                              first_statement_max, referral_step, referral_level, referral_date,
		                              facts, archived_facts, published_at)
		VALUES (@reference, @slug, @number, @title, @summary, @country, @kinds, @kind_classes,
		        @standing, @occurred, @disputed, @order, @year,
		        @institutions, @institution_slugs, @sectors, @entries, @shortest,
		        @longest, @step, @level, @stepped, @facts, @archived, @published_at)`, `
		ON CONFLICT (reference) DO UPDATE
		SET slug = EXCLUDED.slug, number = EXCLUDED.number, title = EXCLUDED.title, summary = EXCLUDED.summary,
		    country = EXCLUDED.country, kinds = EXCLUDED.kinds, kind_classes = EXCLUDED.kind_classes,
		    standing = EXCLUDED.standing, occurred = EXCLUDED.occurred,
		    occurred_disputed = EXCLUDED.occurred_disputed, occurred_order = EXCLUDED.occurred_order,
		    occurred_year = EXCLUDED.occurred_year, institutions = EXCLUDED.institutions,
		    institution_slugs = EXCLUDED.institution_slugs, sectors = EXCLUDED.sectors,
		    entries = EXCLUDED.entries, first_statement_min = EXCLUDED.first_statement_min,
		    first_statement_max = EXCLUDED.first_statement_max, referral_step = EXCLUDED.referral_step,
		    referral_level = EXCLUDED.referral_level, referral_date = EXCLUDED.referral_date,
		    facts = EXCLUDED.facts, archived_facts = EXCLUDED.archived_facts, published_at = EXCLUDED.published_at`,
		pgx.StrictNamedArgs{
			"slug": row.Slug, "number": row.Edition, "title": store.TextColumn(row.Title), "summary": store.TextColumn(row.Summary),
			"country": row.Country, "kinds": row.Kinds, "kind_classes": classes(row.Kinds),
			"standing": row.Standing, "occurred": row.Occurred.String(), "disputed": row.OccurredDisputed,
			"order": dayColumn(orderDay(row.Occurred)), "year": yearOf(row.Occurred),
			"institutions": some(row.Institutions), "institution_slugs": slugsOf(row.Institutions),
			"sectors": sectorsOf(e), "entries": row.Entries, "shortest": shortest, "longest": longest,
			"step": row.ReferralStep, "level": row.ReferralLevel, "stepped": row.ReferralDate.String(),
			"facts": facts, "archived": archived, "published_at": row.PublishedAt,
		})
}

func (p *projection) referrals(e *register.IncidentEdition) {
	p.forget(`DELETE FROM record.referrals WHERE incident_reference = @reference`)
	for i := range e.Referrals {
		r := &e.Referrals[i]
		step, ok := r.Latest()
		if !ok {
			continue
		}
		by, to := r.Parties(e)
		authority := r.To
		if e.Institution(authority) == nil {
			authority = ""
		}
		p.exec(`
			INSERT INTO record.referrals (incident_reference, key, anchor, kind, title, by_name,
			                              authority_reference, to_name, step, level, is_confirmed, stepped,
			                              stepped_order)
			VALUES (@reference, @key, @anchor, @kind, @title, @by_name,
			        @authority, @to_name, @step, @level, @confirmed, @stepped, @order)`,
			pgx.StrictNamedArgs{
				"key": r.Key, "anchor": step.Key, "kind": r.Kind, "title": store.TextColumn(r.Title), "by_name": store.TextColumn(by),
				"authority": store.Nullable(authority), "to_name": store.TextColumn(to), "step": step.Step, "level": step.Level,
				"confirmed": slices.ContainsFunc(r.Steps, func(s register.Step) bool { return s.Confirmed() }),
				"stepped":   step.Dates.Date().String(), "order": dayColumn(orderDay(step.Dates.Date())),
			})
		for n, party := range r.By {
			if e.Institution(party) == nil {
				continue
			}
			p.exec(`
				INSERT INTO record.referral_parties (incident_reference, key, institution_reference, position)
				VALUES (@reference, @key, @institution, @position)
				ON CONFLICT (incident_reference, key, institution_reference) DO NOTHING`,
				pgx.StrictNamedArgs{"key": r.Key, "institution": party, "position": n})
		}
	}
}

// classes are the classes of kinds written "class/type", each once.
func classes(kinds []string) []string {
	out := make([]string, 0, len(kinds))
	for _, k := range kinds {
		class, _, _ := strings.Cut(k, "/")
		if !slices.Contains(out, class) {
			out = append(out, class)
		}
	}
	return out
}

// some is the list for a column that is never null: of an incident whose institutions are
// all withdrawn, none are named.
func some[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func slugsOf(institutions []register.InstitutionBrief) []string {
	out := make([]string, len(institutions))
	for i, x := range institutions {
		out[i] = x.Slug
	}
	return out
}

func sectorsOf(e *register.IncidentEdition) []string {
	out := []string{}
	for _, a := range e.Affected {
		if i := e.Institution(a.Institution); i != nil && i.Sector != "" && !slices.Contains(out, i.Sector) {
			out = append(out, i.Sector)
		}
	}
	return out
}

func languages(langs []register.Lang) []string {
	out := make([]string, len(langs))
	for i, l := range langs {
		out[i] = string(l)
	}
	return out
}

// yearOf is the year of a date that lies within one, else nil.
func yearOf(d edtf.Date) *int {
	first, ok := d.FirstDay()
	last, known := d.LastDay()
	if !known || ok && first.Year != last.Year {
		return nil
	}
	return &last.Year
}

func dayColumns(d edtf.Days) (shortest, longest *int) {
	if d.Known && !d.MinOpen {
		shortest = &d.Min
	}
	if d.Known && !d.MaxOpen {
		longest = &d.Max
	}
	return shortest, longest
}
