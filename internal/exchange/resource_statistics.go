package exchange

import (
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// StatisticsResource are counts over the register: of what it holds, never of
// what has happened.
type StatisticsResource struct {
	Totals    TotalsResource `json:"totals" doc:"Of the whole register, whatever is chosen."`
	Incidents int            `json:"incidents" doc:"That are chosen: all that follows counts these."`
	CountedAt *time.Time     `json:"counted_at,omitempty" doc:"When these figures were counted, where the register has changed since; absent: they are current."`

	Years       []CountResource `json:"years" doc:"Incidents by the year of their first public trace."`
	WithoutYear int             `json:"without_year"`
	Kinds       []CountResource `json:"kinds" doc:"Incidents by class; an incident counts under each that it has."`
	Sectors     []CountResource `json:"sectors" doc:"Incidents by the sectors of the institutions that they touched."`
	Languages   []CountResource `json:"languages" doc:"Statements by the languages in which their words are known."`

	StatementsPerIncident []CountResource     `json:"statements_per_incident"`
	Referrals             []StepCountResource `json:"referrals" doc:"By their latest step and its level."`
	FirstOfficial         DelayResource       `json:"first_official_statement" doc:"Days from the first public trace to the first official statement."`
	Institutions          []OwnDelayResource  `json:"institutions" doc:"The same for the institutions with most incidents."`
	Facts                 int                 `json:"facts" doc:"Dated or sourced facts."`
	ArchivedFacts         int                 `json:"archived_facts" doc:"Of these, with a source that was saved."`
}

// TotalsResource are the key figures of the register.
type TotalsResource struct {
	Incidents    int        `json:"incidents"`
	Institutions int        `json:"institutions"`
	Statements   int        `json:"statements"`
	Official     int        `json:"official_statements"`
	NotSeen      int        `json:"statements_not_seen" doc:"Statements whose original was not seen."`
	Claims       int        `json:"claims"`
	Referrals    int        `json:"referrals"`
	Confirmed    int        `json:"confirmed_referrals" doc:"With a step that the authority, or a document, confirms."`
	Sources      int        `json:"sources"`
	UpdatedAt    *time.Time `json:"updated_at,omitempty"`
}

// CountResource is a value with how many have it.
type CountResource struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// StepCountResource counts referrals.
type StepCountResource struct {
	Step  string         `json:"step"`
	Level register.Level `json:"level"`
	Count int            `json:"count"`
}

// DelayResource is a distribution of delays.
type DelayResource struct {
	Delays  []DelayCountResource `json:"delays"`
	Median  *DaysResource        `json:"median,omitempty" doc:"An interval, since delays are; absent: not known."`
	Unknown int                  `json:"unknown" doc:"Incidents with an official statement whose delay nobody can say."`
	Silent  int                  `json:"silent" doc:"Incidents without an official statement."`
}

// DelayCountResource is a delay with how many incidents have it.
type DelayCountResource struct {
	DaysResource
	Count int `json:"count"`
}

// OwnDelayResource are the delays of the incidents of one institution.
type OwnDelayResource struct {
	Institution NamedResource        `json:"institution"`
	Delays      []DelayCountResource `json:"delays"`
	Median      *DaysResource        `json:"median,omitempty"`
}

// Statistics makes the resource of the counts.
func (r *Resources) Statistics(s register.Statistics, t register.Totals) StatisticsResource {
	out := StatisticsResource{
		Totals: TotalsResource{
			t.Incidents, t.Institutions, t.Statements, t.Official, t.NotSeen, t.Claims, t.Referrals, t.Confirmed, t.Sources, nil,
		},
		Incidents: s.Incidents, Years: counts(s.Years), WithoutYear: s.NoYear, Kinds: counts(s.Kinds), Sectors: counts(s.Sectors),
		Languages: counts(s.Languages), StatementsPerIncident: counts(s.StatementsEach), Referrals: []StepCountResource{},
		FirstOfficial: DelayResource{delays(s.Delays.Delays), median(s.Delays.Delays), s.Delays.Unknown, s.Delays.Silent},
		Institutions:  []OwnDelayResource{}, Facts: s.Facts, ArchivedFacts: s.Archived,
	}
	if !t.Updated.IsZero() {
		at := t.Updated.UTC()
		out.Totals.UpdatedAt = &at
	}
	if at := register.EarliestCount(s.CountedAt, t.CountedAt); !at.IsZero() {
		at = at.UTC()
		out.CountedAt = &at
	}
	for _, p := range s.Phases {
		out.Referrals = append(out.Referrals, StepCountResource{p.Step, p.Level, p.Count})
	}
	for _, i := range s.Delays.Institutions {
		named := NamedResource{ID: i.Institution.Reference, Name: r.chosen(i.Institution.Short)}
		out.Institutions = append(out.Institutions, OwnDelayResource{named, delays(i.Delays), median(i.Delays)})
	}
	return out
}

func counts(facets []register.Facet) []CountResource {
	out := make([]CountResource, len(facets))
	for i, f := range facets {
		out[i] = CountResource(f)
	}
	return out
}

func delays(list []register.DelayCount) []DelayCountResource {
	out := make([]DelayCountResource, len(list))
	for i, d := range list {
		out[i] = DelayCountResource{daysOf(d.Delay), d.Count}
	}
	return out
}

func daysOf(d edtf.Days) DaysResource { return DaysResource{fewest(d), most(d)} }

func median(list []register.DelayCount) *DaysResource { return daysResource(register.Median(list)) }
