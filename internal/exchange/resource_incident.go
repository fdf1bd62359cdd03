package exchange

import "github.com/sijil/sijil/internal/register"

// IncidentResource is an incident.
type IncidentResource struct {
	HeadResource
	Title    TextResource       `json:"title"`
	Summary  TextResource       `json:"summary"`
	Answers  []AnswerResource   `json:"answers,omitempty" doc:"The answers at a glance."`
	Kinds    []string           `json:"kinds" doc:"Classes of the Reference Security Incident Taxonomy, as class/type."`
	Standing string             `json:"standing" doc:"A code of the vocabulary standing."`
	Country  string             `json:"country,omitempty" doc:"ISO 3166-1 alpha-2."`
	Occurred *DateResource      `json:"occurred,omitempty" doc:"Date of the first public trace; absent: not stated."`
	Affected []AffectedResource `json:"affected" doc:"Institutions that it is said to have touched."`

	Systems   []SystemResource   `json:"systems,omitempty" doc:"Targeted systems, with the names that the parties give them."`
	Measures  []MeasureResource  `json:"measures,omitempty"`
	Exposures []ExposureResource `json:"exposures,omitempty" doc:"Data said to have got out. Figures of different claimants or units are never to be added up."`
	Events    []EventResource    `json:"events,omitempty"`
	// What has resources of its own is named only.
	Statements []string           `json:"statements" doc:"Identifiers of the statements that concern it."`
	Referrals  []string           `json:"referrals" doc:"Identifiers of its referrals."`
	Relations  []RelationResource `json:"relations,omitempty" doc:"Ties to other incidents."`
	Sources    []string           `json:"sources" doc:"Identifiers of all sources that it cites."`

	FirstOfficialStatementDays *DaysResource              `json:"first_official_statement_days,omitempty" doc:"From the first public trace to the first official statement; absent: not known."`
	FurthestStep               *StepBriefResource         `json:"furthest_step,omitempty" doc:"Latest step of the referral that has come furthest."`
	Entries                    map[register.EntryKind]int `json:"entries" doc:"Entries of the timeline, by their kind."`
}

// AnswerResource is one line of the answers at a glance.
type AnswerResource struct {
	FactResource
	Question TextResource `json:"question"`
	Answer   TextResource `json:"answer"`
	Note     TextResource `json:"note,omitempty"`
}

// AffectedResource is the part of an institution in an incident.
type AffectedResource struct {
	FactResource
	Institution NamedResource   `json:"institution"`
	Roles       []register.Role `json:"roles"`
	DataExposed TextResource    `json:"data_exposed,omitempty" doc:"What of its data is said to be exposed, and by whom."`
	Note        TextResource    `json:"note,omitempty"`
}

// SystemResource is one thing that was attacked.
type SystemResource struct {
	FactResource
	Institution *NamedResource       `json:"institution,omitempty"`
	Names       []SystemNameResource `json:"names"`
}

// SystemNameResource is what one party calls a system.
type SystemNameResource struct {
	Kind    register.SystemKind `json:"kind"`
	Name    TextResource        `json:"name"`
	By      TextResource        `json:"by" doc:"Who calls it so."`
	SaidIn  string              `json:"said_in,omitempty"`
	Sources []string            `json:"sources,omitempty"`
}

// MeasureResource is what is said to have been done.
type MeasureResource struct {
	FactResource
	Title        TextResource    `json:"title"`
	Body         TextResource    `json:"body,omitempty"`
	Institutions []NamedResource `json:"institutions,omitempty" doc:"Who took it; absent: not stated."`
	ReportedBy   TextResource    `json:"reported_by"`
	DateTaken    bool            `json:"date_taken" doc:"Whether the date says when it was taken; else it says when it was reported."`
}

// ExposureResource is data said to have got out.
type ExposureResource struct {
	FactResource
	Title        TextResource       `json:"title"`
	Institution  *NamedResource     `json:"institution,omitempty" doc:"Whose data it is said to be."`
	DataClasses  []string           `json:"data_classes,omitempty"`
	Place        string             `json:"place,omitempty" doc:"Kind of place where it was published; never an address."`
	Period       TextResource       `json:"period,omitempty"`
	Figures      []FigureResource   `json:"figures,omitempty"`
	Authenticity []PositionResource `json:"authenticity,omitempty" doc:"What each party says of its authenticity."`
}

// FigureResource is a number that somebody gave.
type FigureResource struct {
	FactResource
	Value    int64             `json:"value"`
	Bound    string            `json:"bound,omitempty" enum:"about,over,under" doc:"Absent: exactly as given."`
	Unit     register.Unit     `json:"unit"`
	Claimant register.Claimant `json:"claimant"`
	What     TextResource      `json:"what,omitempty"`
}

// PositionResource is what one party says of the authenticity of data.
type PositionResource struct {
	FactResource
	Party       TextResource       `json:"party"`
	Institution *NamedResource     `json:"institution,omitempty"`
	Findings    []register.Finding `json:"findings"`
	Note        TextResource       `json:"note,omitempty"`
}

// EventResource is anything else with a date.
type EventResource struct {
	FactResource
	Kind         register.EventKind   `json:"kind"`
	Attestation  register.Attestation `json:"attestation" doc:"On whose word it stands."`
	Title        TextResource         `json:"title"`
	Body         TextResource         `json:"body,omitempty"`
	Institutions []NamedResource      `json:"institutions,omitempty"`
	RelatedBy    []RelatingResource   `json:"related_by,omitempty" doc:"Who says that it is related to the incident."`
	Exposure     string               `json:"exposure,omitempty" doc:"Key of the exposure whose data was published."`
}

