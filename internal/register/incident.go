package register

import "github.com/sijil/sijil/internal/edtf"

// Incident is an attack, or several tied together, with its own stable
// reference.
type Incident struct {
	// Language is the language in which the register's own texts were written;
	// its other languages are editorial translations.
	Language Lang `json:"language"`
	// Slug may change; the old one then redirects.
	Slug    string `json:"slug"`
	Title   Text   `json:"title"`
	Summary Text   `json:"summary"`
	// Answers are the four answers at a glance, each with its source of truth
	// in the record.
	Answers []Answer `json:"answers,omitempty"`
	// Kinds are classes of the Reference Security Incident Taxonomy (RSIT),
	// written "class/type", such as "information-content-security/data-leak".
	Kinds    []string `json:"kinds"`
	Standing string   `json:"standing"` // code of the standing vocabulary
	Country  string   `json:"country,omitempty"`

	Affected  []AffectedInstitution `json:"affected"`
	Systems   []TargetedSystem      `json:"systems,omitempty"`
	Measures  []Measure             `json:"measures,omitempty"`
	Exposures []Exposure            `json:"exposures,omitempty"`
	Events    []Event               `json:"events,omitempty"`
	Referrals []Referral            `json:"referrals,omitempty"`
	// Statements are the statements that concern the incident; one statement
	// can concern several incidents.
	Statements []Ref              `json:"statements,omitempty" to:"statement"`
	Relations  []IncidentRelation `json:"relations,omitempty"`
	// Sources cite the record as a whole.
	Sources []string `json:"sources,omitempty"`
}

// Occurred is the date of the first public trace, by which the incident is
// ordered and numbered; zero when nothing is stated.
func (i *Incident) Occurred() edtf.Date { return firstTrace(i).Dates.Date() }

// FirstTrace are the assertions of the date of the first public trace; empty when
// nothing is stated.
func (i *Incident) FirstTrace() Dates { return firstTrace(i).Dates }

// Answer is one line of the summary at a glance, such as "Data exposed: leak
// acknowledged; no official figure".
type Answer struct {
	Fact
	Question Text `json:"question"`
	Answer   Text `json:"answer"`
	Note     Text `json:"note,omitempty"`
}

// AffectedInstitution is the part that an institution has in an incident.
type AffectedInstitution struct {
	Fact
	Institution Ref    `json:"institution" to:"institution"`
	Roles       []Role `json:"roles"`
	// DataExposed says what of its data is said to be exposed, and by whom.
	DataExposed Text `json:"data_exposed,omitempty"`
	Note        Text `json:"note,omitempty"`
}

// Role is the role of an institution in an incident.
type Role string

// The roles.
const (
	RoleTarget          Role = "target"
	RoleDataController  Role = "data-controller"
	RoleServiceProvider Role = "service-provider"
	RoleCollateral      Role = "collateral"
)

// Roles lists all roles of an institution in an incident.
func Roles() []Role {
	return []Role{RoleTarget, RoleDataController, RoleServiceProvider, RoleCollateral}
}

// TargetedSystem is one thing that was attacked. Parties may call the same
// thing by different names; all are kept.
type TargetedSystem struct {
	Fact
	Institution Ref          `json:"institution" to:"institution"`
	Names       []SystemName `json:"names"`
}

// SystemName is what one party calls a system.
type SystemName struct {
	Kind    SystemKind `json:"kind"`
	Name    Text       `json:"name"`
	By      Text       `json:"by"` // who calls it so
	SaidIn  ClaimRef   `json:"said_in,omitzero"`
	Sources []string   `json:"sources,omitempty"`
}

// SystemKind is the kind of a targeted system.
type SystemKind string

// The kinds of systems.
const (
	SystemWebsite     SystemKind = "website"
	SystemInformation SystemKind = "information-system"
	SystemDatabase    SystemKind = "database"
	SystemAccount     SystemKind = "account"
	SystemNetwork     SystemKind = "network"
	SystemOther       SystemKind = "other"
)

// SystemKinds lists all kinds of systems.
func SystemKinds() []SystemKind {
	return []SystemKind{SystemWebsite, SystemInformation, SystemDatabase, SystemAccount, SystemNetwork, SystemOther}
}

