package desk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// SaveStatement writes the content of a statement's draft where it differs from
// what is there.
func (d *Queries) SaveStatement(ctx context.Context, record register.Ref, s *register.Statement) error {
	return save(ctx, d, record, s, (*Queries).Statement, (*writer).statement, tables{
		whole: []string{
			`DELETE FROM desk.statements WHERE record_id = @record`,
			`DELETE FROM desk.statement_principals WHERE record_id = @record`,
			`DELETE FROM desk.statement_relations WHERE record_id = @record`,
		},
		facts: []string{
			`DELETE FROM desk.differences WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.claims WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.documents WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.renderings WHERE record_id = @record AND key = ANY (@keys)`,
			`DELETE FROM desk.officials WHERE record_id = @record AND key = ANY (@keys)`,
		},
	})
}

func (w *writer) statement(s *register.Statement) {
	if s.Speaker != nil {
		w.official(*s.Speaker)
	}
	w.fact("record", register.Fact{Key: recordFact, Dates: s.Dates, Sources: s.Sources})
	w.statementWhole(s)
	for _, r := range s.Renderings {
		w.rendering(r)
	}
	for _, c := range s.Claims {
		w.claim(c)
	}
	for _, x := range s.Differences {
		w.difference(x)
	}
	for _, x := range s.Documents {
		w.document(x)
	}
}

func (w *writer) statementWhole(s *register.Statement) {
	var speaker *string
	if s.Speaker != nil {
		speaker = &s.Speaker.Key
		w.leanOn(s.Speaker.Key)
	}
	w.exec(`
		INSERT INTO desk.statements (record_id, title, summary, kind, is_official, issuer_id, issuer_name,
		                             speaker_key, occasion, channel, original_language, original_text,
		                             original_not_seen)
		VALUES (@record, @title, @summary, @kind, @official, @issuer, @issuer_name,
		        @speaker, @occasion, @channel, @original_language, @original_text, @original_not_seen)`,
		pgx.StrictNamedArgs{
			"title": store.TextColumn(s.Title), "summary": store.TextColumn(s.Summary), "kind": s.Kind, "official": s.Official,
			"issuer": store.Nullable(s.Issuer), "issuer_name": store.TextColumn(s.IssuerName), "speaker": speaker,
			"occasion": store.TextColumn(s.Occasion), "channel": store.TextColumn(s.Channel), "original_language": s.OriginalLanguage,
			"original_text": s.OriginalText, "original_not_seen": s.OriginalNotSeen,
		})
	for i, ref := range s.OnBehalfOf {
		w.exec(`
			INSERT INTO desk.statement_principals (record_id, position, institution_id)
			VALUES (@record, @position, @institution)`,
			pgx.StrictNamedArgs{"position": i, "institution": ref})
	}
	for i, r := range s.Relations {
		w.exec(`
			INSERT INTO desk.statement_relations (record_id, position, kind, statement_id, note)
			VALUES (@record, @position, @kind, @statement, @note)`,
			pgx.StrictNamedArgs{"position": i, "kind": r.Kind, "statement": r.Statement, "note": store.TextColumn(r.Note)})
	}
}

func (w *writer) rendering(r register.Rendering) {
	w.fact("rendering", r.Fact)
	w.exec(`
		INSERT INTO desk.renderings (record_id, key, language, kind, publisher, words, is_full_text, note)
		VALUES (@record, @key, @language, @kind, @publisher, @words, @full_text, @note)`,
		pgx.StrictNamedArgs{
			"key": r.Key, "language": r.Language, "kind": r.Kind, "publisher": r.Publisher,
			"words": r.Text, "full_text": r.FullText, "note": store.TextColumn(r.Note),
		})
}

