package exchange

import "github.com/sijil/sijil/internal/register"

// ReferralResource is a matter brought to an authority.
type ReferralResource struct {
	PartResource
	Incident   NamedResource         `json:"incident"`
	Kind       register.ReferralKind `json:"kind"`
	Title      TextResource          `json:"title"`
	By         []NamedResource       `json:"by,omitempty" doc:"Institutions that referred."`
	ByName     TextResource          `json:"by_name,omitempty" doc:"Who referred, where it is not named."`
	Authority  *NamedResource        `json:"authority,omitempty" doc:"The authority to which it was brought; absent: not named."`
	ToName     TextResource          `json:"to_name,omitempty" doc:"To whom, where it is not named."`
	LegalBasis TextResource          `json:"legal_basis,omitempty"`
	CaseNumber string                `json:"case_number,omitempty"`
	Against    TextResource          `json:"against,omitempty"`
	Note       TextResource          `json:"note,omitempty"`
	Steps      []StepResource        `json:"steps" doc:"In the order in which they were taken."`

	PossiblySame []string `json:"possibly_same,omitempty" doc:"Identifiers of referrals that may be the same matter."`
	Sources      []string `json:"sources,omitempty"`
	SaidIn       []string `json:"said_in,omitempty"`
}

// StepResource is one step of a referral.
type StepResource struct {
	FactResource
	Step  string         `json:"step" doc:"A code of the vocabulary referral-step."`
	Phase register.Phase `json:"phase,omitempty" doc:"The phase to which the step belongs."`
	Level register.Level `json:"level" doc:"How well it is established; a code of the vocabulary level."`
	Title TextResource   `json:"title"`
	Body  TextResource   `json:"body,omitempty"`
}

// Referral makes the resource of a referral of a published incident; ok is false
// when it has no such referral.
func (r *Resources) Referral(p register.Published, key string) (out ReferralResource, ok bool) {
	w := r.writer(p)
	for i := range p.Incident.Referrals {
		if x := &p.Incident.Referrals[i]; x.Key == key {
			return w.referral(x), true
		}
	}
	return out, false
}

func (w writer) referral(x *register.Referral) ReferralResource {
	anchor := x.Key
	if step, ok := x.Latest(); ok {
		anchor = step.Key
	}
	out := ReferralResource{
		PartResource: w.part("referral", x.Key, w.of.Incident.Slug, anchor),
		Incident:     NamedResource{ID: w.of.Reference, Name: w.chosen(w.of.Incident.Title)}, Kind: x.Kind, Title: w.text(x.Title),
		By: w.allNamed(x.By), ByName: w.text(x.ByName), Authority: w.maybe(x.To), ToName: w.text(x.ToName),
		LegalBasis: w.text(x.LegalBasis), CaseNumber: x.CaseNumber, Against: w.text(x.Against), Note: w.text(x.Note),
		Steps: []StepResource{}, Sources: x.Sources, SaidIn: saidIn(x.SaidIn),
	}
	for i := range x.Steps {
		s := &x.Steps[i]
		out.Steps = append(out.Steps, StepResource{w.fact(&s.Fact), s.Step, s.InPhase(), s.Level, w.text(s.Title), w.text(s.Body)})
	}
	for _, key := range x.PossiblySame {
		out.PossiblySame = append(out.PossiblySame, PartID(register.Ref(w.of.Reference), key))
	}
	return out
}
