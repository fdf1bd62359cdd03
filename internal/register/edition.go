package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// RecordType is the type of a record.
type RecordType string

// The types of records.
const (
	TypeIncident    RecordType = "incident"
	TypeStatement   RecordType = "statement"
	TypeInstitution RecordType = "institution"
)

// RecordTypes lists all types of records, in the order in which they must be
// published: each may show only those before it, and its own.
func RecordTypes() []RecordType { return []RecordType{TypeInstitution, TypeStatement, TypeIncident} }

// EditionFormat names the form of the canonical JSON of an edition. It changes
// when a field changes its meaning.
const EditionFormat = "sijil-edition/1"

// Content is the whole public content of one record at the moment of its
// publication. Its canonical JSON is what is hashed, logged and shown.
// Exactly one of Incident, Statement and Institution is set.
type Content struct {
	Format      string     `json:"format"`
	Type        RecordType `json:"type"`
	Reference   string     `json:"reference"` // SJ-2025-0001, ST-2025-0001, IN-0001
	Number      int        `json:"number"`    // of the edition, from 1
	PublishedAt time.Time  `json:"published_at"`
	// AuthorRole and ReviewerRole are the roles of the two persons who made
	// the edition; who they are stays at the desk.
	AuthorRole   AccountRole `json:"author_role"`
	ReviewerRole AccountRole `json:"reviewer_role"`
	Reason       Text        `json:"reason"`
	// Correction says of an edition that corrects an earlier one how much; empty
	// for a first edition and for one that only follows what it shows.
	Correction Correction `json:"correction,omitempty"`

	Incident    *Incident    `json:"incident,omitempty"`
	Statement   *Statement   `json:"statement,omitempty"`
	Institution *Institution `json:"institution,omitempty"`

	// Sources are those that the content cites.
	Sources []Source `json:"sources,omitempty"`
	// Pins are the editions of other records that this edition shows.
	Pins []Pin `json:"pins,omitempty"`
}

// Correction says how much a correction changes.
type Correction string

// The kinds of corrections: one that changes what a reader may have concluded,
// and one of form.
const (
	CorrectionMaterial Correction = "material"
	CorrectionMinor    Correction = "minor"
)

// Corrections lists the kinds of corrections.
func Corrections() []Correction { return []Correction{CorrectionMaterial, CorrectionMinor} }

// Gone is a record that an edition pins and that is shown no more: withdrawn,
// or removed by law. The pin and its hash stay; the content does not.
type Gone struct {
	Type      RecordType
	Reference string
	Slug      string
	Notice    Text // the public reason
	// Removed means by law: the content exists no more.
	Removed bool
}

// Pin names one edition of another record, with the hash of its content.
type Pin struct {
	Type      RecordType `json:"type"`
	Reference string     `json:"reference"`
	Number    int        `json:"number"`
	SHA256    string     `json:"sha256"`
}

// Edition is a published content with its place in the register.
type Edition struct {
	Content
	SHA256 string // of the canonical JSON, lower-case hexadecimal
}

// StatementEdition is a statement as an edition shows it.
type StatementEdition struct {
	Reference string
	Edition   int
	SHA256    string
	*Statement
	SourceList []Source
}

// InstitutionEdition is an institution as an edition shows it.
type InstitutionEdition struct {
	Reference string
	Edition   int
	SHA256    string
	*Institution
	SourceList []Source
}

// IncidentEdition is an incident with all that its edition pins.
type IncidentEdition struct {
	Reference    string
	Edition      int
	SHA256       string
	PublishedAt  time.Time
	Reason       Text
	Correction   Correction
	AuthorRole   AccountRole
	ReviewerRole AccountRole
	*Incident
	// Gone are the records that the edition pins and that are shown no more.
	Gone         []Gone
	Statements   []StatementEdition
	Institutions []InstitutionEdition
	// SourceList are the sources of the incident and of all statements that it
	// shows, each once, in the order in which the timeline first cites them.
	SourceList []Source
}