func (w *writer) claim(c register.Claim) {
	w.fact("claim", c.Fact)
	hand := register.SecondHand{}
	if c.ReportedFrom != nil {
		hand = *c.ReportedFrom
	}
	w.exec(`
		INSERT INTO desk.claims (record_id, key, topic, paraphrase, value, bound, unit, quantifier, modality,
		                         is_on_timeline, is_second_hand, reported_by, reported_statement_id,
		                         reported_claim_key)
		VALUES (@record, @key, @topic, @paraphrase, @value, @bound, @unit, @quantifier, @modality,
		        @on_timeline, @second_hand, @reported_by, @reported_statement, @reported_claim)`,
		pgx.StrictNamedArgs{
			"key": c.Key, "topic": c.Topic, "paraphrase": store.TextColumn(c.Paraphrase), "value": c.Value, "bound": c.Bound, "unit": c.Unit,
			"quantifier": c.Quantifier, "modality": c.Modality, "on_timeline": c.OnTimeline,
			"second_hand": c.ReportedFrom != nil, "reported_by": store.TextColumn(hand.By),
			"reported_statement": store.Nullable(hand.SaidIn.Statement), "reported_claim": store.Nullable(hand.SaidIn.Claim),
		})
	for i, q := range c.Quotes {
		if q.Rendering != "" {
			w.leanOn(q.Rendering)
		}
		w.exec(`
			INSERT INTO desk.quotes (record_id, key, position, language, words, rendering_key, place,
			                         is_indirect, is_translation)
			VALUES (@record, @key, @position, @language, @words, @rendering, @place, @indirect, @translation)`,
			pgx.StrictNamedArgs{
				"key": c.Key, "position": i, "language": q.Language, "words": q.Text,
				"rendering": store.Nullable(q.Rendering), "place": q.Position, "indirect": q.Indirect,
				"translation": q.Translation,
			})
	}
	for i, r := range c.Relations {
		w.exec(`
			INSERT INTO desk.claim_relations (record_id, key, position, kind, to_statement_id, to_claim_key, note)
			VALUES (@record, @key, @position, @kind, @to_statement, @to_claim, @note)`,
			pgx.StrictNamedArgs{
				"key": c.Key, "position": i, "kind": r.Kind, "to_statement": r.To.Statement,
				"to_claim": r.To.Claim, "note": store.TextColumn(r.Note),
			})
	}
}

func (w *writer) difference(x register.Difference) {
	w.fact("difference", x.Fact)
	w.exec(`
		INSERT INTO desk.differences (record_id, key, rendering_keys, claim_keys, note)
		VALUES (@record, @key, @renderings, @claims, @note)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "renderings": list(x.Between), "claims": list(x.Claims), "note": store.TextColumn(x.Note),
		})
	for i, r := range x.Readings {
		w.leanOn(r.Rendering)
		w.exec(`
			INSERT INTO desk.readings (record_id, key, position, rendering_key, language, words, is_indirect)
			VALUES (@record, @key, @position, @rendering, @language, @words, @indirect)`,
			pgx.StrictNamedArgs{
				"key": x.Key, "position": i, "rendering": r.Rendering, "language": r.Language,
				"words": r.Words, "indirect": r.Indirect,
			})
	}
}

func (w *writer) document(x register.Document) {
	w.fact("document", x.Fact)
	w.exec(`
		INSERT INTO desk.documents (record_id, key, name, media_type, sha256, size, extracted_text, language)
		VALUES (@record, @key, @name, @type, @sha256, @size, @text, @language)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "name": x.Name, "type": x.Type, "sha256": x.SHA256, "size": x.Size,
			"text": x.Text, "language": x.Language,
		})
}

// Statement reads the content of a statement's draft; ErrNotFound when there
// is none.
func (d *Queries) Statement(ctx context.Context, head Record) (*register.Statement, error) {
	s := &register.Statement{Language: head.Language, Slug: head.Slug}
	r := newReader(head.ID)
	r.statement(s)
	var speakers []register.Official
	r.officials(&speakers)
	r.renderings(s)
	r.claims(s)
	r.differences(s)
	r.documents(s)
	if err := r.run(ctx, d.q); err != nil {
		return nil, err
	}
	if len(speakers) > 0 {
		s.Speaker = &speakers[0]
	}
	root := r.fact(recordFact)
	s.Dates, s.Sources = root.Dates, root.Sources
	return s, nil
}

func (r *reader) statement(s *register.Statement) {
	content(r, `
		SELECT title, summary, kind, is_official, coalesce(issuer_id::text, ''), issuer_name, occasion, channel,
		       original_language, original_text, original_not_seen
		FROM desk.statements
		WHERE record_id = @record`,
		func(row pgx.CollectableRow) error {
			return row.Scan(&s.Title, &s.Summary, &s.Kind, &s.Official, &s.Issuer, &s.IssuerName, &s.Occasion,
				&s.Channel, &s.OriginalLanguage, &s.OriginalText, &s.OriginalNotSeen)
		})
	into(r, &s.OnBehalfOf, `
		SELECT institution_id FROM desk.statement_principals WHERE record_id = @record ORDER BY position`,
		func(row pgx.CollectableRow, ref *register.Ref) error { return row.Scan(ref) })
	into(r, &s.Relations, `
		SELECT kind, statement_id, note
		FROM desk.statement_relations
		WHERE record_id = @record
		ORDER BY position`,
		func(row pgx.CollectableRow, x *register.StatementRelation) error {
			return row.Scan(&x.Kind, &x.Statement, &x.Note)
		})
}

