package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"net/url"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

const (
	totpPeriod = 30 // seconds
	totpDigits = 6
	// totpSecret is as long as the hash, SHA-1 (RFC 4226, 4 R6).
	totpSecret = 20
	qrPixels   = 240
)

// TOTPSetup is what somebody needs to set up an application for codes.
type TOTPSetup struct {
	Secret string // to be typed, in groups of four
	Image  string // QR code, as a data: address of a PNG
}

// BeginTOTP makes a secret that is used once a code of it was given. It returns
// ErrProofWanted where a factor is set already and the last proof is old.
func (a *Auth) BeginTOTP(ctx context.Context, s Session) error {
	if err := a.mayChangeFactors(s); err != nil {
		return err
	}
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret)
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		if err := d.BeginTOTP(ctx, s.Account.ID, a.box.seal(s.Account.ID, secret), a.now()); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "begin-one-time-codes", "", 0, nil)
	})
}

// mayChangeFactors asks for a fresh proof, and for a session that has given
// all factors that there are.
func (a *Auth) mayChangeFactors(s Session) error {
	if s.Stage == StageCode {
		return ErrNoSession
	}
	return a.Fresh(s)
}

// PendingTOTP returns what is being set up, ErrNotFound when nothing is.
func (a *Auth) PendingTOTP(ctx context.Context, s Session) (TOTPSetup, error) {
	if err := a.mayChangeFactors(s); err != nil {
		return TOTPSetup{}, err
	}
	kept, err := a.queries.LockTOTP(ctx, s.Account.ID, false)
	if err != nil {
		return TOTPSetup{}, err
	}
	secret, err := a.box.open(s.Account.ID, kept.Secret)
	if err != nil {
		return TOTPSetup{}, err
	}
	return a.totpSetup(s.Account.Email, encodeSecret(secret))
}

func (a *Auth) totpSetup(email, secret string) (TOTPSetup, error) {
	site := "Sijil"
	if u, err := url.Parse(a.cfg.Origin); err == nil && u.Hostname() != "" {
		site += " " + u.Hostname()
	}
	query := url.Values{
		"secret": {secret}, "issuer": {site}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpPeriod)},
	}
	// Applications do not read "+" as a space.
	address := "otpauth://totp/" + url.PathEscape(site+":"+email) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("one-time codes: %w", err)
	}
	picture, err := key.Image(qrPixels, qrPixels)
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("QR code: %w", err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return TOTPSetup{}, fmt.Errorf("QR code: %w", err)
	}
	return TOTPSetup{
		Secret: grouped(secret),
		Image:  "data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes()),
	}, nil
}

// ConfirmTOTP takes the secret that is being set up into use, proved by a code
// of it, ends all other sessions, and gives this one another token. Where it is
// the first second factor, it returns recovery codes, which are shown once.
func (a *Auth) ConfirmTOTP(ctx context.Context, s Session, code string, from From) (next Session, codes []string, err error) {
	if err := a.mayChangeFactors(s); err != nil {
		return Session{}, nil, err
	}
	buckets := a.guessCode(s.Account, from)
	if err := a.take(ctx, buckets...); err != nil {
		return Session{}, nil, err
	}
	var token string
	err = a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		kept, err := d.LockTOTP(ctx, s.Account.ID, false)
		if err != nil {
			return err
		}
		step, err := a.step(s.Account.ID, kept, code)
		if err != nil {
			return err
		}
		if err := d.ConfirmTOTP(ctx, s.Account.ID, step); err != nil {
			return err
		}
		token, codes, err = a.factorAdded(ctx, q, d, s, "one-time-codes")
		return err
	})
	if errors.Is(err, ErrCredentials) {
		err = a.failed(ctx, err, "code-refused", s.Account.ID, map[string]any{"network": from.network()})
	}
	if err != nil {
		return Session{}, nil, err
	}
	if err := a.forgive(ctx, buckets); err != nil {
		return Session{}, nil, err
	}
	next, err = a.Session(ctx, token)
	return next, codes, err
}

