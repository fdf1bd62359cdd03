package desk

import (
	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

func (w *writer) referral(x register.Referral) {
	w.fact("referral", x.Fact)
	w.institutions(x.Key, x.By)
	w.exec(`
		INSERT INTO desk.referrals (record_id, key, kind, title, by_name, authority_id, to_name, legal_basis,
		                            case_number, against, note, possibly_same)
		VALUES (@record, @key, @kind, @title, @by_name, @authority, @to_name, @legal_basis,
		        @case_number, @against, @note, @possibly_same)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "kind": x.Kind, "title": store.TextColumn(x.Title), "by_name": store.TextColumn(x.ByName),
			"authority": store.Nullable(x.To), "to_name": store.TextColumn(x.ToName), "legal_basis": store.TextColumn(x.LegalBasis),
			"case_number": x.CaseNumber, "against": store.TextColumn(x.Against), "note": store.TextColumn(x.Note),
			"possibly_same": list(x.PossiblySame),
		})
	for _, s := range x.Steps {
		w.subfact("referral-step", s.Fact)
		w.exec(`
			INSERT INTO desk.referral_steps (record_id, key, referral_key, step, level, title, body)
			VALUES (@record, @key, @referral, @step, @level, @title, @body)`,
			pgx.StrictNamedArgs{
				"key": s.Key, "referral": x.Key, "step": s.Step, "level": s.Level,
				"title": store.TextColumn(s.Title), "body": store.TextColumn(s.Body),
			})
	}
}

func (r *reader) referrals(i *register.Incident) {
	byKey := map[string]int{}
	into(r, &i.Referrals, `
		SELECT x.key, x.kind, x.title, x.by_name, coalesce(x.authority_id::text, ''), x.to_name, x.legal_basis,
		       x.case_number, x.against, x.note, x.possibly_same
		FROM desk.referrals AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Referral) error {
			err := row.Scan(&x.Key, &x.Kind, &x.Title, &x.ByName, &x.To, &x.ToName, &x.LegalBasis,
				&x.CaseNumber, &x.Against, &x.Note, &x.PossiblySame)
			x.Fact, x.By = r.fact(x.Key), r.institutions[x.Key]
			byKey[x.Key] = len(i.Referrals)
			return err
		})
	query(r, `
		SELECT x.referral_key, x.key, x.step, x.level, x.title, x.body
		FROM desk.referral_steps AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow) error {
			var key string
			var s register.Step
			err := row.Scan(&key, &s.Key, &s.Step, &s.Level, &s.Title, &s.Body)
			s.Fact = r.fact(s.Key)
			if at, ok := byKey[key]; ok {
				i.Referrals[at].Steps = append(i.Referrals[at].Steps, s)
			}
			return err
		})
}
