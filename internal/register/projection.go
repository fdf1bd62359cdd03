package register

import (
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
)

// IncidentRow is an incident as a list shows it: what follows from its current
// edition, computed at publication.
type IncidentRow struct {
	Reference string
	Slug      string
	Title     Text
	Summary   Text
	Country   string
	Kinds     []string
	Standing  string
	// Occurred is the date of the first public trace; zero when not stated.
	Occurred edtf.Date
	// OccurredDisputed tells that sources disagree on it.
	OccurredDisputed bool
	Institutions     []InstitutionBrief
	// Entries are the numbers of timeline entries of each kind.
	Entries map[EntryKind]int
	// FirstStatement is the delay from the first public trace to the first
	// official statement.
	FirstStatement edtf.Days
	// ReferralStep and ReferralLevel are those of the furthest referral; empty
	// when no referral is known.
	ReferralStep  string
	ReferralLevel Level
	ReferralDate  edtf.Date
	Edition       int
	PublishedAt   time.Time
}

// InstitutionBrief is an institution as it is named in a row.
type InstitutionBrief struct {
	Reference string `json:"reference"`
	Slug      string `json:"slug"`
	Name      Text   `json:"name"`  // official name
	Short     Text   `json:"short"` // acronym or short name
	Roles     []Role `json:"roles,omitempty"`
}

// StatementRow is a statement as a list shows it.
type StatementRow struct {
	Reference       string
	Slug            string
	Title           Text
	Summary         Text
	Kind            StatementKind
	Official        bool
	Said            edtf.Date
	SaidDisputed    bool
	Issuer          *InstitutionBrief // nil when it is not an institution
	IssuerName      Text
	OriginalNotSeen bool
	Languages       []Lang // of the renderings and the original
	// Incidents are those that show it; only lists of statements fill them in.
	Incidents   []RecordBrief
	Edition     int
	PublishedAt time.Time
}

// RecordBrief is a record as it is named in a row.
type RecordBrief struct{ Reference, Slug string }

// ReferralRow is a referral as a list shows it.
type ReferralRow struct {
	IncidentReference string
	IncidentSlug      string
	IncidentTitle     Text
	Key               string
	Anchor            string // of its latest step
	Kind              ReferralKind
	Title             Text
	ByName            Text
	ToName            Text
	Step              string
	Level             Level
	Stepped           edtf.Date // of the latest step
	// Authority is to whom it was brought; nil when it is not an institution of
	// the register. Only lists of referrals fill it in.
	Authority *InstitutionBrief
	// Received tells that it was brought to the institution whose view holds it.
	Received bool
}

// ClaimRow is a claim as a list shows it.
type ClaimRow struct {
	StatementSlug  string
	StatementTitle Text
	Said           edtf.Date // of the statement
	Key            string
	Topic          Topic
	Paraphrase     Text
}

// InstitutionView is an institution's edition with what the register holds
// about it: of each list the newest, as many as a page bears.
type InstitutionView struct {
	InstitutionEdition
	PublishedAt time.Time
	Reason      Text
	Correction  Correction
	// Incidents are those in which it has a part: it is said to be affected, it
	// spoke of them, or it made or received a referral. The latest come first.
	Incidents []IncidentRow
	// Statements it issued, and Referrals it made or received, in the order of
	// time; Claims are those of its statements.
	Statements []StatementRow
	Referrals  []ReferralRow
	Claims     []ClaimRow
	// Totals count what the lists may leave out.
	Totals InstitutionTotals
	// Steps are the latest steps of the referrals that were brought to it, with
	// how many stand there.
	Steps []Facet
}

// InstitutionTotals count what the register holds about an institution.
type InstitutionTotals struct {
	Affected   int // incidents that are said to have touched it
	Concerned  int // incidents in which it has any part
	Statements int // that it issued
	NotSeen    int // of these, whose original was not seen
	Claims     int // in its statements
	Referrals  int // that it made or received
	Confirmed  int // of these, with a step confirmed by the authority or a document
	Received   int // of these, those that were brought to it
}

// StatementView is a statement's edition with what it points to.
type StatementView struct {
	StatementEdition
	PublishedAt time.Time
	Reason      Text
	Correction  Correction
	// Gone are the institutions that it names and that are shown no more.
	Gone         []Gone
	Institutions []InstitutionEdition
	Incidents    []IncidentRow
	// Related are the statements to which its claims and relations point, by
	// reference.
	Related map[Ref]StatementEdition
	// Pointing are the statements that point to this one by a relation, in the
	// order in which they were said.
	Pointing []StatementEdition
}

// Institution returns the pinned institution with the reference, nil when the
// edition does not show it.
func (v *StatementView) Institution(ref Ref) *InstitutionEdition {
	for i := range v.Institutions {
		if v.Institutions[i].Reference == string(ref) {
			return &v.Institutions[i]
		}
	}
	return nil
}

