package register

import (
	"slices"
	"strings"
	"time"
)

// CaptureState is how far the copy of what a source's address shows is.
type CaptureState string

// The states of a capture.
const (
	CaptureWaiting  CaptureState = "waiting"
	CaptureFetching CaptureState = "fetching"
	CaptureKept     CaptureState = "kept"
	CaptureFailed   CaptureState = "failed"
	CaptureGone     CaptureState = "gone"    // the address says that nothing is there
	CaptureMoved    CaptureState = "moved"   // it leads elsewhere than before
	CaptureChanged  CaptureState = "changed" // it says something else than before
)

// CaptureStates lists all states, in the order in which they come.
func CaptureStates() []CaptureState {
	return []CaptureState{CaptureWaiting, CaptureFetching, CaptureKept, CaptureChanged, CaptureMoved, CaptureGone, CaptureFailed}
}

// IsPublic reports whether readers are told of a state: of what was found, not
// of our own work.
func (s CaptureState) IsPublic() bool {
	return s == CaptureGone || s == CaptureMoved || s == CaptureChanged
}

// CaptureReason says why nothing could be captured.
type CaptureReason string

// The reasons for which a capture fails.
const (
	CaptureMalformed   CaptureReason = "malformed"   // no address of the web
	CaptureRefused     CaptureReason = "refused"     // not on the public web
	CaptureUnreachable CaptureReason = "unreachable" // no such name, or nobody answers
	CaptureSlow        CaptureReason = "slow"
	CaptureTLS         CaptureReason = "tls"
	CaptureTooLarge    CaptureReason = "too-large"
	CaptureHead        CaptureReason = "head" // its head is too large
	CaptureRedirects   CaptureReason = "redirects"
	CaptureEncoding    CaptureReason = "encoding" // one that was not asked for
	CaptureBrokenOff   CaptureReason = "broken-off"
	CaptureDenied      CaptureReason = "denied" // a status that another try does not change
	CaptureBusy        CaptureReason = "busy"   // a status that may pass
)

// CaptureReasons lists all reasons.
func CaptureReasons() []CaptureReason {
	return []CaptureReason{
		CaptureMalformed, CaptureRefused, CaptureUnreachable, CaptureSlow, CaptureTLS, CaptureTooLarge, CaptureHead,
		CaptureRedirects, CaptureEncoding, CaptureBrokenOff, CaptureDenied, CaptureBusy,
	}
}

// MayPass reports whether it is worth to try again.
func (r CaptureReason) MayPass() bool {
	return slices.Contains([]CaptureReason{
		CaptureUnreachable, CaptureSlow, CaptureTLS, CaptureBrokenOff, CaptureBusy,
	}, r)
}

// NextState compares what an address shows with the last copy in which it showed
// something, nil for none: gone when it says that nothing is there, changed when
// its text is another (where one has no text, its bytes), moved when it leads
// elsewhere; else kept. A page that says the same in other bytes, as most do that
// are made anew for each reader, says the same.
func NextState(last *KeptCapture, found KeptCapture) CaptureState {
	switch {
	case found.IsGone():
		return CaptureGone
	case last == nil:
		return CaptureKept
	case saysOther(last, &found):
		return CaptureChanged
	case !samePlace(found.Final, last.Final):
		return CaptureMoved
	}
	return CaptureKept
}

// saysOther reports whether two copies differ in what they say. The same bytes, whose
// text could be read within the limits only once, are no change of the page.
func saysOther(a, b *KeptCapture) bool {
	if a.Text == "" || b.Text == "" {
		return a.SHA256 != b.SHA256
	}
	return a.Text != b.Text
}

// samePlace reports whether two addresses are one page: the scheme, a leading
// www and a slash at the end make no other.
func samePlace(a, b string) bool {
	plain := func(s string) string {
		_, s, _ = strings.Cut(s, "://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	return plain(a) == plain(b)
}

// longestQuiet bounds how much later an address is looked at that stays as it
// is: eight times.
const longestQuiet = 3

// NextCheck is when an address is looked at again: after the interval, and
// twice, four, eight times as late when the checks before found nothing new.
func NextCheck(now time.Time, interval time.Duration, quiet int) time.Time {
	return now.Add(interval << min(max(quiet, 0), longestQuiet))
}

// CaptureTarget is an address of a source, with how its capture stands.
type CaptureTarget struct {
	ID      string
	Source  string // key of the source
	Address string
	State   CaptureState
	// Reason is why the last try failed, with the status of the page for
	// CaptureDenied and CaptureBusy.
	Reason     CaptureReason
	HTTPStatus int
	Tries      int // that have failed since something was kept
	Quiet      int // checks in a row that found nothing new
	Waits      bool
	// Shown is the number of the copy on which the record rests; 0 for none.
	Shown     int
	AskedAt   time.Time
	CheckedAt time.Time // when the address last answered; zero for never
	NextCheck time.Time // zero for none
}

// KeptCapture is one copy that was kept of what an address showed.
type KeptCapture struct {
	ID      string
	Target  string
	Number  int // of this target, from 1
	TakenAt time.Time
	// State is what was found: kept for the first copy, else what had become of
	// it.
	State      CaptureState
	Final      string // the address that answered
	Hops       []CaptureHop
	HTTPStatus int
	Type       string // media type of the body
	SHA256     string // of the body, decoded
	Size       int64
	WARC       string // SHA-256 of the file
	WARCSize   int64
	Title      string
	Text       string
}

// IsGone reports whether the address said that nothing is there.
func (k *KeptCapture) IsGone() bool {
	return k.HTTPStatus == statusNotFound || k.HTTPStatus == statusGone
}

// The status of HTTP of what is not there (RFC 9110).
const statusNotFound, statusGone = 404, 410

// CaptureHop is one redirect on the way, or the answer at its end.
type CaptureHop struct {
	URL    string              `json:"url"`
	Status int                 `json:"status"`
	Header map[string][]string `json:"header"`
}
