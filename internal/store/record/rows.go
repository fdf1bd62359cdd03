package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

func statementsOfInstitution(ctx context.Context, q store.Querier, reference string) ([]register.StatementRow, error) {
	rows, err := q.Query(ctx, `
		SELECT s.reference, s.slug, s.title, s.summary, s.kind, s.is_official, s.said, s.said_disputed,
		       i.reference, i.slug, i.name, i.short, s.issuer_name, s.original_not_seen, s.languages,
		       s.number, s.published_at
		FROM record.statements AS s
		JOIN record.institutions AS i ON i.reference = s.issuer_reference
		WHERE s.issuer_reference = @reference
		ORDER BY s.said_order, s.reference`,
		pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.StatementRow, error) {
		var s register.StatementRow
		var issuer register.InstitutionBrief
		err := row.Scan(&s.Reference, &s.Slug, &s.Title, &s.Summary, &s.Kind, &s.Official, store.DateColumn(&s.Said),
			&s.SaidDisputed, &issuer.Reference, &issuer.Slug, &issuer.Name, &issuer.Short, &s.IssuerName,
			&s.OriginalNotSeen, &s.Languages, &s.Edition, &s.PublishedAt)
		s.Issuer = &issuer
		return s, err
	})
	return out, store.Map(err)
}

// referralsOfInstitution returns the referrals that an institution made and
// those that were brought to it.
func referralsOfInstitution(ctx context.Context, q store.Querier, reference string) ([]register.ReferralRow, error) {
	rows, err := q.Query(ctx, `
		SELECT r.incident_reference, i.slug, i.title, r.key, r.anchor, r.kind, r.title, r.by_name, r.to_name,
		       r.step, r.level, r.stepped
		FROM record.referrals AS r
		JOIN record.incidents AS i ON i.reference = r.incident_reference
		WHERE r.authority_reference = @reference
		   OR EXISTS (
		      SELECT FROM record.referral_parties AS p
		      WHERE (p.incident_reference, p.key) = (r.incident_reference, r.key)
		        AND p.institution_reference = @reference)
		ORDER BY r.stepped_order, r.incident_reference, r.key`,
		pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.ReferralRow, error) {
		var r register.ReferralRow
		err := row.Scan(&r.IncidentReference, &r.IncidentSlug, &r.IncidentTitle, &r.Key, &r.Anchor, &r.Kind,
			&r.Title, &r.ByName, &r.ToName, &r.Step, &r.Level, store.DateColumn(&r.Stepped))
		return r, err
	})
	return out, store.Map(err)
}
