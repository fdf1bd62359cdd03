package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// done collects what was done, from any number of workers.
type done struct {
	mu    sync.Mutex
	mails []string
	once  map[string]chan struct{}
}

// note marks a mail as sent.
func (d *done) note(mail string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mails = append(d.mails, mail)
	close(d.wait(mail))
}

func (d *done) wait(mail string) chan struct{} {
	if d.once == nil {
		d.once = map[string]chan struct{}{}
	}
	if d.once[mail] == nil {
		d.once[mail] = make(chan struct{})
	}
	return d.once[mail]
}

// expect waits until a mail was sent.
func (d *done) expect(t *testing.T, mail string) {
	t.Helper()
	d.mu.Lock()
	sent := d.wait(mail)
	d.mu.Unlock()
	select {
	case <-sent:
	case <-time.After(30 * time.Second):
		t.Fatalf("%s was never done", mail)
	}
}

func (d *done) tasks() jobs.Tasks {
	return jobs.Tasks{SendMail: func(_ context.Context, mail string, _ jobs.Attempt) error {
		d.note(mail)
		return nil
	}}
}

// start begins to do jobs and stops with the test.
func start(t *testing.T, db *store.DB, tasks jobs.Tasks, log *slog.Logger) *jobs.Jobs {
	t.Helper()
	j, err := jobs.Start(t.Context(), db, tasks, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, j) })
	return j
}