// Institution returns the pinned institution with the reference, nil when the
// edition does not show it.
func (e *IncidentEdition) Institution(ref Ref) *InstitutionEdition {
	for i := range e.Institutions {
		if e.Institutions[i].Reference == string(ref) {
			return &e.Institutions[i]
		}
	}
	return nil
}

// StatementOf returns the pinned statement with the reference, nil when the
// edition does not show it.
func (e *IncidentEdition) StatementOf(ref Ref) *StatementEdition {
	for i := range e.Statements {
		if e.Statements[i].Reference == string(ref) {
			return &e.Statements[i]
		}
	}
	return nil
}

// NewIncidentEdition puts together an incident's edition and the editions that
// it pins.
func NewIncidentEdition(e Edition, pinned []Edition) *IncidentEdition {
	out := &IncidentEdition{
		Reference: e.Reference, Edition: e.Number, SHA256: e.SHA256, PublishedAt: e.PublishedAt,
		Reason: e.Reason, Correction: e.Correction, AuthorRole: e.AuthorRole, ReviewerRole: e.ReviewerRole, Incident: e.Incident,
	}
	statements := map[Ref]StatementEdition{}
	for _, p := range pinned {
		switch p.Type {
		case TypeStatement:
			statements[Ref(p.Reference)] = NewStatementEdition(p)
		case TypeInstitution:
			out.Institutions = append(out.Institutions, NewInstitutionEdition(p))
		case TypeIncident: // no edition shows another incident
		}
	}
	for _, ref := range e.Incident.Statements {
		if s, ok := statements[ref]; ok {
			out.Statements = append(out.Statements, s)
		}
	}
	out.SourceList = sourcesInOrder(out, e.Sources)
	return out
}

// NewStatementEdition is a statement as an edition shows it.
func NewStatementEdition(e Edition) StatementEdition {
	return StatementEdition{
		Reference: e.Reference, Edition: e.Number, SHA256: e.SHA256, Statement: e.Statement, SourceList: e.Sources,
	}
}

// NewInstitutionEdition is an institution as an edition shows it.
func NewInstitutionEdition(e Edition) InstitutionEdition {
	return InstitutionEdition{
		Reference: e.Reference, Edition: e.Number, SHA256: e.SHA256, Institution: e.Institution, SourceList: e.Sources,
	}
}

// sourcesInOrder lists the sources of an incident and of its statements in the
// order in which a reader of the timeline meets them.
func sourcesInOrder(e *IncidentEdition, own []Source) []Source {
	byKey := map[string]Source{}
	for _, s := range own {
		byKey[s.Key] = s
	}
	for _, st := range e.Statements {
		for _, s := range st.SourceList {
			byKey[s.Key] = s
		}
	}
	var out []Source
	add := func(keys []string) {
		for _, k := range keys {
			if s, ok := byKey[k]; ok {
				out = append(out, s)
				delete(byKey, k)
			}
		}
	}
	for _, entry := range NewTimeline(e.Incident, e.Statements).Entries {
		for _, d := range entry.Dates {
			add(d.Sources)
		}
		add(entry.Sources)
	}
	// Most are cited by an entry; what else cites is gone through for those that are left.
	if len(byKey) > 0 {
		add(CitedSources(e.Incident))
	}
	for i := 0; i < len(e.Statements) && len(byKey) > 0; i++ {
		add(CitedSources(e.Statements[i].Statement))
	}
	return out
}

// Canonical returns the canonical JSON of the content (RFC 8785, JSON
// Canonicalization Scheme) and its SHA-256.
func (c *Content) Canonical() (content []byte, sha string, err error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, "", fmt.Errorf("encode edition: %w", err)
	}
	content, err = CanonicalJSON(raw)
	if err != nil {
		return nil, "", err
	}
	return content, HashOf(content), nil
}

// HashOf returns the SHA-256 of bytes in lower-case hexadecimal.
func HashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// DecodeContent reads the canonical JSON of an edition.
func DecodeContent(content []byte) (*Content, error) {
	var c Content
	if err := json.Unmarshal(content, &c); err != nil {
		return nil, fmt.Errorf("decode edition: %w", err)
	}
	return &c, nil
}
