package auth

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// ceremonyTime is how long a passkey may take to answer.
const ceremonyTime = 5 * time.Minute

// What a passkey is asked for.
const (
	toRegister = "register"
	toSignIn   = "sign-in"
	toSecond   = "second-factor"
	toProve    = "prove"
)

// relyingParty is this site, as passkeys know it.
type relyingParty struct{ lib *webauthn.WebAuthn }

// newRelyingParty returns nil for an address by number, which cannot have
// passkeys (WebAuthn Level 3, 5.1.2: the identifier is a domain).
func newRelyingParty(origin string) (*relyingParty, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("auth: %q is not an origin", origin)
	}
	if net.ParseIP(u.Hostname()) != nil {
		return nil, nil //nolint:nilnil // none is an answer here
	}
	lib, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Sijil", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
	})
	if err != nil {
		return nil, fmt.Errorf("auth: passkeys: %w", err)
	}
	return &relyingParty{lib}, nil
}

// HasPasskeys reports whether this site's address can have passkeys.
func (a *Auth) HasPasskeys() bool { return a.passkeys != nil }

// Ceremony is a question to a passkey: options for the browser, and the token
// that comes back with the answer.
type Ceremony struct {
	Token   string `json:"ceremony"`
	Options any    `json:"options"` // as WebAuthn's JSON has it, under "publicKey"
}

// keyOwner is an account as the library wants it.
type keyOwner struct {
	desk.Account
	keys []webauthn.Credential
}

func (o keyOwner) WebAuthnID() []byte                         { return handleOf(o.ID) }
func (o keyOwner) WebAuthnName() string                       { return o.Email }
func (o keyOwner) WebAuthnDisplayName() string                { return o.Name }
func (o keyOwner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

// handleOf is how a passkey knows its account: the random identifier.
func handleOf(account string) []byte {
	raw, err := hex.DecodeString(strings.ReplaceAll(account, "-", ""))
	if err != nil {
		return nil
	}
	return raw
}

// accountOf is the account that a passkey names.
func accountOf(handle []byte) string {
	h := hex.EncodeToString(handle)
	if len(h) != 32 {
		return ""
	}
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func (a *Auth) keyOwner(ctx context.Context, account desk.Account) (keyOwner, error) {
	kept, err := a.queries.Passkeys(ctx, account.ID)
	if err != nil {
		return keyOwner{}, err
	}
	owner := keyOwner{Account: account, keys: make([]webauthn.Credential, len(kept))}
	for i := range kept {
		if err := json.Unmarshal(kept[i].Credential, &owner.keys[i]); err != nil {
			return keyOwner{}, fmt.Errorf("passkey %s: %w", kept[i].ID, err)
		}
	}
	return owner, nil
}

// Passkeys lists the account's passkeys, the oldest first.
func (a *Auth) Passkeys(ctx context.Context, account string) ([]desk.Passkey, error) {
	return a.queries.Passkeys(ctx, account)
}

// keep remembers a challenge until it is answered.
func (a *Auth) keep(ctx context.Context, account, purpose string, options any, challenge *webauthn.SessionData) (Ceremony, error) {
	kept, err := json.Marshal(challenge)
	if err != nil {
		return Ceremony{}, fmt.Errorf("passkey challenge: %w", err)
	}
	token, hash := newToken()
	err = a.queries.InsertCeremony(ctx, hash, desk.Ceremony{
		Account: account, Purpose: purpose, Challenge: kept, ExpiresAt: a.now().Add(ceremonyTime),
	})
	return Ceremony{Token: token, Options: options}, err
}

// recall returns a challenge, once; ErrCredentials when it is not to be
// answered (any more), or not by this account.
func (a *Auth) recall(ctx context.Context, token, account, purpose string) (webauthn.SessionData, error) {
	var challenge webauthn.SessionData
	kept, err := a.queries.TakeCeremony(ctx, hashToken(token), purpose, a.now())
	if errors.Is(err, register.ErrNotFound) || (err == nil && kept.Account != account) {
		return challenge, ErrCredentials
	}
	if err != nil {
		return challenge, err
	}
	return challenge, json.Unmarshal(kept.Challenge, &challenge)
}

// BeginPasskey asks for a new passkey. It returns ErrNoPasskeys and
// ErrProofWanted.
func (a *Auth) BeginPasskey(ctx context.Context, s Session) (Ceremony, error) {
	if a.passkeys == nil {
		return Ceremony{}, ErrNoPasskeys
	}
	if err := a.mayChangeFactors(s); err != nil {
		return Ceremony{}, err
	}
	owner, err := a.keyOwner(ctx, s.Account)
	if err != nil {
		return Ceremony{}, err
	}
	options, challenge, err := a.passkeys.lib.BeginRegistration(owner,
		webauthn.WithExclusions(webauthn.Credentials(owner.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		}))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin passkey: %w", err)
	}
	return a.keep(ctx, s.Account.ID, toRegister, options, challenge)
}

// AddPasskey keeps the passkey that answers, under a name that its owner gave,
// and does what ConfirmTOTP does. It returns ErrCredentials for an answer to
// another question, and ErrConflict for a passkey that is kept already.
func (a *Auth) AddPasskey(ctx context.Context, s Session, ceremony, name string, answer []byte) (next Session, codes []string, err error) {
	if a.passkeys == nil {
		return Session{}, nil, ErrNoPasskeys
	}
	if err := a.mayChangeFactors(s); err != nil {
		return Session{}, nil, err
	}
	challenge, err := a.recall(ctx, ceremony, s.Account.ID, toRegister)
	if err != nil {
		return Session{}, nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Session{}, nil, errors.Join(ErrCredentials, err)
	}
	credential, err := a.passkeys.lib.CreateCredential(keyOwner{Account: s.Account}, challenge, parsed)
	if err != nil {
		return Session{}, nil, errors.Join(ErrCredentials, err)
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return Session{}, nil, fmt.Errorf("passkey: %w", err)
	}
	var token string
	err = a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		err := d.InsertPasskey(ctx, desk.Passkey{
			Account: s.Account.ID, CredentialID: credential.ID, Credential: kept, Name: passkeyName(name), CreatedAt: a.now(),
		})
		if err != nil {
			return err
		}
		token, codes, err = a.factorAdded(ctx, q, d, s, "passkey")
		return err
	})
	if err != nil {
		return Session{}, nil, err
	}
	next, err = a.Session(ctx, token)
	return next, codes, err
}

