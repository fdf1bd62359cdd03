package auth

import (
	"context"
	"encoding/hex"
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

// bucket is what attempts are counted against.
type bucket struct {
	name    string
	allowed int
}

// ofAccount counts by the hash of what was typed, which is no list of accounts.
func ofAccount(act, key string, allowed int) bucket {
	return bucket{act + " " + hex.EncodeToString(hashToken(key)), allowed}
}

func ofNetwork(f From) bucket { return bucket{"network " + f.network(), networkAttempts} }

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
			return &ThrottledError{Wait: wait}
		}
	}
	return nil
}

// forgive forgets the attempts on an account after one that was right, and the
// one on the network.
func (a *Auth) forgive(ctx context.Context, account bucket, from From) error {
	if err := a.queries.ForgetAttempts(ctx, account.name); err != nil {
		return err
	}
	return a.queries.ForgetLastAttempt(ctx, ofNetwork(from).name)
}
