package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The roles with which the sides of the program log in. Migrations create the
// groups that hold the rights (sijil_desk, sijil_public, sijil_takedown); who
// logs in is the operator's matter, in production with a password.
const (
	DeskLogin     = "web_desk"
	PublicLogin   = "web_public"
	TakedownLogin = "web_takedown"
)

// groupOf names the group of each login.
func groupOf() map[string]string {
	return map[string]string{DeskLogin: "sijil_desk", PublicLogin: "sijil_public", TakedownLogin: "sijil_takedown"}
}

// EnsureDatabase creates a database if the server has none of that name. The
// address is that of another database on the same server, of a role that may
// create databases.
func EnsureDatabase(ctx context.Context, url, name string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return wrap(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err != nil || exists {
		return wrap(err)
	}
	// template0 is empty, whatever was put into template1; copying its files is
	// faster than logging them.
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0 STRATEGY = FILE_COPY")
	return wrap(err)
}

// EnsureLogins creates the login roles where they are missing and makes each a
// member of its group, so that the demonstration and the tests connect as the
// very roles that production uses, with no more rights than there. The address
// must be that of a superuser, and the schema must have been migrated. Databases
// of one cluster may do this at the same time.
func EnsureLogins(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return wrap(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	for login, group := range groupOf() {
		if err := insist(func() error { return createLogin(ctx, conn, login, group) }); err != nil {
			return fmt.Errorf("store: login role %s: %w", login, err)
		}
	}
	err = insist(func() error {
		_, err := conn.Exec(ctx, closeToPublicSQL)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: rights of everybody: %w", err)
	}
	return nil
}

// closeToPublicSQL takes from all roles what PostgreSQL gives them: to fill the
// disk with large objects and temporary tables. postgres-init.sh does the same.
const closeToPublicSQL = `
	REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer),
		pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;
	DO $$ BEGIN
		EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
	END $$`

// insist tries again while another database does the same: roles and databases
// belong to the cluster, and no lock reaches across it.
func insist(do func() error) error {
	const attempts = 20
	var err error
	for range attempts {
		if err = do(); !lostRace(err) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

func createLogin(ctx context.Context, conn *pgx.Conn, login, group string) error {
	var exists, member bool
	err := conn.QueryRow(ctx, `
		SELECT r.oid IS NOT NULL, coalesce(pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER'), false)
		FROM pg_catalog.pg_roles g LEFT JOIN pg_catalog.pg_roles r ON r.rolname = $1
		WHERE g.rolname = $2`, login, group).Scan(&exists, &member)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("the role %s is missing: run the migrations first", group)
	}
	if err != nil {
		return err
	}
	if !exists {
		if _, err := conn.Exec(ctx, "CREATE ROLE "+login+" LOGIN INHERIT"); err != nil {
			return err
		}
	}
	if !member {
		_, err = conn.Exec(ctx, "GRANT "+group+" TO "+login)
	}
	return err
}

// lostRace recognises that another session changed the same role, membership or
// right in the same moment.
func lostRace(err error) bool {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return false
	}
	switch pgErr.Code {
	case "42710", "23505", "XX000": // duplicate_object, unique_violation, "tuple concurrently updated"
		return true
	}
	return false
}
