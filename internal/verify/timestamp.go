package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/tlog"
)

// maxStamps is how many timestamps are checked, the newest ones.
const maxStamps = 100

// stampsPath is where a register lists the timestamps of its log.
const stampsPath = "timestamps"

// Stamp is a timestamp that holds: as many entries were there at a time, says an
// authority.
type Stamp struct {
	Size      int64
	At        time.Time
	Authority string
}

// stamps checks the timestamps that the site lists. They are nothing that it
// owes: where there is none, nothing is wrong.
func (c *checker) stamps(ctx context.Context) {
	if c.report.BrokenCount+c.report.UnsureCount > 0 {
		return // it may be that the keys of the log are not known
	}
	list, err := c.site.Fetch(ctx, stampsPath)
	if errors.Is(err, tlog.ErrNotServed) {
		return
	}
	if err != nil {
		c.report.add(Problem{Kind: kindOf(err, KindStamp), Cause: err})
		return
	}
	keys := c.allKeys()
	for line := range strings.Lines(string(list)) {
		if len(c.report.Stamps)+c.report.Unstamped == maxStamps {
			return
		}
		if c.options.Authorities == nil {
			c.report.Unstamped++
			continue
		}
		size, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		stamp, err := c.stamp(ctx, keys, size)
		if err != nil {
			c.report.add(problemOf(about("timestamps/"+size, err)))
			return
		}
		c.report.Stamps = append(c.report.Stamps, stamp)
	}
}

// allKeys opens what any key signed that the log records.
func (c *checker) allKeys() *tlog.Verifier {
	keys := slices.Clone(c.report.Keys)
	for _, key := range c.report.LoggedKeys {
		if slices.Contains(keys, key) {
			continue
		}
		if _, err := tlog.NewVerifier(c.report.Checkpoint.Origin, key); err == nil {
			keys = append(keys, key)
		}
	}
	all, err := tlog.NewVerifier(c.report.Checkpoint.Origin, keys...)
	if err != nil {
		return c.keys // never: each was read before
	}
	return all
}

// stamp checks one timestamp: it is of a checkpoint that the log signed and from
// which it grew, and by an authority that is trusted.
func (c *checker) stamp(ctx context.Context, keys *tlog.Verifier, name string) (Stamp, error) {
	size, err := strconv.ParseInt(name, 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != name || size < 1 {
		return Stamp{}, failed(KindStamp, "", fmt.Errorf("%q is no size", name))
	}
	signed, err := c.site.Fetch(ctx, stampsPath+"/"+name+".checkpoint")
	if err != nil {
		return Stamp{}, failed(kindOf(err, KindStamp), "", err)
	}
	checkpoint, err := keys.Open(signed)
	if err == nil && checkpoint.Size != size {
		err = fmt.Errorf("its checkpoint has %d entries", checkpoint.Size)
	}
	if err != nil {
		return Stamp{}, failed(KindStamp, "", err)
	}
	if err := c.oneLog(ctx, checkpoint.Head); err != nil {
		return Stamp{}, err
	}
	reply, err := c.site.Fetch(ctx, stampsPath+"/"+name+".tsr")
	if err != nil {
		return Stamp{}, failed(kindOf(err, KindStamp), "", err)
	}
	t, err := attest.CheckTimestamp(ctx, reply, signed, c.options.Authorities)
	if errors.Is(err, attest.ErrForeign) {
		return Stamp{}, failed(KindAuthority, "", err)
	}
	if err != nil {
		return Stamp{}, failed(KindStamp, "", err)
	}
	return Stamp{Size: size, At: t.At, Authority: t.Authority}, nil
}
