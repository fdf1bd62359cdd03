package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// institutionRows is how many rows of each list the page of an institution
// holds; the lists themselves have the others.
const institutionRows = 40

// about reads what the register holds about an institution.
func about(ctx context.Context, q store.Querier, view *register.InstitutionView) error {
	args := pgx.NamedArgs{"reference": view.Reference, "most": institutionRows}
	var err error
	for _, read := range []func() error{
		func() error { view.Incidents, err = incidentsOfInstitution(ctx, q, args); return err },
		func() error { view.Statements, err = statementsOfInstitution(ctx, q, args); return err },
		func() error { view.Referrals, err = referralsOfInstitution(ctx, q, args); return err },
		func() error { view.Claims, err = claimsOfInstitution(ctx, q, args); return err },
		func() error { view.Steps, err = stepsOfAuthority(ctx, q, view.Reference); return err },
		func() error { view.Totals, err = totalsOfInstitution(ctx, q, view.Reference); return err },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// itsIncidents are the incidents in which an institution has a part.
const itsIncidents = `
	SELECT incident_reference FROM record.incident_institutions WHERE institution_reference = @reference
	UNION
	SELECT x.incident_reference FROM record.incident_statements AS x
	JOIN record.statements AS s ON s.reference = x.statement_reference
	WHERE s.issuer_reference = @reference
	UNION
	SELECT incident_reference FROM record.referrals WHERE authority_reference = @reference
	UNION
	SELECT incident_reference FROM record.referral_parties WHERE institution_reference = @reference`

// itsReferrals is the condition for the referrals that an institution made or
// that were brought to it.
const itsReferrals = `
	r.authority_reference = @reference
	OR EXISTS (
	   SELECT FROM record.referral_parties AS p
	   WHERE (p.incident_reference, p.key) = (r.incident_reference, r.key)
	     AND p.institution_reference = @reference)`

func incidentsOfInstitution(ctx context.Context, q store.Querier, args pgx.NamedArgs) ([]register.IncidentRow, error) {
	return collectIncidents(ctx, q, `
		SELECT`+incidentColumns+`
		FROM record.incidents AS i
		WHERE i.reference IN (`+itsIncidents+`)
		ORDER BY i.occurred_order DESC, i.reference DESC
		LIMIT @most`, args)
}

func statementsOfInstitution(ctx context.Context, q store.Querier, args pgx.NamedArgs) ([]register.StatementRow, error) {
	rows, err := q.Query(ctx, `
		SELECT `+statementColumns+`
		FROM record.statements AS s
		LEFT JOIN record.institutions AS i ON i.reference = s.issuer_reference
		WHERE s.reference IN (
		    SELECT x.reference
		    FROM record.statements AS x
		    WHERE x.issuer_reference = @reference
		    ORDER BY x.said_order DESC, x.reference DESC
		    LIMIT @most)
		ORDER BY s.said_order, s.reference`, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.StatementRow, error) {
		s, _, err := scanStatementRow(row)
		return s, err
	})
	return out, store.Map(err)
}

// referralsOfInstitution returns the referrals that an institution made and
// those that were brought to it.
func referralsOfInstitution(ctx context.Context, q store.Querier, args pgx.NamedArgs) ([]register.ReferralRow, error) {
	rows, err := q.Query(ctx, `
		SELECT r.incident_reference, i.slug, i.title, r.key, r.anchor, r.kind, r.title, r.by_name, r.to_name,
		       r.step, r.level, r.stepped, r.authority_reference IS NOT DISTINCT FROM @reference
		FROM record.referrals AS r
		JOIN record.incidents AS i ON i.reference = r.incident_reference
		WHERE (r.incident_reference, r.key) IN (
		    SELECT r.incident_reference, r.key
		    FROM record.referrals AS r
		    WHERE `+itsReferrals+`
		    ORDER BY r.stepped_order DESC, r.incident_reference DESC, r.key DESC
		    LIMIT @most)
		ORDER BY r.stepped_order, r.incident_reference, r.key`, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.ReferralRow, error) {
		var r register.ReferralRow
		err := row.Scan(&r.IncidentReference, &r.IncidentSlug, &r.IncidentTitle, &r.Key, &r.Anchor, &r.Kind,
			&r.Title, &r.ByName, &r.ToName, &r.Step, &r.Level, store.DateColumn(&r.Stepped), &r.Received)
		return r, err
	})
	return out, store.Map(err)
}

// claimsOfInstitution are the claims of its latest statements, in the order of
// time.
func claimsOfInstitution(ctx context.Context, q store.Querier, args pgx.NamedArgs) ([]register.ClaimRow, error) {
	rows, err := q.Query(ctx, `
		SELECT c.slug, c.title, c.said, c.key, c.topic, c.paraphrase
		FROM (
		    SELECT s.slug, s.title, s.said, s.said_order, s.reference, c.key, c.topic, c.paraphrase
		    FROM record.statements AS s
		    JOIN record.claims AS c ON c.statement_reference = s.reference
		    WHERE s.issuer_reference = @reference
		    ORDER BY s.said_order DESC, s.reference DESC, c.key
		    LIMIT @most
		) AS c
		ORDER BY c.said_order, c.reference, c.key`, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.ClaimRow, error) {
		var c register.ClaimRow
		err := row.Scan(&c.StatementSlug, &c.StatementTitle, store.DateColumn(&c.Said), &c.Key, &c.Topic, &c.Paraphrase)
		return c, err
	})
	return out, store.Map(err)
}

// stepsOfAuthority counts the referrals that were brought to an institution by
// the step at which they stand.
func stepsOfAuthority(ctx context.Context, q store.Querier, reference string) ([]register.Facet, error) {
	rows, err := q.Query(ctx, `
		SELECT r.step, count(*)
		FROM record.referrals AS r
		WHERE r.authority_reference = @reference
		GROUP BY r.step
		ORDER BY count(*) DESC, r.step`, pgx.StrictNamedArgs{"reference": reference})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.Facet])
	return out, store.Map(err)
}

func totalsOfInstitution(ctx context.Context, q store.Querier, reference string) (register.InstitutionTotals, error) {
	var t register.InstitutionTotals
	err := q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM record.incident_institutions WHERE institution_reference = @reference),
		       (SELECT count(*) FROM (`+itsIncidents+`) AS its),
		       (SELECT count(*) FROM record.statements WHERE issuer_reference = @reference),
		       (SELECT count(*) FROM record.statements WHERE issuer_reference = @reference AND original_not_seen),
		       (SELECT count(*) FROM record.claims AS c JOIN record.statements AS s ON s.reference = c.statement_reference
		        WHERE s.issuer_reference = @reference),
		       (SELECT count(*) FROM record.referrals AS r WHERE `+itsReferrals+`),
		       (SELECT count(*) FROM record.referrals AS r WHERE (`+itsReferrals+`) AND r.is_confirmed),
		       (SELECT count(*) FROM record.referrals WHERE authority_reference = @reference)`,
		pgx.StrictNamedArgs{"reference": reference}).
		Scan(&t.Affected, &t.Concerned, &t.Statements, &t.NotSeen, &t.Claims, &t.Referrals, &t.Confirmed, &t.Received)
	return t, store.Map(err)
}
