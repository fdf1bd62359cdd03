package auth

import (
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

// Attempts are counted over a window that rolls. An account allows few, by the
// address that was typed, whether somebody has it or not; a network allows
// what an office makes on a bad morning. A passkey is no guess, so that it
// counts against the network only: who is attacked can still get in.
const (
	throttleWindow  = 15 * time.Minute
	accountAttempts = 10
	codeAttempts    = 5
	networkAttempts = 100
	resetAttempts   = 3 // letters to one address
)

// mostLocks bounds what is remembered of locks that were noted.
const mostLocks = 10_000

// bucket is what attempts are counted against.
type bucket struct {
	name    string
	allowed int
	// of is the identifier or the address of an account that attempts are on, "" for
	// those of a network; network is that of who tries, "" where the bucket does not say.
	of, network string
}

// ofAccount counts by the hash of what was typed, which is no list of accounts.
func ofAccount(act, key string, allowed int) bucket {
	return bucket{name: act + " " + hex.EncodeToString(hashToken(key)), allowed: allowed, of: key}
}

func ofNetwork(f From) bucket {
	return bucket{name: "network " + f.network(), allowed: networkAttempts, network: f.network()}
}

// take counts an attempt against each bucket before anything is tried, so that
// attempts at the same time cannot slip through together. It returns
// ThrottledError when one of them is full; the others keep the attempt.
func (a *Auth) take(ctx context.Context, buckets ...bucket) error {
	now := a.now()
	for _, b := range buckets {
		var wait time.Duration
		err := a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
			ok, oldest, err := d.TakeAttempt(ctx, b.name, now.Add(-throttleWindow), now, b.allowed)
			if !ok {
				wait = oldest.Add(throttleWindow).Sub(now)
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
		network += b.network // one of them says
	}
	account := full.of
	if !isID(account) {
		account = ""
		if staff, found := a.queries.StaffByEmail(ctx, full.of); found == nil {
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

// forgive forgets the attempts on an account after one that was right, and the
// one on the network.
func (a *Auth) forgive(ctx context.Context, account bucket, from From) error {
	if err := a.queries.ForgetAttempts(ctx, account.name); err != nil {
		return err
	}
	return a.queries.ForgetLastAttempt(ctx, ofNetwork(from).name)
}
