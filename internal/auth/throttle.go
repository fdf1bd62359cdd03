package auth

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Attempts are counted over windows that roll. An account allows few in a
// quarter of an hour, and in a day not many more, by the address that was typed,
// whether somebody has it or not; a network allows what an office makes on a bad
// morning. A passkey is no guess: its questions have a count of their own, for each
// network, only against a flood of them, so that no number of wrong passwords refuses
// one. A browser in which its owner has signed in has counts of its own, too: who is
// attacked can still get in.
const (
	throttleWindow  = 15 * time.Minute
	dayWindow       = 24 * time.Hour
	accountAttempts = 10
	accountDay      = 50
	codeAttempts    = 5
	codeDay         = 20
	networkAttempts = 100
	// networkQuestions are those to passkeys that nobody has answered as he should.
	networkQuestions = 300
	resetAttempts    = 3 // letters to one address, for as long as the link in one works
)

// mostLocks bounds what is remembered of locks that were noted.
const mostLocks = 10_000

// bucket is what attempts are counted against.
type bucket struct {
	name    string
	allowed int
	// account is the identifier of the account that attempts are on, or else email the
	// address that was typed; both are "" for those of a network. Network is that of
	// who tries, "" where the bucket does not say.
	account, email, network string
	window                  time.Duration
	// forgiven means that an attempt that was right empties the bucket; else only
	// that one is taken out again, and wrong ones stay for as long as they count.
	forgiven bool
}

// ofAccount counts by the hash of what was typed, which is no list of accounts.
func ofAccount(act, key string, allowed int) bucket {
	return bucket{
		name: act + " " + hex.EncodeToString(hashToken(key)), allowed: allowed, window: throttleWindow, forgiven: true,
	}
}

// overADay counts what ofAccount does for longer: a slow guess is one, too.
func overADay(act, key string, allowed int) bucket {
	return bucket{name: act + " day " + hex.EncodeToString(hashToken(key)), allowed: allowed, window: dayWindow}
}

func ofNetwork(f From) bucket {
	return bucket{name: "network " + f.network(), allowed: networkAttempts, window: throttleWindow, network: f.network()}
}

// questions is what a question to any passkey is counted against: each is a row until
// it has run out, and a wrong answer is a line of the audit. From a browser in which
// somebody has signed in it is counted for that browser alone: who floods a network
// with questions does not refuse them to those who work there.
func (a *Auth) questions(f From) bucket {
	of := bucket{name: "passkeys " + f.network(), allowed: networkQuestions, window: throttleWindow, network: f.network()}
	if nonce, known := a.knownToAnybody(f.Known); known {
		of.name = "passkeys known " + hex.EncodeToString(hashToken(string(nonce)))
	}
	return of
}

// guess is what an attempt on an account is counted against: key is what names
// the account, email its address. What comes from a browser that is known for
// the address is counted for that browser alone.
func (a *Auth) guess(act, key, email string, allowed, aDay int, from From) []bucket {
	nonce, known := a.known(email, from.Known)
	here := key
	if known {
		act, here = act+" known", string(nonce)+key
	}
	of := []bucket{ofAccount(act, here, allowed), overADay(act, here, aDay)}
	for i := range of {
		if key == email { // it was typed, and may look like anything
			of[i].email = email
		} else {
			of[i].account = key
		}
	}
	if known {
		of[0].network = from.network()
		return of
	}
	return append([]bucket{ofNetwork(from)}, of...)
}

func (a *Auth) guessPassword(email string, from From) []bucket {
	return a.guess("sign-in", email, email, accountAttempts, accountDay, from)
}

func (a *Auth) guessCode(who desk.Account, from From) []bucket {
	return a.guess("code", who.ID, who.Email, codeAttempts, codeDay, from)
}

// take counts an attempt against each bucket before anything is tried, so that
// attempts at the same time cannot slip through together. It returns
// ThrottledError when one of them is full; the others keep the attempt.
func (a *Auth) take(ctx context.Context, buckets ...bucket) error {
	now := a.now()
	for _, b := range buckets {
		var wait time.Duration
		// An attempt counts before anything is done, and does not say that it is.
		err := a.inTx(store.WithoutReceipt(ctx), func(_ store.Querier, d *desk.Queries) error {
			ok, oldest, err := d.TakeAttempt(ctx, b.name, now.Add(-b.window), now, b.allowed)
			if !ok {
				wait = oldest.Add(b.window).Sub(now)
			}
			return err
		})
		if err != nil {
			return err
		}
		if wait > 0 {
			return a.lockedOut(ctx, b, buckets, wait)
		}
	}
	return nil
}

// lockedOut returns ThrottledError, and notes in the audit that a bucket is full:
// once for each window, since who attacks must not fill the audit.
func (a *Auth) lockedOut(ctx context.Context, full bucket, buckets []bucket, wait time.Duration) error {
	err := error(&ThrottledError{Wait: wait})
	if !a.locks.note(full.name, a.now(), wait) {
		a.tellFailed("locked-out")
		return err
	}
	var network string
	for _, b := range buckets {
		network = cmp.Or(network, b.network) // one of them says
	}
	account := full.account
	if full.email != "" {
		if staff, found := a.queries.StaffByEmail(ctx, full.email); found == nil {
			account = staff.ID
		}
	}
	act, _, _ := strings.Cut(full.name, " ")
	return a.failed(ctx, err, "locked-out", account, map[string]any{"network": network, "which": act})
}

// failed notes in the audit, and tells who counts, that somebody did not prove who
// he is, for a reason that is an action of the audit. It returns the error.
func (a *Auth) failed(ctx context.Context, err error, reason, account string, detail map[string]any) error {
	a.tellFailed(reason)
	return errors.Join(err, a.queries.Audit(ctx, account, reason, "", 0, detail))
}

// tellFailed tells who counts.
func (a *Auth) tellFailed(reason string) {
	if a.cfg.Failed != nil {
		a.cfg.Failed(reason)
	}
}

// locks remembers which full buckets were noted already.
type locks struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// note reports whether a lock is to be noted that lasts for some time yet.
func (l *locks) note(name string, now time.Time, wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.until[name]) {
		return false
	}
	if len(l.until) >= mostLocks {
		maps.DeleteFunc(l.until, func(_ string, until time.Time) bool { return !now.Before(until) })
	}
	if len(l.until) >= mostLocks {
		return false
	}
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	l.until[name] = now.Add(wait)
	return true
}

// forgive takes an attempt that was right out of its buckets; of an account it
// forgets the wrong ones before it, too.
func (a *Auth) forgive(ctx context.Context, buckets []bucket) error {
	for _, b := range buckets {
		forget := a.queries.ForgetLastAttempt
		if b.forgiven {
			forget = a.queries.ForgetAttempts
		}
		if err := forget(ctx, b.name); err != nil {
			return err
		}
	}
	return nil
}
