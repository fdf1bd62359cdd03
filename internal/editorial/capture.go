package editorial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

const (
	// hostLease is how long a host is kept for one capture, at most; hostPause
	// how long it has peace after it.
	hostLease = 2 * time.Minute
	hostPause = 5 * time.Second
	// captureRound is how many captures one round asks for.
	captureRound = 50
	// captureLost is after how long a capture that waits is asked for again.
	captureLost = 6 * time.Hour
	// mostTries bounds how often a page is asked that says when to come back.
	mostTries = 8
	// largestWARC bounds the file of a capture.
	largestWARC = 60 << 20
)

// WithCaptures returns the use cases with captures: what the addresses of
// sources show is kept in the background once they are saved.
func (e *Editorial) WithCaptures() *Editorial {
	out := *e
	out.captures = true
	return &out
}

// Captures reports whether addresses are captured in this installation.
func (e *Editorial) Captures() bool { return e.captures }

// sources are the working tables, for use cases that save sources.
func (e *Editorial) sources(q store.Querier) *desk.Queries {
	d := desk.New(q)
	if e.captures {
		d = d.Capturing(e.now())
	}
	return d
}

// CaptureAgain asks for a capture of what a source's address shows now. It
// returns ErrForbidden, ErrNotFound, and ErrNotConfigured where captures are
// off.
func (e *Editorial) CaptureAgain(ctx context.Context, actor register.Actor, key string) error {
	switch {
	case !actor.Role.Can(register.MayDraft):
		return register.ErrForbidden
	case !e.captures:
		return register.ErrNotConfigured
	}
	source, err := e.Source(ctx, actor, key)
	if err != nil {
		return err
	}
	if source.URL == "" {
		return register.ErrNotFound
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if err := d.AskCapture(ctx, key, e.now(), true); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "capture-source", "", 0, nil)
	})
}

// CaptureOf returns how the capture of a source's address stands, and its
// copies, the newest first. ErrNotFound when none was asked for.
func (e *Editorial) CaptureOf(ctx context.Context, actor register.Actor, key string) (register.CaptureTarget, []register.KeptCapture, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.CaptureTarget{}, nil, register.ErrForbidden
	}
	d := desk.New(e.db.Querier())
	target, err := d.CaptureOf(ctx, key, e.now())
	if err != nil {
		return target, nil, err
	}
	kept, err := d.KeptCaptures(ctx, target.ID)
	return target, kept, err
}

// CaptureCounts counts the sources by how their captures stand.
func (e *Editorial) CaptureCounts(ctx context.Context, actor register.Actor) (desk.CaptureCounts, error) {
	if !actor.Role.Can(register.MayDraft) {
		return desk.CaptureCounts{}, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).CaptureCounts(ctx)
}

// CaptureFile returns the WARC file of a copy, verified: private evidence, for
// staff. ErrNotFound when the source has no such copy.
func (e *Editorial) CaptureFile(ctx context.Context, actor register.Actor, key string, number int) (register.KeptCapture, []byte, error) {
	_, kept, err := e.CaptureOf(ctx, actor, key)
	if err != nil {
		return register.KeptCapture{}, nil, err
	}
	if e.blobs == nil {
		return register.KeptCapture{}, nil, register.ErrNotConfigured
	}
	for _, k := range kept {
		if k.Number == number {
			content, err := e.content(ctx, k.WARC)
			return k, content, err
		}
	}
	return register.KeptCapture{}, nil, register.ErrNotFound
}

// AskDueCaptures asks for the captures that are due by now, and tells sources
// of what could not be told before.
func (e *Editorial) AskDueCaptures(ctx context.Context, now time.Time) error {
	d := desk.New(e.db.Querier())
	untold, err := d.UntoldCaptures(ctx, captureRound)
	failures := []error{err, d.ForgetHosts(ctx, now.Add(-hostLease))}
	for _, target := range untold {
		failures = append(failures, e.db.InTx(ctx, func(q store.Querier) error { return tellAgain(ctx, desk.New(q), target) }))
	}
	failures = append(failures, e.db.InTx(ctx, func(q store.Querier) error {
		return desk.New(q).AskDueCaptures(ctx, now, now.Add(-captureLost), captureRound)
	}))
	return errors.Join(failures...)
}

