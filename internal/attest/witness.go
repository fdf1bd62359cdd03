package attest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/tlog"
)

const (
	// sizeType is the type of an answer that tells the size which a witness knows.
	sizeType = "text/x.tlog.size"
	// skew is how far the clock of a witness may be from ours.
	skew = 5 * time.Minute
	// questions is how often one witness is asked about one checkpoint: without
	// what it knows, with that, and again when somebody came in between.
	questions = 3
)

// Witness is a witness that can be asked.
type Witness struct {
	*tlog.Witness
	address string
	client  *http.Client
}

// NewWitness returns the witness with a verifier key, which is asked below an
// address: its "submission prefix".
func NewWitness(client *http.Client, address, key string) (*Witness, error) {
	u, err := Address(address)
	if err == nil && u.RawQuery != "" {
		err = fmt.Errorf("%q has a query", address)
	}
	if err != nil {
		return nil, err
	}
	known, err := tlog.ParseWitness(key)
	if err != nil {
		return nil, err
	}
	return &Witness{Witness: known, address: u.JoinPath("add-checkpoint").String(), client: client}, nil
}

// ParseWitnesses reads a list of witnesses: an address and a verifier key with a
// space between, one to a line or separated by commas; lines that begin with #
// say nothing. No witness may be named twice.
func ParseWitnesses(client *http.Client, list string) ([]*Witness, error) {
	var out []*Witness
	known := map[string]bool{}
	for line := range strings.Lines(list) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for entry := range strings.SplitSeq(line, ",") {
			fields := strings.Fields(entry)
			if len(fields) == 0 {
				continue
			}
			if len(fields) != 2 {
				return nil, fmt.Errorf("%q is no witness: it must be its address and its verifier key, with a space between", strings.TrimSpace(entry))
			}
			w, err := NewWitness(client, fields[0], fields[1])
			if err != nil {
				return nil, err
			}
			if known[w.Name()] {
				return nil, fmt.Errorf("the witness %q is named twice", w.Name())
			}
			known[w.Name()] = true
			out = append(out, w)
		}
	}
	return out, nil
}

// Question is what a witness is asked.
type Question struct {
	Signed   []byte    // the checkpoint
	Size     int64     // of its log
	SignedAt time.Time // when the log signed it
	// Known is the size that the witness cosigned last, as far as is known; 0 if
	// nothing is.
	Known int64
	Now   time.Time
	// Prove makes the proof that the log grew from a size to that of the checkpoint.
	Prove func(ctx context.Context, from int64) ([]tlog.Hash, error)
}

// Cosign asks the witness to cosign a checkpoint, and returns a cosignature that
// holds. The error wraps ErrRefused when the witness does not know the log or
// its key, or was shown another log under the name.
func (w *Witness) Cosign(ctx context.Context, q Question) (tlog.Cosignature, error) {
	known := min(q.Known, q.Size)
	for range questions {
		answer, err := w.ask(ctx, q, known)
		if err != nil {
			return tlog.Cosignature{}, fmt.Errorf("witness %s: %w", w.Name(), err)
		}
		if answer.status == http.StatusOK {
			c, err := w.read(answer.body, q)
			if err != nil {
				return tlog.Cosignature{}, fmt.Errorf("witness %s: %w", w.Name(), err)
			}
			return c, nil
		}
		if known, err = w.refusal(answer, q, known); err != nil {
			return tlog.Cosignature{}, fmt.Errorf("witness %s: %w", w.Name(), err)
		}
	}
	return tlog.Cosignature{}, fmt.Errorf("witness %s: it does not keep to the size that it names", w.Name())
}

func (w *Witness) ask(ctx context.Context, q Question, known int64) (reply, error) {
	var proof []tlog.Hash
	if known > 0 && known < q.Size {
		var err error
		if proof, err = q.Prove(ctx, known); err != nil {
			return reply{}, err
		}
	}
	body, err := tlog.AddCheckpoint(known, proof, q.Signed)
	if err != nil {
		return reply{}, err
	}
	answer, err := post(ctx, w.client, w.address, body)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the address is the operator's, and known
	}
	return answer, err
}

// read takes the cosignature of the witness out of what it answered, and holds
// it against the checkpoint and the clock. What others have signed is ignored.
func (w *Witness) read(answer []byte, q Question) (tlog.Cosignature, error) {
	c, err := w.Open(bytes.Join([][]byte{q.Signed, answer}, nil))
	if err != nil {
		return tlog.Cosignature{}, err
	}
	if c.At.Before(q.SignedAt.Add(-skew)) || c.At.After(q.Now.Add(skew)) {
		return tlog.Cosignature{}, fmt.Errorf("its cosignature is of %s, and the checkpoint was signed at %s and is %s old",
			c.At.Format(time.RFC3339), q.SignedAt.UTC().Format(time.RFC3339), q.Now.Sub(q.SignedAt).Round(time.Second))
	}
	return c, nil
}

// refusal returns from which size on the witness wants a proof, or why it does
// not cosign (c2sp.org/tlog-witness).
func (w *Witness) refusal(answer reply, q Question, asked int64) (known int64, err error) {
	refused := func(why string) (int64, error) {
		return 0, fmt.Errorf("%w with status %d: %s", ErrRefused, answer.status, why)
	}
	switch answer.status {
	case http.StatusConflict:
		known, ok := sizeIn(answer)
		switch {
		case !ok:
			return refused("it does not say which size it knows")
		case known > q.Size:
			return refused(fmt.Sprintf("it has cosigned a log of %d entries, and this one has %d: was an old backup restored?", known, q.Size))
		case known == asked && known == q.Size:
			return refused(fmt.Sprintf("it has cosigned another log of %d entries under this name", known))
		}
		return known, nil
	case http.StatusBadRequest:
		return refused("it does not understand the request")
	case http.StatusForbidden:
		return refused("it does not know the key that signs the log")
	case http.StatusNotFound:
		return refused("it does not know the log, or this is not its address")
	case http.StatusUnprocessableEntity:
		return refused(fmt.Sprintf("the log does not continue the one of %d entries that it has cosigned", asked))
	}
	return 0, fmt.Errorf("it answers with status %d", answer.status)
}

// sizeIn reads the size that a witness knows.
func sizeIn(answer reply) (int64, bool) {
	text, ended := strings.CutSuffix(string(answer.body), "\n")
	size, err := strconv.ParseInt(text, 10, 64)
	return size, answer.mediaType == sizeType && ended && err == nil && size >= 0 && strconv.FormatInt(size, 10) == text
}
