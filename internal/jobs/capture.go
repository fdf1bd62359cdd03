package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// Captures keep what the addresses of sources show.
type Captures struct {
	Uses     *editorial.Editorial
	Intake   *capture.Intake
	Software string // who captures, as the files say
	Now      func() time.Time
	Log      *slog.Logger
}

// Take captures what a target's address shows. What is wrong with the address
// is noted at the desk and is no failure of the job; what may pass is tried
// again, ever more slowly.
func (c *Captures) Take(ctx context.Context, target string, attempt Attempt) error {
	address, wait, err := c.Uses.BeginCapture(ctx, target)
	switch {
	case errors.Is(err, register.ErrNotFound):
		return nil // nobody wants it any more
	case err != nil:
		return err
	case wait > 0:
		return &LaterError{After: wait}
	}
	taken, err := c.Intake.Take(ctx, address, c.Now())
	if refused, ok := errors.AsType[*capture.RefusedError](err); ok {
		return c.refuse(ctx, target, refused, attempt)
	}
	if err != nil {
		return err
	}
	if err := c.unread(ctx, target, &taken, attempt); err != nil {
		return err
	}
	var file bytes.Buffer
	if err := taken.WARC(&file, c.Software); err != nil {
		return err
	}
	_, err = c.Uses.KeepCapture(ctx, target, keptOf(&taken), file.Bytes())
	if errors.Is(err, register.ErrNotFound) {
		return nil // it was taken down meanwhile
	}
	return err
}

// unread tells the log of a copy whose text was not read. It is kept all the same: it
// is evidence, and its bytes can be read elsewhere. Only where that was our fault, it is
// tried again before, since a copy without a text says that the page says nothing.
func (c *Captures) unread(ctx context.Context, target string, t *capture.Taken, attempt Attempt) error {
	switch {
	case t.Unread == nil:
		return nil
	case !errors.Is(t.Unread, capture.ErrUnreadable) && !attempt.Last:
		return t.Unread
	}
	c.Log.WarnContext(ctx, "capture without its text", "target", target, "bytes", len(t.Body), "cause", t.Unread.Error())
	return nil
}

// refuse notes why there is no capture.
func (c *Captures) refuse(ctx context.Context, target string, refused *capture.RefusedError, attempt Attempt) error {
	again, err := c.Uses.FailCapture(ctx, target, refused.Reason, refused.Status, attempt.Last)
	switch {
	case errors.Is(err, register.ErrNotFound):
		return nil
	case err != nil:
		return err
	case again && refused.After > 0:
		return &LaterError{After: refused.After}
	case again:
		return refused
	}
	return nil
}

// keptOf is what the desk notes of a capture.
func keptOf(t *capture.Taken) register.KeptCapture {
	k := register.KeptCapture{
		TakenAt: t.At, Final: storable(t.Answer().URL.String()), HTTPStatus: t.Answer().Status, Type: storable(t.Type), SHA256: t.SHA256,
		Size: int64(len(t.Body)), Title: storable(t.Title), Text: storable(t.Text),
	}
	for _, h := range t.Hops {
		hop := register.CaptureHop{URL: storable(h.URL.String()), Status: h.Status, Header: map[string][]string{}}
		for name, values := range h.Header {
			for _, v := range values {
				hop.Header[storable(name)] = append(hop.Header[storable(name)], storable(v))
			}
		}
		k.Hops = append(k.Hops, hop)
	}
	return k
}

// storable leaves out what PostgreSQL keeps in no text. The file has it all.
func storable(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}
