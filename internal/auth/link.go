package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// How long a link may be used.
const (
	invitationTime = 72 * time.Hour
	resetTime      = time.Hour
	emailTime      = 24 * time.Hour
)

// What a link is for.
const (
	linkInvitation = "invitation"
	linkReset      = "reset"
	linkEmail      = "email"
)

// Link is a link that was just made; it is shown or sent, and not kept.
type Link struct {
	Path  string // such as "/fr/desk/reset/…"
	Until time.Time
	// Sent means that it went out by mail; otherwise somebody hands it over.
	Sent bool
}

// makeLink keeps a link by the hash of its token, and sends it.
func (a *Auth) makeLink(ctx context.Context, q store.Querier, to desk.Account, purpose, address string, lasts time.Duration) (Link, error) {
	token, hash := newToken()
	link := Link{
		Path:  "/" + string(to.Language) + "/desk/" + purpose + "/" + token,
		Until: a.now().Add(lasts), Sent: a.cfg.Post != nil,
	}
	kept := desk.Link{Account: to.ID, Purpose: purpose, Email: address, ExpiresAt: link.Until}
	if err := desk.New(q).InsertLink(ctx, hash, kept, a.now()); err != nil {
		return Link{}, err
	}
	letter := Letter{
		Kind: LetterKind(purpose), To: to.Email, Name: to.Name, Lang: to.Language, Path: link.Path, Until: link.Until,
	}
	if address != "" {
		letter.To = address
	}
	return link, a.send(ctx, q, letter)
}

// makeNoLink does what makeLink does where nobody has the address: the link opens
// nothing, and is sent to nobody.
func (a *Auth) makeNoLink(ctx context.Context, q store.Querier, email string) error {
	token, hash := newToken()
	until := a.now().Add(resetTime)
	if err := desk.New(q).InsertLink(ctx, hash, desk.Link{Purpose: linkReset, ExpiresAt: until}, a.now()); err != nil {
		return err
	}
	if a.cfg.Post == nil {
		return nil
	}
	return a.cfg.Post.Pretend(ctx, q, Letter{
		Kind: LetterReset, To: email, Name: email, Lang: register.French, Path: "/fr/desk/" + linkReset + "/" + token, Until: until,
	})
}

// tell sends the owner of an account a letter without a link.
func (a *Auth) tell(ctx context.Context, q store.Querier, to desk.Staff, kind LetterKind) error {
	return a.send(ctx, q, Letter{Kind: kind, To: to.Email, Name: to.Name, Lang: to.Language})
}

// Forgot sends a link to set another password, where the address has an
// account. The answer, and what the database is asked for it, are the same where it
// has none. It returns ThrottledError.
func (a *Auth) Forgot(ctx context.Context, email string, from From) error {
	email = FoldEmail(email)
	if err := a.take(ctx, a.askReset(email, from)...); err != nil {
		return err
	}
	staff, err := a.queries.StaffByEmail(ctx, email)
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return err
	}
	known := err == nil && staff.DeactivatedAt == nil
	return a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		var err error
		switch {
		case !known:
			err = a.makeNoLink(ctx, q, email)
		case staff.HasPassword:
			_, err = a.makeLink(ctx, q, staff.Account, linkReset, "", resetTime)
		default: // an invitation that was lost
			_, err = a.makeLink(ctx, q, staff.Account, linkInvitation, "", invitationTime)
		}
		if err != nil {
			return err
		}
		actor := ""
		if known {
			actor = staff.ID
		}
		return d.Audit(ctx, actor, "ask-reset", "", 0, map[string]any{"network": from.network()})
	})
}

// askReset is what a letter is counted against. Nothing counts for longer than the link
// of a letter works: whoever is refused has one that still does, though somebody
// else asked for it to lock him out.
func (a *Auth) askReset(email string, from From) []bucket {
	of := ofAccount("forgot", email, resetAttempts)
	of.window, of.email = resetTime, email
	if _, known := a.known(email, from.Known); known {
		return []bucket{of}
	}
	return []bucket{ofNetwork(from), of}
}

// Opened is what a link leads to.
type Opened struct {
	Email      string // of the account, or, for a change of it, the new one
	Name       string
	Lang       register.Lang
	AsksFactor bool // a second factor is set, and asked for
}

// OpenLink tells what a link leads to without using it. It returns ErrLink.
func (a *Auth) OpenLink(ctx context.Context, purpose, token string) (Opened, error) {
	link, staff, err := a.link(ctx, a.queries, purpose, token)
	if err != nil {
		return Opened{}, err
	}
	opened := Opened{Email: staff.Email, Name: staff.Name, Lang: staff.Language, AsksFactor: staff.HasSecondFactor()}
	if link.Email != "" {
		opened.Email = link.Email
	}
	return opened, nil
}

func (a *Auth) link(ctx context.Context, d *desk.Queries, purpose, token string) (desk.Link, desk.Staff, error) {
	link, err := d.LinkByToken(ctx, hashToken(token), purpose, a.now())
	if errors.Is(err, register.ErrNotFound) {
		return desk.Link{}, desk.Staff{}, ErrLink
	}
	if err != nil {
		return desk.Link{}, desk.Staff{}, err
	}
	staff, err := d.StaffByID(ctx, link.Account)
	return link, staff, err
}

