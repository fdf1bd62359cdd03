package verify

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/tlog"
)

// Witnessed is what a witness said of the checkpoint.
type Witnessed struct {
	Name, Key string
	At        time.Time // when he cosigned it; zero: he did not
}

// unseen reports whether one of the witnesses has not cosigned the checkpoint.
func unseen(all []Witnessed) bool {
	return slices.ContainsFunc(all, func(w Witnessed) bool { return w.At.IsZero() })
}

// cosigned looks who has cosigned the checkpoint.
func (c *checker) cosigned(context.Context) error {
	var err error
	c.report.Witnesses, c.report.Cosigners, err = cosignatures(c.report.Signed, c.report.Checkpoint.Origin, c.options.Witnesses)
	return err
}

// cosignatures looks for those of the witnesses under a checkpoint, and names
// who else signed it beside the log.
func cosignatures(signed []byte, origin string, keys []string) (all []Witnessed, others []string, err error) {
	names := []string{origin}
	for _, key := range keys {
		w, err := tlog.ParseWitness(key)
		if err != nil {
			return nil, nil, failed(KindInput, "", err)
		}
		c, err := w.Open(signed)
		if err != nil && !errors.Is(err, tlog.ErrNotCosigned) {
			return nil, nil, failed(KindWitness, w.Name(), err)
		}
		names = append(names, w.Name())
		all = append(all, Witnessed{Name: w.Name(), Key: w.Key(), At: c.At})
	}
	for _, name := range tlog.Signers(signed) {
		if !slices.Contains(names, name) {
			others = append(others, name)
		}
	}
	return all, others, nil
}
