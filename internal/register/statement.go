package register

// StatementKind says what kind of speech act a statement is.
type StatementKind string

// The kinds of statements.
const (
	StatementCommunique      StatementKind = "communique"
	StatementBriefing        StatementKind = "press-briefing"
	StatementInterview       StatementKind = "interview"
	StatementPost            StatementKind = "post"
	StatementAnswer          StatementKind = "parliament-answer"
	StatementWrittenQuestion StatementKind = "written-question"
	StatementRegulatorNotice StatementKind = "regulator-notice"
	StatementCourtNotice     StatementKind = "court-notice"
	StatementPeopleNotice    StatementKind = "people-notice"
	StatementAttackerMessage StatementKind = "attacker-message"
	StatementThirdParty      StatementKind = "third-party"
)

// StatementKinds lists all kinds of statements.
func StatementKinds() []StatementKind {
	return []StatementKind{
		StatementCommunique, StatementBriefing, StatementInterview, StatementPost, StatementAnswer,
		StatementWrittenQuestion, StatementRegulatorNotice, StatementCourtNotice, StatementPeopleNotice,
		StatementAttackerMessage, StatementThirdParty,
	}
}

// Statement is a speech act: what somebody said, on an occasion, on a date.
type Statement struct {
	// Language is the language in which the register's own texts were written.
	Language Lang          `json:"language"`
	Slug     string        `json:"slug"`
	Title    Text          `json:"title"`
	Summary  Text          `json:"summary"`
	Kind     StatementKind `json:"kind"`
	Official bool          `json:"official"`
	// Issuer is the institution that speaks; empty for an attacker or a third
	// party, who then stands in IssuerName.
	Issuer     Ref   `json:"issuer,omitempty" to:"institution"`
	IssuerName Text  `json:"issuer_name,omitempty"`
	OnBehalfOf []Ref `json:"on_behalf_of,omitempty" to:"institution"`
	// Speaker is the official who spoke, nil when nobody is named.
	Speaker  *Official `json:"speaker,omitempty"`
	Occasion Text      `json:"occasion,omitempty"`
	Channel  Text      `json:"channel,omitempty"`
	// Dates say when it was said.
	Dates Dates `json:"dates,omitempty"`
	// OriginalLanguage is empty when the language spoken is not stated.
	OriginalLanguage Lang `json:"original_language,omitempty"`
	// OriginalText is the text as it was said; empty when it was not seen or
	// belongs to others.
	OriginalText string `json:"original_text,omitempty"`
	// OriginalNotSeen means that the statement is known only through others.
	OriginalNotSeen bool `json:"original_not_seen,omitempty"`

	Renderings  []Rendering         `json:"renderings,omitempty"`
	Differences []Difference        `json:"differences,omitempty"`
	Documents   []Document          `json:"documents,omitempty"`
	Claims      []Claim             `json:"claims,omitempty"`
	Relations   []StatementRelation `json:"relations,omitempty"`
	Sources     []string            `json:"sources"`
}

// RenderingKind says where a rendering comes from.
type RenderingKind string

// The kinds of renderings.
const (
	RenderingOfficial  RenderingKind = "official"
	RenderingEditorial RenderingKind = "editorial"
	RenderingPress     RenderingKind = "press"
	RenderingMachine   RenderingKind = "machine"
)

// RenderingKinds lists all kinds of renderings.
func RenderingKinds() []RenderingKind {
	return []RenderingKind{RenderingOfficial, RenderingEditorial, RenderingPress, RenderingMachine}
}

// Rendering is a statement in one language as one publisher gave it: a
// translation or a press version.
type Rendering struct {
	Fact
	Language  Lang          `json:"language"`
	Kind      RenderingKind `json:"kind"`
	Publisher string        `json:"publisher"`
	// Text are the words of the rendering, where they may be shown: an official
	// or editorial translation. A press version belongs to its outlet.
	Text string `json:"text,omitempty"`
	// FullText tells whether the whole text of this rendering was read, so
	// that what it does not say can be told from what is not known.
	FullText bool `json:"full_text,omitempty"`
	Note     Text `json:"note,omitempty"`
}

// Difference is a recorded difference between renderings of one statement.
type Difference struct {
	Fact
	// Between are the keys of the renderings that differ.
	Between []string `json:"between"`
	// Claims are the keys of the claims that it concerns.
	Claims []string `json:"claims,omitempty"`
	Note   Text     `json:"note"`
	// Readings are the differing words, one for each rendering.
	Readings []Reading `json:"readings,omitempty"`
}

// Reading is what one rendering says.
type Reading struct {
	Rendering string `json:"rendering"`
	Language  Lang   `json:"language"`
	Words     string `json:"words"` // short, as published
	Indirect  bool   `json:"indirect,omitempty"`
}

// Document is a file that carries a statement.
type Document struct {
	Fact
	Name   string `json:"name"`
	Type   string `json:"type"` // media type
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
	// Text is the text that was extracted and confirmed by a person.
	Text     string `json:"text,omitempty"`
	Language Lang   `json:"language,omitempty"`
}

// StatementRelation ties a statement to another.
type StatementRelation struct {
	Kind      string `json:"kind"` // version-of, amends, withdraws, replies-to
	Statement Ref    `json:"statement" to:"statement"`
	Note      Text   `json:"note,omitempty"`
}

// StatementRelationKinds lists the kinds of relations between statements.
func StatementRelationKinds() []string {
	return []string{"version-of", "amends", "withdraws", "replies-to"}
}

// Claim returns the claim with the given key, nil when there is none.
func (s *Statement) Claim(key string) *Claim {
	for i := range s.Claims {
		if s.Claims[i].Key == key {
			return &s.Claims[i]
		}
	}
	return nil
}

// Rendering returns the rendering with the given key, nil when there is none.
func (s *Statement) Rendering(key string) *Rendering {
	for i := range s.Renderings {
		if s.Renderings[i].Key == key {
			return &s.Renderings[i]
		}
	}
	return nil
}

// ReadInFull reports whether a whole text of the statement was read, so that
// its silence on a topic means something.
func (s *Statement) ReadInFull() bool {
	if s.OriginalText != "" && !s.OriginalNotSeen {
		return true
	}
	for _, r := range s.Renderings {
		if r.FullText {
			return true
		}
	}
	return false
}
