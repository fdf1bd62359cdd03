package exchange

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// incident adds the incident, the systems that were attacked, and a note for
// everything else that the record says of it.
func (r *stixRecord) incident(i *register.Incident) {
	self := r.self
	o := stixObject{
		Type: "incident", ID: self, Labels: append([]string{"standing:" + i.Standing}, i.Kinds...),
		ExternalReferences: r.references(i.Slug, r.of.Reference, "", register.CitedSources(i)),
	}
	if r.core {
		o.Extensions = map[string]any{stixCore: incidentCore(i)}
		o.ExternalReferences = append(o.ExternalReferences, stixReference{
			SourceName: "Incident Core Extension", Description: "The version of the extension by which this incident is written.", ExternalID: stixCoreVersion,
			URL: "https://github.com/oasis-open/cti-stix-common-objects/tree/" + stixCoreVersion + "/extension-definition-specifications/incident-ef7",
		})
	}
	r.add(o, stixText{"name": i.Title, "description": i.Summary}, thing{
		"standing": i.Standing, "kinds": i.Kinds, "country": i.Country, "occurred": r.date(i.FirstTrace()),
	})
	r.touched(i, self)
	r.noted(i, self)
	for j := range i.Referrals {
		r.referral(i, &i.Referrals[j], self)
	}
	for _, ref := range i.Statements {
		r.relate("concerns", r.recordID(register.TypeStatement, string(ref)), self, "", nil, nil)
	}
	for _, x := range i.Relations {
		r.relate(x.Kind, self, r.recordID(register.TypeIncident, string(x.Incident)), "", x.Note, nil)
	}
}

// incidentCore is the Incident Core Extension of an incident. What STIX wants to be
// said of an investigation, the register knows of those that an authority confirms.
func incidentCore(i *register.Incident) thing {
	determinations := map[string]string{"confirmed": "confirmed", "near-miss": "failed-attempt", "not-an-incident": "false-positive"}
	out := thing{"extension_type": "property-extension", "determination": "suspected", "investigation_status": "not-stated", "incident_types": i.Kinds}
	if d := determinations[i.Standing]; d != "" {
		out["determination"] = d
	}
	for j := range i.Referrals {
		for k := range i.Referrals[j].Steps {
			step := &i.Referrals[j].Steps[k]
			switch {
			case !step.Confirmed():
			case step.InPhase() == register.PhaseClosed:
				out["investigation_status"] = "closed"
			case slices.Contains([]register.Phase{register.PhaseInquiry, register.PhaseProsecution, register.PhaseJudgment}, step.InPhase()):
				out["investigation_status"] = "open"
			}
		}
	}
	if len(i.Kinds) == 0 {
		delete(out, "incident_types")
	}
	return out
}

// touched adds the institutions that the incident is said to have touched, and the
// systems, under all the names that the parties give them.
func (r *stixRecord) touched(i *register.Incident, self string) {
	for j := range i.Affected {
		a := &i.Affected[j]
		kind := "affects"
		if slices.Contains(a.Roles, register.RoleTarget) {
			kind = "targets"
		}
		roles := make([]string, len(a.Roles))
		for k, role := range a.Roles {
			roles[k] = string(role)
		}
		r.relate(kind, self, r.recordID(register.TypeInstitution, string(a.Institution)), a.Key, a.Note,
			r.fact(&a.Fact, thing{"roles": roles, "data_exposed": r.text(a.DataExposed)}))
	}
	for j := range i.Systems {
		r.system(i, &i.Systems[j], self)
	}
}

func (r *stixRecord) system(i *register.Incident, s *register.TargetedSystem, incident string) {
	self := r.partID(r.self, "infrastructure", s.Key)
	o := stixObject{Type: "infrastructure", ID: self, ExternalReferences: r.references(i.Slug, r.of.Reference, s.Key, s.Sources)}
	var names []thing
	name := register.Text{r.written: s.Key}
	for j, n := range s.Names {
		if j == 0 && !n.Name.IsZero() {
			name = n.Name
		} else if words, _, ok := n.Name.In(r.written); ok {
			o.Aliases = append(o.Aliases, words)
		}
		o.Labels = append(o.Labels, string(n.Kind))
		called := thing{"kind": n.Kind, "name": r.text(n.Name), "called_so_by": r.text(n.By)}
		called.set("said_in", claimID(n.SaidIn))
		names = append(names, called)
	}
	o.Labels, o.Aliases = distinct(o.Labels), distinct(o.Aliases)
	r.add(o, stixText{"name": name}, r.fact(&s.Fact, thing{"system_names": names}))
	r.relate("targets", incident, self, "", nil, nil)
	if s.Institution != "" {
		r.relate("belongs-to", self, r.recordID(register.TypeInstitution, string(s.Institution)), "", nil, nil)
	}
}