// BeginCapture returns the address of a target, which nobody else asks until the
// capture has ended; or, where its host has no peace yet, how long to wait.
// ErrNotFound means that it is not wanted any more.
func (e *Editorial) BeginCapture(ctx context.Context, id string) (address string, wait time.Duration, err error) {
	err = e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		target, current, err := d.LockCapture(ctx, id)
		switch {
		case err != nil:
			return err
		case !current: // the source has another address now
			target.Waits, target.NextCheck = false, time.Time{}
			return d.EndCapture(ctx, target, false)
		}
		if wait, err = d.TakeHost(ctx, hostOf(target.Address), e.now(), e.now().Add(hostLease)); err != nil || wait > 0 {
			return err
		}
		address = target.Address
		return d.BeginCapture(ctx, id, e.now())
	})
	if err == nil && address == "" && wait == 0 {
		err = register.ErrNotFound
	}
	return address, wait, err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// KeepCapture keeps what was found at a target's address, with its WARC file,
// unless it is what was found before. It returns what has become of the page.
func (e *Editorial) KeepCapture(ctx context.Context, id string, found register.KeptCapture, warc []byte) (register.CaptureState, error) {
	if e.blobs == nil {
		return "", register.ErrNotConfigured
	}
	var state register.CaptureState
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		target, _, err := d.LockCapture(ctx, id)
		if err != nil {
			return err
		}
		kept, err := d.KeptCaptures(ctx, id)
		if err != nil {
			return err
		}
		settings, err := d.Settings(ctx)
		if err != nil {
			return err
		}
		state = register.NextState(lastShown(kept), found)
		isNew := isNews(state, kept)
		if isNew {
			found.Target, found.Number, found.State = id, 1, state
			if len(kept) > 0 {
				found.Number = kept[0].Number + 1
			}
			if err := e.keepFile(ctx, d, &found, warc); err != nil {
				return err
			}
			kept = append([]register.KeptCapture{found}, kept...)
		}
		return e.endKept(ctx, d, target, kept, isNew, settings.RecheckDays, found.TakenAt)
	})
	return state, err
}

// isNews reports whether what was found is another thing than the newest copy.
func isNews(state register.CaptureState, kept []register.KeptCapture) bool {
	switch {
	case len(kept) == 0:
		return true
	case state == register.CaptureKept:
		return kept[0].IsGone() // it is there again
	case state == register.CaptureGone:
		return !kept[0].IsGone()
	}
	return true
}

// keepFile stores the file of a copy, then notes the copy: a file without a
// note is only idle, a note without its file would be a lie.
func (e *Editorial) keepFile(ctx context.Context, d *desk.Queries, k *register.KeptCapture, warc []byte) error {
	info, err := e.blobs.Put(ctx, bytes.NewReader(warc), largestWARC)
	if err != nil {
		return fmt.Errorf("keep capture: %w", err)
	}
	k.WARC, k.WARCSize = info.SHA256, info.Size
	return d.InsertKept(ctx, *k)
}

// lastShown is the newest copy in which the page showed something.
func lastShown(kept []register.KeptCapture) *register.KeptCapture {
	for i := range kept {
		if !kept[i].IsGone() {
			return &kept[i]
		}
	}
	return nil
}

