package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sijil/sijil/internal/testkit"
)

// relation is a table, view, sequence or function of the database.
type relation struct {
	Schema, Name, Kind string
}

func relations(t *testing.T, d *testkit.DB, schema string) []relation {
	t.Helper()
	rows, err := d.Owner().Query(t.Context(), `
		SELECT n.nspname, c.relname, c.relkind::text
		FROM pg_catalog.pg_class AS c
		JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = @schema AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
		ORDER BY 2`, pgx.StrictNamedArgs{"schema": schema})
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	if err != nil || len(out) == 0 {
		t.Fatalf("%s holds %d relations, %v", schema, len(out), err)
	}
	return out
}

func wantDenied(t *testing.T, what string, err error) {
	t.Helper()
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != "42501" {
		t.Errorf("%s: got %v, want insufficient_privilege", what, err)
	}
}

// TestPublicRoleCannotReadTheDesk connects as the very role of the public side
// and tries every table, view and sequence of the schemas desk and jobs.
func TestPublicRoleCannotReadTheDesk(t *testing.T) {
	d := testkit.Founding(t)
	for _, r := range slices.Concat(relations(t, d, "desk"), relations(t, d, "jobs")) {
		name := pgx.Identifier{r.Schema, r.Name}.Sanitize()
		for _, sql := range []string{
			"SELECT * FROM " + name + " LIMIT 1",
			"SELECT count(*) FROM " + name,
			"TABLE " + name,
		} {
			_, err := d.Public().Exec(t.Context(), sql)
			wantDenied(t, sql, err)
		}
		if r.Kind == "r" {
			_, err := d.Public().Exec(t.Context(), "COPY "+name+" TO STDOUT")
			wantDenied(t, "COPY "+name, err)
		}
	}
}

func TestPublicRoleCannotRunAnyFunction(t *testing.T) {
	d := testkit.Database(t)
	rows, err := d.Owner().Query(t.Context(), `
		SELECT n.nspname || '.' || p.proname,
		       pg_catalog.has_function_privilege('web_public', p.oid, 'EXECUTE')
		FROM pg_catalog.pg_proc AS p
		JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
		WHERE n.nspname IN ('desk', 'record', 'jobs')`)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var may bool
	seen := 0
	_, err = pgx.ForEachRow(rows, []any{&name, &may}, func() error {
		seen++
		if may {
			t.Errorf("the public role may run %s", name)
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d functions, %v", seen, err)
	}
	_, err = d.Public().Exec(t.Context(), `SELECT desk.is_text('{}')`)
	wantDenied(t, "desk.is_text", err)
}

// TestPublicRoleOnlyReads tries to change every table of schema record.
func TestPublicRoleOnlyReads(t *testing.T) {
	d := testkit.Founding(t)
	for _, r := range relations(t, d, "record") {
		name := pgx.Identifier{r.Schema, r.Name}.Sanitize()
		for _, sql := range []string{"DELETE FROM " + name, "TRUNCATE " + name, "INSERT INTO " + name + " DEFAULT VALUES"} {
			_, err := d.Public().Exec(t.Context(), sql)
			wantDenied(t, sql, err)
		}
	}
	for _, sql := range []string{
		"CREATE TABLE record.mine (x int)", "CREATE TABLE public.mine (x int)", "CREATE TABLE desk.mine (x int)",
		"SET ROLE sijil_desk", "SET SESSION AUTHORIZATION web_desk", "SELECT * FROM record.reference_series",
	} {
		_, err := d.Public().Exec(t.Context(), sql)
		wantDenied(t, sql, err)
	}
}

// TestPublishedIsImmutable tries to rewrite history as the desk, and as the
// owner of the tables.
func TestPublishedIsImmutable(t *testing.T) {
	d := testkit.Founding(t)
	for _, sql := range []string{
		"UPDATE record.editions SET reason = '{}'",
		"UPDATE record.editions SET content = NULL, salt = NULL",
		"DELETE FROM record.editions",
		"TRUNCATE record.editions CASCADE",
		"UPDATE record.pins SET position = 9",
		"DELETE FROM record.pins",
		"DELETE FROM desk.audit",
		"UPDATE desk.audit SET action = 'nothing'",
		"TRUNCATE desk.audit",
		"UPDATE desk.changes SET account_id = account_id",
		"DELETE FROM desk.publications",
	} {
		_, err := d.Desk().Exec(t.Context(), sql)
		wantDenied(t, "desk: "+sql, err)
		_, err = d.Owner().Exec(t.Context(), sql)
		wantDenied(t, "owner: "+sql, err)
	}
}

// TestEveryForeignKeyIsIndexed holds a rule that a slow deletion taught: the
// referencing columns lead an index.
func TestEveryForeignKeyIsIndexed(t *testing.T) {
	d := testkit.Database(t)
	rows, err := d.Owner().Query(t.Context(), `
		SELECT c.conrelid::regclass::text || ': ' || pg_catalog.pg_get_constraintdef(c.oid)
		FROM pg_catalog.pg_constraint AS c
		JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
		WHERE c.contype = 'f'
		  AND n.nspname IN ('desk', 'record')
		  -- a vocabulary is never deleted from
		  AND c.confrelid <> 'desk.vocabulary_terms'::regclass
		  AND NOT EXISTS (
		      SELECT FROM pg_catalog.pg_index AS i
		      WHERE i.indrelid = c.conrelid
		        -- the index begins with one of the columns of the key
		        AND i.indkey[0] = ANY (c.conkey))`)
	if err != nil {
		t.Fatal(err)
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range missing {
		t.Errorf("no index for %s", m)
	}
}
