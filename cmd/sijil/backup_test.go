//go:build unix

package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

func TestBackupAndRestoreUsage(t *testing.T) {
	owner := map[string]string{"DATABASE_URL": "postgres://sijil_owner@nowhere.invalid/sijil?sslmode=verify-full"}
	for _, test := range []struct {
		args, want string
		env        map[string]string
	}{
		{"backup", "a word is missing", nil},
		{"backup a b", "is too much", nil},
		{"backup a", "DATABASE_URL is not set", nil},
		{"restore", "a word is missing", nil},
		{"restore a b", "is too much", nil},
		{"restore --no-removals a", "DATABASE_URL is not set", nil},
		{"restore --no-removals /no/such/folder", "holds no backup that came to its end", owner},
	} {
		env := map[string]string{"SIJIL_BLOBS": "file:" + t.TempDir()}
		maps.Copy(env, test.env)
		if code, _, stderr := call(t, env, strings.Fields(test.args)...); code == 0 || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: code %d: %s", test.args, code, stderr)
		}
	}
}

// needsDump skips a test on a server that no pg_dump here can read: npm's
// PostgreSQL brings none, and one of an older version refuses. On the installed
// PostgreSQL, whose packages bring it, the test fails instead.
func needsDump(t *testing.T, server *localpg.Server) {
	t.Helper()
	major, err := strconv.Atoi(regexp.MustCompile(`\d+`).FindString(server.Version()))
	if err != nil {
		t.Fatal(err)
	}
	path, _ := testkit.PGDump(t, server.BinDir(), major)
	switch {
	case path != "":
	case os.Getenv("SIJIL_TEST_PG_BIN") == "":
		t.Fatalf("no pg_dump of PostgreSQL %d or newer", major)
	default:
		t.Skipf("no pg_dump of PostgreSQL %d or newer", major)
	}
}

// TestBackupAndRestore takes an installation by its commands alone into another
// database, owned by a role that is no superuser.
func TestBackupAndRestore(t *testing.T) {
	server, env := production(t)
	needsDump(t, server)
	env["DATABASE_URL"] = server.URL("sijil", localpg.Superuser)
	dir := filepath.Join(t.TempDir(), "backup")
	if of := lastBackup(t, env["DATABASE_URL"]); !of.IsZero() {
		t.Errorf("a backup of %s is known before there is any", of)
	}
	if code, stdout, stderr := call(t, env, "backup", dir); code != 0 || !strings.Contains(stdout, "The backup in "+dir+" is of ") {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	if of := lastBackup(t, env["DATABASE_URL"]); time.Since(of) > time.Hour {
		t.Errorf("the backup that is known is of %s", of)
	}
	for _, key := range []string{"SIJIL_SECRET_KEY", strings.Repeat("k", 32)} {
		manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		if err != nil || strings.Contains(string(manifest), key) {
			t.Errorf("%v, or the manifest holds a secret", err)
		}
	}
	admin(t, server, `CREATE ROLE other_owner LOGIN`, `CREATE DATABASE other OWNER other_owner TEMPLATE template0`)
	env["DATABASE_URL"], env["SIJIL_BLOBS"] = server.URL("other", "other_owner"), "file:"+t.TempDir()
	if code, stdout, stderr := call(t, env, "restore", "--no-removals", dir); code != 0 || !strings.Contains(stdout, "every row and file is what was backed up") {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := call(t, env, "restore", "--no-removals", dir); code != 1 || !strings.Contains(stderr, "the database is not empty") {
		t.Errorf("code %d: %s", code, stderr)
	}
	// What comes next, as it was told: the server's own checks pass.
	env["DATABASE_URL"] = server.URL("other", store.DeskLogin)
	if code, stdout, stderr := call(t, env, "blobs", "verify"); code != 0 {
		t.Errorf("code %d: %s%s", code, stdout, stderr)
	}
}

// lastBackup is of which moment the last backup is that the database knows of.
func lastBackup(t *testing.T, address string) time.Time {
	t.Helper()
	db, err := store.Open(t.Context(), address, store.JobsSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	o, err := desk.New(db.Querier()).Operations(t.Context(), time.Now(), desk.Alive{})
	if err != nil {
		t.Fatal(err)
	}
	return o.Backup
}

// admin runs statements as the superuser, outside of a transaction.
func admin(t *testing.T, server *localpg.Server, statements ...string) {
	t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, server.URL("postgres", localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx) //nolint:errcheck // at the end of a test
	for _, sql := range statements {
		if _, err := connection.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
}
