package register

import "time"

// Actions lists what the audit notes: the codes of its lines, by what they are
// about. Each has a name in every language.
func Actions() []string {
	return []string{
		// records
		"draft", "change", "import", "begin-import", "end-import", "export-origins", "save-sources", "capture-source", "adopt-copy", "attach-file", "confirm-text", "comment", "assign", "discard",
		// reviews and publications
		"send-for-review", "claim", "release", "approved", "returned", "schedule", "unschedule", "schedule-failed", "publish", "carry", "rebuild",
		// decisions by two persons
		"propose-merge", "refuse-merge", "merge", "propose-withdrawal", "refuse-withdrawal", "withdrawal",
		"propose-takedown", "refuse-takedown", "takedown",
		// what holds for the whole register
		"add-term", "change-term", "change-settings", "retry-job", "back-up",
		// accounts
		"invite", "send-invitation", "send-reset", "accept-invitation", "change-role", "deactivate-account", "reactivate-account",
		"set-up", "set-password", "ask-reset", "reset-password", "change-password", "ask-email", "change-email", "change-profile",
		"begin-one-time-codes", "add-second-factor", "remove-second-factor", "renew-recovery-codes", "reseal-secrets", "make-token", "revoke-token",
		// sessions
		"sign-in", "password-given", "sign-in-failed", "code-refused", "passkey-refused", "proof-failed", "locked-out", "proved", "sign-out", "revoke-session", "revoke-other-sessions",
	}
}

// AuditLine is one line of the audit.
type AuditLine struct {
	Number  int64
	At      time.Time
	By      string // name of who did it; empty: the program
	Action  string
	Record  Ref // empty where it concerns no record
	Type    RecordType
	Title   Text // of the record
	Version int
	About   string // name of the account that it concerns
	What    string // code or reference that it concerns
	Network string // from where it was done, where that is noted
}

// AuditFilter chooses lines of the audit. Empty fields do not choose.
type AuditFilter struct {
	By     string // identifier of an account
	Action string
	Record Ref
	From   time.Time // inclusive
	To     time.Time // exclusive
	Before int64     // lines before this one
	Limit  int
}

// AuditChain is what a check of the audit's hashes found.
type AuditChain struct {
	Lines int64
	// Broken is the number of the first line that is not what was written, or
	// that is missing; 0: none.
	Broken int64
}