// Totals are the key figures of the register.
type Totals struct {
	Incidents    int
	Institutions int
	Statements   int
	Official     int // statements
	NotSeen      int // statements whose original was not seen
	Claims       int
	Referrals    int
	Confirmed    int // referrals with a step confirmed by the authority or a document
	Sources      int
	// Updated is when something was last published.
	Updated time.Time
	// CountedAt is as in Statistics.
	CountedAt time.Time
}

// IncidentList is one page of a list of incidents.
type IncidentList struct {
	Rows  []IncidentRow
	Total int    // of all pages
	Next  string // cursor of the next page; empty on the last
	// AtLeast means that there are more than Total, which were not counted.
	AtLeast bool
	// Facets are the values of each field by its name; Sampled means that only
	// the newest of many incidents were counted.
	Facets  map[string][]Facet
	Sampled bool
	// Names are the institutions among the facets, by slug.
	Names map[string]InstitutionBrief
	// Excerpts are where a search found its words, by reference; none where the
	// title says it.
	Excerpts map[string]Excerpt
	// Others counts what a search finds besides incidents.
	Others map[SearchType]int
	// Suggestion is what a search that found nothing may have meant.
	Suggestion string
}

// NewIncidentRow derives the list row of an incident from its edition.
func NewIncidentRow(e *IncidentEdition) IncidentRow {
	// The day does not matter: no delay in a row runs until today.
	clock := NewClock(e.Incident, e.Statements, edtf.Day{})
	trace, _ := clock.Stage(StageFirstTrace)
	first, _ := clock.Stage(StageFirstStatement)
	row := IncidentRow{
		Reference: e.Reference, Slug: e.Slug, Title: e.Title, Summary: e.Summary, Country: e.Country,
		Kinds: e.Kinds, Standing: e.Standing, Occurred: trace.Dates.Date(), OccurredDisputed: trace.Dates.Disputed(),
		Entries: NewTimeline(e.Incident, e.Statements).Counts, FirstStatement: first.Delay,
		Edition: e.Edition, PublishedAt: e.PublishedAt,
	}
	for _, a := range e.Affected {
		if i := e.Institution(a.Institution); i != nil {
			brief := i.Brief()
			brief.Roles = a.Roles
			row.addInstitution(brief)
		}
	}
	if step, ok := furthestStep(e.Incident); ok {
		row.ReferralStep, row.ReferralLevel, row.ReferralDate = step.Step, step.Level, step.Dates.Date()
	}
	return row
}

// addInstitution adds an institution; one that is there already, since two were
// merged into one, has both their roles.
func (r *IncidentRow) addInstitution(brief InstitutionBrief) {
	for i := range r.Institutions {
		known := &r.Institutions[i]
		if known.Reference != brief.Reference {
			continue
		}
		known.Roles = slices.Clone(known.Roles)
		for _, role := range brief.Roles {
			if !slices.Contains(known.Roles, role) {
				known.Roles = append(known.Roles, role)
			}
		}
		return
	}
	r.Institutions = append(r.Institutions, brief)
}

// furthestStep is the latest step of the referral that has come furthest.
func furthestStep(inc *Incident) (furthest Step, ok bool) {
	// By phase first: a step whose code an admin added has no place in the order.
	rank := func(s Step) int {
		return slices.Index(Phases(), s.InPhase())*len(Steps()) + slices.Index(Steps(), s.Step)
	}
	for i := range inc.Referrals {
		if s, has := inc.Referrals[i].Latest(); has && (!ok || rank(s) > rank(furthest)) {
			furthest, ok = s, true
		}
	}
	return furthest, ok
}

// Brief is the institution as it is named in a row.
func (e *InstitutionEdition) Brief() InstitutionBrief {
	return InstitutionBrief{
		Reference: e.Reference, Slug: e.Slug, Name: e.NameText(NameOfficial), Short: e.ShortName(),
	}
}

// Languages lists the languages in which a statement's words are known: that
// of the original when it was seen, and those of its renderings.
func (s *Statement) Languages() []Lang {
	var out []Lang
	add := func(l Lang) {
		if l != "" && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if !s.OriginalNotSeen {
		add(s.OriginalLanguage)
	}
	for _, r := range s.Renderings {
		add(r.Language)
	}
	return out
}

// Parties names who made a referral: in the words of the record, or else by the
// institutions' short names in the edition; and to whom.
func (r *Referral) Parties(e *IncidentEdition) (by, to Text) {
	by, to = r.ByName, r.ToName
	if by.IsZero() {
		by = Text{}
		for _, lang := range Langs() {
			var names []string
			for _, ref := range r.By {
				if i := e.Institution(ref); i != nil {
					name, _, _ := i.ShortName().In(lang)
					names = append(names, name)
				}
			}
			by[lang] = strings.Join(names, ", ")
		}
	}
	if to.IsZero() {
		if i := e.Institution(r.To); i != nil {
			to = i.ShortName()
		}
	}
	return by, to
}
