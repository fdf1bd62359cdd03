package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

func TestMigratorUpDownUp(t *testing.T) {
	ctx := context.Background()
	m := store.Migrator{URL: testkit.EmptyDatabase(t).OwnerURL()}
	wanted, err := store.SchemaVersion()
	if err != nil || wanted == 0 {
		t.Fatalf("SchemaVersion: %d, %v", wanted, err)
	}
	steps := []struct {
		name string
		do   func(context.Context) error
		want uint
	}{
		{"down on nothing", m.Down, 0},
		{"all down on nothing", m.DownAll, 0},
		{"up", m.Up, wanted},
		{"up again", m.Up, wanted},
		{"one down", m.Down, previousVersion(t)},
		{"up after one down", m.Up, wanted},
		{"all down", m.DownAll, 0},
		{"up at last", m.Up, wanted},
	}
	for _, step := range steps {
		if err := step.do(ctx); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		status, err := m.Status(ctx)
		if err != nil || status.Version != step.want || status.Wanted != wanted || status.Dirty {
			t.Errorf("%s: %+v, %v; want version %d", step.name, status, err, step.want)
		}
		if status.Current() != (step.want == wanted) || (status.Problem() == "") != status.Current() {
			t.Errorf("%s: current %v, problem %q", step.name, status.Current(), status.Problem())
		}
	}
}

// previousVersion is the number of the last migration but one.
func previousVersion(t *testing.T) uint {
	t.Helper()
	files, err := filepath.Glob("../../db/migrations/*.up.sql")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	slices.Sort(files)
	number, _, _ := strings.Cut(filepath.Base(files[len(files)-2]), "_")
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint(n)
}

func TestMigratorsWaitForEachOther(t *testing.T) {
	url := testkit.EmptyDatabase(t).OwnerURL()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := (store.Migrator{URL: url}).Up(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// broken is our migrations with a last one that fails.
func broken(t *testing.T) (files fstest.MapFS, version uint) {
	t.Helper()
	files = fstest.MapFS{}
	names, err := fs.Glob(db.Migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(db.Migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	files["migrations/900000_break.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE public.half (v int); SELECT 1/0;")}
	files["migrations/900000_break.down.sql"] = &fstest.MapFile{Data: []byte("DROP TABLE public.half;")}
	return files, 900000
}

func TestFailedMigrationSaysWhatToDo(t *testing.T) {
	ctx := context.Background()
	database := testkit.Database(t)
	files, version := broken(t)
	m := store.Migrator{URL: database.OwnerURL(), Files: files}
	if err := m.Up(ctx); err == nil || !strings.Contains(err.Error(), "division by zero") {
		t.Fatalf("the failing migration: %v", err)
	}
	for name, do := range map[string]func(context.Context) error{"up": m.Up, "down": m.Down} {
		var dirty *store.DirtySchemaError
		if err := do(ctx); !errors.As(err, &dirty) || dirty.Version != version {
			t.Fatalf("%s on a dirty schema: %v", name, err)
		}
	}
	status, err := m.Status(ctx)
	if err != nil || !status.Dirty || !strings.Contains(status.Problem(), "UPDATE public.schema_migrations SET version = 899999, dirty = false") {
		t.Errorf("%+v, %v: %s", status, err, status.Problem())
	}
	var half bool
	if err := database.Owner().QueryRow(ctx, "SELECT to_regclass('public.half') IS NOT NULL").Scan(&half); err != nil || half {
		t.Errorf("half a migration is left: %v, %v", half, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	ctx := context.Background()
	database := testkit.Database(t)
	if _, err := database.Owner().Exec(ctx, "UPDATE public.schema_migrations SET version = 999999"); err != nil {
		t.Fatal(err)
	}
	m := store.Migrator{URL: database.OwnerURL()}
	if err := m.Up(ctx); err == nil || !strings.Contains(err.Error(), "newer than") {
		t.Errorf("up: %v", err)
	}
}

// TestAnOlderProgramStartsOnASchemaThatStillFits, as the nodes that are not renewed yet
// do in a rolling upgrade, and on no other.
func TestAnOlderProgramStartsOnASchemaThatStillFits(t *testing.T) {
	wanted, err := store.SchemaVersion()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		version uint
		floor   string // the statement that sets it
		starts  bool
	}{
		{"as it is", wanted, "", true},
		{"only added to since", wanted + 1, "", true},
		{"added to, and this program is the oldest that fits", wanted + 5, fmt.Sprintf("UPDATE desk.schema_floor SET version = %d", wanted), true},
		{"what this program uses is gone", wanted + 5, fmt.Sprintf("UPDATE desk.schema_floor SET version = %d", wanted+1), false},
		{"it does not say", wanted + 1, "DELETE FROM desk.schema_floor", false},
		{"not said at all", wanted + 1, "DROP TABLE desk.schema_floor", false},
		{"older than this program", wanted - 1, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			database := testkit.Database(t)
			change := fmt.Sprintf("UPDATE public.schema_migrations SET version = %d; %s", c.version, c.floor)
			if _, err := database.Owner().Exec(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			// The tests' own server would lose what it has confirmed, which is refused last.
			err := store.CheckDesk(t.Context(), store.Wrap(database.Desk()))
			if refused := err == nil || !strings.Contains(err.Error(), "could lose what it has confirmed"); refused == c.starts {
				t.Errorf("starts: %v, %v", !refused, err)
			}
		})
	}
}

func TestUnreachableDatabase(t *testing.T) {
	m := store.Migrator{URL: "postgres:///none?host=/nowhere"}
	for name, do := range map[string]func(context.Context) error{"up": m.Up, "down": m.Down, "all": m.DownAll} {
		if err := do(context.Background()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestEnsureLoginsInParallel: databases of one cluster may do so together.
func TestEnsureLoginsInParallel(t *testing.T) {
	ctx := context.Background()
	database := testkit.Database(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := store.EnsureLogins(ctx, database.OwnerURL()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