// Measure is what is said to have been done about an incident. Its Dates say
// when it was reported, unless DatesTaken is set.
type Measure struct {
	Fact
	Title Text `json:"title"`
	Body  Text `json:"body,omitempty"`
	// Institutions are those that took it; empty when not stated.
	Institutions []Ref `json:"institutions,omitempty" to:"institution"`
	// ReportedBy is who says so, in words; the statement stands in SaidIn.
	ReportedBy Text `json:"reported_by"`
	// DatesTaken means that Dates say when the measure was taken and not when
	// it was reported.
	DatesTaken bool `json:"dates_taken,omitempty"`
}

// Exposure is data said to have got out. Leaked data is never hosted or
// linked: Place is a kind of place, never an address.
type Exposure struct {
	Fact
	Title        Text       `json:"title"`
	Institution  Ref        `json:"institution,omitempty" to:"institution"` // whose data it is said to be
	DataClasses  []string   `json:"data_classes,omitempty"`
	Place        string     `json:"place,omitempty"` // code of the kind of place
	Period       Text       `json:"period,omitempty"`
	Figures      []Figure   `json:"figures,omitempty"`
	Authenticity []Position `json:"authenticity,omitempty"`
}

// Unit is what a figure counts.
type Unit string

// The units. Figures in different units are never merged.
const (
	UnitPeople    Unit = "people"
	UnitCompanies Unit = "companies"
	UnitRecords   Unit = "records"
	UnitFiles     Unit = "files"
	UnitMegabytes Unit = "megabytes"
)

// Units lists all units, in the order in which they are shown.
func Units() []Unit {
	return []Unit{UnitPeople, UnitCompanies, UnitRecords, UnitFiles, UnitMegabytes}
}

// Claimant is the kind of party that gives a figure.
type Claimant string

// The claimants. Figures by different claimants are never merged.
const (
	ClaimantAttacker    Claimant = "attacker"
	ClaimantInstitution Claimant = "institution"
	ClaimantRegulator   Claimant = "regulator"
	ClaimantPressCount  Claimant = "press-count"
	ClaimantIndependent Claimant = "independent"
)

// Claimants lists all claimants, in the order in which they are shown.
func Claimants() []Claimant {
	return []Claimant{ClaimantAttacker, ClaimantPressCount, ClaimantIndependent, ClaimantRegulator, ClaimantInstitution}
}

// Figure is a number that somebody gave.
type Figure struct {
	Fact
	Value int64 `json:"value"`
	// Bound is one of Bounds.
	Bound    string   `json:"bound,omitempty"`
	Unit     Unit     `json:"unit"`
	Claimant Claimant `json:"claimant"`
	// What the figure is said to count, where the unit alone does not say it,
	// such as "employees" or "insured persons".
	What Text `json:"what,omitempty"`
}

// Bounds lists how a number can be meant: exact as given, about, over, under.
func Bounds() []string { return []string{"", "about", "over", "under"} }

// Finding is what a party says of the authenticity of exposed data.
type Finding string

// The findings.
const (
	FindingAuthentic   Finding = "authentic"
	FindingPartlyFalse Finding = "partly-false"
	FindingTruncated   Finding = "truncated"
	FindingFalse       Finding = "false"
	FindingUnverified  Finding = "unverified"
)

// Findings lists all findings.
func Findings() []Finding {
	return []Finding{FindingAuthentic, FindingPartlyFalse, FindingTruncated, FindingFalse, FindingUnverified}
}

// Position is one party's position on the authenticity of exposed data.
type Position struct {
	Fact
	Party       Text      `json:"party"`
	Institution Ref       `json:"institution,omitempty" to:"institution"`
	Findings    []Finding `json:"findings"`
	Note        Text      `json:"note,omitempty"`
}

// IncidentRelation ties two incidents.
type IncidentRelation struct {
	Kind     string `json:"kind"` // same-campaign, recurrence, follow-up
	Incident Ref    `json:"incident" to:"incident"`
	Note     Text   `json:"note,omitempty"`
}

// IncidentRelationKinds lists the kinds of relations between incidents.
func IncidentRelationKinds() []string { return []string{"same-campaign", "recurrence", "follow-up"} }