// endKept writes how a target stands after its address answered.
func (e *Editorial) endKept(
	ctx context.Context, d *desk.Queries, t register.CaptureTarget, kept []register.KeptCapture, isNew bool, days int, at time.Time,
) error {
	t.Waits, t.Reason, t.HTTPStatus, t.Tries, t.CheckedAt = false, "", 0, 0, at
	t.Quiet++
	if isNew {
		t.State, t.Quiet = kept[0].State, 0
	}
	if shown := copyShown(t, kept); shown != nil && t.State == register.CaptureChanged && kept[0].Text == shown.Text {
		t.State = register.CaptureKept // it says again what it said
	}
	if last := lastShown(kept); last != nil && t.Shown == 0 {
		t.Shown = last.Number
	}
	t.NextCheck = register.NextCheck(at, time.Duration(days)*24*time.Hour, t.Quiet)
	told, err := tell(ctx, d, t, kept)
	if err != nil {
		return err
	}
	if err := d.LeaveHost(ctx, hostOf(t.Address), e.now().Add(hostPause)); err != nil {
		return err
	}
	return d.EndCapture(ctx, t, !told)
}

// tell writes into the source what readers are told of its capture; false while
// it must not be changed.
func tell(ctx context.Context, d *desk.Queries, t register.CaptureTarget, kept []register.KeptCapture) (bool, error) {
	c, ok := publicCapture(t, kept)
	if !ok {
		return true, nil // there is nothing to tell
	}
	return d.TellCapture(ctx, t.Source, c)
}

// publicCapture is what readers are told of a capture: of the copy on which the
// record rests, and of what became of the page since.
func publicCapture(t register.CaptureTarget, kept []register.KeptCapture) (register.Capture, bool) {
	k := copyShown(t, kept)
	if k == nil {
		return register.Capture{}, false
	}
	c := register.Capture{
		SHA256: k.SHA256, Size: k.Size, Type: k.Type, CapturedAt: edtf.DayOf(k.TakenAt).Date(), HTTPStatus: k.HTTPStatus,
		LastCheck: edtf.DayOf(t.CheckedAt).Date(), WARC: k.WARC,
	}
	if t.State.IsPublic() {
		c.State = t.State
	}
	if last := lastShown(kept); last.Number != k.Number && register.NextState(k, *last) == register.CaptureChanged {
		c.ChangedSince, c.Now, c.NowSince = true, last.SHA256, edtf.DayOf(last.TakenAt).Date()
	}
	return c, true
}

// copyShown is the copy on which the record rests; nil when there is none.
func copyShown(t register.CaptureTarget, kept []register.KeptCapture) *register.KeptCapture {
	for i := range kept {
		if kept[i].Number == t.Shown {
			return &kept[i]
		}
	}
	return nil
}

// tellAgain tells a source what could not be told before.
func tellAgain(ctx context.Context, d *desk.Queries, id string) error {
	target, _, err := d.LockCapture(ctx, id)
	if err != nil {
		return err
	}
	kept, err := d.KeptCaptures(ctx, id)
	if err != nil {
		return err
	}
	told, err := tell(ctx, d, target, kept)
	if err != nil || !told {
		return err
	}
	return d.MarkTold(ctx, id)
}

// FailCapture notes why a target could not be captured. It reports whether it
// is to be tried again soon; if not, the next check tries.
func (e *Editorial) FailCapture(ctx context.Context, id string, reason register.CaptureReason, status int, last bool) (again bool, err error) {
	err = e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		t, _, err := d.LockCapture(ctx, id)
		if err != nil {
			return err
		}
		settings, err := d.Settings(ctx)
		if err != nil {
			return err
		}
		t.Tries++
		t.Reason, t.HTTPStatus = reason, status
		again = reason.MayPass() && !last && t.Tries < mostTries
		if t.Waits = again; !again {
			if t.State == register.CaptureWaiting {
				t.State = register.CaptureFailed
			}
			t.Quiet++
			t.NextCheck = register.NextCheck(e.now(), time.Duration(settings.RecheckDays)*24*time.Hour, t.Quiet)
			t.Tries = 0
		}
		if err := d.LeaveHost(ctx, hostOf(t.Address), e.now().Add(hostPause)); err != nil {
			return err
		}
		return d.EndCapture(ctx, t, false)
	})
	return again, err
}
