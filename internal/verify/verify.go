// Package verify checks a register from outside: it downloads its public log,
// and every edition, document and notice that the log commits to, and tells what
// is proved by that and what is not. It believes nothing of what a server says
// but what can be computed again.
package verify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
)

// Trust says where the key comes from by which the log is known.
type Trust string

// Where a key may come from.
const (
	// TrustGiven: it was given by who asks.
	TrustGiven Trust = "given"
	// TrustKept: it signed the checkpoint that was kept from an earlier time.
	TrustKept Trust = "kept"
	// TrustFirst: the site itself names it, and nobody else does.
	TrustFirst Trust = "first"
)

// Verdict is what comes of a verification.
type Verdict string

// The verdicts.
const (
	Proved    Verdict = "proved"
	Broken    Verdict = "broken"
	Unchecked Verdict = "unchecked" // something could not be asked
)

// Kind says what a problem is about.
type Kind string

// The kinds of problems. All but KindNetwork and KindInput mean that something is
// not as it was logged.
const (
	KindSignature Kind = "signature"  // the checkpoint is not signed by the key
	KindFormat    Kind = "format"     // the checkpoint cannot be read
	KindRollback  Kind = "rollback"   // the log is shorter than it was
	KindRewritten Kind = "rewritten"  // the log is not what it was, with more at its end
	KindTree      Kind = "tree"       // entries and tiles do not lead to the root
	KindLeaf      Kind = "leaf"       // an entry is no leaf of a register
	KindEdition   Kind = "edition"    // an edition is not what its leaf commits to
	KindProof     Kind = "proof"      // a proof does not prove
	KindFork      Kind = "fork"       // a proof is of another log under the same name
	KindDocument  Kind = "document"   // a document is not what its leaf commits to
	KindOpening   Kind = "opening"    // what a leaf is about is not what it commits to
	KindMissing   Kind = "missing"    // it is logged and not shown, and the log has no reason
	KindStill     Kind = "still"      // it was removed, and is shown
	KindKey       Kind = "key"        // the key that signs is in no leaf
	KindKeys      Kind = "keys"       // the list of keys is not the one that the log records
	KindWitness   Kind = "witness"    // a cosignature is not that of its witness
	KindStamp     Kind = "timestamp"  // a timestamp does not hold
	KindAuthority Kind = "authority"  // a timestamp is by an authority that is not trusted
	KindNetwork   Kind = "network"    // it could not be fetched
	KindInput     Kind = "input"      // what was given cannot be used
	KindNoKey     Kind = "no-key"     // nothing says whose signature it should be
	KindStrange   Kind = "other-site" // the checkpoint that was kept is of another log
)

// unsure reports whether a problem of the kind means only that something could
// not be checked.
func (k Kind) unsure() bool {
	return k == KindNetwork || k == KindInput || k == KindNoKey || k == KindStrange || k == KindAuthority
}

// Problem is something that is not as it should be.
type Problem struct {
	Kind    Kind
	Subject string // what it is about: an edition, a file; "" for the log itself
	Cause   error  // in the words of the program, for who looks closer
}

// Removal is something that is shown no more, with the reason that the log
// commits to.
type Removal struct {
	Reference string
	Edition   int
	At        time.Time
	Reason    register.Text
}

// most is how many problems or removals a report names; the others are counted.
const most = 20

// Report is what a verification found.
type Report struct {
	Address string
	Trust   Trust
	Keys    []string // by which the checkpoint was checked
	// Checkpoint is the head of the log that was checked, Signed the same as it is
	// signed. Both are empty when there was none to be trusted.
	Checkpoint tlog.Checkpoint
	Signed     []byte
	// Kept is the checkpoint of an earlier time; nil for none.
	Kept *tlog.Checkpoint
	// Witnesses are those of whom cosignatures were wanted, Cosigners the names
	// under the other signatures, which nobody checked.
	Witnesses []Witnessed
	Cosigners []string
	// Stamps are the timestamps that were checked, the newest first; Unstamped
	// counts those that the site lists and nobody checked.
	Stamps    []Stamp
	Unstamped int

	// Leaves counts the leaves by what they are of.
	Leaves map[register.LeafType]int
	// Editions are those that are what their leaves commit to; Withdrawn and
	// Removed those that are shown no more, as the log says.
	Editions, Withdrawn, Removed int
	// Documents are those that were read and are what their leaves commit to;
	// NotHandedOut those of which the site gives no copy now.
	Documents, NotHandedOut int
	Removals                []Removal // with the reasons, the first ones
	LoggedKeys              []string  // that a leaf commits to, in order

	Problems []Problem // the first ones
	// BrokenCount and UnsureCount count all problems.
	BrokenCount, UnsureCount int
}

// Verdict is what comes of it.
func (r *Report) Verdict() Verdict {
	switch {
	case r.BrokenCount > 0:
		return Broken
	case r.UnsureCount > 0 || unseen(r.Witnesses):
		return Unchecked
	}
	return Proved
}