func (r *reader) renderings(s *register.Statement) {
	into(r, &s.Renderings, `
		SELECT x.key, x.language, x.kind, x.publisher, x.words, x.is_full_text, x.note
		FROM desk.renderings AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Rendering) error {
			err := row.Scan(&x.Key, &x.Language, &x.Kind, &x.Publisher, &x.Text, &x.FullText, &x.Note)
			x.Fact = r.fact(x.Key)
			return err
		})
}

func (r *reader) claims(s *register.Statement) {
	into(r, &s.Claims, `
		SELECT c.key, c.topic, c.paraphrase, c.value, c.bound, c.unit, c.quantifier, c.modality, c.is_on_timeline,
		       c.is_second_hand, c.reported_by, coalesce(c.reported_statement_id::text, ''),
		       coalesce(c.reported_claim_key, '')
		FROM desk.claims AS c
		JOIN desk.facts AS f USING (record_id, key)
		WHERE c.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, c *register.Claim) error {
			var second bool
			var hand register.SecondHand
			err := row.Scan(&c.Key, &c.Topic, &c.Paraphrase, &c.Value, &c.Bound, &c.Unit, &c.Quantifier, &c.Modality,
				&c.OnTimeline, &second, &hand.By, &hand.SaidIn.Statement, &hand.SaidIn.Claim)
			if second {
				c.ReportedFrom = &hand
			}
			c.Fact = r.fact(c.Key)
			return err
		})
	query(r, `
		SELECT key, language, words, coalesce(rendering_key, ''), place, is_indirect, is_translation
		FROM desk.quotes
		WHERE record_id = @record
		ORDER BY key, position`,
		func(row pgx.CollectableRow) error {
			var key string
			var q register.Quote
			err := row.Scan(&key, &q.Language, &q.Text, &q.Rendering, &q.Position, &q.Indirect, &q.Translation)
			if c := s.Claim(key); c != nil {
				c.Quotes = append(c.Quotes, q)
			}
			return err
		})
	query(r, `
		SELECT key, kind, to_statement_id, to_claim_key, note
		FROM desk.claim_relations
		WHERE record_id = @record
		ORDER BY key, position`,
		func(row pgx.CollectableRow) error {
			var key string
			var x register.ClaimRelation
			err := row.Scan(&key, &x.Kind, &x.To.Statement, &x.To.Claim, &x.Note)
			if c := s.Claim(key); c != nil {
				c.Relations = append(c.Relations, x)
			}
			return err
		})
}

func (r *reader) differences(s *register.Statement) {
	byKey := map[string]int{}
	into(r, &s.Differences, `
		SELECT x.key, x.rendering_keys, x.claim_keys, x.note
		FROM desk.differences AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Difference) error {
			err := row.Scan(&x.Key, &x.Between, &x.Claims, &x.Note)
			x.Fact = r.fact(x.Key)
			byKey[x.Key] = len(s.Differences)
			return err
		})
	query(r, `
		SELECT key, rendering_key, language, words, is_indirect
		FROM desk.readings
		WHERE record_id = @record
		ORDER BY key, position`,
		func(row pgx.CollectableRow) error {
			var key string
			var x register.Reading
			err := row.Scan(&key, &x.Rendering, &x.Language, &x.Words, &x.Indirect)
			if i, ok := byKey[key]; ok {
				s.Differences[i].Readings = append(s.Differences[i].Readings, x)
			}
			return err
		})
}

func (r *reader) documents(s *register.Statement) {
	into(r, &s.Documents, `
		SELECT x.key, x.name, x.media_type, x.sha256, x.size, x.extracted_text, x.language
		FROM desk.documents AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Document) error {
			err := row.Scan(&x.Key, &x.Name, &x.Type, &x.SHA256, &x.Size, &x.Text, &x.Language)
			x.Fact = r.fact(x.Key)
			return err
		})
}
