package public

import (
	"context"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// attested is what others have attested of the log.
type attested struct {
	cosigned  []register.LogCosignature // of the checkpoints that are shown
	witnesses []register.LogCosignature // the last of each witness
}

// attest reads what others have attested of the checkpoints that are shown.
func (c *logComposer) attest(ctx context.Context, records Records) error {
	sizes := make([]int64, len(c.checkpoints))
	for i, x := range c.checkpoints {
		sizes[i] = x.Size
	}
	a := &c.attested
	var err error
	if a.cosigned, err = records.Cosignatures(ctx, sizes); err != nil {
		return err
	}
	a.witnesses, err = records.Witnesses(ctx)
	return err
}

// attestations tells who has attested the checkpoint of a size.
func (c *logComposer) attestations(size int64) []views.LogAttestation {
	var out []views.LogAttestation
	for _, s := range c.attested.cosigned {
		if s.Size == size {
			out = append(out, views.LogAttestation{By: witnessName(s.Witness), At: c.moment(s.SignedAt)})
		}
	}
	return out
}

// witnessName is the name in the verifier key of a witness.
func witnessName(key string) string {
	name, _, _ := strings.Cut(key, "+")
	return name
}

// witnesses lists who has cosigned checkpoints, each with the last one.
func (c *logComposer) witnesses() []views.LogWitness {
	out := make([]views.LogWitness, len(c.attested.witnesses))
	for i, w := range c.attested.witnesses {
		out[i] = views.LogWitness{Key: w.Witness, Last: c.moment(w.SignedAt), Size: c.loc.Number(w.Size)}
	}
	return out
}

// witnessFlags give "sijil verify" the keys of those who have cosigned the newest
// checkpoint; empty when nobody has.
func (c *logComposer) witnessFlags() string {
	var b strings.Builder
	for _, w := range c.attested.witnesses {
		if w.Size == c.newest.Size {
			b.WriteString(" --witness " + w.Witness)
		}
	}
	return b.String()
}
