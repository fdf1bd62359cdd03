// Package jobs does what the house asks for in transactions and by the clock:
// mails, publications at a set time, expiry, reminders. It runs on River, whose
// tables are in the schema jobs; nothing else of the house knows River.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

const (
	// workers is how many jobs are done at the same time, and waiting how many more
	// that wait for others.
	workers, waiting = 4, 4
	// jobTimeout is how long one attempt may take.
	jobTimeout = 2 * time.Minute
	// lostAfter is when a job under way is taken for lost, with a program that was
	// killed or had no database to tell that it is done, and done again: until
	// then no other of its kind is begun, where it is done once at a time.
	lostAfter = jobTimeout + time.Minute
	// keepDone and keepFailed are how long a job that ended is kept for
	// whoever looks for it.
	keepDone   = 24 * time.Hour
	keepFailed = 30 * 24 * time.Hour
)

// ErrGiveUp is wrapped by what a task returns when to try again is no use.
var ErrGiveUp = errors.New("given up")

// LaterError is what a task returns that is to be done again after a while,
// without that it has failed.
type LaterError struct{ After time.Duration }

// Error tells the log when.
func (e *LaterError) Error() string { return "again after " + e.After.String() }

// Attempt tells a task which of its attempts this is.
type Attempt struct {
	Last bool // no other follows if this one fails
}

// Tasks are what the jobs do. Each may be called again after it was done, and
// at the same time on other nodes for other jobs. A task that is nil is never
// asked for by the clock.
type Tasks struct {
	// SendMail sends a mail of the outbox.
	SendMail func(ctx context.Context, mail string, attempt Attempt) error
	// Import imports an uploaded file.
	Import func(ctx context.Context, run string) error
	// PublishDue publishes what is to be published by now.
	PublishDue func(ctx context.Context, now time.Time) error
	// Expire takes away what has run out by now.
	Expire func(ctx context.Context, now time.Time) error
	// Remind tells staff of what has waited too long by now.
	Remind func(ctx context.Context, now time.Time) error
	// SignLog signs a checkpoint of the log, where it grew.
	SignLog func(ctx context.Context, now time.Time) error
	// Cosign asks a witness to cosign the newest checkpoint; nil where there is none.
	Cosign func(ctx context.Context, witness string) error
	// Stamp asks an authority for a timestamp of it; nil where there is none.
	Stamp func(ctx context.Context) error
	// AskAttestations asks for what others have not attested yet of it.
	AskAttestations func(ctx context.Context, now time.Time) error
	// PingHub tells a hub of what was published since a moment; nil where there is
	// none.
	PingHub func(ctx context.Context, since time.Time) error
	// Capture captures what an address of a source shows; nil where captures are
	// off: what was asked for before is then left to the next round that is on.
	Capture func(ctx context.Context, target string, attempt Attempt) error
	// CheckCaptures asks for the captures that are due by now.
	CheckCaptures func(ctx context.Context, now time.Time) error
	// KeepNewest keeps the words of the newest incidents in the order of the list.
	KeepNewest func(ctx context.Context, now time.Time) error
	// TakeDump makes the dumps of the night by now; nil where none are wanted.
	TakeDump func(ctx context.Context, now time.Time) error
	// Traced does a job of a kind, and tells how long it took to who collects that;
	// nil where nobody does.
	Traced func(ctx context.Context, kind string, do func(context.Context) error) error
}

// Jobs are at work from Start to Stop.
type Jobs struct {
	client *river.Client[pgx.Tx]
}

// Start begins to do jobs, on a pool of the desk's role. Several programs may
// do so on one database: each job is done by one of them.
func Start(ctx context.Context, db *store.DB, tasks Tasks, now func() time.Time, log *slog.Logger) (*Jobs, error) {
	bundle := river.NewWorkers()
	var rounds []*river.PeriodicJob
	err := errors.Join(
		addMail(bundle, tasks.SendMail),
		addImport(bundle, tasks.Import),
		addRound(bundle, &rounds, register.PublishDue{}, tasks.PublishDue, now),
		addRound(bundle, &rounds, register.Expire{}, tasks.Expire, now),
		addRound(bundle, &rounds, register.Remind{}, tasks.Remind, now),
		addRound(bundle, &rounds, register.SignLog{}, tasks.SignLog, now),
		addCosign(bundle, tasks.Cosign),
		addStamp(bundle, tasks.Stamp),
		addRound(bundle, &rounds, register.AttestLog{}, tasks.AskAttestations, now),
		addPing(bundle, tasks.PingHub),
		addCapture(bundle, tasks.Capture),
		addRound(bundle, &rounds, register.CheckCaptures{}, tasks.CheckCaptures, now),
		addRound(bundle, &rounds, register.KeepNewest{}, tasks.KeepNewest, now),
		addDumps(bundle, &rounds, tasks.TakeDump, now),
	)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{
		Schema: store.JobsSchema, Workers: bundle, PeriodicJobs: rounds, Middleware: tasks.middleware(),
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}, register.QueueAttest: {MaxWorkers: waiting}, register.QueueDumps: {MaxWorkers: 1}},
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        lostAfter,
		CompletedJobRetentionPeriod: keepDone, CancelledJobRetentionPeriod: keepFailed, DiscardedJobRetentionPeriod: keepFailed,
		ErrorHandler: &alarm{log: log},
		// River's own lines are about River: ours tell of the jobs.
		Logger: slog.New(atLeast{log.Handler(), slog.LevelWarn}),
		// To rebuild an index is the owner's right, and the desk's role has it not.
		ReindexerIndexNames: []string{},
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	// Jobs end by Stop, not by the context: those under way get their time.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Jobs{client: client}, nil
}

