package store_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

const schemaHeader = `-- What the migrations add up to, for readers. Dumped by "task db:schema" with
-- pg_dump 15 and checked by a test; never run.

`

// The committed dump is PostgreSQL 15's, the oldest supported.
const schemaMajor = 15

func updateWanted() bool {
	update := flag.Lookup("update")
	return update != nil && update.Value.String() == "true"
}

// TestMain adds the flag with which "task db:schema" writes db/schema.sql.
func TestMain(m *testing.M) {
	flag.Bool("update", false, "write db/schema.sql instead of comparing with it")
	os.Exit(m.Run())
}

func TestSchemaFileIsUpToDate(t *testing.T) {
	const path = "../../db/schema.sql"
	got := schemaHeader + testkit.Database(t).Schema(schemaMajor, "desk", "record", "jobs")
	if updateWanted() {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := firstDifference(string(want), got); diff != "" {
		t.Errorf("db/schema.sql is not what the migrations make; run \"task db:schema\".\n%s", diff)
	}
}

// TestSchemaUpDownUp goes back over every migration, one by one, and forth
// again: nothing may be left behind, nothing may be missing.
func TestSchemaUpDownUp(t *testing.T) {
	ctx := context.Background()
	db := testkit.EmptyDatabase(t)
	m := store.Migrator{URL: db.OwnerURL()}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// The table of versions comes with the first step and stays.
	must(m.Up(ctx))
	top := db.Schema(0)
	must(m.DownAll(ctx))
	bottom := db.Schema(0)
	for _, schema := range []string{"CREATE SCHEMA desk", "CREATE SCHEMA record", "CREATE SCHEMA jobs", "CREATE TABLE desk.", "CREATE FUNCTION"} {
		if strings.Contains(bottom, schema) {
			t.Errorf("after all down: %q is left", schema)
		}
	}
	must(m.Up(ctx))
	if diff := firstDifference(top, db.Schema(0)); diff != "" {
		t.Errorf("up, all down, up:\n%s", diff)
	}
	version, err := store.SchemaVersion()
	must(err)
	for range version {
		must(m.Down(ctx))
	}
	if diff := firstDifference(bottom, db.Schema(0)); diff != "" {
		t.Errorf("down one by one differs from all down:\n%s", diff)
	}
	must(m.Up(ctx))
	if diff := firstDifference(top, db.Schema(0)); diff != "" {
		t.Errorf("up after down one by one:\n%s", diff)
	}
}

// firstDifference shows where two texts part; empty if they do not.
func firstDifference(want, got string) string {
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wants), len(gots)) {
		var a, b string
		if i < len(wants) {
			a = wants[i]
		}
		if i < len(gots) {
			b = gots[i]
		}
		if a != b {
			from := max(0, i-3)
			return "…\n" + strings.Join(wants[from:min(i, len(wants))], "\n") + "\n- " + a + "\n+ " + b
		}
	}
	return ""
}
