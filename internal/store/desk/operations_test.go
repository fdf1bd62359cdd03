package desk_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// TestOperationsAreRead from a register in which something was published, waits,
// failed and was signed in to.
func TestOperationsAreRead(t *testing.T) {
	db := testkit.Founding(t)
	q := desk.New(store.Wrap(db.Desk()).Querier())
	now := time.Now()
	alive := desk.Alive{SeenAfter: now.Add(-time.Hour), BegunAfter: now.Add(-time.Hour)}
	o, err := q.Operations(t.Context(), now, alive)
	if err != nil {
		t.Fatal(err)
	}
	if o.Published.IsZero() || o.Generation == 0 || o.Log.Leaves == 0 || o.Log.Unsigned() != o.Log.Leaves || o.Log.UnsignedSince.IsZero() {
		t.Errorf("published, unsigned: %+v", o)
	}
	if !o.Backup.IsZero() || o.Sessions != 0 || !o.Log.SignedAt.IsZero() || len(o.Followers) != 0 || o.Archive.On {
		t.Errorf("what never was: %+v", o)
	}
	keys := testkit.LogKeys(t)
	testkit.SignLog(t, db, keys, now)
	_, err = db.Desk().Exec(t.Context(), `
		INSERT INTO desk.audit (action, detail) VALUES ('back-up', '{"of": "2026-11-26T10:00:00Z"}');
		INSERT INTO desk.mails (kind, address, name, language, content) VALUES ('invitation', 'a@b.example', 'A', 'fr', '{}');
		INSERT INTO jobs.river_job (kind, args, max_attempts, attempt, state, finalized_at, attempted_at, errors)
		VALUES ('take-dump', '{}', 1, 1, 'discarded', now(), now(), ARRAY['{"error": "first"}', '{"error": "no room"}']::jsonb[])`)
	if err != nil {
		t.Fatal(err)
	}
	if o, err = q.Operations(t.Context(), time.Now(), alive); err != nil {
		t.Fatal(err)
	}
	if o.Log.Unsigned() != 0 || o.Log.SignedAt.IsZero() || !o.Log.UnsignedSince.IsZero() {
		t.Errorf("signed: %+v", o.Log)
	}
	if o.Backup.UTC().Format(time.DateTime) != "2026-11-26 10:00:00" || o.Mails.Waiting != 1 || o.Mails.Oldest.IsZero() {
		t.Errorf("backup, mail: %+v", o)
	}
	counted := false
	for _, j := range o.Jobs {
		counted = counted || j == register.JobCount{Queue: "default", State: "discarded", Count: 1}
	}
	if !counted {
		t.Errorf("jobs: %+v", o.Jobs)
	}
}

func TestAFailedJobIsDoneAgain(t *testing.T) {
	db := testkit.Database(t)
	q := desk.New(store.Wrap(db.Desk()).Querier())
	var id int64
	err := db.Desk().QueryRow(t.Context(), `
		INSERT INTO jobs.river_job (kind, args, max_attempts, attempt, state, finalized_at, attempted_at, errors)
		VALUES ('take-dump', '{}', 1, 1, 'discarded', now(), now(), ARRAY['{"error": "no room"}']::jsonb[])
		RETURNING id`).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := q.TroubledJobs(t.Context(), 5)
	if err != nil || len(rows) != 1 || rows[0].Cause != "no room" || rows[0].State != "discarded" || !rows[0].Again.IsZero() {
		t.Fatalf("%+v, %v", rows, err)
	}
	if kind, err := q.RetryJob(t.Context(), id); err != nil || kind != "take-dump" {
		t.Fatalf("%q, %v", kind, err)
	}
	var state string
	var left int
	if err := db.Desk().QueryRow(t.Context(), `SELECT state, max_attempts - attempt FROM jobs.river_job WHERE id = $1`, id).Scan(&state, &left); err != nil {
		t.Fatal(err)
	}
	if state != "available" || left < 1 {
		t.Errorf("state %s, %d attempts left", state, left)
	}
	// What is not in trouble is left alone.
	for _, other := range []int64{id, 0, 1 << 40} {
		if _, err := q.RetryJob(t.Context(), other); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("job %d: %v", other, err)
		}
	}
}

// TestSecurityEventsAreCounted in the order in which they alarm.
func TestSecurityEventsAreCounted(t *testing.T) {
	db := testkit.Database(t)
	q := desk.New(store.Wrap(db.Desk()).Querier())
	begun := time.Now().Add(-time.Minute)
	for _, action := range []string{"sign-in", "locked-out", "sign-in", "draft"} {
		if err := q.Audit(t.Context(), "", action, "", 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	events, err := q.SecurityEvents(t.Context(), register.SecurityActions(), begun)
	if err != nil || len(events) != 2 || events[0].Action != "locked-out" || events[1].Action != "sign-in" || events[1].Count != 2 {
		t.Errorf("%+v, %v", events, err)
	}
	if events, err = q.SecurityEvents(t.Context(), register.SecurityActions(), time.Now().Add(time.Hour)); err != nil || len(events) != 0 {
		t.Errorf("later: %+v, %v", events, err)
	}
	if s, err := q.Storage(t.Context()); err != nil || s != (register.Storage{}) {
		t.Errorf("an empty store: %+v, %v", s, err)
	}
	server, err := store.Wrap(db.Public()).Server(t.Context())
	if err != nil || server.Version == "" || server.Since.IsZero() || server.Replica {
		t.Errorf("%+v, %v", server, err)
	}
	if stat := store.Wrap(db.Public()).Stat(); stat.Most < 1 || stat.Acquired < 1 {
		t.Errorf("%+v", stat)
	}
}
