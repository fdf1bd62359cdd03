package public

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// attested is what others have attested of the log.
type attested struct {
	cosigned  []register.LogCosignature // of the checkpoints that are shown
	witnesses []register.LogCosignature // the last of each witness
	stamped   []register.LogTimestamp   // of the checkpoints that are shown
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
	if a.stamped, err = records.Timestamps(ctx, sizes); err != nil {
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
	for _, t := range c.attested.stamped {
		if t.Size == size {
			out = append(out, views.LogAttestation{
				By: t.Authority, At: c.moment(t.StampedAt),
				File: ui.Link{Href: stampAddress(size, ".tsr"), Text: c.plain(c.loc.T("public-log.timestamp"))},
			})
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

// stampsListed is how many timestamps are listed for programs, the newest ones:
// they say of all that is older, too, that it was there.
const stampsListed = 100

// stampAddress is where the timestamp of the checkpoint of a size stands (".tsr"),
// or that checkpoint (".checkpoint").
func stampAddress(size int64, suffix string) string {
	return "/log/timestamps/" + strconv.FormatInt(size, 10) + suffix
}

// LogTimestamps lists the newest timestamps for programs, one a line: the size of
// the checkpoint, the time, the authority. ErrNotFound when there is none.
func (p *Pages) LogTimestamps(ctx context.Context, _ Request) (Answer, error) {
	all, err := p.records.LastTimestamps(ctx, stampsListed)
	if err == nil && len(all) == 0 {
		err = register.ErrNotFound
	}
	if err != nil {
		return Answer{}, err
	}
	var b strings.Builder
	for _, t := range all {
		b.WriteString(strconv.FormatInt(t.Size, 10) + " " + t.StampedAt.UTC().Format(time.RFC3339) + " " + t.Authority + "\n")
	}
	return Answer{File: &File{MediaType: plainText, Body: []byte(b.String()), Shared: true}}, nil
}

// LogTimestamp answers a timestamp as the authority answered it (RFC 3161);
// ErrNotFound.
func (p *Pages) LogTimestamp(ctx context.Context, r Request) (Answer, error) {
	reply, _, err := p.stamp(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: "application/timestamp-reply", Name: r.Params["number"] + ".tsr", Body: reply, Shared: true, Immutable: true}}, nil
}

// StampedCheckpoint answers the bytes of which there is a timestamp; ErrNotFound.
func (p *Pages) StampedCheckpoint(ctx context.Context, r Request) (Answer, error) {
	_, note, err := p.stamp(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: plainText, Body: []byte(note), Shared: true, Immutable: true}}, nil
}

func (p *Pages) stamp(ctx context.Context, r Request) (reply []byte, note string, err error) {
	size, err := strconv.ParseInt(r.Params["number"], 10, 64)
	if err != nil {
		return nil, "", register.ErrNotFound
	}
	return p.records.Timestamp(ctx, size)
}
