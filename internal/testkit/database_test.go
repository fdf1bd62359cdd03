package testkit_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/testkit"
)

func TestDatabaseIsFreshMigratedAndHasRoles(t *testing.T) {
	ctx := context.Background()
	for range 3 {
		begin := time.Now()
		db := testkit.Database(t)
		t.Logf("a database after %v", time.Since(begin).Round(time.Millisecond))
		if _, err := db.Owner().Exec(ctx, "CREATE TABLE public.only_here (v int)"); err != nil {
			t.Fatal(err)
		}
		for role, pool := range map[string]*pgxpool.Pool{"web_desk": db.Desk(), "web_public": db.Public()} {
			var user string
			var desk, super bool
			err := pool.QueryRow(ctx, `SELECT current_user, has_schema_privilege('desk', 'USAGE'),
				(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`).Scan(&user, &desk, &super)
			if err != nil {
				t.Fatal(err)
			}
			if user != role || super || desk != (role == "web_desk") {
				t.Errorf("%s: connected as %s, may use desk: %v, superuser: %v", role, user, desk, super)
			}
		}
	}
}

func TestEmptyDatabase(t *testing.T) {
	var count int
	err := testkit.EmptyDatabase(t).Owner().QueryRow(context.Background(),
		"SELECT count(*) FROM pg_namespace WHERE nspname IN ('desk', 'record')").Scan(&count)
	if err != nil || count != 0 {
		t.Errorf("%d schemas, %v", count, err)
	}
}

func TestDatabasesInParallel(t *testing.T) {
	for range 6 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			db := testkit.Database(t)
			if _, err := db.Owner().Exec(context.Background(), "CREATE TABLE public.only_here (v int)"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestClock(t *testing.T) {
	at := time.Date(2025, 4, 8, 12, 0, 0, 0, time.UTC)
	clock := testkit.NewClock(at)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() { clock.Advance(time.Second) })
	}
	group.Wait()
	if got := clock.Now(); !got.Equal(at.Add(10 * time.Second)) {
		t.Errorf("after ten seconds: %v", got)
	}
	clock.Set(at)
	if got := clock.Now(); !got.Equal(at) {
		t.Errorf("set back: %v", got)
	}
}
