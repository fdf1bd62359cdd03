package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// CheckDesk tells whether a production server may write to this database. It
// returns an error, with what to do, if the schema is not the one that this
// program needs, if the role stands above the rules that keep what was published,
// or if the database could lose what it has confirmed.
func CheckDesk(ctx context.Context, db *DB) error {
	desk := db.Querier()
	if err := checkRestored(ctx, desk); err != nil {
		return err
	}
	if err := checkSchema(ctx, desk); err != nil {
		return err
	}
	if err := checkDeskRole(ctx, desk); err != nil {
		return err
	}
	return checkDurability(ctx, desk)
}

// checkRestored refuses a database that is being restored.
func checkRestored(ctx context.Context, desk Querier) error {
	var restoring bool
	if err := desk.QueryRow(ctx, `SELECT `+IsRestoringSQL).Scan(&restoring); err != nil {
		return wrap(err)
	}
	if restoring {
		return errors.New("the database is being restored, or a restore was cut short: wait for it, or run \"sijil restore\" again")
	}
	return nil
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
// in a crash, or be changed by a disk unseen. They are read as this role sees them: synchronous_commit can be
// set for a role or a database.
func checkDurability(ctx context.Context, role Querier) error {
	rows, err := role.Query(ctx, `
		SELECT name FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums']) AS name
		WHERE current_setting(name) = 'off'`)
	if err != nil {
		return wrap(err)
	}
	off, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return wrap(err)
	}
	const checksums = "data_checksums"
	var problems []error
	if slices.Contains(off, checksums) {
		off = slices.DeleteFunc(off, func(name string) bool { return name == checksums })
		problems = append(problems, errors.New("the database would not notice that the disk has changed what it holds: data_checksums are off "+
			"(stop the server, run \"pg_checksums --enable -D\" with its data folder, start it again; a new cluster is made with \"initdb --data-checksums\")"))
	}
	if len(off) > 0 {
		problems = append(problems, fmt.Errorf("the database could lose what it has confirmed: %v must not be off "+
			"(see postgresql.conf, ALTER DATABASE and ALTER ROLE)", off))
	}
	return errors.Join(problems...)
}

// findRole asks a query for a role that the session's role is or may become and
// that may do too much, and says so; nil if it finds none. The session's role
// counts, not the current one, because RESET ROLE returns to it.
func findRole(ctx context.Context, q Querier, unsafeSQL, cure string) error {
	var user, role, reason string
	err := q.QueryRow(ctx, unsafeSQL).Scan(&user, &role, &reason)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return wrap(err)
	case user == role:
		return fmt.Errorf("the role %s %s: %s", user, reason, cure)
	}
	return fmt.Errorf("the role %s can become %s, which %s: %s", user, role, reason, cure)
}

// unsafeDeskSQL names the first role that stands above the rules by which what
// was published stays as it was.
const unsafeDeskSQL = `
	SELECT session_user::text, r.rolname::text, reason
	FROM pg_catalog.pg_roles r
	CROSS JOIN LATERAL (VALUES
		(1, r.rolsuper, 'is a superuser'),
		(2, r.rolcreaterole, 'may create roles'),
		(3, r.rolname = 'sijil_takedown', 'may erase what was published'),
		(4, EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('desk', 'record') AND (n.nspowner = r.oid
			OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relowner = r.oid)
			OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND p.proowner = r.oid))),
			'owns the schemas desk and record or what is in them')
	) AS checks (rank, applies, reason)
	WHERE applies AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
	ORDER BY r.rolname <> session_user, rank, r.rolname
	LIMIT 1`

// checkDeskRole refuses a role that could rewrite history: triggers and grants,
// which keep editions and the audit as they are, do not hold an owner.
func checkDeskRole(ctx context.Context, desk Querier) error {
	return findRole(ctx, desk, unsafeDeskSQL,
		"use a role that is a member of sijil_desk only, and keep the owner's for \"sijil migrate\"")
}

// unsafePublicSQL names the first role that can do more than read the published
// record.
const unsafePublicSQL = `
	SELECT session_user::text, r.rolname::text, reason
	FROM pg_catalog.pg_roles r
	CROSS JOIN LATERAL (VALUES
		(1, r.rolsuper, 'is a superuser'),
		(2, r.rolbypassrls, 'bypasses row security'),
		(3, r.rolcreaterole, 'may create roles'),
		(4, r.rolcreatedb, 'may create databases'),
		(5, r.rolreplication, 'may copy the whole cluster (REPLICATION)'),
		(6, r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'),
			'reaches the server''s files'),
		(7, pg_catalog.has_schema_privilege(r.oid, to_regnamespace('desk')::oid, 'USAGE')
			OR coalesce(pg_catalog.has_schema_privilege(r.oid, to_regnamespace('jobs')::oid, 'USAGE'), false), 'may use the schema desk or jobs'),
		(8, pg_catalog.has_schema_privilege(r.oid, to_regnamespace('desk')::oid, 'CREATE'), 'may create in the schema desk'),
		(9, pg_catalog.has_schema_privilege(r.oid, to_regnamespace('record')::oid, 'CREATE'), 'may create in the schema record'),
		(10, EXISTS (SELECT FROM pg_catalog.pg_shdepend d WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
			AND d.refobjid = r.oid AND d.deptype = 'o'
			AND d.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))),
			'owns objects'),
		(11, EXISTS (SELECT FROM pg_catalog.pg_class c
			WHERE c.relnamespace = to_regnamespace('record') AND c.relkind IN ('r', 'p', 'v', 'f')
			AND (pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
				OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))),
			'may change tables of the schema record'),
		(12, EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid AND m.admin_option),
			'may make others members of a role (ADMIN OPTION)'),
		(13, r.rolname NOT IN (session_user, 'sijil_public'), 'is more than the public side needs')
	) AS checks (rank, applies, reason)
	WHERE applies AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
	-- Of a right that is inherited, the role that it comes from tells more.
	ORDER BY rank, (r.rolname = session_user) = (rank IN (7, 8, 9, 11)), r.rolname
	LIMIT 1`

