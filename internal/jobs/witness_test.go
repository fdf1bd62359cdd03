package jobs_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

// watched is a register whose log witnesses watch, by jobs.
type watched struct {
	db     *testkit.DB
	keys   atomic.Pointer[tlog.Keys]
	uses   *editorial.Editorial
	public *record.Store
}

func newWatched(t *testing.T, witnesses ...*attest.Witness) *watched {
	t.Helper()
	w := &watched{db: testkit.Founding(t)}
	w.public = record.NewStore(store.Wrap(w.db.Public()))
	var names []string
	for _, x := range witnesses {
		names = append(names, x.Key())
	}
	w.uses = editorial.New(store.Wrap(w.db.Desk()), time.Now).
		WithLog(func() (*tlog.Keys, error) { return w.keys.Load(), nil }).WithWitnesses(names...)
	return w
}

// until waits until the newest checkpoint, as everybody gets it, is some way.
func (w *watched) until(t *testing.T, is func(register.LogCheckpoint) bool) register.LogCheckpoint {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		c, err := w.public.Checkpoint(t.Context())
		if err != nil && !errors.Is(err, register.ErrNotFound) {
			t.Fatal(err)
		}
		if err == nil && is(c) {
			return c
		}
	}
	t.Fatal("that checkpoint never came")
	return register.LogCheckpoint{}
}

