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
// the account's count and not that of its owner. A second sum of it says that
// somebody has signed in there at all: a question to any passkey names no address.
const (
	// KnownTime is for how long a browser is known after the last sign-in.
	KnownTime = 90 * 24 * time.Hour
	nonceSize = 16
	daySize   = 4
	saidSize  = nonceSize + daySize
)

// anybody stands for an address where it does not matter whose a token is; nobody can
// have it as his.
const anybody = "\x00"

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
	key := a.browsers[0]
	return base64.RawURLEncoding.EncodeToString(slices.Concat(said, browserSum(key, email, said), browserSum(key, anybody, said)))
}

// known returns what a browser is counted by, if the owner of the address has
// signed in there lately.
func (a *Auth) known(email, token string) (nonce []byte, ok bool) {
	said, sums := a.readBrowser(token)
	if sums == nil || !a.saidSo(email, said, sums[0]) {
		return nil, false
	}
	return said[:nonceSize], true
}

// knownToAnybody returns what a browser is counted by, if somebody has signed in there
// lately, whoever it was. A token from before there was such a sum says it of none.
func (a *Auth) knownToAnybody(token string) (nonce []byte, ok bool) {
	said, sums := a.readBrowser(token)
	if len(sums) < 2 {
		return nil, false
	}
	return said[:nonceSize], true
}

// readBrowser takes a token apart: what it says, and the sum of it for one address,
// which is not checked here. The second, if there is one, is right. Both are nil where
// the token is none, or too old.
func (a *Auth) readBrowser(token string) (said []byte, sums [][]byte) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != saidSize+sha256.Size && len(raw) != saidSize+2*sha256.Size {
		return nil, nil
	}
	said, sums = raw[:saidSize], slices.Collect(slices.Chunk(raw[saidSize:], sha256.Size))
	if len(sums) == 2 && !a.saidSo(anybody, said, sums[1]) {
		return nil, nil
	}
	if age := a.today() - int64(binary.BigEndian.Uint32(said[nonceSize:])); age < 0 || age >= int64(KnownTime/(24*time.Hour)) {
		return nil, nil
	}
	return said, sums
}

// saidSo reports whether a sum was made here, for an address.
func (a *Auth) saidSo(email string, said, sum []byte) bool {
	return slices.ContainsFunc(a.browsers, func(key []byte) bool { return hmac.Equal(sum, browserSum(key, email, said)) })
}

func (a *Auth) today() int64 { return a.now().Unix() / int64(24*time.Hour/time.Second) }

func browserSum(key []byte, email string, said []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(said)
	mac.Write([]byte(email))
	return mac.Sum(nil)
}
