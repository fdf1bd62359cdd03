package register

import (
	"slices"
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
	AskedAt    time.Time
	CheckedAt  time.Time // when the address last answered; zero for never
	NextCheck  time.Time // zero for none
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

// CaptureHop is one redirect on the way, or the answer at its end.
type CaptureHop struct {
	URL    string              `json:"url"`
	Status int                 `json:"status"`
	Header map[string][]string `json:"header"`
}
