package store_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// durable starts a server as an operator should have it; the tests' shared one
// trades durability for speed.
func durable(t *testing.T) *localpg.Server {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "store-test-") // t.TempDir is closed to PostgreSQL's account
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	server, err := localpg.Start(t.Context(), localpg.Options{
		DataDir: dir, BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return server
}

func openAs(t *testing.T, side store.Side, url string) *store.DB {
	t.Helper()
	pool, err := store.Open(t.Context(), url, side)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func mustExec(t *testing.T, pool store.Querier, sql string) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// wantProblem checks that an error says all of the parts; none: that there is
// no error.
func wantProblem(t *testing.T, err error, parts ...string) {
	t.Helper()
	if len(parts) == 0 {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if err == nil {
		t.Errorf("accepted, want a refusal with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestCheckDesk(t *testing.T) {
	ctx := context.Background()
	server := durable(t)
	owner := server.URL("sijil", localpg.Superuser)
	if err := store.EnsureDatabase(ctx, server.URL("postgres", localpg.Superuser), "sijil"); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, store.CheckDesk(ctx, openAs(t, store.DeskSide, owner)), "version 0", `"sijil migrate up"`)
	if err := (store.Migrator{URL: owner}).Up(ctx); err != nil {
		t.Fatal(err)
	}
	if err := store.EnsureLogins(ctx, owner); err != nil {
		t.Fatal(err)
	}
	admin := openAs(t, store.DeskSide, owner).Querier()
	check := func() error {
		return store.CheckDesk(ctx, openAs(t, store.DeskSide, server.URL("sijil", store.DeskLogin)))
	}
	wantProblem(t, check())
	for _, test := range []struct {
		name, change, undo string
		want               []string
	}{
		{
			"not durable for the role", "ALTER ROLE web_desk SET synchronous_commit = off",
			"ALTER ROLE web_desk RESET synchronous_commit",
			[]string{"synchronous_commit"},
		},
		{
			"asynchronous replica is no fault", "ALTER ROLE web_desk SET synchronous_commit = local",
			"ALTER ROLE web_desk RESET synchronous_commit", nil,
		},
		{
			"dirty", "UPDATE public.schema_migrations SET dirty = true", "UPDATE public.schema_migrations SET dirty = false",
			[]string{"dirty", "undo by hand"},
		},
		{
			"older", "UPDATE public.schema_migrations SET version = version - 1",
			"UPDATE public.schema_migrations SET version = version + 1",
			[]string{`run "sijil migrate up"`},
		},
		{
			"newer, and this program fits no more",
			"UPDATE public.schema_migrations SET version = version + 1; UPDATE desk.schema_floor SET version = version + 1000",
			"UPDATE public.schema_migrations SET version = version - 1; UPDATE desk.schema_floor SET version = version - 1000",
			[]string{"newer"},
		},
		{
			"not a member", "REVOKE sijil_desk FROM web_desk", "GRANT sijil_desk TO web_desk",
			[]string{"sijil_desk"},
		},
		{
			"superuser", "ALTER ROLE web_desk SUPERUSER", "ALTER ROLE web_desk NOSUPERUSER",
			[]string{"web_desk is a superuser", "member of sijil_desk only"},
		},
		{"creates roles", "ALTER ROLE web_desk CREATEROLE", "ALTER ROLE web_desk NOCREATEROLE", []string{"may create roles"}},
		{
			"takes down", "GRANT sijil_takedown TO web_desk", "REVOKE sijil_takedown FROM web_desk",
			[]string{"can become sijil_takedown", "may erase"},
		},
		{"owns a schema", "ALTER SCHEMA record OWNER TO web_desk", "ALTER SCHEMA record OWNER TO sijil", []string{"owns the schemas"}},
		{
			"owns a table", "ALTER TABLE record.editions OWNER TO web_desk", "ALTER TABLE record.editions OWNER TO sijil",
			[]string{"owns the schemas"},
		},
		{
			"becomes the owner", "ALTER TABLE desk.audit OWNER TO sijil_desk", "ALTER TABLE desk.audit OWNER TO sijil",
			[]string{"can become sijil_desk", "owns the schemas"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			mustExec(t, admin, test.change)
			wantProblem(t, check(), test.want...)
			mustExec(t, admin, test.undo)
		})
	}
	wantProblem(t, check())
	for _, setting := range []string{"fsync", "full_page_writes"} {
		t.Run(setting, func(t *testing.T) {
			mustExec(t, admin, "ALTER SYSTEM SET "+setting+" = off")
			reloaded(t, admin, setting, "off")
			wantProblem(t, check(), "could lose what it has confirmed: ["+setting+"]")
			mustExec(t, admin, "ALTER SYSTEM RESET "+setting)
			reloaded(t, admin, setting, "on")
			wantProblem(t, check())
		})
	}
	t.Run("takedowns", func(t *testing.T) { takesDownForGood(t, server, admin) })
	t.Run("checksums", func(t *testing.T) { refusesWithoutChecksums(t, server) })
}

// takesDownForGood checks the role for takedowns of a server that is durable, and then
// is not so for this role.
func takesDownForGood(t *testing.T, server *localpg.Server, admin store.Querier) {
	t.Helper()
	check := func() error {
		return store.CheckTakedown(t.Context(), openAs(t, store.TakedownSide, server.URL("sijil", store.TakedownLogin)))
	}
	wantProblem(t, check())
	mustExec(t, admin, "ALTER ROLE web_takedown SET synchronous_commit = off")
	wantProblem(t, check(), "synchronous_commit", "ALTER ROLE")
	mustExec(t, admin, "ALTER ROLE web_takedown RESET synchronous_commit")
	wantProblem(t, check())
}

// reloaded waits until a setting that the server has reread is as it must be.
func reloaded(t *testing.T, admin store.Querier, setting, want string) {
	t.Helper()
	mustExec(t, admin, "SELECT pg_reload_conf()")
	for range 1000 {
		var got string
		if err := admin.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s does not become %s", setting, want)
}

// refusesWithoutChecksums takes the checksums away from a cluster that was good so
// far.
func refusesWithoutChecksums(t *testing.T, server *localpg.Server) {
	t.Helper()
	program := filepath.Join(server.BinDir(), "pg_checksums")
	if _, err := os.Stat(program); err != nil {
		t.Skip("this PostgreSQL came without pg_checksums")
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, "--disable", "-D", filepath.Join(server.DataDir(), "data")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	again, err := localpg.Start(t.Context(), localpg.Options{DataDir: filepath.Dir(server.DataDir()), BinDir: server.BinDir(), Getenv: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop(context.Background()) //nolint:errcheck // its folder goes
	wantProblem(t, store.CheckDesk(t.Context(), openAs(t, store.DeskSide, again.URL("sijil", store.DeskLogin))), "data_checksums are off", "pg_checksums --enable")
}

// TestCheckDeskRefusesVolatileServer uses the tests' own server, which is one.
func TestCheckDeskRefusesVolatileServer(t *testing.T) {
	if os.Getenv("SIJIL_TEST_DATABASE_URL") != "" {
		t.Skip("SIJIL_TEST_DATABASE_URL may name a durable server")
	}
	wantProblem(t, store.CheckDesk(context.Background(), store.Wrap(testkit.Database(t).Desk())),
		"fsync", "full_page_writes", "synchronous_commit")
}

// TestCheckPublic gives roles of its own names too much in every way. Roles
// belong to the cluster: the names carry the database's.
func TestCheckPublic(t *testing.T) {
	ctx := context.Background()
	db := testkit.Database(t)
	wantProblem(t, store.CheckPublic(ctx, store.Wrap(db.Public())))
	for _, test := range []struct {
		name  string
		setup string // ROLE and GROUP are put in
		want  []string
	}{
		{"fit", "GRANT sijil_public TO ROLE", nil},
		{"no right at all", "", []string{"cannot read the schema record", "GRANT sijil_public TO"}},
		{"superuser", "ALTER ROLE ROLE SUPERUSER", []string{"is a superuser"}},
		{"bypasses row security", "ALTER ROLE ROLE BYPASSRLS", []string{"bypasses row security"}},
		{"creates roles", "ALTER ROLE ROLE CREATEROLE", []string{"may create roles"}},
		{"creates databases", "ALTER ROLE ROLE CREATEDB", []string{"may create databases"}},
		{"replicates", "ALTER ROLE ROLE REPLICATION", []string{"REPLICATION"}},
		{"desk", "GRANT sijil_desk TO ROLE", []string{"may use the schema desk"}},
		{"granted directly", "GRANT USAGE ON SCHEMA desk TO ROLE", []string{"may use the schema desk"}},
		{"granted to all", "GRANT CREATE ON SCHEMA desk TO PUBLIC", []string{"may create in the schema desk"}},
		{"owns a table", "CREATE TABLE public.t (v int); ALTER TABLE public.t OWNER TO ROLE", []string{"owns objects"}},
		{"owns the database", "ALTER DATABASE DATABASE OWNER TO ROLE", []string{"owns objects"}},
		{"reads everything", "GRANT pg_read_all_data TO ROLE", []string{"may use the schema desk"}},
		{"reads files", "GRANT pg_read_server_files TO ROLE", []string{"can become pg_read_server_files"}},
		{
			"can become, without inheriting", "ALTER ROLE ROLE NOINHERIT; GRANT GROUP TO ROLE; GRANT USAGE ON SCHEMA desk TO GROUP",
			[]string{"can become", "may use the schema desk"},
		},
		{"takes down", "GRANT sijil_public TO ROLE; GRANT sijil_takedown TO ROLE", []string{"can become sijil_takedown"}},
		{"watches", "GRANT sijil_public TO ROLE; GRANT pg_monitor TO ROLE", []string{"can become pg_"}},
		{
			"ends sessions", "GRANT sijil_public TO ROLE; GRANT pg_signal_backend TO ROLE",
			[]string{"can become pg_signal_backend", "more than the public side needs"},
		},
		{
			"any other role", "GRANT sijil_public TO ROLE; GRANT GROUP TO ROLE",
			[]string{"_group", "more than the public side needs"},
		},
		{"grants", "GRANT sijil_public TO ROLE WITH ADMIN OPTION", []string{"ADMIN OPTION"}},
		{"inserts", "GRANT sijil_public TO ROLE; GRANT INSERT ON record.heads TO ROLE", []string{"may change tables"}},
		{"updates a column", "GRANT sijil_public TO ROLE; GRANT UPDATE (slug) ON record.heads TO ROLE", []string{"may change tables"}},
		{"deletes", "GRANT sijil_public TO ROLE; GRANT DELETE ON record.heads TO ROLE", []string{"may change tables"}},
		{"truncates", "GRANT sijil_public TO ROLE; GRANT TRUNCATE ON record.heads TO ROLE", []string{"may change tables"}},
		{"creates tables", "GRANT sijil_public TO ROLE; GRANT CREATE ON SCHEMA record TO ROLE", []string{"create in the schema record"}},
		{"can become a superuser", "GRANT GROUP TO ROLE; ALTER ROLE GROUP SUPERUSER", []string{"can become", "is a superuser"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := testkit.Database(t)
			role, group := db.Name+"_role", db.Name+"_group"
			owner := db.Owner()
			mustExec(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD 'sijil-test'; CREATE ROLE "+group)
			t.Cleanup(func() {
				names := role + ", " + group
				mustExec(t, owner, "ALTER DATABASE "+db.Name+" OWNER TO CURRENT_USER; DROP OWNED BY "+names+"; DROP ROLE "+names)
			})
			mustExec(t, owner, strings.NewReplacer("ALTER ROLE ROLE", "ALTER ROLE "+role, "ALTER ROLE GROUP", "ALTER ROLE "+group,
				"TO ROLE", "TO "+role, "TO GROUP", "TO "+group, "GRANT GROUP", "GRANT "+group,
				"DATABASE DATABASE", "DATABASE "+db.Name).Replace(test.setup))
			url := strings.Replace(db.PublicURL(), "//"+store.PublicLogin, "//"+role, 1)
			wantProblem(t, store.CheckPublic(ctx, openAs(t, store.PublicSide, url)), test.want...)
		})
	}
}

// TestCheckPublicSeesTheSession: SET ROLE hides a powerful role, RESET ROLE
// brings it back.
func TestCheckPublicSeesTheSession(t *testing.T) {
	url := testkit.Database(t).OwnerURL()
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	pool := openAs(t, store.PublicSide, url+separator+"options=-c%20role%3Dweb_public")
	wantProblem(t, store.CheckPublic(context.Background(), pool), "is a superuser")
}

// TestCheckSame has databases that differ, and a function that may be closed to
// the roles.
func TestCheckSame(t *testing.T) {
	ctx := context.Background()
	db, other := testkit.Database(t), testkit.Database(t)
	for _, may := range []string{"", "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC"} {
		if may != "" {
			mustExec(t, db.Owner(), may)
		}
		desk := store.Wrap(db.Desk())
		wantProblem(t, store.CheckSame(ctx, desk, store.Wrap(db.Public())))
		wantProblem(t, store.CheckSame(ctx, desk, store.Wrap(other.Public())), other.Name, db.Name)
	}
}

// TestNobodyFillsTheDisk: PostgreSQL lets every role make large objects and
// temporary tables.
func TestNobodyFillsTheDisk(t *testing.T) {
	ctx := context.Background()
	db := testkit.EmptyDatabase(t)
	if err := (store.Migrator{URL: db.OwnerURL()}).Up(ctx); err != nil {
		t.Fatal(err)
	}
	if err := store.EnsureLogins(ctx, db.OwnerURL()); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT lo_create(0)", "SELECT lo_creat(-1)", `SELECT lo_from_bytea(0, '\x00')`, "CREATE TEMPORARY TABLE t (v int)",
	} {
		_, err := db.Public().Exec(ctx, sql)
		wantDenied(t, sql, err)
	}
}

func TestCheckTakedown(t *testing.T) {
	d := testkit.Database(t)
	if os.Getenv("SIJIL_TEST_DATABASE_URL") == "" { // the tests' own server loses what it likes
		wantProblem(t, store.CheckTakedown(t.Context(), openAs(t, store.TakedownSide, d.TakedownURL())), "fsync")
	}
	wantProblem(t, store.CheckTakedown(t.Context(), openAs(t, store.TakedownSide, d.DeskURL())), "web_desk", "sijil_desk")
	wantProblem(t, store.CheckTakedown(t.Context(), openAs(t, store.TakedownSide, d.PublicURL())), "web_public", "sijil_public")
	wantProblem(t, store.CheckTakedown(t.Context(), openAs(t, store.TakedownSide, d.OwnerURL())), "superuser")
}
