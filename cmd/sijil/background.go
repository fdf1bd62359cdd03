package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/intake"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
)

// jobsDrain is how long jobs under way may take when the program stops: they
// are done again at the next start.
const jobsDrain = 5 * time.Second

// background is what runs beside the requests, on connections of its own, so
// that neither takes the other's.
type background struct {
	db   *store.DB
	jobs *jobs.Jobs
	// leave ends what is done once at the start, and waits for its end.
	leave func()
}

// backgroundSettings are what it needs.
type backgroundSettings struct {
	DatabaseURL string
	BaseURL     string
	Sender      jobs.Sender // nil: mails are kept, not sent
	Blobs       blob.Store  // of attached documents
	LogKeys     editorial.KeyReader
	Witnesses   []*attest.Witness // who cosign the log
	Authority   *attest.Authority // who dates it; nil: nobody
	Hub         string            // that tells of what is new in feeds; empty: none
	Demo        bool              // mails that are kept stay whole, to be read on a page
	Capture     bool              // the addresses of sources are captured
	Exports     *store.DB         // reads what is dumped
	DumpDays    int               // for how many days dumps are kept; 0: none are made
	Traces      *observe.Traces   // tell what single jobs did; nil: nothing is told
	Log         *slog.Logger
}

// startBackground begins to do jobs.
func startBackground(ctx context.Context, s backgroundSettings) (*background, error) {
	messages, err := i18n.Load(s.Log)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, s.DatabaseURL, store.JobsSide, store.TracedBy(s.Traces.Provider()))
	if err != nil {
		return nil, err
	}
	outbox := &jobs.Outbox{
		DB: db, Writer: mail.NewWriter(messages, s.BaseURL), Sender: s.Sender, KeepLinks: s.Demo, Now: time.Now,
	}
	uses := editorial.New(db, time.Now).WithFiles(s.Blobs).WithLog(s.LogKeys).WithWitnesses(keysOf(s.Witnesses)...)
	if s.Authority != nil {
		uses = uses.WithTimestamps()
	}
	if s.Hub != "" {
		uses = uses.WithHub()
	}
	tasks := jobs.Tasks{
		SendMail: outbox.Send, PublishDue: uses.PublishDue, Expire: expiry(db, uses), Remind: uses.Remind, SignLog: uses.SignLog,
		KeepNewest: uses.KeepNewest,
	}
	if s.Traces != nil {
		tasks.Traced = s.Traces.Job
	}
	tasks.Import = func(ctx context.Context, run string) error {
		return intake.RunUpload(ctx, uses, run, edtf.DayOf(time.Now()), intake.Telling{Refused: func(err error) {
			s.Log.WarnContext(ctx, "a batch of an import was refused, and is tried in halves", "import", run, "error", err)
		}})
	}
	addAttestations(&tasks, uses, s)
	if s.Hub != "" {
		tasks.PingHub = (&jobs.Hub{Uses: uses, Address: s.Hub, BaseURL: s.BaseURL}).Ping
	}
	if s.Capture {
		err = addCaptures(&tasks, uses, s.Log)
	}
	if s.Exports != nil {
		tasks.TakeDump = (&jobs.Dumps{
			DB: db, Source: record.NewStore(s.Exports), Blobs: s.Blobs, Base: s.BaseURL, Words: messages.Localizer(i18n.Default),
			Spool: openSpool, Days: s.DumpDays,
		}).Take
	}
	var running *jobs.Jobs
	if err == nil {
		running, err = jobs.Start(ctx, db, tasks, time.Now, s.Log)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return &background{db: db, jobs: running, leave: catchUp(ctx, uses, s.Log)}, nil
}

// addCaptures has the addresses of sources captured.
func addCaptures(tasks *jobs.Tasks, uses *editorial.Editorial, log *slog.Logger) error {
	intake, err := capture.New()
	if err != nil {
		return err
	}
	captures := &jobs.Captures{Uses: uses.WithCaptures(), Intake: intake, Software: "Sijil " + buildVersion(), Now: time.Now, Log: log}
	tasks.Capture, tasks.CheckCaptures = captures.Take, uses.AskDueCaptures
	return nil
}

// addAttestations has others attest the checkpoints of the log.
func addAttestations(tasks *jobs.Tasks, uses *editorial.Editorial, s backgroundSettings) {
	if len(s.Witnesses) > 0 {
		tasks.Cosign = (&jobs.Witnesses{Uses: uses, List: s.Witnesses, Now: time.Now}).Cosign
	}
	if s.Authority != nil {
		tasks.Stamp = (&jobs.Timestamps{Uses: uses, Authority: s.Authority}).Stamp
	}
	if len(s.Witnesses) > 0 || s.Authority != nil {
		tasks.AskAttestations = uses.AskAttestations
	}
}

// keysOf are the verifier keys of witnesses.
func keysOf(witnesses []*attest.Witness) []string {
	out := make([]string, len(witnesses))
	for i, w := range witnesses {
		out[i] = w.Key()
	}
	return out
}

// namesOf are the names of witnesses.
func namesOf(witnesses []*attest.Witness) []string {
	out := make([]string, len(witnesses))
	for i, key := range keysOf(witnesses) {
		out[i], _, _ = strings.Cut(key, "+")
	}
	return out
}

// catchUp begins to sign what a program that was killed had published and not
// signed, and to write what older versions of the program did not keep beside the
// records. It returns how to end it: what is left over waits for the next start.
func catchUp(ctx context.Context, uses *editorial.Editorial, log *slog.Logger) (leave func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() {
		if err := uses.SignLog(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.Error("the log is not signed at the start", "error", err)
		}
		if err := uses.CatchUp(ctx); err != nil && ctx.Err() == nil {
			log.Error("what older versions did not keep beside records is not written", "error", err)
		}
	})
	return func() {
		cancel()
		work.Wait()
	}
}

// expiry takes away whatever has run out; what fails does not keep the rest
// from going.
func expiry(db *store.DB, uses *editorial.Editorial) func(context.Context, time.Time) error {
	return func(ctx context.Context, now time.Time) error {
		return errors.Join(auth.Sweep(ctx, db, now), uses.ForgetMails(ctx, now), uses.ForgetFiles(ctx, now), uses.ForgetRequests(ctx, now), uses.ForgetUploads(ctx, now))
	}
}

// stop ends the jobs, then their connections. It is called when no request is
// under way any more, since requests ask for jobs, and while the database
// still runs.
func (b *background) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), jobsDrain)
	defer cancel()
	b.leave()
	err := b.jobs.Stop(ctx)
	b.db.Close()
	return err
}

// sender is the mail server of the settings; nil, and a warning of what does
// not work then, where no mail is to be sent.
func sender(settings config.Config, log *slog.Logger) (jobs.Sender, error) {
	if !settings.SendsMail() {
		log.Warn("no mail is sent (SIJIL_SMTP_URL is none): invitations and new passwords need \"sijil user\", " +
			"and nobody is told of what is returned or waits for him")
		return nil, nil //nolint:nilnil // no sender is what was asked for
	}
	return mail.NewSMTP(settings.SMTPURL, settings.MailFrom, settings.MailTimeout)
}
