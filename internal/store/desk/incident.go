package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// SaveIncident writes the content of an incident's draft where it differs from
// what is there.
func (d *Queries) SaveIncident(ctx context.Context, record register.Ref, i *register.Incident) error {
	return save(ctx, d, record, i, (*Queries).Incident, (*writer).incident, tables{
		whole: []string{
			`DELETE FROM desk.incidents WHERE record_id = @record`,
			`DELETE FROM desk.incident_statements WHERE record_id = @record`,
			`DELETE FROM desk.incident_relations WHERE record_id = @record`,
		},
		facts: []string{
			`DELETE FROM desk.answers WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.affected_institutions WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.targeted_systems WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.measures WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.events WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.exposures WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.referrals WHERE record_id = @record AND key = ANY (@keys)`,
		},
	})
}

func (w *writer) incident(i *register.Incident) {
	w.fact("record", register.Fact{Key: recordFact, Sources: i.Sources})
	w.incidentWhole(i)
	for _, x := range i.Answers {
		w.answer(x)
	}
	for _, x := range i.Affected {
		w.affected(x)
	}
	for _, x := range i.Systems {
		w.system(x)
	}
	for _, x := range i.Measures {
		w.measure(x)
	}
	for _, x := range i.Exposures {
		w.exposure(x)
	}
	for _, x := range i.Events {
		w.event(x)
	}
	for _, x := range i.Referrals {
		w.referral(x)
	}
}

func (w *writer) incidentWhole(i *register.Incident) {
	w.exec(`
		INSERT INTO desk.incidents (record_id, title, summary, kinds, standing, country)
		VALUES (@record, @title, @summary, @kinds, @standing, @country)`,
		pgx.StrictNamedArgs{
			"title": store.TextColumn(i.Title), "summary": store.TextColumn(i.Summary), "kinds": list(i.Kinds),
			"standing": i.Standing, "country": i.Country,
		})
	for n, ref := range i.Statements {
		w.exec(`
			INSERT INTO desk.incident_statements (record_id, position, statement_id)
			VALUES (@record, @position, @statement)`,
			pgx.StrictNamedArgs{"position": n, "statement": ref})
	}
	for n, x := range i.Relations {
		w.exec(`
			INSERT INTO desk.incident_relations (record_id, position, kind, incident_id, note)
			VALUES (@record, @position, @kind, @incident, @note)`,
			pgx.StrictNamedArgs{"position": n, "kind": x.Kind, "incident": x.Incident, "note": store.TextColumn(x.Note)})
	}
}

func (w *writer) answer(x register.Answer) {
	w.fact("answer", x.Fact)
	w.exec(`
		INSERT INTO desk.answers (record_id, key, question, answer, note)
		VALUES (@record, @key, @question, @answer, @note)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "question": store.TextColumn(x.Question), "answer": store.TextColumn(x.Answer), "note": store.TextColumn(x.Note),
		})
}

func (w *writer) affected(x register.AffectedInstitution) {
	w.fact("affected-institution", x.Fact)
	w.exec(`
		INSERT INTO desk.affected_institutions (record_id, key, institution_id, roles, data_exposed, note)
		VALUES (@record, @key, @institution, @roles, @data_exposed, @note)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "institution": x.Institution, "roles": list(x.Roles),
			"data_exposed": store.TextColumn(x.DataExposed), "note": store.TextColumn(x.Note),
		})
}

func (w *writer) system(x register.TargetedSystem) {
	w.fact("targeted-system", x.Fact)
	w.exec(`
		INSERT INTO desk.targeted_systems (record_id, key, institution_id)
		VALUES (@record, @key, @institution)`,
		pgx.StrictNamedArgs{"key": x.Key, "institution": x.Institution})
	for i, n := range x.Names {
		w.exec(`
			INSERT INTO desk.system_names (record_id, key, position, kind, name, named_by, statement_id,
			                               claim_key, source_keys)
			VALUES (@record, @key, @position, @kind, @name, @by, @statement, @claim, @sources)`,
			pgx.StrictNamedArgs{
				"key": x.Key, "position": i, "kind": n.Kind, "name": store.TextColumn(n.Name), "by": store.TextColumn(n.By),
				"statement": store.Nullable(n.SaidIn.Statement), "claim": store.Nullable(n.SaidIn.Claim),
				"sources": list(n.Sources),
			})
	}
}

func (w *writer) measure(x register.Measure) {
	w.fact("measure", x.Fact)
	w.institutions(x.Key, x.Institutions)
	w.exec(`
		INSERT INTO desk.measures (record_id, key, title, body, reported_by, has_dates_taken)
		VALUES (@record, @key, @title, @body, @reported_by, @dates_taken)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "title": store.TextColumn(x.Title), "body": store.TextColumn(x.Body),
			"reported_by": store.TextColumn(x.ReportedBy), "dates_taken": x.DatesTaken,
		})
}

func (w *writer) event(x register.Event) {
	w.fact("event", x.Fact)
	if x.Exposure != "" {
		w.leanOn(x.Exposure)
	}
	w.institutions(x.Key, x.Institutions)
	chain := register.ClaimRef{}
	if x.Chain != nil {
		chain = *x.Chain
	}
	w.exec(`
		INSERT INTO desk.events (record_id, key, kind, attestation, title, body, exposure_key,
		                         chain_statement_id, chain_claim_key)
		VALUES (@record, @key, @kind, @attestation, @title, @body, @exposure, @chain_statement, @chain_claim)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "kind": x.Kind, "attestation": x.Attestation, "title": store.TextColumn(x.Title),
			"body": store.TextColumn(x.Body), "exposure": store.Nullable(x.Exposure),
			"chain_statement": store.Nullable(chain.Statement), "chain_claim": store.Nullable(chain.Claim),
		})
	for i, r := range x.RelatedBy {
		w.exec(`
			INSERT INTO desk.event_relatings (record_id, key, position, related_by, statement_id, claim_key,
			                                  source_keys, note)
			VALUES (@record, @key, @position, @by, @statement, @claim, @sources, @note)`,
			pgx.StrictNamedArgs{
				"key": x.Key, "position": i, "by": store.TextColumn(r.By), "statement": store.Nullable(r.SaidIn.Statement),
				"claim": store.Nullable(r.SaidIn.Claim), "sources": list(r.Sources), "note": store.TextColumn(r.Note),
			})
	}
}

