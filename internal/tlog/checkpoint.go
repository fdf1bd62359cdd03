package tlog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// maxCheckpoint is the most bytes of a checkpoint with all its signatures.
const maxCheckpoint = 64 << 10

// ErrSignature is wrapped when a checkpoint is not signed by a key that is
// known, or not as it is written.
var ErrSignature = errors.New("not signed by the log")

// Checkpoint is the head of a log under the log's name.
type Checkpoint struct {
	// Origin names the log for ever, such as "sijil.example.org/log".
	Origin string
	Head
}

// Text is the body of the checkpoint, which is what is signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// ParseCheckpoint reads the body of a checkpoint. It takes what Text writes:
// lines that extend it, which others may write, are refused, since nobody
// could check what they say.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return Checkpoint{}, errors.New("tlog: a checkpoint has three lines: origin, size, root")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return Checkpoint{}, fmt.Errorf("tlog: %q is no size", lines[1])
	}
	if err := decodeHash(&c.Root, lines[2]); err != nil {
		return Checkpoint{}, err
	}
	if c.Text() != text {
		return Checkpoint{}, errors.New("tlog: a checkpoint that is not written as it should be")
	}
	return c, nil
}

// decodeHash reads a hash in base64, written in the one way there is.
func decodeHash(h *Hash, s string) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != HashSize || len(s) != base64.StdEncoding.EncodedLen(HashSize) {
		return fmt.Errorf("tlog: %q is no hash", s)
	}
	copy(h[:], raw)
	return nil
}

// PeekCheckpoint reads a signed checkpoint without asking who signed it.
func PeekCheckpoint(signed []byte) (Checkpoint, error) {
	text, err := noteText(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	return ParseCheckpoint(text)
}

// noteText returns the text of a signed note (c2sp.org/signed-note). Base64 must be written in the one way there is, so that no
// byte of a note can change unnoticed.
func noteText(signed []byte) (string, error) {
	malformed := errors.New("tlog: not a signed note")
	at := bytes.LastIndex(signed, []byte("\n\n"))
	if at < 0 || len(signed) > maxCheckpoint || signed[len(signed)-1] != '\n' {
		return "", malformed
	}
	text, rest := string(signed[:at+1]), string(signed[at+2:])
	for line := range strings.Lines(rest) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(fields) != 3 || fields[0] != "—" {
			return "", malformed
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(fields[2])
		if err != nil || base64.StdEncoding.EncodeToString(raw) != fields[2] {
			return "", malformed
		}
	}
	if rest == "" {
		return "", malformed
	}
	return text, nil
}

// Verifier opens the checkpoints of one log, by its keys.
type Verifier struct {
	origin string
	keys   note.Verifiers
}

// NewVerifier returns what opens the checkpoints of the log with the origin,
// by any of its verifier keys (c2sp.org/signed-note). Who knows the key before
// a rotation and the key after it accepts both.
func NewVerifier(origin string, keys ...string) (*Verifier, error) {
	list := make([]note.Verifier, len(keys))
	for i, key := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(key))
		if err != nil {
			return nil, fmt.Errorf("tlog: %q is no verifier key: %w", key, err)
		}
		if v.Name() != origin {
			return nil, fmt.Errorf("tlog: the key %q is not one of the log %q", key, origin)
		}
		list[i] = v
	}
	if len(list) == 0 {
		return nil, errors.New("tlog: without a verifier key nothing can be verified")
	}
	return &Verifier{origin: origin, keys: note.VerifierList(list...)}, nil
}

// Origin names the log.
func (v *Verifier) Origin() string { return v.origin }

// Open reads a signed checkpoint and checks who signed it. Signatures by keys
// that are not known are ignored, as the format demands; one by a known key that
// is wrong is not. The error wraps ErrSignature unless the checkpoint cannot be
// read.
func (v *Verifier) Open(signed []byte) (Checkpoint, error) {
	if _, err := noteText(signed); err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open(signed, v.keys)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.origin {
		return Checkpoint{}, fmt.Errorf("%w: it is of the log %q, not %q", ErrSignature, c.Origin, v.origin)
	}
	return c, nil
}

// OriginOf returns the name of the log to which a verifier key belongs.
func OriginOf(key string) (string, error) {
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return "", fmt.Errorf("tlog: %q is no verifier key: %w", key, err)
	}
	return v.Name(), nil
}