// tracing does each job as Tasks.Traced does it.
type tracing struct {
	river.MiddlewareDefaults
	do func(ctx context.Context, kind string, do func(context.Context) error) error
}

// Work implements rivertype.WorkerMiddleware. A job that is to be done later has not
// failed.
func (t *tracing) Work(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) error {
	var err error
	_ = t.do(ctx, job.Kind, func(ctx context.Context) error {
		err = do(ctx)
		if _, later := errors.AsType[*rivertype.JobSnoozeError](err); later {
			return nil
		}
		return err
	}) // it is err
	return err
}

func (t Tasks) middleware() []rivertype.Middleware {
	if t.Traced == nil {
		return nil
	}
	return []rivertype.Middleware{&tracing{do: t.Traced}}
}

// Stop takes no new job and waits for those under way; when ctx ends first they
// are cut off, and done again at the next start.
func (j *Jobs) Stop(ctx context.Context) error {
	err := j.client.Stop(ctx)
	if err == nil {
		return nil
	}
	cut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := j.client.StopAndCancel(cut); err != nil {
		return fmt.Errorf("jobs: stopping: %w", err)
	}
	return nil
}

func addMail(bundle *river.Workers, send func(context.Context, string, Attempt) error) error {
	if send == nil {
		return nil
	}
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, job *river.Job[register.SendMail]) error {
		return send(ctx, job.Args.Mail, Attempt{Last: job.Attempt >= job.MaxAttempts})
	}))
}

// addCapture lets captures be made. Where they are off, one that is waiting since
// they were on is done with nothing, which is no failure.
func addCapture(bundle *river.Workers, capture func(context.Context, string, Attempt) error) error {
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, job *river.Job[register.CaptureSource]) error {
		if capture == nil {
			return nil
		}
		err := capture(ctx, job.Args.Target, Attempt{Last: job.Attempt >= job.MaxAttempts})
		if later, ok := errors.AsType[*LaterError](err); ok {
			return river.JobSnooze(later.After)
		}
		return err
	}))
}

func addImport(bundle *river.Workers, bring func(context.Context, string) error) error {
	if bring == nil {
		return nil
	}
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, job *river.Job[register.RunImport]) error {
		return bring(ctx, job.Args.Run)
	}))
}

// addRound lets a job do its task, and has the clock ask for it.
func addRound[J interface {
	register.Job
	comparable
}](bundle *river.Workers, rounds *[]*river.PeriodicJob, job J, task func(context.Context, time.Time) error, now func() time.Time,
) error {
	if task == nil {
		return nil
	}
	*rounds = append(*rounds, river.NewPeriodicJob(
		river.PeriodicInterval(register.Rounds()[job]),
		func() (river.JobArgs, *river.InsertOpts) { return job, store.JobOptions(job) },
		&river.PeriodicJobOpts{RunOnStart: true}))
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, _ *river.Job[J]) error {
		return task(ctx, now())
	}))
}

// alarm logs every failure with its cause; what will not be tried again is an
// error that somebody must look at.
type alarm struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (a *alarm) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	givenUp := errors.Is(err, ErrGiveUp)
	a.report(ctx, job, givenUp, "cause", err.Error())
	return &river.ErrorHandlerResult{SetCancelled: givenUp}
}

// HandlePanic implements river.ErrorHandler.
func (a *alarm) HandlePanic(ctx context.Context, job *rivertype.JobRow, cause any, trace string) *river.ErrorHandlerResult {
	a.report(ctx, job, false, "cause", fmt.Sprint(cause), "trace", trace)
	return nil
}

func (a *alarm) report(ctx context.Context, job *rivertype.JobRow, givenUp bool, attributes ...any) {
	attributes = append(attributes, "job", job.Kind, "id", job.ID, "attempt", job.Attempt, "args", string(job.EncodedArgs))
	if givenUp || job.Attempt >= job.MaxAttempts {
		a.log.ErrorContext(ctx, "job discarded", attributes...)
		return
	}
	a.log.WarnContext(ctx, "job failed, to be tried again", attributes...)
}

// atLeast drops lines below a level.
type atLeast struct {
	slog.Handler
	level slog.Level
}

// Enabled implements slog.Handler.
func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}
