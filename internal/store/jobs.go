package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/sijil/sijil/internal/register"
)

// JobsSchema is where the tables of the jobs are.
const JobsSchema = "jobs"

// jobAttempts is how often a job is tried that says nothing else.
const jobAttempts = 8

// Enqueue asks for a job in the caller's transaction: the job is done once the
// transaction is committed, and never if it is rolled back. A Querier that is
// no transaction is refused.
func Enqueue(ctx context.Context, q Querier, job register.Job) error {
	tx, ok := q.(pgx.Tx)
	if !ok {
		return errors.New("store: a job is asked for in a transaction")
	}
	if !job.Once() {
		return enqueueOne(ctx, tx, job)
	}
	// It inserts only: to make it costs nothing.
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Schema: JobsSchema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("store: jobs: %w", err)
	}
	done, err := client.InsertTx(ctx, tx, job, JobOptions(job))
	if err != nil || !done.UniqueSkippedAsDuplicate {
		return Map(err)
	}
	if state := done.Job.State; state != rivertype.JobStateRunning && state != rivertype.JobStateAvailable {
		return nil // it waits for its time, and looks then
	}
	options := lookAgain(job)
	if err := tx.QueryRow(ctx, "SELECT now() + @later::interval", pgx.StrictNamedArgs{"later": againAfter}).Scan(&options.ScheduledAt); err != nil {
		return Map(err)
	}
	_, err = client.InsertTx(ctx, tx, job, options)
	return Map(err)
}

// againAfter is when somebody looks again at what a job may have missed.
const againAfter = 2 * time.Second

// lookAgain are the options of one more look, for where a job is at work, or may be
// before the caller commits: it may have looked already, and what the caller wrote
// would be seen by nobody. There is at most one for each period.
func lookAgain(job register.Job) *river.InsertOpts {
	options := JobOptions(job)
	options.UniqueOpts.ByPeriod = againAfter
	options.Metadata = []byte(`{"again": true}`)
	return options
}

// enqueueOne asks for a job of which several may wait. That is a row with River's
// defaults, and a word to who listens once it is committed: each publication asks
// for one, and River's own client takes a millisecond for it and says the word in
// the transaction.
func enqueueOne(ctx context.Context, tx pgx.Tx, job register.Job) error {
	options := JobOptions(job)
	queue := cmp.Or(options.Queue, river.QueueDefault)
	_, err := tx.Exec(ctx, `
		INSERT INTO jobs.river_job (kind, args, max_attempts, queue)
		VALUES (@kind, @args, @attempts, @queue)`, pgx.StrictNamedArgs{
		"kind": job.Kind(), "args": job, "attempts": options.MaxAttempts, "queue": queue,
	})
	if err == nil {
		AnnounceJob(tx, queue)
	}
	return Map(err)
}

// JobOptions says to River what a job says of itself.
func JobOptions(job register.Job) *river.InsertOpts {
	options := &river.InsertOpts{MaxAttempts: jobAttempts}
	if n := job.Attempts(); n > 0 {
		options.MaxAttempts = n
	}
	if waiting, ok := job.(register.Waiting); ok {
		options.Queue = waiting.Queue()
	}
	if job.Once() {
		options.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}}
	}
	return options
}

// Pool gives the pool to the driver of the jobs, and to nobody else.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }
