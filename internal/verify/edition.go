package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
)

// editionEntry is the leaf that the log must hold of an edition, as follows from
// its canonical JSON and the salt that travels with the proof.
func editionEntry(content []byte, proof tlog.Proof) (register.Leaf, []byte, error) {
	decoded, err := register.DecodeContent(content)
	if err != nil {
		return register.Leaf{}, nil, failed(KindEdition, "", err)
	}
	if len(proof.Extra) != register.SaltSize {
		return register.Leaf{}, nil, failed(KindProof, "", fmt.Errorf("its salt has %d bytes", len(proof.Extra)))
	}
	leaf := register.EditionLeaf(decoded, content, proof.Extra)
	entry, err := leaf.Canonical()
	if err != nil {
		return register.Leaf{}, nil, failed(KindEdition, "", err)
	}
	return leaf, entry, nil
}

// checkEdition holds an edition and its proof against the leaf at a position, and
// returns the head to which the proof leads.
func checkEdition(keys *tlog.Verifier, position int64, entry, content, proof []byte) (tlog.Head, error) {
	p, err := tlog.ParseProof(proof)
	if err != nil {
		return tlog.Head{}, failed(KindProof, "", err)
	}
	if p.Index != position {
		return tlog.Head{}, failed(KindProof, "", fmt.Errorf("it is of leaf %d, not of %d", p.Index, position))
	}
	_, own, err := editionEntry(content, p)
	if err != nil {
		return tlog.Head{}, err
	}
	if !bytes.Equal(own, entry) {
		return tlog.Head{}, failed(KindEdition, "", fmt.Errorf("its leaf would be %s, and the log has %s", own, entry))
	}
	checkpoint, err := p.Check(keys, entry)
	if err != nil {
		return tlog.Head{}, failed(KindProof, "", err)
	}
	return checkpoint.Head, nil
}

// Single is what comes of an edition and its proof, without the log.
type Single struct {
	Leaf       register.Leaf
	Checkpoint tlog.Checkpoint
	Position   int64
	// Witnesses and Cosigners are those of the checkpoint, as in Report.
	Witnesses []Witnessed
	Cosigners []string
	// Problem is what is not as it should be; nil: nothing.
	Problem *Problem
}

// Verdict is what comes of it.
func (s *Single) Verdict() Verdict {
	switch {
	case s.Problem == nil && unseen(s.Witnesses):
		return Unchecked
	case s.Problem == nil:
		return Proved
	case s.Problem.Kind.unsure():
		return Unchecked
	}
	return Broken
}

// Edition verifies the canonical JSON of an edition by its proof, without a
// network. Without a key it can tell that the two do not fit, but not that they
// are the register's. Witnesses are as in Options.
func Edition(content, proof []byte, keys []string, witnesses ...string) *Single {
	s := &Single{}
	if err := s.check(content, proof, keys, witnesses); err != nil {
		p := problemOf(err)
		s.Problem = &p
	}
	return s
}

func (s *Single) check(content, proof []byte, keys, witnesses []string) error {
	p, err := tlog.ParseProof(proof)
	if err != nil {
		return failed(KindProof, "", err)
	}
	leaf, entry, err := editionEntry(content, p)
	if err != nil {
		return err
	}
	s.Leaf, s.Position = leaf, p.Index
	if s.Checkpoint, err = tlog.PeekCheckpoint(p.Checkpoint); err != nil {
		return failed(KindProof, "", err)
	}
	if err := tlog.CheckInclusion(p.Hashes, s.Checkpoint.Head, p.Index, tlog.HashLeaf(entry)); err != nil {
		return failed(KindEdition, "", err)
	}
	if len(keys) == 0 {
		return failed(KindNoKey, "", errors.New("no key was given"))
	}
	v, err := givenVerifier(keys)
	if err != nil {
		return err
	}
	if _, err := v.Open(p.Checkpoint); err != nil {
		return failed(KindSignature, "", err)
	}
	s.Witnesses, s.Cosigners, err = cosignatures(p.Checkpoint, s.Checkpoint.Origin, witnesses)
	return err
}

// heads remembers heads of the same log that were compared with the one that is
// checked, some of them.
type heads struct {
	mu    sync.Mutex
	known map[tlog.Head]error
}

const maxHeads = 64

// oneLog reports whether a head is of the log that is checked: one grew into the
// other. Only one asks at a time, since all proofs of a site name the same few.
func (c *checker) oneLog(ctx context.Context, other tlog.Head) error {
	head := c.report.Checkpoint.Head
	if other == head {
		return nil
	}
	c.heads.mu.Lock()
	defer c.heads.mu.Unlock()
	if err, ok := c.heads.known[other]; ok {
		return err
	}
	from, to := other, head
	if from.Size > to.Size {
		from, to = to, from
	}
	err := c.client.Consistent(ctx, from, to)
	if err != nil {
		err = failed(kindOf(err, KindFork), "", err)
	}
	if c.heads.known == nil || len(c.heads.known) >= maxHeads {
		c.heads.known = map[tlog.Head]error{}
	}
	c.heads.known[other] = err
	return err
}
