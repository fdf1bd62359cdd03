package tlog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Keys sign checkpoints. The first is the current one; those after it were
// before it, and sign along until they are dropped, so that whoever knows only
// them can verify on.
type Keys struct {
	origin    string
	secrets   []string
	signers   []note.Signer
	verifiers []string
}

// ErrKeyFile is wrapped by errors that say what is wrong with a file of keys.
var ErrKeyFile = errors.New("the file of the log's keys")

// GenerateKeys makes the first key of a log.
func GenerateKeys(random io.Reader, origin string) (*Keys, error) {
	return (&Keys{origin: origin}).Rotate(random)
}

// Rotate returns the keys with a new one before them.
func (k *Keys) Rotate(random io.Reader) (*Keys, error) {
	secret, _, err := note.GenerateKey(random, k.origin)
	if err != nil {
		return nil, fmt.Errorf("tlog: make a key: %w", err)
	}
	return newKeys(slices.Concat([]string{secret}, k.secrets))
}

// DropOld returns the current key alone: those before it sign no more.
func (k *Keys) DropOld() *Keys {
	return &Keys{origin: k.origin, secrets: k.secrets[:1], signers: k.signers[:1], verifiers: k.verifiers[:1]}
}

// newKeys reads secrets, the current one first.
func newKeys(secrets []string) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%w holds no key", ErrKeyFile)
	}
	k := &Keys{secrets: secrets}
	for i, secret := range secrets {
		signer, err := note.NewSigner(secret)
		if err != nil {
			// The cause may repeat the secret.
			return nil, fmt.Errorf("%w: key number %d cannot be read", ErrKeyFile, i+1)
		}
		verifier, err := verifierOf(secret, signer.Name())
		if err != nil {
			return nil, fmt.Errorf("%w: key number %d cannot be read", ErrKeyFile, i+1)
		}
		if i > 0 && signer.Name() != k.origin {
			return nil, fmt.Errorf("%w holds keys of two logs: %q and %q", ErrKeyFile, k.origin, signer.Name())
		}
		if slices.Contains(k.verifiers, verifier) {
			return nil, fmt.Errorf("%w holds one key twice", ErrKeyFile)
		}
		k.origin = signer.Name()
		k.signers, k.verifiers = append(k.signers, signer), append(k.verifiers, verifier)
	}
	return k, nil
}

// verifierOf is the public part of a secret that was read before:
// PRIVATE+KEY+<name>+<hash>+<base64 of the algorithm and the seed>.
func verifierOf(secret, name string) (string, error) {
	parts := strings.SplitN(secret, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("tlog: no seed")
	}
	public, ok := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("tlog: no public key")
	}
	return note.NewEd25519VerifierKey(name, public)
}

// Origin names the log that the keys sign for.
func (k *Keys) Origin() string { return k.origin }

// VerifierKeys are the public parts, the current one first.
func (k *Keys) VerifierKeys() []string { return slices.Clone(k.verifiers) }

// Verifier opens what the keys sign.
func (k *Keys) Verifier() (*Verifier, error) { return NewVerifier(k.origin, k.verifiers...) }

// Sign signs the checkpoint of a head with all keys.
func (k *Keys) Sign(head Head) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: Checkpoint{Origin: k.origin, Head: head}.Text()}, k.signers...)
	if err != nil {
		return nil, fmt.Errorf("tlog: sign: %w", err)
	}
	return signed, nil
}

// ReadKeys reads a file of keys. It must be a plain file that nobody but its
// owner may read or write; otherwise the error says so, and wraps ErrKeyFile.
// It wraps fs.ErrNotExist when there is none.
func ReadKeys(path string) (*Keys, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	defer file.Close() //nolint:errcheck // it was read from only
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	// Windows keeps rights in another way, of which these bits tell nothing.
	others := info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows"
	if !info.Mode().IsRegular() || others {
		return nil, fmt.Errorf("%w, %s, may be read or written by others (%s): run \"chmod 600 %s\"",
			ErrKeyFile, path, info.Mode(), path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxCheckpoint))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	return ParseKeys(string(text))
}

// ParseKeys reads the text of a file of keys: one secret a line, the current
// one first; empty lines and those that begin with # say nothing.
func ParseKeys(text string) (*Keys, error) {
	var secrets []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			secrets = append(secrets, line)
		}
	}
	return newKeys(secrets)
}

// Write writes the keys to a file that only its owner may read. There must be
// none yet, unless replace is given: then it is replaced as a whole or not at
// all.
func (k *Keys) Write(path string, replace bool) error {
	if _, err := os.Lstat(path); !replace && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w, %s, is there already: %w", ErrKeyFile, path, fs.ErrExist)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".log-key-*") // made with 0600
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	_, err = file.WriteString(k.text())
	err = errors.Join(err, file.Sync(), file.Close())
	switch {
	case err != nil:
	case replace:
		err = os.Rename(file.Name(), path)
	default:
		err = os.Link(file.Name(), path) // fails if somebody was faster
	}
	if err != nil || !replace {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	return nil
}

func (k *Keys) text() string {
	var b strings.Builder
	b.WriteString("# Secret signing keys of the log " + k.origin + ". Whoever has one can speak in its name.\n" +
		"# The first is the current one; the others sign along until they are taken out.\n")
	for _, secret := range k.secrets {
		b.WriteString(secret + "\n")
	}
	return b.String()
}

// retired marks a key in a list that signs no more.
const retired = " retired"

// KeyList writes the verifier keys of a log as they are handed out, one a line,
// in the order given. Those that do not sign the checkpoint are marked as
// retired; without a checkpoint all are.
func KeyList(keys []string, signed []byte) []byte {
	var out []byte
	for _, key := range keys {
		out = append(out, key...)
		if !signs(key, signed) {
			out = append(out, retired...)
		}
		out = append(out, '\n')
	}
	return out
}

// signs reports whether a key signed a checkpoint.
func signs(key string, signed []byte) bool {
	origin, err := OriginOf(key)
	if err != nil {
		return false
	}
	v, err := NewVerifier(origin, key)
	if err != nil {
		return false
	}
	_, err = v.Open(signed)
	return err == nil
}
