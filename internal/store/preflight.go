package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// CheckDesk tells whether a production server may write to this database. It
// returns an error, with what to do, if the schema is not the one that this
// program needs or if the database could lose what it has confirmed.
func CheckDesk(ctx context.Context, db *DB) error {
	desk := db.Querier()
	if err := checkSchema(ctx, desk); err != nil {
		return err
	}
	return checkDurability(ctx, desk)
}

// checkSchema compares the database's version with this program's.
func checkSchema(ctx context.Context, desk Querier) error {
	status, err := schemaStatus(ctx, desk)
	if err != nil {
		return fmt.Errorf("the schema's version cannot be read (is this role a member of sijil_desk?): %w", err)
	}
	if status.Wanted, err = SchemaVersion(); err != nil {
		return err
	}
	if problem := status.Problem(); problem != "" {
		return errors.New(problem)
	}
	return nil
}

// checkDurability refuses settings under which a confirmed edition may vanish
// in a crash. They are read as this role sees them: synchronous_commit can be
// set for a role or a database.
func checkDurability(ctx context.Context, desk Querier) error {
	rows, err := desk.Query(ctx, `
		SELECT name FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name
		WHERE current_setting(name) = 'off'`)
	if err != nil {
		return wrap(err)
	}
	off, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return wrap(err)
	}
	if len(off) > 0 {
		return fmt.Errorf("the database could lose what it has confirmed: %v must not be off "+
			"(see postgresql.conf, ALTER DATABASE and ALTER ROLE)", off)
	}
	return nil
}

// unsafeRoleSQL names the first role that the session's role is or may become
// and that can do more than read the published record, with the reason. The
// session's role counts, not the current one, because RESET ROLE returns to it.
const unsafeRoleSQL = `
	SELECT r.rolname, r.rolname = session_user, reason
	FROM pg_catalog.pg_roles r
	CROSS JOIN LATERAL (VALUES
		(r.rolsuper, 'is a superuser'),
		(r.rolbypassrls, 'bypasses row security'),
		(r.rolcreaterole, 'may create roles'),
		(r.rolreplication, 'may copy the whole cluster (REPLICATION)'),
		(r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'),
			'reaches the server''s files'),
		(pg_catalog.has_schema_privilege(r.oid, to_regnamespace('desk')::oid, 'USAGE'), 'may use the schema desk'),
		(pg_catalog.has_schema_privilege(r.oid, to_regnamespace('desk')::oid, 'CREATE'), 'may create in the schema desk'),
		(EXISTS (SELECT FROM pg_catalog.pg_shdepend d WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
			AND d.refobjid = r.oid AND d.deptype = 'o'
			AND d.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))),
			'owns objects')
	) AS checks (applies, reason)
	WHERE applies AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
	ORDER BY r.rolname <> session_user, r.rolname
	LIMIT 1`

// CheckPublic tells whether a role is fit for the public side: it must read the
// schema record and be unable to reach the desk, itself or by any role that it
// can become. It returns an error, with what to do, if not.
func CheckPublic(ctx context.Context, db *DB) error {
	public := db.Querier()
	var user string
	var reads bool
	err := public.QueryRow(ctx, `SELECT session_user,
		coalesce(pg_catalog.has_schema_privilege(to_regnamespace('record')::oid, 'USAGE'), false)`).Scan(&user, &reads)
	if err != nil {
		return wrap(err)
	}
	const cure = "use a role that is a member of sijil_public and of nothing else"
	var role, reason string
	var itself bool
	err = public.QueryRow(ctx, unsafeRoleSQL).Scan(&role, &itself, &reason)
	switch {
	case err == nil && itself:
		return fmt.Errorf("the role %s %s: %s", user, reason, cure)
	case err == nil:
		return fmt.Errorf("the role %s can become %s, which %s: %s", user, role, reason, cure)
	case !errors.Is(err, pgx.ErrNoRows):
		return wrap(err)
	case !reads:
		return fmt.Errorf("the role %s cannot read the schema record: run \"sijil migrate up\" as the owner, then GRANT sijil_public TO %s", user, user)
	}
	return nil
}
