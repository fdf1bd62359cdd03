package auth

import (
	"context"
	"errors"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// SignIn begins a session by e-mail address and password. The session's stage
// says whether a code is still asked for. Before is the token that the browser
// had, which is void afterwards.
//
// It returns ErrCredentials for whatever is wrong, after the same work, and
// ThrottledError after too many attempts.
func (a *Auth) SignIn(ctx context.Context, email, password string, from From, before string) (Session, error) {
	email = FoldEmail(email)
	buckets := a.guessPassword(email, from)
	if err := a.take(ctx, buckets...); err != nil {
		return Session{}, err
	}
	staff, hash, err := a.proven(ctx, email, password)
	if errors.Is(err, ErrCredentials) {
		return Session{}, a.failed(ctx, err, "sign-in-failed", staff.ID, map[string]any{"network": from.network()})
	}
	if err != nil {
		return Session{}, err
	}
	if err := a.forgive(ctx, buckets); err != nil {
		return Session{}, err
	}
	return a.begin(ctx, staff.ID, byPassword(hash), from, before)
}

// proven returns the account whose address and password these are, and the hash
// that is kept of it. With ErrCredentials it returns the account that the address
// has, if any.
func (a *Auth) proven(ctx context.Context, email, password string) (staff desk.Staff, hash string, err error) {
	staff, err = a.queries.StaffByEmail(ctx, email)
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return desk.Staff{}, "", err
	}
	// Asked for also where there is no account: the same work.
	hash, err = a.queries.PasswordHash(ctx, idOrNobody(staff.ID))
	if err != nil {
		return desk.Staff{}, "", err
	}
	if len(password) > maxPassword {
		password = ""
	}
	right, outdated, err := a.hasher.check(ctx, hash, password)
	if err != nil {
		return desk.Staff{}, "", err
	}
	if !right || staff.DeactivatedAt != nil {
		return staff, "", ErrCredentials
	}
	if outdated {
		hash, err = a.rehash(ctx, staff.ID, hash, password)
		if errors.Is(err, register.ErrNotFound) { // somebody was faster: he, or another password
			return a.proven(ctx, email, password)
		}
	}
	return staff, hash, err
}

func idOrNobody(id string) string {
	if id == "" {
		return "00000000-0000-0000-0000-000000000000"
	}
	return id
}

// rehash keeps a password that has just been given at today's cost.
func (a *Auth) rehash(ctx context.Context, account, old, password string) (hash string, err error) {
	if hash, err = a.hasher.hash(ctx, password); err != nil {
		return "", err
	}
	return hash, a.queries.RehashPassword(ctx, account, old, hash)
}

// GiveCode takes a session from its password to its end with a one-time code
// or a recovery code. It returns ErrCredentials, ThrottledError or ErrNoSession.
func (a *Auth) GiveCode(ctx context.Context, token, code string, from From) (Session, error) {
	s, err := a.Session(ctx, token)
	if err != nil {
		return Session{}, err
	}
	if s.Stage != StageCode {
		return Session{}, ErrNoSession
	}
	buckets := a.guessCode(s.Account, from)
	if err := a.take(ctx, buckets...); err != nil {
		return Session{}, err
	}
	var next string
	err = a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		how, err := a.takeCode(ctx, d, s.Account.ID, code)
		if err != nil {
			return err
		}
		if next, err = a.rotate(ctx, d, s); err != nil {
			return err
		}
		if err := d.Audit(ctx, s.Account.ID, "proved", "", 0, map[string]any{"by": how}); err != nil {
			return err
		}
		return a.cameIn(ctx, q, d, s.Account, s.Device, s.Network)
	})
	if errors.Is(err, ErrCredentials) {
		return Session{}, a.failed(ctx, err, "code-refused", s.Account.ID, map[string]any{"network": from.network()})
	}
	if err != nil {
		return Session{}, err
	}
	if err := a.forgive(ctx, buckets); err != nil {
		return Session{}, err
	}
	return a.Session(ctx, next)
}

// Prove takes the password again, for what is dangerous, and gives the session
// another token. Of a session that awaits the second factor it takes none: it would
// stand in its place.
func (a *Auth) Prove(ctx context.Context, s Session, password string, from From) (Session, error) {
	if s.Stage == StageCode {
		return Session{}, ErrNoSession
	}
	if err := a.checkOwn(ctx, s, password, from); err != nil {
		return Session{}, err
	}
	return a.provedBy(ctx, s, "password")
}

func (a *Auth) provedBy(ctx context.Context, s Session, how string) (Session, error) {
	var next string
	err := a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		var err error
		if next, err = a.rotate(ctx, d, s); err != nil {
			return err
		}
		if err := d.Audit(ctx, s.Account.ID, "proved", "", 0, map[string]any{"by": how}); err != nil || s.Stage != StageCode {
			return err
		}
		return a.cameIn(ctx, q, d, s.Account, s.Device, s.Network)
	})
	if err != nil {
		return Session{}, err
	}
	return a.Session(ctx, next)
}

// checkOwn returns ErrCredentials unless the password is the one of who has
// signed in. A session that was stolen is no way to guess it.
func (a *Auth) checkOwn(ctx context.Context, s Session, password string, from From) error {
	buckets := a.guess("prove", s.Account.ID, s.Account.Email, accountAttempts, accountDay, from)
	if err := a.take(ctx, buckets...); err != nil {
		return err
	}
	_, _, err := a.proven(ctx, s.Account.Email, password)
	if errors.Is(err, ErrCredentials) {
		return a.failed(ctx, err, "proof-failed", s.Account.ID, map[string]any{"network": from.network()})
	}
	if err != nil {
		return err
	}
	return a.forgive(ctx, buckets)
}