// passkeyName is a name that can be shown in a list.
func passkeyName(name string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "")), " ")
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[:60])
	}
	return name
}

// RemovePasskey takes one passkey away; ErrNotFound when it is not one of the
// account's own.
func (a *Auth) RemovePasskey(ctx context.Context, s Session, id string) error {
	if err := a.mayChangeFactors(s); err != nil {
		return err
	}
	if !isID(id) {
		return register.ErrNotFound
	}
	return a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		if err := d.DeletePasskey(ctx, s.Account.ID, id); err != nil {
			return err
		}
		return a.factorRemoved(ctx, q, d, s.Account.ID, s.Account.ID, "passkey")
	})
}

// AskPasskey asks any passkey of this site who it is: the question is the same
// for everybody. How many passwords were wrong before does not matter.
func (a *Auth) AskPasskey(ctx context.Context, from From) (Ceremony, error) {
	if a.passkeys == nil {
		return Ceremony{}, ErrNoPasskeys
	}
	if err := a.take(ctx, a.questions(from)); err != nil {
		return Ceremony{}, err
	}
	options, challenge, err := a.passkeys.lib.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask passkey: %w", err)
	}
	return a.keep(ctx, "", toSignIn, options, challenge)
}

// SignInByPasskey begins a session by a passkey alone, which has verified its
// user: something that one has and something that one knows or is. It returns
// ErrCredentials for whatever is wrong.
func (a *Auth) SignInByPasskey(ctx context.Context, ceremony string, answer []byte, from From, before string) (Session, error) {
	if a.passkeys == nil {
		return Session{}, ErrNoPasskeys
	}
	challenge, err := a.recall(ctx, ceremony, "", toSignIn)
	if err != nil {
		return Session{}, err
	}
	staff, key, err := a.whosePasskey(ctx, challenge, answer)
	if errors.Is(err, ErrCredentials) { // a question for each, and these are counted
		return Session{}, a.failed(ctx, err, "passkey-refused", staff.ID, map[string]any{"network": from.network()})
	}
	if err != nil {
		return Session{}, err
	}
	if err := a.queries.ForgetLastAttempt(ctx, a.questions(from).name); err != nil {
		return Session{}, err
	}
	return a.begin(ctx, staff.ID, byPasskey(key), from, before)
}

