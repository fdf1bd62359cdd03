package auth

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// How long a session lasts (OWASP ASVS 7.3).
const (
	idleTime     = 30 * time.Minute
	absoluteTime = 12 * time.Hour
	// codeTime is how long the second factor may take.
	codeTime = 10 * time.Minute
	// proofTime is how long a proof is good for what is dangerous.
	proofTime = 15 * time.Minute
	// seenStep is how exactly the last use is noted: a write for each page
	// would cost more than it tells.
	seenStep = time.Minute
)

// Stage is how far a session has come.
type Stage string

// The stages.
const (
	StageCode  Stage = "code"  // the second factor is still asked for
	StageEnrol Stage = "enrol" // a second factor must be set up first
	StageFull  Stage = "full"
)

// Session is somebody who has signed in, or is about to.
type Session struct {
	desk.Session
	Stage   Stage
	Token   string
	Form    string    // the token of its forms
	Expires time.Time // at the latest
}

// Actor is who acts.
func (s *Session) Actor() register.Actor {
	return register.Actor{ID: s.Account.ID, Role: s.Account.Role}
}

func (a *Auth) alive() desk.Alive { return AliveAt(a.now()) }

// AliveAt tells which sessions have not ended at a moment.
func AliveAt(now time.Time) desk.Alive {
	return desk.Alive{SeenAfter: now.Add(-idleTime), BegunAfter: now.Add(-absoluteTime)}
}

// Sweep takes away what has run out by now: sessions, begun ceremonies of
// passkeys, links, and attempts that count no more. It lets nobody out or in:
// what has run out is not accepted before either.
func Sweep(ctx context.Context, db *store.DB, now time.Time) error {
	return desk.New(db.Querier()).Sweep(ctx, now, AliveAt(now))
}

// Session returns the session with a token, at whatever stage, and notes that
// it was used. It returns ErrNoSession when there is none, or it has ended.
func (a *Auth) Session(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, ErrNoSession
	}
	found, err := a.queries.SessionByToken(ctx, hashToken(token), a.alive())
	if errors.Is(err, register.ErrNotFound) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, err
	}
	now := a.now()
	if found.AwaitsCode && now.Sub(found.CreatedAt) >= codeTime {
		return Session{}, ErrNoSession
	}
	if now.Sub(found.SeenAt) >= seenStep {
		if err := a.queries.TouchSession(ctx, found.ID, now); err != nil {
			return Session{}, err
		}
		found.SeenAt = now
	}
	return a.session(found, token), nil
}

func (a *Auth) session(s desk.Session, token string) Session {
	stage := StageFull
	switch {
	case s.AwaitsCode:
		stage = StageCode
	case a.cfg.SecondFactor && !s.HasSecondFactor:
		stage = StageEnrol
	}
	return Session{
		Session: s, Stage: stage, Token: token, Form: formToken(token), Expires: s.CreatedAt.Add(absoluteTime),
	}
}

// proof is by what a session begins. It is looked at again when it does: to check a
// password takes time, in which the account may get another.
type proof func(ctx context.Context, d *desk.Queries, staff desk.Staff) (awaitsCode bool, err error)

// byPassword is the proof of who gave the password with a hash.
func byPassword(hash string) proof {
	return func(ctx context.Context, d *desk.Queries, staff desk.Staff) (bool, error) {
		now, err := d.PasswordHash(ctx, staff.ID)
		if err == nil && now != hash {
			err = ErrCredentials
		}
		return staff.HasSecondFactor(), err
	}
}

// byPasskey is the proof of who answered with a passkey.
func byPasskey(id []byte) proof {
	return func(ctx context.Context, d *desk.Queries, staff desk.Staff) (bool, error) {
		kept, err := d.Passkeys(ctx, staff.ID)
		has := slices.ContainsFunc(kept, func(k desk.Passkey) bool { return bytes.Equal(k.CredentialID, id) })
		if err == nil && !has {
			err = ErrCredentials
		}
		return false, err
	}
}