// CheckPublic tells whether a role is fit for the public side: it must read the
// schema record and be unable to do anything else, itself or by any role that
// it can become. It returns an error, with what to do, if not.
func CheckPublic(ctx context.Context, db *DB) error {
	public := db.Querier()
	err := findRole(ctx, public, unsafePublicSQL, "use a role that is a member of sijil_public and of nothing else")
	if err != nil {
		return err
	}
	var user string
	var reads bool
	err = public.QueryRow(ctx, `SELECT session_user::text,
		coalesce(pg_catalog.has_schema_privilege(to_regnamespace('record')::oid, 'USAGE'), false)`).Scan(&user, &reads)
	if err != nil {
		return wrap(err)
	}
	if !reads {
		return fmt.Errorf("the role %s cannot read the schema record: run \"sijil migrate up\" as the owner, then GRANT sijil_public TO %s", user, user)
	}
	return nil
}

// unsafeTakedownSQL names the first role that can do more than erase what two
// persons have decided on.
const unsafeTakedownSQL = `
	SELECT session_user::text, r.rolname::text, reason
	FROM pg_catalog.pg_roles r
	CROSS JOIN LATERAL (VALUES
		(1, r.rolsuper, 'is a superuser'),
		(2, r.rolcreaterole, 'may create roles'),
		(3, r.rolname = 'sijil_desk', 'may ask for a takedown, too'),
		(4, r.rolname NOT IN (session_user, 'sijil_takedown'), 'is more than a takedown needs')
	) AS checks (rank, applies, reason)
	WHERE applies AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
	ORDER BY rank, r.rolname
	LIMIT 1`

// CheckTakedown tells whether a role is fit for takedowns: it must be a member
// of sijil_takedown and of nothing else, so that nobody asks for one and confirms
// it through the same role, and what it does must outlast a crash. It returns an error,
// with what to do, if not.
func CheckTakedown(ctx context.Context, db *DB) error {
	takedown := db.Querier()
	err := findRole(ctx, takedown, unsafeTakedownSQL, "use a role that is a member of sijil_takedown and of nothing else")
	if err != nil {
		return err
	}
	var user string
	var may bool
	err = takedown.QueryRow(ctx, `
		SELECT session_user::text, coalesce(pg_catalog.pg_has_role(session_user, oid, 'USAGE'), false)
		FROM (SELECT (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = 'sijil_takedown')) AS r`).Scan(&user, &may)
	if err != nil {
		return wrap(err)
	}
	if !may {
		return fmt.Errorf("the role %s cannot erase: GRANT sijil_takedown TO %s", user, user)
	}
	return checkDurability(ctx, takedown) // what was erased by law must not come back with a crash
}

// CheckSame tells whether both sides are in the same database: what the desk
// publishes in one, nobody would read in the other.
func CheckSame(ctx context.Context, desk, public *DB) error {
	a, err := identify(ctx, desk.Querier())
	if err != nil {
		return err
	}
	b, err := identify(ctx, public.Querier())
	if err != nil {
		return err
	}
	if a.sameAs(b) {
		return nil
	}
	return fmt.Errorf("it leads to another database (%s) than the desk's address (%s): both must name the same one", b.Name, a.Name)
}

// identity tells a database from others, also from one of the same name on
// another server.
type identity struct {
	Name    string
	OID     uint32
	Started float64 // when its server was, in seconds
	Known   bool    // System may be asked for
	System  string  // of the cluster and its replicas; "" if it may not be asked for
}

// sameAs compares clusters by their number, which replicas share, else servers
// by the moment of their start.
func (i identity) sameAs(other identity) bool {
	if i.OID != other.OID || i.Name != other.Name {
		return false
	}
	if i.Known && other.Known {
		return i.System == other.System
	}
	return i.Started == other.Started
}

func identify(ctx context.Context, q Querier) (identity, error) {
	var i identity
	err := q.QueryRow(ctx, `
		SELECT datname::text, oid, extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8,
		       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
		FROM pg_catalog.pg_database WHERE datname = current_database()`).Scan(&i.Name, &i.OID, &i.Started, &i.Known)
	if err != nil || !i.Known {
		return i, wrap(err)
	}
	err = q.QueryRow(ctx, `SELECT system_identifier::text FROM pg_catalog.pg_control_system()`).Scan(&i.System)
	return i, wrap(err)
}

// CheckTimes tells whether a pool of Open is held to the times of its side. They
// are asked for when a connection is made, and a pooler in between may drop them:
// then one slow statement would hold a connection for ever.
func CheckTimes(ctx context.Context, db *DB, side Side) error {
	var got string
	var kept bool
	err := db.Querier().QueryRow(ctx, `
		SELECT current_setting('statement_timeout'), current_setting('statement_timeout')::interval = @asked::text::interval`,
		pgx.StrictNamedArgs{"asked": statementTimeout(side)}).Scan(&got, &kept)
	if err != nil {
		return wrap(err)
	}
	if !kept {
		return fmt.Errorf("statement_timeout is %s and not %s as this program asked: "+
			"a pooler in between drops the settings of connections; connect to PostgreSQL itself, or have them passed on", got, statementTimeout(side))
	}
	return nil
}