// whosePasskey returns the account whose passkey answered a question to any, and
// which passkey that was. With ErrCredentials it returns the account that the passkey
// named, if any.
func (a *Auth) whosePasskey(ctx context.Context, challenge webauthn.SessionData, answer []byte) (staff desk.Staff, key []byte, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return staff, nil, errors.Join(ErrCredentials, err)
	}
	whose := func(_, handle []byte) (webauthn.User, error) {
		var err error
		if staff, err = a.queries.StaffByID(ctx, idOrNobody(accountOf(handle))); err != nil {
			return nil, err
		}
		if staff.DeactivatedAt != nil {
			return nil, ErrCredentials
		}
		return a.keyOwner(ctx, staff.Account)
	}
	_, credential, err := a.passkeys.lib.ValidatePasskeyLogin(whose, challenge, parsed)
	if err != nil {
		return staff, nil, errors.Join(ErrCredentials, err)
	}
	return staff, credential.ID, a.usePasskey(ctx, credential)
}

// usePasskey writes the counter back. A counter that goes backwards is a copy
// of the key: ErrCredentials.
func (a *Auth) usePasskey(ctx context.Context, credential *webauthn.Credential) error {
	if credential.Authenticator.CloneWarning {
		return ErrCredentials
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return fmt.Errorf("passkey: %w", err)
	}
	return a.queries.UsePasskey(ctx, credential.ID, kept, a.now())
}

// AskOwnPasskey asks for a passkey of the session's account: as its second
// factor, or as a new proof. It returns ErrNotFound when the account has none.
func (a *Auth) AskOwnPasskey(ctx context.Context, s Session) (Ceremony, error) {
	if a.passkeys == nil {
		return Ceremony{}, ErrNoPasskeys
	}
	owner, err := a.keyOwner(ctx, s.Account)
	if err != nil {
		return Ceremony{}, err
	}
	if len(owner.keys) == 0 {
		return Ceremony{}, register.ErrNotFound
	}
	// After a password the key itself is enough; alone it must know its user.
	verify := protocol.VerificationRequired
	if purposeOf(s) == toSecond {
		verify = protocol.VerificationPreferred
	}
	options, challenge, err := a.passkeys.lib.BeginLogin(owner, webauthn.WithUserVerification(verify))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask passkey: %w", err)
	}
	return a.keep(ctx, s.Account.ID, purposeOf(s), options, challenge)
}

func purposeOf(s Session) string {
	if s.Stage == StageCode {
		return toSecond
	}
	return toProve
}

// GivePasskey takes a session from its password to its end, or proves it again,
// by a passkey of its account.
func (a *Auth) GivePasskey(ctx context.Context, s Session, ceremony string, answer []byte) (Session, error) {
	if a.passkeys == nil {
		return Session{}, ErrNoPasskeys
	}
	challenge, err := a.recall(ctx, ceremony, s.Account.ID, purposeOf(s))
	if err != nil {
		return Session{}, err
	}
	err = a.checkOwnPasskey(ctx, s, challenge, answer)
	if errors.Is(err, ErrCredentials) {
		return Session{}, a.failed(ctx, err, "passkey-refused", s.Account.ID, map[string]any{"network": s.Network})
	}
	if err != nil {
		return Session{}, err
	}
	return a.provedBy(ctx, s, "passkey")
}

// checkOwnPasskey returns ErrCredentials unless a passkey of the session's account
// answered.
func (a *Auth) checkOwnPasskey(ctx context.Context, s Session, challenge webauthn.SessionData, answer []byte) error {
	owner, err := a.keyOwner(ctx, s.Account)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return errors.Join(ErrCredentials, err)
	}
	credential, err := a.passkeys.lib.ValidateLogin(owner, challenge, parsed)
	if err != nil {
		return errors.Join(ErrCredentials, err)
	}
	return a.usePasskey(ctx, credential)
}
