package capture

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// backgroundPatience is how long a capture that nobody waits for may take.
const backgroundPatience = 45 * time.Second

// mostAfter is how long a server may have us wait until it is asked again, in seconds.
const mostAfter = 24 * 60 * 60

// RefusedError says why nothing was captured.
type RefusedError struct {
	Reason register.CaptureReason
	Status int           // with which the page answered; 0 for another reason
	After  time.Duration // before which it is not to be asked again, where it said so
	Cause  error
}

// Error tells the log what happened.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("capture: %s (status %d): %v", e.Reason, e.Status, e.Cause)
}

// Unwrap is what happened underneath.
func (e *RefusedError) Unwrap() error { return e.Cause }

// Taken is what stands at an address, as it was found.
type Taken struct {
	At     time.Time
	Hops   []Hop  // at least one; the last is the answer
	Body   []byte // decoded
	SHA256 string // of the body
	Type   string // media type, as far as can be told
	Title  string // of a page
	Text   string // readable; empty where there is none
	// Unread is why the text that there may be was not read: ErrUnreadable where
	// that is the doing of what stands there, else a fault of ours. It repeats
	// nothing of it.
	Unread error
}

// Answer is the last hop.
func (t *Taken) Answer() *Hop { return &t.Hops[len(t.Hops)-1] }

// Gone reports whether the page says that there is nothing any more.
func (t *Taken) Gone() bool {
	return t.Answer().Status == http.StatusNotFound || t.Answer().Status == http.StatusGone
}

// Take gets what stands at an address of the public web, as it is, with the
// requests and answers that led there, and reads its text, if it can be read
// within the limits of what reads a file. That it is gone (404 or 410) is an answer,
// too. Everything else that is wrong is a *RefusedError.
func (in *Intake) Take(ctx context.Context, address string, at time.Time) (Taken, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return Taken{}, &RefusedError{Reason: register.CaptureMalformed, Cause: err}
	}
	u.Fragment = ""
	limited, cancel := context.WithTimeout(ctx, cmp.Or(in.reach.Patience, backgroundPatience))
	defer cancel()
	hops, err := in.reach.visit(limited, u, at)
	if err != nil {
		if ctx.Err() != nil {
			return Taken{}, ctx.Err()
		}
		return Taken{}, refusal(err)
	}
	t := Taken{At: at, Hops: hops}
	if status := t.Answer().Status; !t.Gone() && (status < 200 || status > 299) {
		return Taken{}, refusedStatus(t.Answer())
	}
	if t.Body, err = t.Answer().body(); err != nil {
		return Taken{}, refusal(err)
	}
	sum := sha256.Sum256(t.Body)
	t.SHA256 = hex.EncodeToString(sum[:])
	in.read(ctx, &t)
	if ctx.Err() != nil { // else what nobody had time to read would pass for what cannot be read
		return Taken{}, ctx.Err()
	}
	return t, nil
}

// refusal names the reason of an error of a visit.
func refusal(err error) error {
	reason := register.CaptureUnreachable
	for _, line := range []struct {
		kind   error
		reason register.CaptureReason
	}{
		{errNotPublic, register.CaptureRefused},
		{context.DeadlineExceeded, register.CaptureSlow},
		{errTooLarge, register.CaptureTooLarge},
		{errHead, register.CaptureHead},
		{errTLS, register.CaptureTLS},
		{errRedirects, register.CaptureRedirects},
		{errEncoding, register.CaptureEncoding},
		{errBrokenOff, register.CaptureBrokenOff},
	} {
		if errors.Is(err, line.kind) {
			reason = line.reason
			break
		}
	}
	return &RefusedError{Reason: reason, Cause: err}
}

// refusedStatus says with which status a page was refused, and when it may be
// asked again.
func refusedStatus(answer *Hop) error {
	out := &RefusedError{Reason: register.CaptureDenied, Status: answer.Status}
	later := []int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests}
	if answer.Status >= http.StatusInternalServerError || slices.Contains(later, answer.Status) {
		out.Reason = register.CaptureBusy
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
		out.After = time.Duration(min(seconds, mostAfter)) * time.Second // before it is multiplied: it may be any number
	}
	return out
}