// note adds a note on the incident.
func (r *stixRecord) note(i *register.Incident, f *register.Fact, abstract string, title, body register.Text, about []string, extension thing) {
	content := register.Text{}
	for _, lang := range append(register.Langs(), r.written) {
		head, text := title[lang], body[lang]
		if words := strings.TrimSpace(head + "\n\n" + text); words != "" {
			content[lang] = words
		}
	}
	if content.IsZero() {
		content = register.Text{r.written: f.Key}
	}
	r.add(stixObject{
		Type: "note", ID: r.partID(r.self, "note", f.Key), Abstract: abstract, Labels: strings.Split(abstract, ": "), ObjectRefs: distinct(about),
		ExternalReferences: r.references(i.Slug, PartID(register.Ref(r.of.Reference), f.Key), f.Key, f.Sources),
	}, stixText{"content": content}, r.fact(f, extension))
}

// noted adds events, measures and exposures.
func (r *stixRecord) noted(i *register.Incident, self string) {
	for j := range i.Events {
		e := &i.Events[j]
		about := append([]string{self}, r.institutions(e.Institutions)...)
		var related []thing
		for _, by := range e.RelatedBy {
			related = append(related, stixExtended(thing{"name": r.text(by.By), "said_in": claimID(by.SaidIn)}))
		}
		r.note(i, &e.Fact, "event: "+string(e.Kind), e.Title, e.Body, about,
			thing{"event_kind": string(e.Kind), "attestation": string(e.Attestation), "related_by": related})
	}
	for j := range i.Measures {
		m := &i.Measures[j]
		about := append([]string{self}, r.institutions(m.Institutions)...)
		r.note(i, &m.Fact, "measure", m.Title, m.Body, about, thing{"reported_by": r.text(m.ReportedBy), "date_taken": m.DatesTaken})
	}
	for j := range i.Exposures {
		r.exposed(i, &i.Exposures[j], self)
	}
}

// exposed adds data said to have got out, with each figure apart.
func (r *stixRecord) exposed(i *register.Incident, x *register.Exposure, self string) {
	about := []string{self}
	if x.Institution != "" {
		about = append(about, r.recordID(register.TypeInstitution, string(x.Institution)))
	}
	var figures, positions []thing
	for j := range x.Figures {
		f := &x.Figures[j]
		figures = append(figures, stixExtended(r.fact(&f.Fact, thing{
			"value": f.Value, "bound": f.Bound, "unit": string(f.Unit), "claimant": string(f.Claimant), "what": r.text(f.What),
		})))
	}
	for j := range x.Authenticity {
		p := &x.Authenticity[j]
		findings := make([]string, len(p.Findings))
		for k, f := range p.Findings {
			findings[k] = string(f)
		}
		positions = append(positions, stixExtended(r.fact(&p.Fact, thing{
			"party": r.text(p.Party), "institution": string(p.Institution), "findings": findings, "note": r.text(p.Note),
		})))
	}
	r.note(i, &x.Fact, "exposure", x.Title, nil, about, thing{
		"data_classes": x.DataClasses, "place": x.Place, "period": r.text(x.Period), "figures": figures, "authenticity": positions,
	})
}

// referral adds who brought a matter to whom, and a note for each step.
func (r *stixRecord) referral(i *register.Incident, x *register.Referral, self string) {
	by, to := r.institutions(x.By), ""
	if len(by) == 0 && !x.ByName.IsZero() {
		by = []string{r.claimant(x.Key+"/by", x.ByName)}
	}
	switch {
	case x.To != "":
		to = r.recordID(register.TypeInstitution, string(x.To))
	case !x.ToName.IsZero():
		to = r.claimant(x.Key+"/to", x.ToName)
	}
	of := thing{
		"referral": PartID(register.Ref(r.of.Reference), x.Key), "referral_kind": string(x.Kind), "legal_basis": r.text(x.LegalBasis),
		"case_number": x.CaseNumber, "against": r.text(x.Against), "possibly_same": x.PossiblySame,
	}
	about := append([]string{self}, by...)
	if to != "" {
		about = append(about, to)
		for _, from := range by {
			r.relate("referred-to", from, to, PartID(register.Ref(r.of.Reference), x.Key), x.Title, r.fact(&x.Fact, of))
		}
	}
	for j := range x.Steps {
		s := &x.Steps[j]
		r.note(i, &s.Fact, fmt.Sprintf("referral-step: %s: %s", s.Step, s.Level), s.Title, s.Body, about,
			thing{"referral": of["referral"], "step": s.Step, "level": string(s.Level), "phase": string(s.InPhase())})
	}
	if len(x.Steps) == 0 {
		r.note(i, &x.Fact, "referral", x.Title, x.Note, about, of)
	}
}
