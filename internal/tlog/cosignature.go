package tlog

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

const (
	// algEd25519 is the type of a key that makes plain signatures (c2sp.org/signed-note).
	algEd25519 = 0x01
	// algCosignature is the type of a key that makes timestamped cosignatures
	// (c2sp.org/signed-note, c2sp.org/tlog-cosignature).
	algCosignature = 0x04
	// maxWitnessProof is the most hashes that a witness reads
	// (c2sp.org/tlog-witness).
	maxWitnessProof = 63
	// lastSecond is the end of the year 9999: no clock says more.
	lastSecond = 253402300799
	// keyHashSize is how many bytes of a signature name its key.
	keyHashSize = 4
)

// ErrNotCosigned is wrapped when a witness has not cosigned a checkpoint.
var ErrNotCosigned = errors.New("not cosigned by the witness")

// Witness knows the cosignatures of somebody who watches logs: he signs, with
// the time, that he has seen no other log under the name, and that it only grew.
type Witness struct {
	key    string
	name   string
	hash   uint32
	public ed25519.PublicKey
}

// ParseWitness reads the verifier key of a witness: name, hash and an Ed25519
// key, joined by "+". A key of the plain type, which some witnesses publish, is
// taken for what it cosigns with; Key writes it as one of cosignatures.
func ParseWitness(key string) (*Witness, error) {
	key = strings.TrimSpace(key)
	refuse := func(why string) (*Witness, error) {
		return nil, fmt.Errorf("tlog: %q is no verifier key of a witness: %s", key, why)
	}
	name, rest, _ := strings.Cut(key, "+")
	hash, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || name == "" || strings.ContainsFunc(name, unicode.IsSpace) || !utf8.ValidString(name) {
		return refuse("it is not name+hash+key")
	}
	if len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature && raw[0] != algEd25519 {
		return refuse("it is not one of Ed25519")
	}
	if hash != fmt.Sprintf("%08x", keyHash(name, raw)) {
		return refuse("its hash is not that of its key")
	}
	raw[0] = algCosignature
	w := &Witness{name: name, hash: keyHash(name, raw), public: raw[1:]}
	w.key = fmt.Sprintf("%s+%08x+%s", name, w.hash, base64.StdEncoding.EncodeToString(raw))
	return w, nil
}

// keyHash names a key in signatures (c2sp.org/signed-note).
func keyHash(name string, typed []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return binary.BigEndian.Uint32(sum[:keyHashSize])
}

// Key is the verifier key.
func (w *Witness) Key() string { return w.key }

// Name implements note.Verifier.
func (w *Witness) Name() string { return w.name }

// KeyHash implements note.Verifier.
func (w *Witness) KeyHash() uint32 { return w.hash }

// Verify implements note.Verifier: the time, then an Ed25519 signature of it
// and of the text.
func (w *Witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	return at <= lastSecond && ed25519.Verify(w.public, cosigned(at, text), signature[8:])
}

// cosigned is what a witness signs: the time, and the whole text of the checkpoint.
func cosigned(at uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
}

// Cosignature is what a witness signed of a checkpoint.
type Cosignature struct {
	Line string    // as it stands among the signatures, with its end
	At   time.Time // by the clock of the witness
}

// Open looks for the cosignature of the witness under a signed checkpoint. The
// error wraps ErrNotCosigned if there is none, and ErrSignature if it is wrong.
func (w *Witness) Open(signed []byte) (Cosignature, error) {
	if _, err := noteText(signed); err != nil {
		return Cosignature{}, err
	}
	n, err := note.Open(signed, note.VerifierList(w))
	if _, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return Cosignature{}, fmt.Errorf("%w %s", ErrNotCosigned, w.name)
	}
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	line := n.Sigs[0].Base64
	raw, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	at := binary.BigEndian.Uint64(raw[keyHashSize:]) // it is as long as Verify wants
	return Cosignature{
		Line: "— " + w.name + " " + line + "\n",
		At:   time.Unix(int64(at), 0).UTC(), //nolint:gosec // at most lastSecond, says Verify
	}, nil
}

// Signers names who signed a checkpoint, the log itself among them, as the
// signatures say and nobody checks.
func Signers(signed []byte) []string {
	if _, err := noteText(signed); err != nil {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(signed[bytes.LastIndex(signed, []byte("\n\n"))+2:])) {
		out = append(out, strings.Fields(line)[1])
	}
	return out
}

// AddCheckpoint is what a witness is sent (c2sp.org/tlog-witness): a signed
// checkpoint, and the proof that the log grew to it from the old size, which is
// the last one that the witness cosigned.
func AddCheckpoint(old int64, proof []Hash, signed []byte) ([]byte, error) {
	if len(proof) > maxWitnessProof {
		return nil, fmt.Errorf("tlog: a proof of %d hashes is more than a witness reads", len(proof))
	}
	out := []byte("old " + strconv.FormatInt(old, 10) + "\n")
	for _, h := range proof {
		out = append(out, h.String()+"\n"...)
	}
	out = append(out, '\n')
	return append(out, signed...), nil
}