// Incident reads the content of an incident's draft; ErrNotFound when there is
// none.
func (d *Queries) Incident(ctx context.Context, head Record) (*register.Incident, error) {
	i := &register.Incident{Language: head.Language, Slug: head.Slug}
	r := newReader(head.ID)
	r.incident(i)
	r.affected(i)
	r.systems(i)
	r.measures(i)
	r.exposures(i)
	r.events(i)
	r.referrals(i)
	if err := r.run(ctx, d.q); err != nil {
		return nil, err
	}
	i.Sources = r.fact(recordFact).Sources
	return i, nil
}

func (r *reader) incident(i *register.Incident) {
	content(r, `
		SELECT title, summary, kinds, standing, country FROM desk.incidents WHERE record_id = @record`,
		func(row pgx.CollectableRow) error {
			return row.Scan(&i.Title, &i.Summary, &i.Kinds, &i.Standing, &i.Country)
		})
	into(r, &i.Statements, `
		SELECT statement_id FROM desk.incident_statements WHERE record_id = @record ORDER BY position`,
		func(row pgx.CollectableRow, ref *register.Ref) error { return row.Scan(ref) })
	into(r, &i.Relations, `
		SELECT kind, incident_id, note FROM desk.incident_relations WHERE record_id = @record ORDER BY position`,
		func(row pgx.CollectableRow, x *register.IncidentRelation) error {
			return row.Scan(&x.Kind, &x.Incident, &x.Note)
		})
	into(r, &i.Answers, `
		SELECT x.key, x.question, x.answer, x.note
		FROM desk.answers AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Answer) error {
			err := row.Scan(&x.Key, &x.Question, &x.Answer, &x.Note)
			x.Fact = r.fact(x.Key)
			return err
		})
}

func (r *reader) affected(i *register.Incident) {
	into(r, &i.Affected, `
		SELECT x.key, x.institution_id, x.roles, x.data_exposed, x.note
		FROM desk.affected_institutions AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.AffectedInstitution) error {
			err := row.Scan(&x.Key, &x.Institution, &x.Roles, &x.DataExposed, &x.Note)
			x.Fact = r.fact(x.Key)
			return err
		})
}

func (r *reader) systems(i *register.Incident) {
	byKey := map[string]int{}
	into(r, &i.Systems, `
		SELECT x.key, x.institution_id
		FROM desk.targeted_systems AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.TargetedSystem) error {
			err := row.Scan(&x.Key, &x.Institution)
			x.Fact = r.fact(x.Key)
			byKey[x.Key] = len(i.Systems)
			return err
		})
	query(r, `
		SELECT key, kind, name, named_by, coalesce(statement_id::text, ''), coalesce(claim_key, ''), source_keys
		FROM desk.system_names
		WHERE record_id = @record
		ORDER BY key, position`,
		func(row pgx.CollectableRow) error {
			var key string
			var n register.SystemName
			err := row.Scan(&key, &n.Kind, &n.Name, &n.By, &n.SaidIn.Statement, &n.SaidIn.Claim, &n.Sources)
			if at, ok := byKey[key]; ok {
				i.Systems[at].Names = append(i.Systems[at].Names, n)
			}
			return err
		})
}

func (r *reader) measures(i *register.Incident) {
	into(r, &i.Measures, `
		SELECT x.key, x.title, x.body, x.reported_by, x.has_dates_taken
		FROM desk.measures AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Measure) error {
			err := row.Scan(&x.Key, &x.Title, &x.Body, &x.ReportedBy, &x.DatesTaken)
			x.Fact, x.Institutions = r.fact(x.Key), r.institutions[x.Key]
			return err
		})
}

func (r *reader) events(i *register.Incident) {
	byKey := map[string]int{}
	into(r, &i.Events, `
		SELECT x.key, x.kind, x.attestation, x.title, x.body, coalesce(x.exposure_key, ''),
		       coalesce(x.chain_statement_id::text, ''), coalesce(x.chain_claim_key, '')
		FROM desk.events AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Event) error {
			var chain register.ClaimRef
			err := row.Scan(&x.Key, &x.Kind, &x.Attestation, &x.Title, &x.Body, &x.Exposure,
				&chain.Statement, &chain.Claim)
			if chain.Statement != "" {
				x.Chain = &chain
			}
			x.Fact, x.Institutions = r.fact(x.Key), r.institutions[x.Key]
			byKey[x.Key] = len(i.Events)
			return err
		})
	query(r, `
		SELECT key, related_by, coalesce(statement_id::text, ''), coalesce(claim_key, ''), source_keys, note
		FROM desk.event_relatings
		WHERE record_id = @record
		ORDER BY key, position`,
		func(row pgx.CollectableRow) error {
			var key string
			var x register.Relating
			err := row.Scan(&key, &x.By, &x.SaidIn.Statement, &x.SaidIn.Claim, &x.Sources, &x.Note)
			if at, ok := byKey[key]; ok {
				i.Events[at].RelatedBy = append(i.Events[at].RelatedBy, x)
			}
			return err
		})
}
