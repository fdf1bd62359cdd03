// Package auth is about who somebody is: passwords, second factors, passkeys,
// sessions, links that prove an address, throttling, and the accounts
// themselves. What a role may do is the register's to say, and cookies are the
// web's.
//
// Answers never tell whether an account exists: what is unknown, deactivated
// or wrong costs the same work and is the same error.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// The kinds of errors that only signing in knows.
var (
	// ErrCredentials means that what was given does not prove who somebody is.
	ErrCredentials = errors.New("wrong credentials")
	// ErrThrottled means too many attempts; see ThrottledError for how long.
	ErrThrottled = errors.New("too many attempts")
	// ErrNoSession means that there is no such session, or that it has ended.
	ErrNoSession = errors.New("no session")
	// ErrLink means that a link was used, has expired, or never was.
	ErrLink = errors.New("link cannot be used")
	// ErrProofWanted means that the session's last proof is too old for what is
	// to be done: the password, or a passkey, is to be given again.
	ErrProofWanted = errors.New("a new proof is wanted")
	// ErrLastAdmin means that nobody would be left to look after accounts.
	ErrLastAdmin = errors.New("the last admin")
	// ErrNoPasskeys means that this site's address cannot have passkeys.
	ErrNoPasskeys = errors.New("no passkeys at this address")
)

// ThrottledError is ErrThrottled with the time after which another attempt is
// counted.
type ThrottledError struct{ Wait time.Duration }

// Error tells how long to wait.
func (e *ThrottledError) Error() string { return fmt.Sprintf("%v, wait %v", ErrThrottled, e.Wait) }

// Unwrap makes the error one of the kind ErrThrottled.
func (e *ThrottledError) Unwrap() error { return ErrThrottled }

// Post sends letters. What is sent in a transaction that fails is not sent.
type Post interface {
	Send(ctx context.Context, q store.Querier, letter Letter) error
	// Pretend does what Send does, but that there is no letter in the end: what
	// somebody typed is no account's address, and how long he waits must not say so.
	Pretend(ctx context.Context, q store.Querier, letter Letter) error
}

// LetterKind is what a letter is about.
type LetterKind string

// The kinds of letters.
const (
	LetterInvitation   LetterKind = "invitation"
	LetterReset        LetterKind = "reset"
	LetterEmail        LetterKind = "email"         // to the new address: prove it
	LetterEmailChanged LetterKind = "email-changed" // to the old one: it is no longer yours
	LetterPassword     LetterKind = "password"      // it was changed
	LetterResetDone    LetterKind = "reset-done"    // it was changed by a link, and tokens are void
	LetterToken        LetterKind = "token"         // a token for a program was made
	LetterFactor       LetterKind = "factor"        // a second factor was added or removed
	LetterDevice       LetterKind = "device"        // somebody signed in from where nobody had before
)

// Letter is something that an account's owner is told by mail.
type Letter struct {
	Kind  LetterKind
	To    string
	Name  string
	Lang  register.Lang
	Path  string    // where its link leads, such as "/fr/desk/reset/…"; empty without one
	Until time.Time // when the link expires
	// Device and At say from what somebody signed in, and when.
	Device string
	At     time.Time
	// Token is the name that a token was given.
	Token string
}

// Config is what the package needs from outside.
type Config struct {
	DB  *store.DB
	Now func() time.Time
	// Secret is the key material under which secrets are kept; at least
	// MinSecret bytes.
	Secret string
	// SecretBefore is what Secret was, where it was changed: what was kept under it is
	// still had back. Empty: there was none.
	SecretBefore string
	// Origin is the site's public origin: passkeys are bound to its host.
	Origin string
	// SecondFactor makes one obligatory: an account without can only set it up.
	SecondFactor bool
	// Post sends letters; nil where there is no mail.
	Post Post
	// Cost is what a password's hash costs; zero means DefaultCost.
	Cost Cost
	// Failed is told of each proof that failed, by the action of the audit, and of
	// each token that is not good as "token-refused"; nil: nobody counts.
	Failed func(reason string)
}

