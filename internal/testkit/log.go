package testkit

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/tlog"
)

// LogOrigin names the public logs of tests.
const LogOrigin = "sijil.test/log"

// LogKeys makes keys for a log.
func LogKeys(tb testing.TB) *tlog.Keys {
	tb.Helper()
	keys, err := tlog.GenerateKeys(rand.Reader, LogOrigin)
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

// SignLog signs a checkpoint of the public log of a database, as the job does
// after each publication.
func SignLog(tb testing.TB, d *DB, keys *tlog.Keys, now time.Time) {
	tb.Helper()
	uses := editorial.New(store.Wrap(d.Desk()), func() time.Time { return now }).WithLog(func() (*tlog.Keys, error) { return keys, nil })
	if err := uses.SignLog(tb.Context(), now); err != nil {
		tb.Fatal(err)
	}
}
