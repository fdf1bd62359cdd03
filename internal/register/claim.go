package register

// Topic is what a claim is about.
type Topic string

// The topics, in the order in which the ledger shows them.
const (
	TopicNature       Topic = "nature"
	TopicAttribution  Topic = "attribution"
	TopicTiming       Topic = "timing" // motive or timing
	TopicSystems      Topic = "systems"
	TopicScope        Topic = "scope"
	TopicAuthenticity Topic = "authenticity"
	TopicMeasures     Topic = "measures"
	TopicReferral     Topic = "referral"
	TopicContext      Topic = "context"
)

// Topics lists all topics in the order of the ledger.
func Topics() []Topic {
	return []Topic{
		TopicNature, TopicAttribution, TopicTiming, TopicSystems, TopicScope,
		TopicAuthenticity, TopicMeasures, TopicReferral, TopicContext,
	}
}

// Quantifier is how much of a thing a claim covers.
type Quantifier string

// The quantifiers. "often" in a text is Most unless an editor judges
// otherwise; the words themselves stay in the quote.
const (
	QuantifierAll      Quantifier = "all"
	QuantifierMost     Quantifier = "most"
	QuantifierSome     Quantifier = "some"
	QuantifierFew      Quantifier = "few"
	QuantifierNone     Quantifier = "none"
	QuantifierUnstated Quantifier = "unstated"
)

// Quantifiers lists all quantifiers.
func Quantifiers() []Quantifier {
	return []Quantifier{QuantifierAll, QuantifierMost, QuantifierSome, QuantifierFew, QuantifierNone, QuantifierUnstated}
}

// Modality is the force with which something is said.
type Modality string

// The modalities.
const (
	ModalityAsserts  Modality = "asserts"
	ModalityDenies   Modality = "denies"
	ModalityAlleges  Modality = "alleges"
	ModalityPromises Modality = "promises"
)

// Modalities lists all modalities.
func Modalities() []Modality {
	return []Modality{ModalityAsserts, ModalityDenies, ModalityAlleges, ModalityPromises}
}

// ClaimRelationKind says how a claim stands to an earlier one.
type ClaimRelationKind string

// The relations between claims.
const (
	Repeats     ClaimRelationKind = "repeats"
	Confirms    ClaimRelationKind = "confirms"
	Rewords     ClaimRelationKind = "rewords"
	Narrows     ClaimRelationKind = "narrows"
	Widens      ClaimRelationKind = "widens"
	Contradicts ClaimRelationKind = "contradicts"
	Retracts    ClaimRelationKind = "retracts"
)

// ClaimRelationKinds lists all relations between claims.
func ClaimRelationKinds() []ClaimRelationKind {
	return []ClaimRelationKind{Repeats, Confirms, Rewords, Narrows, Widens, Contradicts, Retracts}
}

// Claim is one assertion inside a statement.
type Claim struct {
	Fact
	Topic Topic `json:"topic"`
	// Quotes are the passages, one for each rendering that has it.
	Quotes []Quote `json:"quotes,omitempty"`
	// Paraphrase is what is claimed, in the register's words.
	Paraphrase Text       `json:"paraphrase"`
	Value      *int64     `json:"value,omitempty"`
	Bound      string     `json:"bound,omitempty"` // of the value, as Figure.Bound
	Unit       Unit       `json:"unit,omitempty"`
	Quantifier Quantifier `json:"quantifier"`
	Modality   Modality   `json:"modality"`
	// ReportedFrom is set when the claim is second-hand: the speaker says that
	// somebody else says it.
	ReportedFrom *SecondHand     `json:"reported_from,omitempty"`
	Relations    []ClaimRelation `json:"relations,omitempty"`
	// OnTimeline means that the quotes are shown with the statement's entry on
	// the timeline.
	OnTimeline bool `json:"on_timeline,omitempty"`
}

// Quote is the passage of a claim in one rendering.
type Quote struct {
	Language  Lang   `json:"language"`
	Text      string `json:"text"`
	Rendering string `json:"rendering,omitempty"` // key of the rendering; empty for the original
	// Position is where the passage stands: a paragraph such as "F3", or a
	// range of characters "120-161" in the confirmed text.
	Position string `json:"position,omitempty"`
	// Indirect means that the rendering gives the words as reported speech.
	Indirect bool `json:"indirect,omitempty"`
	// Translation means that the words are the register's own translation.
	Translation bool `json:"translation,omitempty"`
}

// SecondHand says from whom a reported claim comes.
type SecondHand struct {
	By     Text     `json:"by"`
	SaidIn ClaimRef `json:"said_in,omitzero"`
}

// ClaimRelation ties a claim to an earlier claim of any statement.
type ClaimRelation struct {
	Kind ClaimRelationKind `json:"kind"`
	To   ClaimRef          `json:"to"`
	Note Text              `json:"note,omitempty"`
}