// read finds out what the body is, and its text. A body without a text that can
// be read is evidence all the same.
func (in *Intake) read(ctx context.Context, t *Taken) {
	declared := t.Answer().Header.Get("Content-Type")
	if isPage(t.Body, declared) {
		t.Type = "text/html"
		found, err := in.article(ctx, t.Body, declared)
		t.Title, t.Text, t.Unread = found.Title, found.Text, unread(err)
		return
	}
	if t.Type = sniff(t.Body); t.Type == "" {
		t.Type = "application/octet-stream"
		if called, _, err := mime.ParseMediaType(declared); err == nil {
			t.Type = called
		}
		return
	}
	d, err := in.Intake(ctx, bytes.NewReader(t.Body), path.Base(t.Answer().URL.Path), "")
	t.Text, t.Unread = d.Extraction.Text(), unread(err)
	if slices.Contains(d.Warnings, register.FileTextFailed) {
		t.Unread = ErrUnreadable
	}
}

// unread is why something was not read, in words of ours and of the system alone: what
// the worker said at its end may repeat what it read. That a document is not one
// that is taken, such as one with a password, is no failure to read it.
func unread(err error) error {
	ended, ok := errors.AsType[*exec.ExitError](err)
	problems, refused := errors.AsType[register.Problems](err)
	switch {
	case err == nil:
		return nil
	case refused && problems[0].Key == "problem.file-unreadable":
		return ErrUnreadable
	case refused:
		return nil
	case errors.Is(err, ErrUnreadable) && ok:
		return fmt.Errorf("%w: %w", ErrUnreadable, ended)
	case errors.Is(err, ErrUnreadable):
		return ErrUnreadable
	}
	return err
}

// WARC writes what was taken as a WARC 1.1 file: who took it, then each request
// with its answer, then what was made of it.
func (t *Taken) WARC(w io.Writer, software string) error {
	info := Record{
		Type: WARCInfo, ID: recordID(), Date: t.At, Fields: [][2]string{{"Content-Type", warcFields}},
		Block: []byte("software: " + software + "\r\nformat: WARC File Format 1.1\r\n" +
			"conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"),
	}
	records := []Record{info}
	for i := range t.Hops {
		records = append(records, t.Hops[i].records(info.ID)...)
	}
	last := records[len(records)-2] // the response of the answer
	records = append(records, Record{
		Type: WARCMetadata, ID: recordID(), Date: t.At, Block: t.metadata(),
		Fields: [][2]string{
			{"WARC-Target-URI", t.Answer().URL.String()},
			{"WARC-Warcinfo-ID", "<" + info.ID + ">"},
			{"WARC-Refers-To", "<" + last.ID + ">"},
			{"Content-Type", warcFields},
		},
	})
	for i := range records {
		if err := WriteRecord(w, &records[i]); err != nil {
			return err
		}
	}
	return nil
}

// metadata says of what was taken what its records do not.
func (t *Taken) metadata() []byte {
	var out bytes.Buffer
	for _, h := range t.Hops[:len(t.Hops)-1] {
		fmt.Fprintf(&out, "via: %s\r\n", h.URL)
	}
	fmt.Fprintf(&out, "hopsFromSeed: %s\r\nbody-sha256: %s\r\nbody-length: %d\r\nmedia-type: %s\r\n",
		strings.Repeat("R", len(t.Hops)-1), t.SHA256, len(t.Body), t.Type)
	return out.Bytes()
}

// records are the answer and the request of a hop, which name each other.
func (h *Hop) records(info string) []Record {
	request, response := recordID(), recordID()
	fields := func(other, contentType string, more ...[2]string) [][2]string {
		out := [][2]string{{"WARC-Target-URI", h.URL.String()}, {"WARC-Warcinfo-ID", "<" + info + ">"}, {"WARC-Concurrent-To", "<" + other + ">"}}
		if h.Peer.IsValid() {
			out = append(out, [2]string{"WARC-IP-Address", h.Peer.Addr().String()})
		}
		return append(append(out, more...), [2]string{"Content-Type", contentType})
	}
	about := [2]string{"WARC-Payload-Digest", digestOf(h.Entity)}
	if h.IsCut { // of a payload that is not whole there is no digest
		about = [2]string{"WARC-Truncated", "length"}
	}
	return []Record{
		{Type: WARCResponse, ID: response, Date: h.At, Block: h.Response, Fields: fields(request, warcResponse, about)},
		{Type: WARCRequest, ID: request, Date: h.At, Block: h.Request, Fields: fields(response, warcRequest)},
	}
}

// recordID is a random UUID (RFC 9562, version 4) as an address.
func recordID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
