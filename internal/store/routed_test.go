package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestWhatAReplicaCannotSayThePrimaryDoes: a standby that has ended since somebody looked at
// it costs no reader his answer, be it of many rows or of one, and is asked no more.
func TestWhatAReplicaCannotSayThePrimaryDoes(t *testing.T) {
	t.Parallel()
	gone, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable&connect_timeout=2")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gone.Close)
	primary := testkit.Database(t).Public()
	for name, ask := range map[string]func(q store.Querier) (int, error){
		"one row": func(q store.Querier) (n int, err error) {
			return n, q.QueryRow(t.Context(), "SELECT 7").Scan(&n)
		},
		"rows": func(q store.Querier) (n int, err error) {
			rows, err := q.Query(t.Context(), "SELECT * FROM generate_series(1, 7)")
			if err != nil {
				return 0, err
			}
			defer rows.Close()
			for rows.Next() {
				n++
			}
			return n, rows.Err()
		},
	} {
		db := store.Wrap(primary)
		store.ReadFromGone(db, gone)
		if before := db.Replicas(); len(before) != 1 || !before[0].Asked {
			t.Fatalf("the replica is not asked to begin with: %+v", before)
		}
		if n, err := ask(db.Querier()); err != nil || n != 7 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if after := db.Replicas(); after[0].Asked || after[0].Err == nil {
			t.Errorf("%s: the replica is asked again: %+v", name, after)
		}
	}
}
