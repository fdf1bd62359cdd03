package register

import "time"

// Job is work to be done after the transaction that asks for it, as a value:
// what it holds is kept as JSON until somebody does it, maybe after a restart.
// It holds no secret and little else than identifiers, since what they name
// may change meanwhile.
//
// A job may be done twice, when a program ends in the middle of it: doing it
// must be safe to repeat.
type Job interface {
	// Kind names the job in the database: stable over versions of the program.
	Kind() string
	// Once means that it is not asked for again while an equal one waits or is
	// being done.
	Once() bool
	// Attempts is how often it is tried, ever more slowly, before it is given
	// up; zero means as often as the house usually does.
	Attempts() int
}

// Waiting is a job that waits for somebody outside of the house. Such jobs are
// done apart, so that those who do not answer hold up nobody but each other.
type Waiting interface {
	Job
	// Queue names those that wait together.
	Queue() string
}

// QueueAttest is of the jobs that wait for those who attest the public log, and
// for the hub of the feeds.
const QueueAttest = "attest"

// SendMail sends one mail of the outbox.
type SendMail struct {
	Mail string `json:"mail"` // its identifier
}

// Kind implements Job.
func (SendMail) Kind() string { return "send-mail" }

// Once implements Job.
func (SendMail) Once() bool { return true }

// Attempts implements Job: with the pauses that grow, about half a day.
func (SendMail) Attempts() int { return 12 }

// PublishDue publishes what is to be published at a set time that has come.
type PublishDue struct{}

// Kind implements Job.
func (PublishDue) Kind() string { return "publish-due" }

// Once implements Job.
func (PublishDue) Once() bool { return true }

// Attempts implements Job: the next minute asks again.
func (PublishDue) Attempts() int { return 1 }

// Expire takes away what has run out: sessions, links, attempts, old mails, and
// files that nothing names.
type Expire struct{}

// Kind implements Job.
func (Expire) Kind() string { return "expire" }

// Once implements Job.
func (Expire) Once() bool { return true }

// Attempts implements Job: the next round asks again.
func (Expire) Attempts() int { return 1 }

// Remind tells staff of what nobody has looked at for long: referrals that
// were announced and are not heard of since, and reviews that wait.
type Remind struct{}

// Kind implements Job.
func (Remind) Kind() string { return "remind" }

// Once implements Job.
func (Remind) Once() bool { return true }

// Attempts implements Job: the next round asks again.
func (Remind) Attempts() int { return 1 }

// SignLog signs a checkpoint of the public log, where it grew.
type SignLog struct{}

// Kind implements Job.
func (SignLog) Kind() string { return "sign-log" }

// Once implements Job: each publication asks for itself. One that found another
// at work, which had looked already or was killed with its program, would wait
// for its signature; one that finds all signed has only looked.
func (SignLog) Once() bool { return false }

// Attempts implements Job: after a second, and some more; then the next minute
// asks again.
func (SignLog) Attempts() int { return 3 }

// CosignLog asks a witness to cosign the newest checkpoint of the public log.
type CosignLog struct {
	Witness string `json:"witness"` // its verifier key
}

// Kind implements Job.
func (CosignLog) Kind() string { return "cosign-log" }

// Once implements Job: it asks for the newest checkpoint, whichever that is then.
func (CosignLog) Once() bool { return true }

// Attempts implements Job: with the pauses that grow, about half an hour; the
// round comes back to it later.
func (CosignLog) Attempts() int { return 7 }

// Queue implements Waiting.
func (CosignLog) Queue() string { return QueueAttest }

// StampLog asks a time-stamping authority for a timestamp of the newest
// checkpoint of the public log.
type StampLog struct{}

// Kind implements Job.
func (StampLog) Kind() string { return "stamp-log" }

// Once implements Job: it asks for the newest checkpoint, whichever that is then.
func (StampLog) Once() bool { return true }

// Attempts implements Job, as those of CosignLog.
func (StampLog) Attempts() int { return 7 }

// Queue implements Waiting.
func (StampLog) Queue() string { return QueueAttest }

// AttestLog asks for what others have not attested yet of the newest checkpoint.
type AttestLog struct{}

// Kind implements Job.
func (AttestLog) Kind() string { return "attest-log" }

// Once implements Job.
func (AttestLog) Once() bool { return true }

// Attempts implements Job: the next round asks again.
func (AttestLog) Attempts() int { return 1 }

// PingHub tells the hub of the feeds what was published since a moment.
type PingHub struct {
	Since time.Time `json:"since"`
}

// Kind implements Job.
func (PingHub) Kind() string { return "ping-hub" }

// Once implements Job: each publication asks for itself.
func (PingHub) Once() bool { return false }

// Attempts implements Job, as those of CosignLog.
func (PingHub) Attempts() int { return 7 }

// Queue implements Waiting.
func (PingHub) Queue() string { return QueueAttest }

// QueueDumps is of the jobs that make dumps, which take long.
const QueueDumps = "dumps"

// TakeDump makes the dumps of a day, once it is night and where they are missing.
type TakeDump struct{}

// Kind implements Job.
func (TakeDump) Kind() string { return "take-dump" }

// Once implements Job.
func (TakeDump) Once() bool { return true }

// Attempts implements Job: the next round asks again.
func (TakeDump) Attempts() int { return 1 }

// Queue implements Waiting.
func (TakeDump) Queue() string { return QueueDumps }

// RunImport imports a file that somebody uploaded and confirmed.
type RunImport struct {
	Run string `json:"run"` // its identifier
}

// Kind implements Job.
func (RunImport) Kind() string { return "run-import" }

// Once implements Job.
func (RunImport) Once() bool { return true }

// Attempts implements Job: it goes on where it was broken off.
func (RunImport) Attempts() int { return 5 }

// CaptureSource captures what an address of a source shows.
type CaptureSource struct {
	Target string `json:"target"` // its identifier
}

// Kind implements Job.
func (CaptureSource) Kind() string { return "capture-source" }

// Once implements Job: an address waits once.
func (CaptureSource) Once() bool { return true }

// Attempts implements Job: with the pauses that grow, about an hour; the round
// of checks comes back to it later.
func (CaptureSource) Attempts() int { return 8 }

// CheckCaptures asks for the captures that are due: addresses that were never
// captured, and those that are to be looked at again.
type CheckCaptures struct{}

// Kind implements Job.
func (CheckCaptures) Kind() string { return "check-captures" }

// Once implements Job.
func (CheckCaptures) Once() bool { return true }

// Attempts implements Job: the next round asks again.
func (CheckCaptures) Attempts() int { return 1 }

// KeepNewest keeps the words of the newest incidents a second time, in the order of the
// list.
type KeepNewest struct{}

// Kind implements Job.
func (KeepNewest) Kind() string { return "keep-newest" }

// Once implements Job.
func (KeepNewest) Once() bool { return true }

// Attempts implements Job: the next round asks again.
func (KeepNewest) Attempts() int { return 1 }

// Rounds are the jobs that come back by themselves, each with how often.
func Rounds() map[Job]time.Duration {
	return map[Job]time.Duration{
		PublishDue{}:    time.Minute,
		Expire{}:        15 * time.Minute,
		Remind{}:        time.Hour,
		CheckCaptures{}: 10 * time.Minute,
		KeepNewest{}:    5 * time.Minute,
		SignLog{}:       time.Minute,
		AttestLog{}:     15 * time.Minute,
		TakeDump{}:      time.Hour,
	}
}
