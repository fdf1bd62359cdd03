package register

import (
	"slices"
	"time"
)

// Operations is how an installation does, as its database knows it: what waits,
// what failed, and how old what should never be old is. Times that are zero never
// were.
type Operations struct {
	Generation int64
	// Published is when the last edition was published.
	Published time.Time
	// Overdue is the earliest of the set times of publication that have come, of which
	// nothing has become: neither was it published, nor given up with a reason.
	Overdue time.Time
	Jobs    []JobCount
	// OldestJob is since when the job waits that could have begun first.
	OldestJob time.Time
	Mails     MailCount
	Log       LogState
	// Backup is when "sijil backup" noted its last copy, as of the moment that the
	// copy is of.
	Backup  time.Time
	Archive ArchiveState
	// Followers are the replicas that follow the database, as far as this role may
	// know of them.
	Followers []Follower
	// Sessions is how many are signed in, of how many accounts.
	Sessions, Present int
}

// JobCount is how many jobs of a queue are in a state of River's ("available",
// "scheduled", "running", "retryable", "cancelled", "discarded").
type JobCount struct {
	Queue, State string
	Count        int
}

// MailCount is the outbox: what waits since when, and what was given up.
type MailCount struct {
	Waiting, Failed int
	Oldest          time.Time
}

// LogState is how far the public log is signed and attested.
type LogState struct {
	Leaves int64
	// Signed is how many of them the newest checkpoint covers, SignedAt its time.
	Signed   int64
	SignedAt time.Time
	// UnsignedSince is when the first leaf was appended that no checkpoint covers.
	UnsignedSince time.Time
	// Witnesses are those that ever cosigned, Timestamps the authorities that ever
	// dated, each with the largest checkpoint.
	Witnesses, Timestamps []Attested
}

// Unsigned is how many leaves no checkpoint covers.
func (s LogState) Unsigned() int64 { return max(0, s.Leaves-s.Signed) }

// Expect adds the witnesses of these names that never cosigned.
func (s *LogState) Expect(witnesses []string) {
	for _, name := range witnesses {
		if !slices.ContainsFunc(s.Witnesses, func(a Attested) bool { return a.By == name }) {
			s.Witnesses = append(s.Witnesses, Attested{By: name})
		}
	}
}

// Attested is how far somebody else has attested the log.
type Attested struct {
	By   string
	Size int64
	At   time.Time
}

// ArchiveState is what PostgreSQL tells of the archive of its write-ahead log.
type ArchiveState struct {
	On           bool
	Last, Failed time.Time // of the last piece that was archived, and that was not
}

// Failing reports whether the last attempt to archive failed.
func (a ArchiveState) Failing() bool { return a.On && a.Failed.After(a.Last) }

// Follower is a replica as the primary sees it.
type Follower struct {
	Name, State string
	Bytes       int64         // of the write-ahead log that it has not replayed
	Lag         time.Duration // of what it replayed last; 0 also where nothing is written
}

// JobRow is a job for who looks after the installation. What it holds is left
// out: it names records and mails.
type JobRow struct {
	ID                   int64
	Kind, State          string
	Attempt, MaxAttempts int
	At                   time.Time // of the last attempt
	Again                time.Time // when it is tried again; zero: not by itself
	Cause                string    // of the last failure
}

// Storage is what the store of files holds, as the database knows it.
type Storage struct {
	Files, Bytes         int64 // attached files and captures
	Dumps, DumpBytes     int64
	Published, Documents int64 // bytes of documents that are handed out, and how many
}

// SecurityEvent counts an action of the audit that is about who gets in.
type SecurityEvent struct {
	Action string
	Count  int
	Last   time.Time
}

// SecurityActions lists the actions of the audit that are about who gets in, in
// the order in which they alarm.
func SecurityActions() []string {
	return []string{
		"locked-out", "sign-in-failed", "code-refused", "passkey-refused", "proof-failed", "sign-in", "proved",
		"remove-second-factor", "add-second-factor", "renew-recovery-codes", "change-role", "invite",
		"deactivate-account", "reactivate-account", "reset-password", "change-password", "set-password", "change-email",
		"make-token", "revoke-token", "revoke-session", "revoke-other-sessions", "back-up",
	}
}