// Accept answers an invitation: the person gives a name and a password, and has
// signed in. It returns ErrLink, or Problems.
func (a *Auth) Accept(ctx context.Context, token string, p Profile, password string, from From, before string) (Session, error) {
	_, staff, err := a.link(ctx, a.queries, linkInvitation, token)
	if err != nil {
		return Session{}, err
	}
	p.Name = strings.TrimSpace(p.Name)
	if err := append(p.validate(), CheckPassword(password, staff.Email)...).OrNil(); err != nil {
		return Session{}, err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return Session{}, err
	}
	err = a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		// Again, and locked: of two answers at once one is too late.
		if _, _, err := a.link(ctx, d, linkInvitation, token); err != nil {
			return err
		}
		if err := a.setPassword(ctx, d, staff.ID, hash); err != nil {
			return err
		}
		if err := errors.Join(d.SetName(ctx, staff.ID, p.Name), d.SetLanguage(ctx, staff.ID, p.Lang)); err != nil {
			return err
		}
		return d.Audit(ctx, staff.ID, "accept-invitation", "", 0, nil)
	})
	if err != nil {
		return Session{}, err
	}
	return a.begin(ctx, staff.ID, byPassword(hash), from, before)
}

// setPassword voids all links and sessions that came before it.
func (a *Auth) setPassword(ctx context.Context, d *desk.Queries, account, hash string) error {
	if err := d.LockSessions(ctx, account); err != nil {
		return err
	}
	if err := d.SetPasswordHash(ctx, account, hash, a.now()); err != nil {
		return err
	}
	if err := d.UseLinks(ctx, account, a.now()); err != nil {
		return err
	}
	return d.DeleteSessionsOf(ctx, account, "")
}

// voidTokens ends the tokens of an account's programs: who sets a password by a link
// may have lost control of the account, and what somebody else made in his name goes
// on for up to a year. Each is in the audit.
func (a *Auth) voidTokens(ctx context.Context, d *desk.Queries, account string) error {
	tokens, err := d.RevokeTokensOf(ctx, account, account, a.now())
	if err != nil {
		return err
	}
	for _, id := range tokens {
		if err := d.Audit(ctx, account, "revoke-token", "", 0, map[string]any{"token": id, "account": account}); err != nil {
			return err
		}
	}
	return nil
}

// tokensPlace is where the owner of an account sees its tokens.
func tokensPlace(lang register.Lang) string { return "/" + string(lang) + "/desk/account/tokens" }

// Reset sets another password by a link, with a code where the account has a
// second factor. All sessions and tokens end; nobody is signed in by it. It returns
// ErrLink, ErrCredentials for a wrong code, ThrottledError, or Problems.
func (a *Auth) Reset(ctx context.Context, token, password, code string, from From) error {
	_, staff, err := a.link(ctx, a.queries, linkReset, token)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, staff.Email).OrNil(); err != nil {
		return err
	}
	buckets := a.guessCode(staff.Account, from)
	if staff.HasSecondFactor() {
		if err := a.take(ctx, buckets...); err != nil {
			return err
		}
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		_, staff, err := a.link(ctx, d, linkReset, token)
		if err != nil {
			return err
		}
		if staff.HasSecondFactor() {
			if _, err := a.takeCode(ctx, d, staff.ID, code); err != nil {
				return err
			}
		}
		if err := a.setPassword(ctx, d, staff.ID, hash); err != nil {
			return err
		}
		if err := a.voidTokens(ctx, d, staff.ID); err != nil {
			return err
		}
		err = a.send(ctx, q, Letter{Kind: LetterResetDone, To: staff.Email, Name: staff.Name, Lang: staff.Language, Path: tokensPlace(staff.Language)})
		if err != nil {
			return err
		}
		return d.Audit(ctx, staff.ID, "reset-password", "", 0, map[string]any{"network": from.network()})
	})
	if errors.Is(err, ErrCredentials) {
		return a.failed(ctx, err, "code-refused", staff.ID, map[string]any{"network": from.network()})
	}
	if err != nil {
		return err
	}
	// Whoever guessed at this account is not to keep its owner out.
	for _, b := range []bucket{ofAccount("sign-in", staff.Email, 0), overADay("sign-in", staff.Email, 0)} {
		if err := a.queries.ForgetAttempts(ctx, b.name); err != nil {
			return err
		}
	}
	if staff.HasSecondFactor() {
		return a.forgive(ctx, buckets)
	}
	return nil
}

// AskEmail sends a link to a new address of the session's account; the address
// changes when the link is used. It returns ErrCredentials for a wrong
// password, ThrottledError, or Problems. Whether somebody else has the address
// is not told.
func (a *Auth) AskEmail(ctx context.Context, s Session, address, password string, from From) (Link, error) {
	address = FoldEmail(address)
	if s.Stage == StageCode {
		return Link{}, ErrNoSession
	}
	if err := checkEmail(address).OrNil(); err != nil {
		return Link{}, err
	}
	if err := a.checkOwn(ctx, s, password, from); err != nil {
		return Link{}, err
	}
	var link Link
	err := a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		// To check the password took time, in which another one may have voided this
		// session, and the links that it had asked for.
		err := a.stillIn(ctx, d, s)
		if err != nil {
			return err
		}
		if link, err = a.makeLink(ctx, q, s.Account, linkEmail, address, emailTime); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "ask-email", "", 0, nil)
	})
	return link, err
}

// TakeEmail gives the account the address to which the link was sent. It
// returns ErrLink; Problems when somebody else has taken the address.
func (a *Auth) TakeEmail(ctx context.Context, token string) error {
	return a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		link, staff, err := a.link(ctx, d, linkEmail, token)
		if err != nil {
			return err
		}
		if err := d.SetEmail(ctx, staff.ID, link.Email); err != nil {
			return err
		}
		if err := d.UseLinks(ctx, staff.ID, a.now()); err != nil {
			return err
		}
		if err := a.tell(ctx, q, staff, LetterEmailChanged); err != nil {
			return err
		}
		return d.Audit(ctx, staff.ID, "change-email", "", 0, nil)
	})
}
