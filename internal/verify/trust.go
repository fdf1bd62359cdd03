package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sijil/sijil/internal/tlog"
)

// trust finds the keys by which the log is known: those that were given, or
// those that signed the checkpoint which was kept, or, the first time, those that
// the site names itself.
func (c *checker) trust(ctx context.Context) error {
	if err := c.readKept(); err != nil {
		return err
	}
	if len(c.options.Keys) > 0 {
		return c.trustGiven()
	}
	named, err := c.namedKeys(ctx)
	if err != nil {
		return err
	}
	signed, from := c.options.Since, TrustKept
	if c.report.Kept == nil {
		from = TrustFirst
		if signed, err = c.site.Fetch(ctx, tlog.CheckpointPath); err != nil {
			return failed(KindNetwork, "", err)
		}
	}
	return c.trustSigner(signed, named, from)
}

// readKept reads the checkpoint that was kept; who signed it is asked later.
func (c *checker) readKept() error {
	if c.options.Since == nil {
		return nil
	}
	kept, err := tlog.PeekCheckpoint(c.options.Since)
	if err != nil {
		return failed(KindInput, "", fmt.Errorf("the checkpoint that was kept: %w", err))
	}
	c.report.Kept = &kept
	return nil
}

func (c *checker) trustGiven() error {
	v, err := givenVerifier(c.options.Keys)
	if err != nil {
		return err
	}
	if c.report.Kept != nil {
		if _, err := v.Open(c.options.Since); err != nil {
			return failed(KindStrange, "", err)
		}
	}
	c.keys, c.report.Trust, c.report.Keys = v, TrustGiven, c.options.Keys
	return nil
}

// givenVerifier opens what one of the given keys signed.
func givenVerifier(keys []string) (*tlog.Verifier, error) {
	origin, err := tlog.OriginOf(keys[0])
	if err != nil {
		return nil, failed(KindInput, "", err)
	}
	v, err := tlog.NewVerifier(origin, keys...)
	if err != nil {
		return nil, failed(KindInput, "", err)
	}
	return v, nil
}

// keysPath is where a register lists the verifier keys of its log.
const keysPath = "keys"

// namedKeys are the verifier keys that the site names.
func (c *checker) namedKeys(ctx context.Context) ([]string, error) {
	text, err := c.site.Fetch(ctx, keysPath)
	if err != nil {
		return nil, failed(KindNetwork, "", err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			out = append(out, fields[0])
		}
	}
	return out, nil
}

// trustSigner trusts those of the keys that signed a checkpoint: a signature
// names its key as surely as the key itself would.
func (c *checker) trustSigner(signed []byte, named []string, from Trust) error {
	checkpoint, err := tlog.PeekCheckpoint(signed)
	if err != nil {
		return failed(KindFormat, "", err)
	}
	var signers []string
	cause := errors.New("the site names no key")
	for _, key := range named {
		v, err := tlog.NewVerifier(checkpoint.Origin, key)
		if err == nil {
			_, err = v.Open(signed)
		}
		if err != nil {
			cause = err
			continue
		}
		signers = append(signers, key)
	}
	if len(signers) == 0 {
		return failed(KindSignature, "", cause)
	}
	c.report.Trust, c.report.Keys = from, signers
	if c.keys, err = tlog.NewVerifier(checkpoint.Origin, signers...); err != nil {
		return failed(KindFormat, "", err)
	}
	return nil
}