func asked(t *testing.T, address, key string) *attest.Witness {
	t.Helper()
	w, err := attest.NewWitness(attest.NewClient(), address, key)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestCheckpointsAreCosigned by a witness that can be reached, whatever is with
// one that cannot.
func TestCheckpointsAreCosigned(t *testing.T) {
	t.Parallel()
	keys := testkit.LogKeys(t)
	here := testkit.NewWitness(t, "witness.test/here", keys.VerifierKeys()[0], time.Now)
	gone := testkit.NewWitness(t, "witness.test/gone", keys.VerifierKeys()[0], time.Now)
	list := []*attest.Witness{asked(t, here.URL, here.Key), asked(t, "http://127.0.0.1:1", gone.Key)}
	w := newWatched(t, list...)
	w.keys.Store(keys)
	start(t, store.Wrap(w.db.Desk()), jobs.Tasks{
		SignLog: w.uses.SignLog, AskAttestations: w.uses.AskAttestations,
		Cosign: (&jobs.Witnesses{Uses: w.uses, List: list, Now: time.Now}).Cosign,
	}, slog.New(slog.DiscardHandler))
	cosigned := func(c register.LogCheckpoint) bool {
		_, err := list[0].Open([]byte(c.Note))
		return err == nil
	}
	first := w.until(t, cosigned)

	// The log grows: a new key is an entry of it.
	rotated, err := keys.Rotate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.keys.Store(rotated)
	if err := w.uses.SignLog(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	second := w.until(t, func(c register.LogCheckpoint) bool { return c.Size > first.Size && cosigned(c) })
	if _, err := list[1].Open([]byte(second.Note)); !errors.Is(err, tlog.ErrNotCosigned) {
		t.Errorf("by one that nobody reaches: %v", err)
	}
	verifier, err := keys.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Open([]byte(second.Note)); err != nil {
		t.Errorf("the log's own signature: %v", err)
	}
	last, err := w.public.Witnesses(t.Context())
	if err != nil || len(last) != 1 || last[0].Witness != list[0].Key() || last[0].Size != second.Size {
		t.Errorf("%+v %v", last, err)
	}
	all, err := w.public.Cosignatures(t.Context(), []int64{first.Size, second.Size})
	if err != nil || len(all) != 2 || all[0].Size != second.Size {
		t.Errorf("%+v %v", all, err)
	}
	var waiting int
	if err := w.db.Owner().QueryRow(t.Context(), `
		SELECT count(*) FROM jobs.river_job WHERE kind = 'cosign-log' AND args ->> 'witness' = $1 AND finalized_at IS NULL AND NOT metadata ? 'again'`,
		list[1].Key()).Scan(&waiting); err != nil || waiting != 1 {
		t.Errorf("the one that cannot be reached is asked again: %d, %v", waiting, err)
	}
	refusesChanges(t, w.db, "log_cosignatures")
}

// refusesChanges checks that nobody changes what a table has.
func refusesChanges(t *testing.T, db *testkit.DB, table string) {
	t.Helper()
	for _, sql := range []string{"DELETE FROM record.", "UPDATE record.", "TRUNCATE record."} {
		sql += table
		if strings.HasPrefix(sql, "UPDATE") {
			sql += " SET size = size"
		}
		if _, err := db.Desk().Exec(t.Context(), sql); err == nil {
			t.Errorf("desk: %s", sql)
		}
		if _, err := db.Owner().Exec(t.Context(), sql); err == nil {
			t.Errorf("owner: %s", sql)
		}
	}
}

// TestAWitnessWhoRefusesIsAskedByTheRoundOnly, and one that is asked no more by
// nobody.
func TestAWitnessWhoRefusesIsAskedByTheRoundOnly(t *testing.T) {
	t.Parallel()
	keys := testkit.LogKeys(t)
	stranger := testkit.NewWitness(t, "witness.test/stranger", testkit.LogKeys(t).VerifierKeys()[0], time.Now)
	list := []*attest.Witness{asked(t, stranger.URL, stranger.Key)}
	w := newWatched(t, list...)
	w.keys.Store(keys)
	if err := w.uses.AskAttestations(t.Context(), time.Now()); err != nil {
		t.Fatalf("of a log without a checkpoint: %v", err)
	}
	waiting := func() (n int) {
		if err := w.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job WHERE kind = 'cosign-log'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := waiting(); n != 0 {
		t.Errorf("%d jobs for no checkpoint", n)
	}
	if err := w.uses.SignLog(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := waiting(); n != 1 {
		t.Errorf("%d jobs for a checkpoint", n)
	}
	work := &jobs.Witnesses{Uses: w.uses, List: list, Now: time.Now}
	if err := work.Cosign(t.Context(), list[0].Key()); !errors.Is(err, jobs.ErrGiveUp) || !errors.Is(err, attest.ErrRefused) {
		t.Errorf("%v", err)
	}
	if err := (&jobs.Witnesses{Uses: w.uses, Now: time.Now}).Cosign(t.Context(), list[0].Key()); err != nil {
		t.Errorf("one that is asked no more: %v", err)
	}
	// What was given up is asked for again.
	if _, err := w.db.Owner().Exec(t.Context(), `UPDATE jobs.river_job SET state = 'cancelled', finalized_at = now()`); err != nil {
		t.Fatal(err)
	}
	if err := w.uses.AskAttestations(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := waiting(); n != 2 {
		t.Errorf("%d jobs in all", n)
	}
}

// TestCheckpointsAreTimestamped by an authority, once it can be reached.
func TestCheckpointsAreTimestamped(t *testing.T) {
	t.Parallel()
	tsa := testkit.NewAuthority(t, "Authority of tests")
	authority, err := attest.NewAuthority(attest.NewClient(), tsa.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWatched(t)
	w.keys.Store(testkit.LogKeys(t))
	w.uses = w.uses.WithTimestamps()
	tsa.Instead(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusServiceUnavailable) })
	if err := w.uses.SignLog(t.Context(), time.Now()); err != nil {
		t.Fatalf("without the authority: %v", err)
	}
	work := &jobs.Timestamps{Uses: w.uses, Authority: authority}
	if err := work.Stamp(t.Context()); err == nil {
		t.Error("nobody answers")
	}
	tsa.Instead(nil)
	start(t, store.Wrap(w.db.Desk()), jobs.Tasks{Stamp: work.Stamp}, slog.New(slog.DiscardHandler))
	var all []register.LogTimestamp
	for end := time.Now().Add(30 * time.Second); len(all) == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if all, err = w.public.LastTimestamps(t.Context(), 9); err != nil {
			t.Fatal(err)
		}
	}
	c, err := w.public.Checkpoint(t.Context())
	if err != nil || len(all) != 1 || all[0].Size != c.Size || all[0].Authority != "Authority of tests" {
		t.Fatalf("%+v %v", all, err)
	}
	reply, note, err := w.public.Timestamp(t.Context(), c.Size)
	if err != nil || note != c.Note {
		t.Fatalf("%q %v", note, err)
	}
	tsa.Verify(t, reply, []byte(note))
	if err := w.uses.AskAttestations(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	var waiting int
	if err := w.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job WHERE kind = 'stamp-log'`).Scan(&waiting); err != nil || waiting != 1 {
		t.Errorf("%d jobs in all, %v", waiting, err)
	}
	refusesChanges(t, w.db, "log_timestamps")
}
