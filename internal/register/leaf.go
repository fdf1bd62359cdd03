package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// LeafFormat names the form of a leaf of the public log. It changes when a
// field changes its meaning.
const LeafFormat = "sijil-leaf-1"

// SaltSize is how many random bytes hide what a leaf commits to.
const SaltSize = 32

// LeafType says what happened.
type LeafType string

// The types of leaves.
const (
	// LeafEdition: an edition was published.
	LeafEdition LeafType = "edition"
	// LeafCorrection: an edition was published that corrects an earlier one.
	LeafCorrection LeafType = "correction"
	// LeafDocument: an edition is the first of its record to name a document.
	LeafDocument LeafType = "document"
	// LeafWithdrawal: a record was withdrawn while the edition was its current one.
	LeafWithdrawal LeafType = "withdrawal"
	// LeafTakedown: the content of an edition was removed by law.
	LeafTakedown LeafType = "takedown"
	// LeafKey: a key began to sign the log's checkpoints.
	LeafKey LeafType = "key"
)

// LeafTypes lists the types of leaves.
func LeafTypes() []LeafType {
	return []LeafType{LeafEdition, LeafCorrection, LeafDocument, LeafWithdrawal, LeafTakedown, LeafKey}
}

// IsEdition reports whether a leaf of the type commits to the content of an
// edition.
func (t LeafType) IsEdition() bool { return t == LeafEdition || t == LeafCorrection }

// Leaf is an entry of the public log: what happened to which edition and when,
// and a commitment to its content, which it does not hold.
type Leaf struct {
	// Commitment is the SHA-256 of a salt followed by the canonical JSON of what
	// the leaf is about.
	Commitment string `json:"commitment"`
	// Edition is the number of the edition; 0 in a leaf of a key.
	Edition int    `json:"edition,omitempty"`
	Format  string `json:"format"`
	// Reference is that of the record; empty in a leaf of a key.
	Reference string    `json:"reference,omitempty"`
	Time      time.Time `json:"time"` // whole seconds, UTC
	Type      LeafType  `json:"type"`
}

// LoggedLeaf is a leaf with what it commits to, where that is not an edition
// (which keeps its own salt and content).
type LoggedLeaf struct {
	Leaf
	Salt    []byte
	Content []byte // canonical JSON of a LoggedDocument, RemovalNotice or KeyNotice
}