// begin makes a session with a token of its own, in the place of the one that
// the browser had before. It returns ErrCredentials where the proof holds no more.
func (a *Auth) begin(ctx context.Context, account string, by proof, from From, before string) (Session, error) {
	token, hash := newToken()
	err := a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		if err := d.LockSessions(ctx, account); err != nil {
			return err
		}
		staff, err := d.StaffByID(ctx, account)
		if err != nil {
			return err
		}
		awaitsCode, err := by(ctx, d, staff)
		if err != nil {
			return err
		}
		if before != "" {
			if err := d.DeleteSessionByToken(ctx, hashToken(before)); err != nil {
				return err
			}
		}
		_, err = d.InsertSession(ctx, hash, desk.Session{
			Account: staff.Account, AwaitsCode: awaitsCode, Device: from.device(), Network: from.network(),
		}, a.now())
		if err != nil {
			return err
		}
		if awaitsCode {
			return d.Audit(ctx, staff.ID, "password-given", "", 0, map[string]any{"network": from.network()})
		}
		return a.cameIn(ctx, q, d, staff.Account, from.device(), from.network())
	})
	if errors.Is(err, register.ErrNotFound) {
		return Session{}, ErrCredentials // deactivated in this moment
	}
	if err != nil {
		return Session{}, err
	}
	return a.Session(ctx, token)
}

// cameIn notes that somebody has signed in, and tells him where nobody had with
// his account before: it may not have been he.
func (a *Auth) cameIn(ctx context.Context, q store.Querier, d *desk.Queries, who desk.Account, agent, network string) error {
	device := DeviceName(agent)
	alike, all, err := d.SignIns(ctx, who.ID, device, network)
	if err != nil {
		return err
	}
	if alike == 0 && all > 0 {
		err := a.send(ctx, q, Letter{
			Kind: LetterDevice, To: who.Email, Name: who.Name, Lang: who.Language, Device: device + " · " + network, At: a.now(),
			Path: "/" + string(who.Language) + "/desk/account",
		})
		if err != nil {
			return err
		}
	}
	return d.Audit(ctx, who.ID, "sign-in", "", 0, map[string]any{"network": network, "device": device})
}

// rotate gives the session another token after a proof: one that was seen
// before is worth nothing after.
func (a *Auth) rotate(ctx context.Context, d *desk.Queries, s Session) (token string, err error) {
	token, hash := newToken()
	err = d.ProveSession(ctx, s.ID, hash, a.now())
	if errors.Is(err, register.ErrNotFound) {
		return "", ErrNoSession
	}
	return token, err
}

// Fresh returns ErrProofWanted when the session's last proof is too old for
// what is dangerous: publishing, taking down, changing how one signs in.
func (a *Auth) Fresh(s Session) error {
	if a.now().Sub(s.ProvedAt) > proofTime {
		return ErrProofWanted
	}
	return nil
}

// SignOut ends the session with a token; there may be none.
func (a *Auth) SignOut(ctx context.Context, token string) error {
	s, err := a.Session(ctx, token)
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		if err := d.DeleteSessionByToken(ctx, hashToken(token)); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "sign-out", "", 0, nil)
	})
}

// Sessions lists the account's sessions, the one seen last first.
func (a *Auth) Sessions(ctx context.Context, account string) ([]desk.Session, error) {
	return a.queries.SessionsOf(ctx, account, a.alive())
}

// Revoke ends another session of the same account; ErrNotFound when it is not
// one of its own.
func (a *Auth) Revoke(ctx context.Context, s Session, id string) error {
	if !isID(id) {
		return register.ErrNotFound
	}
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		if err := d.DeleteSession(ctx, s.Account.ID, id); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "revoke-session", "", 0, nil)
	})
}

// RevokeOthers ends all sessions of the account but this one.
func (a *Auth) RevokeOthers(ctx context.Context, s Session) error {
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		if err := d.DeleteSessionsOf(ctx, s.Account.ID, s.ID); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "revoke-other-sessions", "", 0, nil)
	})
}