// RelatingResource is somebody's assertion that an event is related.
type RelatingResource struct {
	By      TextResource `json:"by"`
	SaidIn  string       `json:"said_in,omitempty"`
	Sources []string     `json:"sources,omitempty"`
	Note    TextResource `json:"note,omitempty"`
}

// RelationResource ties a record to another of its type.
type RelationResource struct {
	Kind string        `json:"kind"`
	To   NamedResource `json:"to"`
	Note TextResource  `json:"note,omitempty"`
}

// StepBriefResource is a step of a referral in short.
type StepBriefResource struct {
	Step  string         `json:"step" doc:"A code of the vocabulary referral-step."`
	Level register.Level `json:"level" doc:"How well it is established; a code of the vocabulary level."`
	Date  string         `json:"date,omitempty" doc:"EDTF; absent: not stated, or disputed."`
}

// Incident makes the resource of an incident.
func (r *Resources) Incident(p register.Published) IncidentResource {
	w, i := r.writer(p), p.Incident
	out := IncidentResource{
		HeadResource: w.head(i.Slug), Title: w.text(i.Title), Summary: w.text(i.Summary), Kinds: i.Kinds, Standing: i.Standing,
		Country: i.Country, Occurred: w.date(i.FirstTrace()), Statements: []string{}, Referrals: []string{}, Sources: sourceKeys(p.Sources),
		Affected: []AffectedResource{}, Entries: map[register.EntryKind]int{},
	}
	for j := range i.Answers {
		a := &i.Answers[j]
		out.Answers = append(out.Answers, AnswerResource{w.fact(&a.Fact), w.text(a.Question), w.text(a.Answer), w.text(a.Note)})
	}
	for j := range i.Affected {
		a := &i.Affected[j]
		out.Affected = append(out.Affected, AffectedResource{
			w.fact(&a.Fact), w.named(a.Institution), append([]register.Role{}, a.Roles...), w.text(a.DataExposed), w.text(a.Note),
		})
	}
	w.facts(i, &out)
	for _, s := range i.Statements {
		out.Statements = append(out.Statements, string(s))
	}
	for j := range i.Referrals {
		out.Referrals = append(out.Referrals, PartID(register.Ref(p.Reference), i.Referrals[j].Key))
	}
	for _, x := range i.Relations {
		out.Relations = append(out.Relations, RelationResource{x.Kind, w.named(x.Incident), w.text(x.Note)})
	}
	w.derived(&out)
	return out
}

// derived is what follows from the edition and from those that it shows, as it was
// computed when it was published.
func (w writer) derived(out *IncidentResource) {
	row, ok := w.Rows[w.of.Reference]
	if !ok {
		return
	}
	out.FirstOfficialStatementDays = daysResource(row.FirstStatement)
	if row.ReferralStep != "" {
		out.FurthestStep = &StepBriefResource{row.ReferralStep, row.ReferralLevel, row.ReferralDate.String()}
	}
	if row.Entries != nil {
		out.Entries = row.Entries
	}
}

func (w writer) facts(i *register.Incident, out *IncidentResource) {
	for j := range i.Systems {
		s := &i.Systems[j]
		system := SystemResource{FactResource: w.fact(&s.Fact), Institution: w.maybe(s.Institution), Names: []SystemNameResource{}}
		for _, n := range s.Names {
			system.Names = append(system.Names, SystemNameResource{n.Kind, w.text(n.Name), w.text(n.By), claimID(n.SaidIn), n.Sources})
		}
		out.Systems = append(out.Systems, system)
	}
	for j := range i.Measures {
		m := &i.Measures[j]
		out.Measures = append(out.Measures, MeasureResource{
			w.fact(&m.Fact), w.text(m.Title), w.text(m.Body), w.allNamed(m.Institutions), w.text(m.ReportedBy), m.DatesTaken,
		})
	}
	for j := range i.Exposures {
		out.Exposures = append(out.Exposures, w.exposure(&i.Exposures[j]))
	}
	for j := range i.Events {
		e := &i.Events[j]
		event := EventResource{
			FactResource: w.fact(&e.Fact), Kind: e.Kind, Attestation: e.Attestation, Title: w.text(e.Title), Body: w.text(e.Body),
			Institutions: w.allNamed(e.Institutions), Exposure: e.Exposure,
		}
		for _, by := range e.RelatedBy {
			event.RelatedBy = append(event.RelatedBy, RelatingResource{w.text(by.By), claimID(by.SaidIn), by.Sources, w.text(by.Note)})
		}
		out.Events = append(out.Events, event)
	}
}

func (w writer) exposure(x *register.Exposure) ExposureResource {
	out := ExposureResource{
		FactResource: w.fact(&x.Fact), Title: w.text(x.Title), Institution: w.maybe(x.Institution), DataClasses: x.DataClasses,
		Place: x.Place, Period: w.text(x.Period),
	}
	for j := range x.Figures {
		f := &x.Figures[j]
		out.Figures = append(out.Figures, FigureResource{w.fact(&f.Fact), f.Value, f.Bound, f.Unit, f.Claimant, w.text(f.What)})
	}
	for j := range x.Authenticity {
		a := &x.Authenticity[j]
		out.Authenticity = append(out.Authenticity, PositionResource{
			w.fact(&a.Fact), w.text(a.Party), w.maybe(a.Institution), append([]register.Finding{}, a.Findings...), w.text(a.Note),
		})
	}
	return out
}