// Auth knows who somebody is.
type Auth struct {
	cfg      Config
	db       *store.DB
	queries  *desk.Queries
	now      func() time.Time
	hasher   *hasher
	box      box
	browsers [][]byte      // the keys of tokens of known browsers, the present one first
	passkeys *relyingParty // nil where the address cannot have passkeys
	locks    locks
}

// New returns the package's state. It fails on a secret that is too short, or
// an origin that is none.
func New(cfg Config) (*Auth, error) {
	sealed, err := newBox(cfg.Secret)
	if err != nil {
		return nil, err
	}
	key, err := newBrowserKey(cfg.Secret)
	if err != nil {
		return nil, err
	}
	browsers := [][]byte{key}
	if cfg.SecretBefore != "" {
		before, errBox := newBox(cfg.SecretBefore)
		key, errKey := newBrowserKey(cfg.SecretBefore)
		if err := errors.Join(errBox, errKey); err != nil {
			return nil, err
		}
		sealed.before, browsers = &before, append(browsers, key)
	}
	passkeys, err := newRelyingParty(cfg.Origin)
	if err != nil {
		return nil, err
	}
	return &Auth{
		cfg: cfg, db: cfg.DB, queries: desk.New(cfg.DB.Querier()), now: cfg.Now,
		hasher: newHasher(cfg.Cost), box: sealed, browsers: browsers, passkeys: passkeys,
	}, nil
}

// From is where somebody comes from.
type From struct {
	Addr   netip.Addr
	Device string // what the browser says of itself
	// Known is the token that the browser has of an earlier sign-in (KnownBrowser).
	Known string
}

// network is the part of the address that somebody shares with neighbours:
// what is counted and shown instead of a person's own address.
func (f From) network() string {
	bits := 56
	if f.Addr.Unmap().Is4() {
		bits = 24
	}
	prefix, err := f.Addr.Unmap().WithZone("").Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}

// device is what the browser says of itself, cut to a bearable length.
func (f From) device() string {
	const most = 300
	text := strings.ToValidUTF8(strings.ReplaceAll(f.Device, "\x00", ""), "")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// FoldEmail brings an address to the form in which accounts have it.
func FoldEmail(address string) string {
	return strings.ToLower(norm.NFKC.String(strings.TrimSpace(address)))
}

// checkEmail returns a problem for what cannot be an address of e-mail.
func checkEmail(address string) register.Problems {
	name, host, found := strings.Cut(address, "@")
	bad := !found || name == "" || !strings.Contains(host, ".") || strings.ContainsAny(address, " \t\r\n\x00<>,;\"()") ||
		strings.Contains(host, "@") || len(address) > 254
	if bad {
		return register.Problems{{Field: "email", Key: "problem.email-invalid"}}
	}
	return nil
}

// checkName returns a problem for a name that is none.
func checkName(name string) register.Problems {
	if name == "" || len(name) > 200 || strings.ContainsAny(name, "\x00\r\n") {
		return register.Problems{{Field: "name", Key: "problem.name-missing"}}
	}
	return nil
}

// inTx runs do in one transaction.
func (a *Auth) inTx(ctx context.Context, do func(q store.Querier, d *desk.Queries) error) error {
	return a.db.InTx(ctx, func(q store.Querier) error { return do(q, desk.New(q)) })
}

// send sends a letter if there is a way to.
func (a *Auth) send(ctx context.Context, q store.Querier, letter Letter) error {
	if a.cfg.Post == nil {
		return nil
	}
	return a.cfg.Post.Send(ctx, q, letter)
}

// isID tells whether a text can be the identifier of something: the database
// would refuse any other as malformed.
func isID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || (!dash && !strings.ContainsRune("0123456789abcdef", c)) {
			return false
		}
	}
	return true
}