func stop(t *testing.T, j *jobs.Jobs) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := j.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func enqueue(t *testing.T, db *store.DB, mails ...string) {
	t.Helper()
	err := db.InTx(t.Context(), func(q store.Querier) error {
		for _, m := range mails {
			if err := store.Enqueue(t.Context(), q, register.SendMail{Mail: m}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJobIsDoneAfterTheCommitOnly(t *testing.T) {
	db := store.Wrap(testkit.Database(t).Desk())
	var d done
	start(t, db, d.tasks(), slog.New(slog.DiscardHandler))
	undone := errors.New("rolled back")
	err := db.InTx(t.Context(), func(q store.Querier) error {
		if err := store.Enqueue(t.Context(), q, register.SendMail{Mail: "never"}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	enqueue(t, db, "committed")
	d.expect(t, "committed")
	if slices.Contains(d.mails, "never") {
		t.Error("a job of a transaction that was rolled back was done")
	}
	if err := store.Enqueue(t.Context(), db.Querier(), register.SendMail{Mail: "no transaction"}); err == nil {
		t.Error("a job was taken outside a transaction")
	}
}

func TestAJobSurvivesARestart(t *testing.T) {
	db := store.Wrap(testkit.Database(t).Desk())
	var d done
	enqueue(t, db, "before the start")
	first := start(t, db, d.tasks(), slog.New(slog.DiscardHandler))
	d.expect(t, "before the start")
	stop(t, first)
	enqueue(t, db, "while nobody worked")
	start(t, db, d.tasks(), slog.New(slog.DiscardHandler))
	d.expect(t, "while nobody worked")
}

// TestAKilledProgramKeepsNothingWaiting: what it had under way is done again, and
// a signature of the log waits for none that it had under way.
func TestAKilledProgramKeepsNothingWaiting(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	db := store.Wrap(database.Desk())
	sign := func() {
		t.Helper()
		err := db.InTx(t.Context(), func(q store.Querier) error { return store.Enqueue(t.Context(), q, register.SignLog{}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	enqueue(t, db, "under way")
	sign()
	_, err := database.Owner().Exec(t.Context(), `
		UPDATE jobs.river_job SET state = 'running', attempt = 1, attempted_by = '{killed}',
			attempted_at = now() - CASE kind WHEN 'send-mail' THEN interval '3 minutes 1 second' ELSE interval '1 second' END`)
	if err != nil {
		t.Fatal(err)
	}
	sign()
	var d done
	tasks, signed := d.tasks(), make(chan struct{}, 10)
	tasks.SignLog = func(context.Context, time.Time) error {
		signed <- struct{}{}
		return nil
	}
	start(t, db, tasks, slog.New(slog.DiscardHandler))
	for range 2 { // what was asked for, and the round at the start
		select {
		case <-signed:
		case <-time.After(30 * time.Second):
			t.Fatal("the log is not signed")
		}
	}
	d.expect(t, "under way")
}

// TestTwoWorkersDoAJobOnce: note panics on closing a channel twice, too.
func TestTwoWorkersDoAJobOnce(t *testing.T) {
	database := testkit.Database(t)
	db := store.Wrap(database.Desk())
	var d done
	start(t, db, d.tasks(), slog.New(slog.DiscardHandler))
	start(t, db, d.tasks(), slog.New(slog.DiscardHandler))
	var mails []string
	for i := range 40 {
		mails = append(mails, fmt.Sprintf("mail %d", i))
	}
	enqueue(t, db, append(mails, mails...)...) // the second half waits already
	for _, m := range mails {
		d.expect(t, m)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.mails) != len(mails) {
		t.Errorf("%d mails were sent %d times", len(mails), len(d.mails))
	}
}

// TestAFailureIsLoggedAndAPoisonedJobGivenUp: the first task fails and is tried
// again, the second can never be done.
func TestAFailureIsLoggedAndAPoisonedJobGivenUp(t *testing.T) {
	db := store.Wrap(testkit.Database(t).Desk())
	var d done
	failed := false
	tasks := jobs.Tasks{SendMail: func(_ context.Context, mail string, _ jobs.Attempt) error {
		switch {
		case mail == "poisoned":
			defer d.note(mail)
			return fmt.Errorf("%w: no such mailbox", jobs.ErrGiveUp)
		case !failed:
			failed = true
			return errors.New("the server is away")
		}
		d.note(mail)
		return nil
	}}
	var log lines
	j := start(t, db, tasks, slog.New(slog.NewTextHandler(&log, nil)))
	enqueue(t, db, "later")
	d.expect(t, "later")
	enqueue(t, db, "poisoned")
	d.expect(t, "poisoned")
	stop(t, j)
	for _, want := range []string{
		"level=WARN msg=\"job failed, to be tried again\" cause=\"the server is away\"",
		"level=ERROR msg=\"job discarded\"", "no such mailbox", "poisoned",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, log.String())
		}
	}
	if n := slices.IndexFunc(d.mails, func(m string) bool { return m == "poisoned" }); n != len(d.mails)-1 {
		t.Errorf("done: %v", d.mails)
	}
}

// TestRoundsComeByThemselves: at the start each task is called once.
func TestRoundsComeByThemselves(t *testing.T) {
	db := store.Wrap(testkit.Database(t).Desk())
	var d done
	round := func(name string) func(context.Context, time.Time) error {
		return func(context.Context, time.Time) error {
			d.note(name)
			return nil
		}
	}
	start(t, db, jobs.Tasks{PublishDue: round("due"), Expire: round("expire"), Remind: round("remind")}, slog.New(slog.DiscardHandler))
	for _, name := range []string{"due", "expire", "remind"} {
		d.expect(t, name)
	}
}

// lines is a log that may be written from any number of workers.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is what was written.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestTheTablesAreRivers compares our migration with what River's own make: a
// newer River with a newer schema is noticed here, not in production.
func TestTheTablesAreRivers(t *testing.T) {
	d := testkit.Database(t)
	owner := d.Owner()
	if _, err := owner.Exec(t.Context(), "CREATE SCHEMA theirs"); err != nil {
		t.Fatal(err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(owner), &rivermigrate.Config{Schema: "theirs", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	theirs := shape(t, d, "theirs")
	ours := shape(t, d, store.JobsSchema)
	if len(ours) < 30 || !slices.Equal(theirs, ours) {
		t.Errorf("theirs:\n%s\nours:\n%s", strings.Join(theirs, "\n"), strings.Join(ours, "\n"))
	}
}

// shape lists columns, constraints and indexes of a schema, without its name.
func shape(t *testing.T, d *testkit.DB, schema string) []string {
	t.Helper()
	rows, err := d.Owner().Query(t.Context(), `
		SELECT replace(line, @schema::text || '.', '') FROM (
			SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
			              pg_get_expr(f.adbin, f.adrelid)) AS line
			FROM pg_attribute AS a
			JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r'
			LEFT JOIN pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
			WHERE c.relnamespace = @schema::text::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
			UNION ALL
			SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
			FROM pg_constraint WHERE connamespace = @schema::text::regnamespace AND contype <> 'n'
			UNION ALL
			SELECT indexdef FROM pg_indexes WHERE schemaname = @schema::text
			UNION ALL
			SELECT format('%s %s', c.relname, c.relpersistence) FROM pg_class AS c
			WHERE c.relnamespace = @schema::text::regnamespace AND c.relkind = 'r'
			UNION ALL
			SELECT 'state ' || enumlabel FROM pg_enum JOIN pg_type AS t ON t.oid = enumtypid
			WHERE t.typnamespace = @schema::text::regnamespace
		) AS lines
		WHERE line NOT LIKE '%river_migration%'
		ORDER BY 1`, pgx.StrictNamedArgs{"schema": schema})
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAJobIsTraced: it is done by who traces it, within what he gives it, and he is told
// how it ended; one that is to be done later has not failed.
func TestAJobIsTraced(t *testing.T) {
	type traceKey struct{}
	db := store.Wrap(testkit.Database(t).Desk())
	ended, within := make(chan string, 100), make(chan any, 100)
	start(t, db, jobs.Tasks{
		SendMail: func(ctx context.Context, mail string, _ jobs.Attempt) error {
			within <- ctx.Value(traceKey{})
			if mail == "bad" {
				return fmt.Errorf("%w: no such address", jobs.ErrGiveUp)
			}
			return nil
		},
		Capture: func(context.Context, string, jobs.Attempt) error { return &jobs.LaterError{After: time.Hour} },
		Traced: func(ctx context.Context, kind string, do func(context.Context) error) error {
			err := do(context.WithValue(ctx, traceKey{}, kind))
			ended <- fmt.Sprint(kind, " ", err)
			return err
		},
	}, slog.New(slog.DiscardHandler))
	enqueue(t, db, "good", "bad")
	err := db.InTx(t.Context(), func(q store.Querier) error {
		return store.Enqueue(t.Context(), q, register.CaptureSource{Target: "x"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		select {
		case said := <-ended:
			got = append(got, said)
		case <-time.After(30 * time.Second):
			t.Fatalf("only %q were traced", got)
		}
	}
	slices.Sort(got)
	if want := []string{"capture-source <nil>", "send-mail <nil>", "send-mail given up: no such address"}; !slices.Equal(got, want) {
		t.Errorf("traced are %q, want %q", got, want)
	}
	if given := <-within; given != "send-mail" {
		t.Errorf("it was done within %v", given)
	}
	states := func() (failed, later int) {
		t.Helper()
		const sql = `SELECT count(*) FILTER (WHERE state = 'cancelled'), count(*) FILTER (WHERE state = 'scheduled') FROM jobs.river_job`
		if err := db.Querier().QueryRow(t.Context(), sql).Scan(&failed, &later); err != nil {
			t.Fatal(err)
		}
		return failed, later
	}
	for range 300 {
		if failed, later := states(); failed == 1 && later == 1 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	failed, later := states()
	t.Errorf("%d jobs were given up and %d wait: what they return is lost on the way", failed, later)
}

// TestWhatIsAskedForWhileAJobIsAtWorkIsDone: it has looked already, and is the only
// one of its kind.
func TestWhatIsAskedForWhileAJobIsAtWorkIsDone(t *testing.T) {
	t.Parallel()
	db := store.Wrap(testkit.Database(t).Desk())
	looked, release := make(chan struct{}, 8), make(chan struct{})
	start(t, db, jobs.Tasks{Cosign: func(ctx context.Context, _ string) error {
		looked <- struct{}{}
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	}}, slog.New(slog.DiscardHandler))
	await := func(what string) {
		t.Helper()
		select {
		case <-looked:
		case <-time.After(30 * time.Second):
			t.Fatal(what)
		}
	}
	ask := func() {
		t.Helper()
		err := db.InTx(t.Context(), func(q store.Querier) error {
			return store.Enqueue(t.Context(), q, register.CosignLog{Witness: "witness.test"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask()
	await("nobody looks")
	ask()
	close(release)
	await("nobody looks again at what came meanwhile")
}
