package store_test

import (
	"testing"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestEachSideHasItsTime asks the server itself how long a statement may take on
// each side, and how long a transaction may be left alone.
func TestEachSideHasItsTime(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	for _, c := range []struct {
		side                      store.Side
		url                       string
		statement, idle, readOnly string
	}{
		{store.PublicSide, d.PublicURL(), "3s", "30s", "on"},
		{store.ExportSide, d.PublicURL(), "30s", "5min", "on"},
		{store.DeskSide, d.DeskURL(), "15s", "30s", "off"},
		{store.JobsSide, d.DeskURL(), "1min", "30s", "off"},
		{store.ImportSide, d.DeskURL(), "5min", "5min", "off"},
		{store.TakedownSide, d.TakedownURL(), "5min", "5min", "off"},
	} {
		db := openAs(t, c.side, c.url)
		var statement, idle, readOnly string
		err := db.Querier().QueryRow(t.Context(), `
			SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'), current_setting('default_transaction_read_only')`).
			Scan(&statement, &idle, &readOnly)
		if err != nil || statement != c.statement || idle != c.idle || readOnly != c.readOnly {
			t.Errorf("%s: %s, %s, %s, %v; want %s, %s, %s", c.side, statement, idle, readOnly, err, c.statement, c.idle, c.readOnly)
		}
		if err := store.CheckTimes(t.Context(), db, c.side); err != nil {
			t.Errorf("%s: %v", c.side, err)
		}
	}
	// What a pooler that drops the settings of a session leads to.
	for side, pool := range map[store.Side]*store.DB{store.DeskSide: store.Wrap(d.Desk()), store.PublicSide: store.Wrap(d.Public())} {
		wantProblem(t, store.CheckTimes(t.Context(), pool, side), "statement_timeout is 0", "pooler")
	}
}