// LoggedDocument is what the leaf of a document is about.
type LoggedDocument struct {
	MediaType string `json:"media_type"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
}

// RemovalNotice is what the leaf of a withdrawal or a takedown is about.
type RemovalNotice struct {
	Edition   int       `json:"edition"`
	Reason    Text      `json:"reason"`
	Reference string    `json:"reference"`
	RemovedAt time.Time `json:"removed_at"`
}

// KeyNotice is what the leaf of a key is about: its public part, as a verifier
// key of c2sp.org/signed-note.
type KeyNotice struct {
	Key string `json:"key"`
}

// LogCheckpoint is a checkpoint that the log signed.
type LogCheckpoint struct {
	Size     int64
	Root     []byte
	Note     string // signed (c2sp.org/tlog-checkpoint)
	SignedAt time.Time
}

// LogCosignature is what a witness signed of a checkpoint: that he saw no other
// log under the name, and that it only grew.
type LogCosignature struct {
	Size     int64     // of the checkpoint
	Witness  string    // verifier key (c2sp.org/tlog-cosignature)
	SignedAt time.Time // by the clock of the witness
	Line     string    // as it stands among the signatures, with its end
}

// LogTimestamp is what a time-stamping authority said of a checkpoint: that it
// was there at a time (RFC 3161).
type LogTimestamp struct {
	Size      int64  // of the checkpoint
	Authority string // as its certificate names it
	StampedAt time.Time
	Reply     []byte // as the authority answered; nil in lists
}

// LogKey is the public part of a key that signs the log, or did.
type LogKey struct {
	Key      string // verifier key (c2sp.org/signed-note)
	Position int64  // of its leaf
	Since    time.Time
}

// EditionProof is where the leaf of an edition stands in the log, and the salt
// under which it commits to the edition.
type EditionProof struct {
	Position int64
	Salt     []byte
}

// Opening is what a leaf commits to that is not about an edition, with its salt.
type Opening struct {
	Salt    []byte
	Content []byte // canonical JSON of a LoggedDocument, RemovalNotice or KeyNotice
}

// Canonical is the one way to hand it out: canonical JSON (RFC 8785), the salt in
// base64.
func (o Opening) Canonical() []byte {
	return fmt.Appendf(nil, `{"content":%s,"salt":"%s"}`, o.Content, base64.StdEncoding.EncodeToString(o.Salt))
}

// ParseOpening reads an opening. It takes exactly what Canonical writes.
func ParseOpening(raw []byte) (Opening, error) {
	var o struct {
		Content json.RawMessage `json:"content"`
		Salt    []byte          `json:"salt"`
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		return Opening{}, fmt.Errorf("decode opening: %w", err)
	}
	out := Opening{Salt: o.Salt, Content: o.Content}
	if !bytes.Equal(out.Canonical(), raw) || len(o.Salt) != SaltSize {
		return Opening{}, errors.New("decode opening: it is not written as one is")
	}
	return out, nil
}

// Commit returns the commitment to a content under a salt.
func Commit(salt, canonical []byte) string {
	sum := sha256.New()
	sum.Write(salt)
	sum.Write(canonical)
	return hex.EncodeToString(sum.Sum(nil))
}

// EditionLeaf is the leaf of an edition. It follows from the edition's
// canonical JSON and its salt alone, so that whoever has both can tell which
// leaf the log must hold.
func EditionLeaf(c *Content, canonical, salt []byte) Leaf {
	l := Leaf{
		Commitment: Commit(salt, canonical), Edition: c.Number, Format: LeafFormat, Reference: c.Reference,
		Time: c.PublishedAt.UTC(), Type: LeafEdition,
	}
	if c.Correction != "" {
		l.Type = LeafCorrection
	}
	return l
}

// DocumentLeaf is the leaf of a document that an edition is the first of its
// record to name.
func DocumentLeaf(c *Content, d Document, salt []byte) (LoggedLeaf, error) {
	leaf := Leaf{Type: LeafDocument, Reference: c.Reference, Edition: c.Number, Time: c.PublishedAt}
	return newLoggedLeaf(leaf, salt, LoggedDocument{MediaType: d.Type, SHA256: d.SHA256, Size: d.Size})
}

// RemovalLeaf is the leaf of a withdrawal or a takedown.
func RemovalLeaf(t LeafType, notice RemovalNotice, salt []byte) (LoggedLeaf, error) {
	notice.RemovedAt = notice.RemovedAt.UTC().Truncate(time.Second)
	return newLoggedLeaf(Leaf{Type: t, Reference: notice.Reference, Edition: notice.Edition, Time: notice.RemovedAt}, salt, notice)
}

// KeyLeaf is the leaf of a key that signs from now on.
func KeyLeaf(key string, at time.Time, salt []byte) (LoggedLeaf, error) {
	return newLoggedLeaf(Leaf{Type: LeafKey, Time: at.Truncate(time.Second)}, salt, KeyNotice{Key: key})
}

func newLoggedLeaf(l Leaf, salt []byte, about any) (LoggedLeaf, error) {
	raw, err := json.Marshal(about)
	if err != nil {
		return LoggedLeaf{}, fmt.Errorf("encode what a leaf is about: %w", err)
	}
	content, err := CanonicalJSON(raw)
	if err != nil {
		return LoggedLeaf{}, err
	}
	l.Format, l.Time, l.Commitment = LeafFormat, l.Time.UTC(), Commit(salt, content)
	return LoggedLeaf{Leaf: l, Salt: salt, Content: content}, nil
}

// Canonical returns the canonical JSON of the leaf (RFC 8785): the entry of the
// log.
func (l Leaf) Canonical() ([]byte, error) {
	raw, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode leaf: %w", err)
	}
	return CanonicalJSON(raw)
}

// ParseLeaf reads an entry of the log. It takes exactly what Canonical writes.
func ParseLeaf(entry []byte) (Leaf, error) {
	var l Leaf
	dec := json.NewDecoder(bytes.NewReader(entry))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return Leaf{}, fmt.Errorf("decode leaf: %w", err)
	}
	again, err := l.Canonical()
	if err != nil {
		return Leaf{}, err
	}
	if !bytes.Equal(again, entry) || l.Format != LeafFormat || len(l.Commitment) != hex.EncodedLen(sha256.Size) {
		return Leaf{}, errors.New("decode leaf: it is not written as a leaf is")
	}
	return l, nil
}
