package testkit

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
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

// CosignLog has a witness cosign the newest checkpoint of a database's log, and
// keeps what it signed, as the job does.
func CosignLog(tb testing.TB, d *DB, witness *Witness, now time.Time) tlog.Cosignature {
	tb.Helper()
	db := store.Wrap(d.Desk())
	c, err := record.NewWriter(db.Querier()).Checkpoint(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	text, _, _ := strings.Cut(c.Note, "\n\n")
	known, err := tlog.ParseWitness(witness.Key)
	if err != nil {
		tb.Fatal(err)
	}
	cosignature, err := known.Open([]byte(c.Note + witness.Cosign(text+"\n", now)))
	if err != nil {
		tb.Fatal(err)
	}
	if err := editorial.New(db, func() time.Time { return now }).KeepCosignature(tb.Context(), c.Size, witness.Key, cosignature); err != nil {
		tb.Fatal(err)
	}
	return cosignature
}

// StampLog has an authority stamp the newest checkpoint of a database's log, and
// keeps that, as the job does.
func StampLog(tb testing.TB, d *DB, authority *Authority) register.LogTimestamp {
	tb.Helper()
	db := store.Wrap(d.Desk())
	c, err := record.NewWriter(db.Querier()).Checkpoint(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	stamp := authority.Stamp(tb, []byte(c.Note))
	kept := register.LogTimestamp{Size: c.Size, Authority: stamp.Authority, StampedAt: stamp.At, Reply: stamp.Reply}
	if err := editorial.New(db, time.Now).KeepTimestamp(tb.Context(), kept); err != nil {
		tb.Fatal(err)
	}
	return kept
}
