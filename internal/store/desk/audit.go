package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// AuditLines returns lines of the audit, the newest first.
func (d *Queries) AuditLines(ctx context.Context, f register.AuditFilter) ([]register.AuditLine, error) {
	if f.By != "" && !store.IsID(f.By) || f.Record != "" && !store.IsID(string(f.Record)) {
		return nil, nil
	}
	where, args := auditWhere(f)
	rows, err := d.q.Query(ctx, `
		SELECT l.id, l.at, coalesce(a.name, ''), l.action, coalesce(l.record_id::text, ''), coalesce(r.type, ''),
		       coalesce(e.title, '{}'), coalesce(l.version, 0), coalesce(o.name, ''),
		       coalesce(l.detail ->> 'reference', l.detail ->> 'code', l.detail ->> 'which', l.detail ->> 'by',
		                CASE WHEN l.action = 'change-role' THEN l.detail ->> 'to' END, ''),
		       coalesce(l.detail ->> 'network', '')
		FROM desk.audit AS l
		LEFT JOIN desk.accounts AS a ON a.id = l.account_id
		LEFT JOIN desk.records AS r ON r.id = l.record_id
		LEFT JOIN desk.directory AS e ON e.record_id = l.record_id
		LEFT JOIN desk.accounts AS o ON o.id::text = coalesce(l.detail ->> 'account', l.detail ->> 'to')
		WHERE `+where+`
		ORDER BY l.id DESC
		LIMIT @limit`, args)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.AuditLine])
	return out, store.Map(err)
}

// auditWhere is the condition of a filter, with no more in it than is asked
// for, so that each has its index.
func auditWhere(f register.AuditFilter) (string, pgx.StrictNamedArgs) {
	where, args := "true", pgx.StrictNamedArgs{"limit": f.Limit}
	add := func(asked bool, condition, name string, value any) {
		if asked {
			where += " AND " + condition
			args[name] = value
		}
	}
	add(f.By != "", "l.account_id = @by", "by", f.By)
	add(f.Action != "", "l.action = @action", "action", f.Action)
	add(f.Record != "", "l.record_id = @record", "record", f.Record)
	add(!f.From.IsZero(), "l.at >= @from", "from", f.From.UTC().Truncate(time.Microsecond))
	add(!f.To.IsZero(), "l.at < @to", "to", f.To.UTC().Truncate(time.Microsecond))
	add(f.Before > 0, "l.id < @before", "before", f.Before)
	return where, args
}

// AuditPeople returns everybody who did anything, by name.
func (d *Queries) AuditPeople(ctx context.Context) ([]Person, error) {
	rows, err := d.q.Query(ctx, `
		SELECT a.id, a.name
		FROM desk.accounts AS a
		WHERE EXISTS (SELECT FROM desk.audit AS l WHERE l.account_id = a.id)
		ORDER BY a.name, a.id`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Person])
	return out, store.Map(err)
}

// CheckAudit computes the hash of every line from the one before, and compares
// the end of the chain with the note that is kept of it.
func (d *Queries) CheckAudit(ctx context.Context) (register.AuditChain, error) {
	var c register.AuditChain
	err := d.q.QueryRow(ctx, `
		WITH chain AS (
		    SELECT *, lag(hash, 1, ''::bytea) OVER (ORDER BY id) AS previous, row_number() OVER (ORDER BY id) AS place
		    FROM desk.audit
		), last AS (
		    SELECT id, hash FROM desk.audit ORDER BY id DESC LIMIT 1
		)
		SELECT count(*),
		       coalesce(
		           min(least(id, place)) FILTER (WHERE id <> place OR hash <> sha256(
		               previous || convert_to(jsonb_build_array(
		                   id, extract(epoch FROM at), account_id, action, record_id, version, detail)::text, 'UTF8'))),
		           (SELECT least(coalesce(l.id, 0) + 1, h.id + 1)
		            FROM desk.audit_head AS h
		            LEFT JOIN last AS l ON true
		            WHERE (h.id, h.hash) IS DISTINCT FROM (coalesce(l.id, 0), coalesce(l.hash, ''::bytea))),
		           0)
		FROM chain`).Scan(&c.Lines, &c.Broken)
	return c, store.Map(err)
}
