package tlog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// proofHeader is the first line of a proof.
const proofHeader = "c2sp.org/tlog-proof@v1"

// maxExtra is the most bytes that may travel with a proof.
const maxExtra = 4096

// Proof is all that is needed to check, without the log, that an entry stands
// in it (c2sp.org/tlog-proof).
type Proof struct {
	// Extra travels with the proof and is proved by nothing.
	Extra []byte
	// Index is where the entry stands, from 0.
	Index int64
	// Hashes are those beside its way to the root.
	Hashes []Hash
	// Checkpoint is the signed checkpoint to which the way leads.
	Checkpoint []byte
}

// ErrProof is wrapped for what is no proof in the format.
var ErrProof = errors.New("not a proof of a log (c2sp.org/tlog-proof)")

// Marshal writes the proof in its format.
func (p Proof) Marshal() []byte {
	var b bytes.Buffer
	b.WriteString(proofHeader + "\n")
	if len(p.Extra) > 0 {
		b.WriteString("extra " + base64.StdEncoding.EncodeToString(p.Extra) + "\n")
	}
	b.WriteString("index " + strconv.FormatInt(p.Index, 10) + "\n")
	for _, h := range p.Hashes {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint)
	return b.Bytes()
}

// ParseProof reads a proof. It takes exactly what Marshal writes; who signed the
// checkpoint is not asked. The error wraps ErrProof.
func ParseProof(data []byte) (Proof, error) {
	p, err := parseProof(data)
	if err == nil && !bytes.Equal(p.Marshal(), data) {
		err = errors.New("it is not written as it should be")
	}
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return p, nil
}

func parseProof(data []byte) (Proof, error) {
	head, signed, ok := bytes.Cut(data, []byte("\n\n"))
	if !ok {
		return Proof{}, errors.New("it has no checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	if lines[0] != proofHeader {
		return Proof{}, errors.New("it does not begin as one")
	}
	p := Proof{Checkpoint: signed}
	lines = lines[1:]
	if len(lines) > 0 {
		if extra, ok := strings.CutPrefix(lines[0], "extra "); ok {
			raw, err := base64.StdEncoding.Strict().DecodeString(extra)
			if err != nil || len(raw) > maxExtra {
				return Proof{}, errors.New("its extra line cannot be read")
			}
			p.Extra, lines = raw, lines[1:]
		}
	}
	if err := p.parseHashes(lines); err != nil {
		return Proof{}, err
	}
	_, err := PeekCheckpoint(signed)
	return p, err
}

func (p *Proof) parseHashes(lines []string) error {
	if len(lines) == 0 || len(lines) > 1+maxProof {
		return errors.New("it has no index, or too many hashes")
	}
	index, ok := strings.CutPrefix(lines[0], "index ")
	n, err := strconv.ParseInt(index, 10, 64)
	if !ok || err != nil || n < 0 {
		return errors.New("its index cannot be read")
	}
	p.Index = n
	for _, line := range lines[1:] {
		var h Hash
		if err := decodeHash(&h, line); err != nil {
			return err
		}
		p.Hashes = append(p.Hashes, h)
	}
	return nil
}

// Check reports whether the proof shows that the entry stands in the log whose
// checkpoints the verifier opens: the checkpoint then says since which size.
// The error wraps ErrSignature or ErrBroken.
func (p Proof) Check(v *Verifier, entry []byte) (Checkpoint, error) {
	c, err := v.Open(p.Checkpoint)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, CheckInclusion(p.Hashes, c.Head, p.Index, HashLeaf(entry))
}
