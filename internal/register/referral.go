package register

// ReferralKind says to what kind of authority a matter was brought.
type ReferralKind string

// The kinds of referrals.
const (
	ReferralJudicial   ReferralKind = "judicial"
	ReferralRegulatory ReferralKind = "regulatory"
)

// ReferralKinds lists all kinds of referrals.
func ReferralKinds() []ReferralKind { return []ReferralKind{ReferralJudicial, ReferralRegulatory} }

// Referral is a matter brought to an authority.
type Referral struct {
	Fact
	Kind  ReferralKind `json:"kind"`
	Title Text         `json:"title"`
	// By are the institutions that referred; ByName says who where they are
	// not named, in the words of the record.
	By     []Ref `json:"by,omitempty" to:"institution"`
	ByName Text  `json:"by_name,omitempty"`
	// To is the authority; ToName says to whom where it is not named, such as
	// "competent judicial authorities, not named".
	To         Ref    `json:"to,omitempty" to:"institution"`
	ToName     Text   `json:"to_name,omitempty"`
	LegalBasis Text   `json:"legal_basis,omitempty"`
	CaseNumber string `json:"case_number,omitempty"`
	Against    Text   `json:"against,omitempty"`
	Note       Text   `json:"note,omitempty"`
	// Steps is the chain, in the order in which the steps were taken.
	Steps []Step `json:"steps"`
	// PossiblySame are the keys of other referrals of the incident that may be
	// the same matter.
	PossiblySame []string `json:"possibly_same,omitempty"`
}

// Step is one dated step of a referral.
type Step struct {
	Fact
	Step string `json:"step"` // code of the referral-step vocabulary
	// Phase is what an edition says of a step whose code an admin added; it is
	// empty for the codes that came with the register. See InPhase.
	Phase Phase `json:"phase,omitempty"`
	Level Level `json:"level"` // how well it is established
	Title Text  `json:"title"`
	Body  Text  `json:"body,omitempty"`
}

// Level says how well a referral step is established.
type Level string

// The levels. "We have seized the courts" is AnnouncedByParty, not an inquiry
// opened.
const (
	AnnouncedByParty     Level = "announced-by-party"
	ConfirmedByAuthority Level = "confirmed-by-authority"
	DocumentSeen         Level = "document-seen"
	PressOnly            Level = "press-only"
)

// Levels lists all levels in the order in which they are shown.
func Levels() []Level {
	return []Level{AnnouncedByParty, ConfirmedByAuthority, DocumentSeen, PressOnly}
}

// Phase is what is drawn of a step.
type Phase string

// The phases, in order.
const (
	PhaseAnnounced   Phase = "announced"
	PhaseFiled       Phase = "filed"
	PhaseInquiry     Phase = "inquiry"
	PhaseProsecution Phase = "prosecution"
	PhaseJudgment    Phase = "judgment"
	PhaseClosed      Phase = "closed"
)

// Phases lists all phases in order.
func Phases() []Phase {
	return []Phase{PhaseAnnounced, PhaseFiled, PhaseInquiry, PhaseProsecution, PhaseJudgment, PhaseClosed}
}

// stepPhases is the referral-step vocabulary in its order, with the phase in
// which each step is drawn.
func stepPhases() []struct {
	Step  string
	Phase Phase
} {
	return []struct {
		Step  string
		Phase Phase
	}{
		{"announced", PhaseAnnounced},
		{"filed", PhaseFiled},
		{"inquiry-opened", PhaseInquiry},
		{"police-assigned", PhaseInquiry},
		{"judge-seized", PhaseInquiry},
		{"charged", PhaseProsecution},
		{"trial", PhaseProsecution},
		{"verdict", PhaseJudgment},
		{"appeal", PhaseJudgment},
		{"settled", PhaseClosed},
		{"dropped", PhaseClosed},
		{"withdrawn", PhaseClosed},
	}
}

// PhaseOf returns the phase in which a step is drawn whose code came with the
// register; "" for any other.
func PhaseOf(step string) Phase {
	for _, sp := range stepPhases() {
		if sp.Step == step {
			return sp.Phase
		}
	}
	return ""
}

// InPhase returns the phase in which the step is drawn; "" for one that is not
// known.
func (s *Step) InPhase() Phase {
	if s.Phase != "" {
		return s.Phase
	}
	return PhaseOf(s.Step)
}

// Latest returns the last step of the chain; ok is false when there is none.
func (r *Referral) Latest() (Step, bool) {
	if len(r.Steps) == 0 {
		return Step{}, false
	}
	return r.Steps[len(r.Steps)-1], true
}

// Confirmed reports whether the step stands on more than a party's word or the
// press: the authority confirmed it, or the document was seen.
func (s *Step) Confirmed() bool { return s.Level == ConfirmedByAuthority || s.Level == DocumentSeen }
