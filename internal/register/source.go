package register

import "github.com/sijil/sijil/internal/edtf"

// SourceKind says what a source is.
type SourceKind string

// The kinds of sources.
const (
	SourcePressReport     SourceKind = "press-report"
	SourceInterview       SourceKind = "interview"
	SourceAnalysis        SourceKind = "analysis"
	SourceCommentary      SourceKind = "commentary"
	SourcePressReview     SourceKind = "press-review"
	SourceCommuniqueRelay SourceKind = "communique-relay" // a text that carries a communiqué
	SourceOfficialReadout SourceKind = "official-readout"
	SourceOfficial        SourceKind = "official" // published by the institution itself
	SourceContext         SourceKind = "context"
)

// SourceKinds lists all kinds of sources.
func SourceKinds() []SourceKind {
	return []SourceKind{
		SourcePressReport, SourceInterview, SourceAnalysis, SourceCommentary, SourcePressReview,
		SourceCommuniqueRelay, SourceOfficialReadout, SourceOfficial, SourceContext,
	}
}

// Source is a public page or document that carries a fact.
type Source struct {
	// Key names the source in every record that cites it; never reused.
	Key       string     `json:"key"`
	Kind      SourceKind `json:"kind"`
	Publisher string     `json:"publisher"`
	Title     string     `json:"title,omitempty"`
	Author    string     `json:"author,omitempty"`
	// URL is the address of the page itself. It is empty in an edition when
	// URLWithheld is set.
	URL string `json:"url,omitempty"`
	// URLWithheld means that the address names a private person and is
	// therefore kept at the desk.
	URLWithheld bool `json:"url_withheld,omitempty"`
	Language    Lang `json:"language,omitempty"`
	// Published is when the source appeared; zero when not stated.
	Published      edtf.Date `json:"published,omitzero"`
	PublishedBasis DateBasis `json:"published_basis,omitempty"`
	Accessed       edtf.Date `json:"accessed,omitzero"`
	// Gist says in the register's words what the source carries.
	Gist Text `json:"gist,omitempty"`
	// CaptureOpen means that the rights to the source allow to give readers the
	// copy that was captured; else it is private evidence.
	CaptureOpen bool `json:"capture_open,omitempty"`
	// Capture is what was saved of it; nil when nothing was.
	Capture *Capture `json:"capture,omitempty"`
}

// Capture is what the register saved of a source.
type Capture struct {
	SHA256 string `json:"sha256"` // of the saved bytes, lower-case hexadecimal
	Size   int64  `json:"size"`   // bytes
	Type   string `json:"type"`   // media type
	// CapturedAt is when it was saved, RFC 3339 in UTC or an EDTF date.
	CapturedAt edtf.Date `json:"captured_at,omitzero"`
	// HTTPStatus is the status with which the page answered; 0 when the text
	// did not come by HTTP.
	HTTPStatus   int       `json:"http_status,omitempty"`
	LastCheck    edtf.Date `json:"last_check,omitzero"`
	ChangedSince bool      `json:"changed_since,omitempty"`
	// WARC is the SHA-256 of the file in which the bytes are kept with the
	// requests and answers that led to them (WARC 1.1); empty for what was
	// attached. The file itself is private evidence.
	WARC string `json:"warc,omitempty"`
	// State is what has become of the page: gone, moved or changed; empty while
	// it is as it was.
	State CaptureState `json:"state,omitempty"`
	// Now is the SHA-256 of what the page says now, where that is something else,
	// and NowSince the day on which that was found.
	Now      string    `json:"now,omitempty"`
	NowSince edtf.Date `json:"now_since,omitzero"`
}

// OpenWARC is the SHA-256 of the file that readers are given; "" when they are
// given none. An address that is withheld stands in the file, too.
func (s *Source) OpenWARC() string {
	if s.Capture == nil || !s.CaptureOpen || s.URLWithheld {
		return ""
	}
	return s.Capture.WARC
}

// PublicSources are the sources as an edition shows them: an address that
// names a private person stays at the desk.
func PublicSources(sources []Source) []Source {
	out := make([]Source, len(sources))
	for i, s := range sources {
		if s.URLWithheld {
			s.URL = ""
		}
		out[i] = s
	}
	return out
}
