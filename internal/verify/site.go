package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/outbound"
	"github.com/sijil/sijil/internal/tlog"
)

// How much is read of what a site answers, at most. It is somebody else's, and
// may be hostile.
const (
	maxSmall   = 64 << 10         // a checkpoint, a tile, a proof, an opening
	maxBundle  = 256 * (1 << 10)  // 256 leaves
	maxEdition = 16 << 20         // the JSON of an edition
	maxAbsence = 64 << 10         // what is answered instead of what is not there
	redirects  = 3                // in a row
	patience   = time.Minute      // for one answer
	longWait   = 5 * time.Minute  // for a document
	attempts   = 4                // for one answer
	maxPause   = 30 * time.Second // between two attempts
)

var (
	// errUnreachable is wrapped when a site does not answer, or not as one does.
	errUnreachable = errors.New("the site cannot be reached")
	// errTooLong is wrapped when an answer is longer than what it could be.
	errTooLong = errors.New("the answer is too long")
)

// Site is a register on the web, of which nothing is believed.
type Site struct {
	base   *url.URL
	client *http.Client
	pause  time.Duration // before the second attempt
}

// NewSite returns the register at an address, such as https://sijil.example; the
// address of its log, /log, will do, too.
func NewSite(address string, transport http.RoundTripper) (*Site, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no address of a register, such as https://sijil.example", address)
	}
	u.Path, u.RawPath = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/log"), ""
	return &Site{base: u, pause: time.Second, client: outbound.Over(transport, 0, stayHere)}, nil
}

// stayHere follows few redirects, to the same host only, and never from https
// to http.
func stayHere(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > redirects || next.URL.Hostname() != first.Hostname() || first.Scheme == "https" && next.URL.Scheme != "https" {
		return fmt.Errorf("it redirects to %s", next.URL.Redacted())
	}
	return nil
}

// Address is that of the site, without a slash at its end.
func (s *Site) Address() string { return s.base.String() }

// Fetch implements tlog.Fetcher.
func (s *Site) Fetch(ctx context.Context, path string) ([]byte, error) {
	limit := int64(maxSmall)
	if strings.HasPrefix(path, "tile/entries/") {
		limit = maxBundle
	}
	return s.get(ctx, "log/"+path, limit)
}

// get reads an answer of at most limit bytes. The error wraps tlog.ErrNotServed
// for what is not there, errTooLong, or errUnreachable.
func (s *Site) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	var body []byte
	err := s.ask(ctx, path, patience, func(r io.Reader) error {
		var err error
		body, err = readAtMost(r, limit)
		return err
	})
	return body, err
}

// hash reads an answer of at most limit bytes and returns its SHA-256 in
// lower-case hexadecimal, and how long it is. Errors as get.
func (s *Site) hash(ctx context.Context, path string, limit int64) (sha string, size int64, err error) {
	err = s.ask(ctx, path, longWait, func(r io.Reader) error {
		sum := sha256.New()
		n, err := io.Copy(sum, io.LimitReader(r, limit+1))
		if err == nil && n > limit {
			return errTooLong
		}
		sha, size = hex.EncodeToString(sum.Sum(nil)), n
		return err
	})
	return sha, size, err
}

func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, errTooLong
	}
	return body, err
}

// ask asks again, some times, where the site is busy or the network fails.
func (s *Site) ask(ctx context.Context, path string, most time.Duration, read func(io.Reader) error) error {
	pause := s.pause
	for attempt := 1; ; attempt++ {
		wait, err := s.askOnce(ctx, path, most, read)
		if !errors.Is(err, errUnreachable) || attempt == attempts || wait < 0 {
			return err
		}
		timer := time.NewTimer(min(max(pause, wait), maxPause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w: %w", errUnreachable, ctx.Err())
		}
		pause *= 2
	}
}

// askOnce asks once. wait is how long the site wants to be left alone; negative
// when asking again would not help.
func (s *Site) askOnce(ctx context.Context, path string, most time.Duration, read func(io.Reader) error) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.JoinPath(path).String(), http.NoBody)
	if err != nil {
		return -1, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	request.Header.Set("User-Agent", "sijil-verify")
	request.Header.Set("Accept", "*/*")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		err := read(response.Body)
		if err != nil && !errors.Is(err, errTooLong) {
			err = fmt.Errorf("%w: %s: %w", errUnreachable, path, err)
		}
		return 0, err
	case code == http.StatusNotFound, code == http.StatusGone:
		return 0, absence(path, response)
	case code == http.StatusTooManyRequests, code >= http.StatusInternalServerError:
		return retryAfter(response), fmt.Errorf("%w: %s answers %s", errUnreachable, path, response.Status)
	default:
		return -1, fmt.Errorf("%w: %s answers %s", errUnreachable, path, response.Status)
	}
}

// retryAfter is how long a site wants to be left alone.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 3600 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// absentError is that the site does not show something, with what it says of it.
type absentError struct {
	path string
	says []byte
}

// absence reads what stands in the place of what is not there.
func absence(path string, response *http.Response) error {
	says, _ := readAtMost(response.Body, maxAbsence) // it is only asked for more words
	return &absentError{path: path, says: says}
}

// Error implements error.
func (e *absentError) Error() string { return e.path + " is not shown" }

// Unwrap makes it tlog.ErrNotServed.
func (e *absentError) Unwrap() error { return tlog.ErrNotServed }
