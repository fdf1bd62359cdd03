package register

// EventKind says what an event is.
type EventKind string

// The kinds of events. Each belongs to one kind of timeline entry.
const (
	EventAttack            EventKind = "attack"
	EventDiscovery         EventKind = "discovery"
	EventDataPublication   EventKind = "data-publication"
	EventVerification      EventKind = "verification"
	EventRestoration       EventKind = "restoration"
	EventAuthorityNotified EventKind = "authority-notified"
	EventPeopleNotified    EventKind = "people-notified"
	EventContext           EventKind = "context"
	EventCorrection        EventKind = "correction"
	EventOther             EventKind = "other"
)

// EventKinds lists all kinds of events.
func EventKinds() []EventKind {
	return []EventKind{
		EventAttack, EventDiscovery, EventDataPublication, EventVerification, EventRestoration,
		EventAuthorityNotified, EventPeopleNotified, EventContext, EventCorrection, EventOther,
	}
}

// Attestation says on whose word a fact stands.
type Attestation string

// The attestations, from strongest to weakest.
const (
	// Acknowledged: by the institution that it concerns, in an official statement.
	Acknowledged Attestation = "acknowledged"
	// PublicRecord: by a published act that nobody disputes, such as a readout.
	PublicRecord Attestation = "public-record"
	// Asserted: by one party, unverified.
	Asserted Attestation = "asserted"
	// Reported: by the press alone.
	Reported Attestation = "reported"
)

// Attestations lists all attestations.
func Attestations() []Attestation {
	return []Attestation{Acknowledged, PublicRecord, Asserted, Reported}
}

// Event is anything with a date that is not a statement, a measure or a step.
type Event struct {
	Fact
	Kind        EventKind   `json:"kind"`
	Attestation Attestation `json:"attestation"`
	Title       Text        `json:"title"`
	Body        Text        `json:"body,omitempty"`
	// Institutions are those that the event touches.
	Institutions []Ref `json:"institutions,omitempty" to:"institution"`
	// RelatedBy says, for a context event, who says that it is related; each
	// with the statement or source for it.
	RelatedBy []Relating `json:"related_by,omitempty"`
	// Exposure is the key of the exposure whose figures belong here, for a
	// publication of data.
	Exposure string `json:"exposure,omitempty"`
	// Chain names the claim whose wording is followed from hand to hand here.
	Chain *ClaimRef `json:"chain,omitempty"`
}

// Relating is somebody's assertion that an event is related to the incident.
type Relating struct {
	By      Text     `json:"by"`
	SaidIn  ClaimRef `json:"said_in,omitzero"`
	Sources []string `json:"sources,omitempty"`
	Note    Text     `json:"note,omitempty"`
}
