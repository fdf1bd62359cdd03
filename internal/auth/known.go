package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
)

// A browser from which somebody has signed in keeps a token that says so, for
// the address that was used. It lets nobody in. But what is guessed from there
// is counted apart: who guesses elsewhere, from however many networks, fills
// the account's count and not that of its owner.
const (
	// KnownTime is for how long a browser is known after the last sign-in.
	KnownTime = 90 * 24 * time.Hour
	nonceSize = 16
	daySize   = 4
)

// newBrowserKey makes the key under which tokens of browsers are made.
func newBrowserKey(secret string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(secret), nil, "sijil known browsers 1", sha256.Size)
}

// KnownBrowser returns the token for a browser in which the owner of an address
// has just signed in. One that it had for the address already keeps its count.
func (a *Auth) KnownBrowser(email, token string) string {
	email = FoldEmail(email)
	nonce, known := a.known(email, token)
	if !known {
		nonce = make([]byte, nonceSize)
		_, _ = rand.Read(nonce)
	}
	said := binary.BigEndian.AppendUint32(nonce[:nonceSize:nonceSize], uint32(a.today())) //nolint:gosec // days since 1970
	return base64.RawURLEncoding.EncodeToString(append(said, browserSum(a.browsers[0], email, said)...))
}

// known returns what a browser is counted by, if the owner of the address has
// signed in there lately.
func (a *Auth) known(email, token string) (nonce []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != nonceSize+daySize+sha256.Size {
		return nil, false
	}
	said, sum := raw[:nonceSize+daySize], raw[nonceSize+daySize:]
	if !slices.ContainsFunc(a.browsers, func(key []byte) bool { return hmac.Equal(sum, browserSum(key, email, said)) }) {
		return nil, false
	}
	age := a.today() - int64(binary.BigEndian.Uint32(said[nonceSize:]))
	return said[:nonceSize], age >= 0 && age < int64(KnownTime/(24*time.Hour))
}

func (a *Auth) today() int64 { return a.now().Unix() / int64(24*time.Hour/time.Second) }

func browserSum(key []byte, email string, said []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(said)
	mac.Write([]byte(email))
	return mac.Sum(nil)
}