// factorAdded does what follows on a new second factor: recovery codes where
// there are none, the end of sessions that did not give it, another token, a
// letter and the audit.
func (a *Auth) factorAdded(ctx context.Context, q store.Querier, d *desk.Queries, s Session, which string) (token string, codes []string, err error) {
	staff, err := d.StaffByID(ctx, s.Account.ID)
	if err != nil {
		return "", nil, err
	}
	if staff.RecoveryCodes == 0 {
		if codes, err = issueCodes(ctx, d, s.Account.ID); err != nil {
			return "", nil, err
		}
	}
	if err := d.DeleteSessionsOf(ctx, s.Account.ID, s.ID); err != nil {
		return "", nil, err
	}
	if token, err = a.rotate(ctx, d, s); err != nil {
		return "", nil, err
	}
	if err := a.tell(ctx, q, staff, LetterFactor); err != nil {
		return "", nil, err
	}
	return token, codes, d.Audit(ctx, s.Account.ID, "add-second-factor", "", 0, map[string]any{"which": which})
}

// RemoveTOTP takes one-time codes away.
func (a *Auth) RemoveTOTP(ctx context.Context, s Session) error {
	if err := a.mayChangeFactors(s); err != nil {
		return err
	}
	return a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		if err := d.DeleteTOTP(ctx, s.Account.ID); err != nil {
			return err
		}
		return a.factorRemoved(ctx, q, d, s.Account.ID, s.Account.ID, "one-time-codes")
	})
}

// factorRemoved takes recovery codes away with the last factor, tells the owner
// and audits.
func (a *Auth) factorRemoved(ctx context.Context, q store.Querier, d *desk.Queries, actor, account, which string) error {
	staff, err := d.StaffByID(ctx, account)
	if err != nil {
		return err
	}
	if !staff.HasSecondFactor() {
		if err := d.ReplaceRecoveryCodes(ctx, account, nil); err != nil {
			return err
		}
	}
	if err := a.tell(ctx, q, staff, LetterFactor); err != nil {
		return err
	}
	return d.Audit(ctx, actor, "remove-second-factor", "", 0, map[string]any{"which": which, "account": account})
}

// Reseal brings the secrets of one-time codes that are under the key before under the
// present one, and tells how many there were, and how many are under neither.
func (a *Auth) Reseal(ctx context.Context) (done, lost int, err error) {
	err = a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		kept, err := d.LockSecrets(ctx)
		if err != nil {
			return err
		}
		for _, k := range kept {
			if a.box.isPresent(k.Account, k.Secret) {
				continue
			}
			secret, err := a.box.open(k.Account, k.Secret)
			if err != nil {
				lost++
				continue
			}
			if err := d.ReplaceSecret(ctx, k, a.box.seal(k.Account, secret)); err != nil {
				return err
			}
			done++
		}
		return d.Audit(ctx, "", "reseal-secrets", "", 0, map[string]any{"done": done, "lost": lost})
	})
	return done, lost, err
}

// takeCode takes a one-time code or a recovery code of the account, each once.
// It returns ErrCredentials, or which of them it was.
func (a *Auth) takeCode(ctx context.Context, d *desk.Queries, account, code string) (how string, err error) {
	if digits := onlyDigits(code); len(digits) == totpDigits {
		return "one-time-code", a.takeTOTP(ctx, d, account, digits)
	}
	err = d.UseRecoveryCode(ctx, account, hashToken(foldCode(code)), a.now())
	if errors.Is(err, register.ErrNotFound) {
		err = ErrCredentials
	}
	return "recovery-code", err
}

func (a *Auth) takeTOTP(ctx context.Context, d *desk.Queries, account, code string) error {
	kept, err := d.LockTOTP(ctx, account, true)
	if errors.Is(err, register.ErrNotFound) {
		return ErrCredentials
	}
	if err != nil {
		return err
	}
	step, err := a.step(account, kept, code)
	if err != nil {
		return err
	}
	return d.SetTOTPStep(ctx, account, step)
}

// step returns the step of time whose code was given: the present one, the one
// before or the one after, later than the last that was taken. It returns
// ErrCredentials for any other code.
func (a *Auth) step(account string, kept desk.TOTP, code string) (int64, error) {
	secret, err := a.box.open(account, kept.Secret)
	if err != nil {
		return 0, err
	}
	now := a.now().Unix() / totpPeriod
	found := int64(0)
	for step := now - 1; step <= now+1; step++ {
		want, err := hotp.GenerateCode(encodeSecret(secret), uint64(step)) //nolint:gosec // a time after 1970
		if err != nil {
			return 0, fmt.Errorf("one-time code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(onlyDigits(code))) == 1 && step > kept.LastStep {
			found = step
		}
	}
	if found == 0 {
		return 0, ErrCredentials
	}
	return found, nil
}

func encodeSecret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// grouped puts a space after each four characters, as people read them out.
func grouped(s string) string {
	var out strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}