// add counts a problem.
func (r *Report) add(p Problem) {
	if p.Kind.unsure() {
		r.UnsureCount++
	} else {
		r.BrokenCount++
	}
	if len(r.Problems) < most {
		r.Problems = append(r.Problems, p)
	}
}

// Options is what a verification is told.
type Options struct {
	// Keys are the verifier keys by which the log is known (c2sp.org/signed-note);
	// none: that of Since, or the one which the site names.
	Keys []string
	// Witnesses are the verifier keys of those who must have cosigned the
	// checkpoint (c2sp.org/tlog-cosignature).
	Witnesses []string
	// Authorities are the certificates that vouch for time-stamping authorities;
	// nil: timestamps are not checked.
	Authorities *x509.CertPool
	// Since is a signed checkpoint that was kept from an earlier time; nil: none.
	Since []byte
	// Progress is told how many leaves of how many were checked; nil: nobody is.
	Progress func(done, all int)
}

// maxLeaves is how long a log may be that is read.
const maxLeaves = 1 << 28

// again is how often a verification begins anew because the log grew while
// something was taken away.
const again = 2

// Log verifies the register at a site as a whole.
func Log(ctx context.Context, site *Site, o Options) *Report {
	for round := 0; ; round++ {
		c := &checker{site: site, options: o, report: &Report{Address: site.Address(), Leaves: map[register.LeafType]int{}}}
		c.run(ctx)
		if c.missing == 0 && !c.keysDiffer || round == again || !c.grew(ctx) {
			return c.report
		}
	}
}

// checker is one verification while it runs.
type checker struct {
	site    *Site
	options Options
	report  *Report
	client  *tlog.Client
	keys    *tlog.Verifier
	heads   heads
	batch   []*checked
	absent  absences
	missing int // are logged, not shown, and nothing in the log says why
	// keysDiffer: the site names other keys than the log. A rotation in between
	// would do that, too.
	keysDiffer bool
}

func (c *checker) run(ctx context.Context) {
	for _, step := range []func(context.Context) error{c.trust, c.head, c.cosigned, c.since, c.tree} {
		if err := step(ctx); err != nil {
			c.report.add(problemOf(err))
			return
		}
	}
	c.tellAbsent()
	c.compareKeys()
	c.compareList(ctx)
	c.stamps(ctx)
}

// grew reports whether the log has a newer checkpoint than the one that was
// checked.
func (c *checker) grew(ctx context.Context) bool {
	now, _, err := c.client.Checkpoint(ctx)
	return err == nil && now.Size > c.report.Checkpoint.Size
}

// problemError is a problem on its way to the report.
type problemError Problem

// Error implements error.
func (p *problemError) Error() string { return fmt.Sprintf("%s: %s: %v", p.Kind, p.Subject, p.Cause) }

// Unwrap returns the cause.
func (p *problemError) Unwrap() error { return p.Cause }

func failed(kind Kind, subject string, cause error) error {
	return &problemError{Kind: kind, Subject: subject, Cause: cause}
}

// problemOf says what an error is about.
func problemOf(err error) Problem {
	if p, ok := errors.AsType[*problemError](err); ok {
		return Problem(*p)
	}
	return Problem{Kind: kindOf(err, KindTree), Cause: err}
}

// kindOf is the kind of a problem with what was fetched: that it could not be,
// or the given kind.
func kindOf(err error, otherwise Kind) Kind {
	switch {
	case errors.Is(err, errUnreachable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return KindNetwork
	case errors.Is(err, tlog.ErrSignature):
		return KindSignature
	}
	return otherwise
}

// head reads the current checkpoint.
func (c *checker) head(ctx context.Context) error {
	c.client = tlog.NewClient(c.site, c.keys)
	head, signed, err := c.client.Checkpoint(ctx)
	switch {
	case errors.Is(err, tlog.ErrNotServed):
		return failed(KindNetwork, "", err)
	case err != nil:
		return failed(kindOf(err, KindFormat), "", err)
	case head.Size > maxLeaves:
		return failed(KindInput, "", fmt.Errorf("the log says that it has %d leaves, which is more than this program reads", head.Size))
	}
	c.report.Checkpoint, c.report.Signed = head, signed
	return nil
}

// since compares the log with what it was.
func (c *checker) since(ctx context.Context) error {
	kept := c.report.Kept
	if kept == nil {
		return nil
	}
	now := c.report.Checkpoint.Head
	err := c.client.Consistent(ctx, kept.Head, now)
	switch {
	case err == nil:
		return nil
	case kept.Size > now.Size:
		return failed(KindRollback, "", err)
	}
	return failed(kindOf(err, KindRewritten), "", err)
}

// tree reads the whole log, and what its leaves commit to.
func (c *checker) tree(ctx context.Context) error {
	err := c.client.Check(ctx, c.report.Checkpoint.Head, func(position int64, entry []byte) error {
		return c.leaf(ctx, position, entry)
	})
	if err != nil {
		return err
	}
	return c.settle(ctx)
}
