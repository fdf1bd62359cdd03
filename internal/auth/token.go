package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// tokenBytes makes 256 bits: what cannot be guessed needs no slow hash.
const tokenBytes = 32

// newToken returns a random token and the hash under which it is kept.
func newToken() (token string, hash []byte) {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails: the program ends where there is no randomness
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// formToken is what each form of a session carries: made from the session's
// token, which nothing but the browser's cookie holds.
func formToken(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("sijil form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// MinSecret is how many bytes of key material are the least.
const MinSecret = 32

// box keeps secrets that must be had back, such as those of one-time codes.
type box struct {
	aead cipher.AEAD
	// before is the box of the key that was; nil: there was none.
	before *box
}

func newBox(secret string) (box, error) {
	if len(secret) < MinSecret {
		return box{}, fmt.Errorf("auth: the secret key has %d bytes, at least %d are needed", len(secret), MinSecret)
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "sijil one-time codes 1", 32)
	if err != nil {
		return box{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return box{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return box{aead: aead}, err
}

// seal encrypts a secret for one owner: moved to another account's row, it
// cannot be opened.
func (b box) seal(owner string, secret []byte) []byte {
	return b.aead.Seal(nil, nil, secret, []byte(owner)) //nolint:gosec // the cipher makes a random nonce itself (cipher.NewGCMWithRandomNonce)
}

// isPresent reports whether a secret is under the present key.
func (b box) isPresent(owner string, sealed []byte) bool {
	_, err := b.aead.Open(nil, nil, sealed, []byte(owner))
	return err == nil
}

func (b box) open(owner string, sealed []byte) ([]byte, error) {
	secret, err := b.aead.Open(nil, nil, sealed, []byte(owner))
	if err != nil && b.before != nil {
		secret, err = b.before.aead.Open(nil, nil, sealed, []byte(owner))
	}
	if err != nil {
		return nil, errors.Join(errors.New("auth: a secret cannot be opened: was SIJIL_SECRET_KEY changed?"), err)
	}
	return secret, nil
}
