package register

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The kinds of errors that the register knows. What is none of these is
// unexpected, and its inside is never shown.
var (
	ErrNotFound  = errors.New("not found")
	ErrForbidden = errors.New("forbidden")
	// ErrConflict means that somebody else changed the record meanwhile.
	ErrConflict = errors.New("changed by somebody else meanwhile")
	// ErrWithdrawn means that the record was withdrawn or taken down; its notice
	// stays, in a WithdrawnError.
	ErrWithdrawn = errors.New("withdrawn")
	// ErrUnavailable means that the database cannot be reached now.
	ErrUnavailable = errors.New("unavailable")
	// ErrCounting means that figures are being counted, and never were before.
	ErrCounting = errors.New("still being counted")
	// ErrNotConfigured means that the operator has not given what the use case
	// needs.
	ErrNotConfigured = errors.New("not configured")
	// ErrDamaged means that a file is not what was stored: it is never handed
	// out, and somebody must look at the store.
	ErrDamaged = errors.New("damaged")
	// ErrInvalid means a request that no reader's link can have made.
	ErrInvalid = errors.New("invalid request")
)

// Problem is one thing that is wrong with a record: a key of a message, never
// a sentence, at a field.
type Problem struct {
	Field string // path such as "events[attack].title"
	Key   string // message key such as "problem.missing-source"
	Value string // the offending value, where it helps
}

// Unkeepable reports whether the problem is one with which a draft cannot be kept;
// the others are what is missing of it.
func (p Problem) Unkeepable() bool {
	switch p.Key {
	case "problem.bad-character", "problem.bad-key", "problem.code-unknown", "problem.date-empty", "problem.date-preferred-twice",
		"problem.duplicate-key", "problem.key-unknown", "problem.original-contradiction", "problem.slug-malformed", "problem.url-host", "problem.url-malformed":
		return true
	}
	return false
}

// Problems are all things that are wrong with a record; as an error, the
// record is not accepted.
type Problems []Problem //nolint:errname // a list of problems is what it is, and an error only where it is returned

// Error lists the problems for the log.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = fmt.Sprintf("%s: %s %s", p.Field, p.Key, p.Value)
	}
	return strings.Join(lines, "; ")
}

// OrNil returns the problems as an error, nil when there are none.
func (ps Problems) OrNil() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// MovedError means that the record is now found under another slug, or, where it
// was asked for by its reference, that another has taken its place.
type MovedError struct {
	Slug      string // the current one
	Reference string // of the record that has taken its place; else empty
}

// Error tells where the record is.
func (e *MovedError) Error() string { return "moved to " + e.Slug }

// WithdrawnError is ErrWithdrawn with what is said in the place of the record.
type WithdrawnError struct {
	Reference string
	Notice    Text
	At        time.Time
	// Removed means by law: the content exists no more.
	Removed bool
	// Edition is the number of the one edition that was removed; 0 for the whole
	// record.
	Edition int
	// With is the record with which it was withdrawn, into which it had been
	// merged; empty for one that was withdrawn by itself.
	With string
}

// Error names the record for the log.
func (e *WithdrawnError) Error() string { return e.Reference + " was withdrawn" }

// Unwrap says of which kind the error is.
func (e *WithdrawnError) Unwrap() error { return ErrWithdrawn }
