package auth

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// recoveryCodes is how many codes somebody gets, each for one use.
const recoveryCodes = 10

// codeLetters is how long a recovery code is: 120 bits, of which a fast hash
// gives nothing away (OWASP ASVS 6.5.2 asks for 112). Codes of 16 letters, from
// before, are good until they are used.
const codeLetters = 24

// issueCodes gives the account other recovery codes, and returns them in the
// form in which they are shown, once.
func issueCodes(ctx context.Context, d *desk.Queries, account string) ([]string, error) {
	codes := make([]string, recoveryCodes)
	hashes := make([][]byte, recoveryCodes)
	for i := range codes {
		raw := rand.Text()[:codeLetters] // base32: no 0, 1 or 8 to be misread
		codes[i] = strings.ReplaceAll(grouped(raw), " ", "-")
		hashes[i] = hashToken(raw)
	}
	return codes, d.ReplaceRecoveryCodes(ctx, account, hashes)
}

// RenewCodes gives the account ten other recovery codes; those before are
// void. It returns ErrNotFound when there is no second factor to be recovered,
// and ErrProofWanted.
func (a *Auth) RenewCodes(ctx context.Context, s Session) (codes []string, err error) {
	if err := a.mayChangeFactors(s); err != nil {
		return nil, err
	}
	if !s.HasSecondFactor {
		return nil, register.ErrNotFound
	}
	err = a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		var err error
		if codes, err = issueCodes(ctx, d, s.Account.ID); err != nil {
			return err
		}
		return d.Audit(ctx, s.Account.ID, "renew-recovery-codes", "", 0, nil)
	})
	return codes, err
}

// foldCode brings a typed recovery code to the form that was hashed: letters
// that are taken for each other are not in the alphabet.
func foldCode(code string) string {
	fold := strings.NewReplacer("0", "O", "1", "I", "8", "B", "-", "", " ", "", "\u00a0", "")
	return fold.Replace(strings.ToUpper(strings.TrimSpace(code)))
}

// onlyDigits drops the spaces that applications put into codes, and reads
// Arabic digits as what they are.
func onlyDigits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r == ' ' || r == '\u00a0' || r == '\t':
			return -1
		}
		return r
	}, code)
}
