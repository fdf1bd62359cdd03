package exchange

import (
	_ "embed"

	"github.com/sijil/sijil/internal/register"
)

//go:embed veris_out.yaml
var verisOutYAML []byte

// verisOutRules are the table beside this file.
type verisOutRules struct {
	Kinds       []verisOutKind
	Standings   []struct{ Standing, Incident, Why string }
	Industries  []struct{ Sector, Kind, NAICS string }
	Governments map[register.InstitutionKind]string
	Data        map[string]string
	Assets      map[register.SystemKind]string
	Countries   string
}

// verisOutKind is a row of the table.
type verisOutKind struct {
	Kind, Action, Variety, Availability, Integrity string
	Leak                                           bool
	Why                                            string
}

// verisOut is an incident in VERIS as it is written.
type verisOut struct {
	SchemaVersion    VERISVersion     `json:"schema_version"`
	SchemaName       string           `json:"schema_name,omitempty"`
	IncidentID       string           `json:"incident_id"`
	SourceID         string           `json:"source_id"`
	SecurityIncident string           `json:"security_incident"`
	Summary          string           `json:"summary"`
	Reference        string           `json:"reference"`
	Notes            string           `json:"notes"`
	Timeline         verisTimeline    `json:"timeline"`
	Victim           *verisVictim     `json:"victim,omitempty"`
	Actor            thing            `json:"actor"`
	Action           map[string]thing `json:"action"`
	Asset            verisAsset       `json:"asset"`
	Attribute        map[string]any   `json:"attribute,omitempty"`
	Discovery        thing            `json:"discovery_method"`
}

type verisTimeline struct {
	Incident verisDay `json:"incident"`
}

type verisDay struct {
	Year  int `json:"year"`
	Month int `json:"month,omitempty"`
	Day   int `json:"day,omitempty"`
}

type verisVictim struct {
	ID         string          `json:"victim_id"`
	Employees  string          `json:"employee_count"`
	Industry   string          `json:"industry"`
	Government []string        `json:"government,omitempty"`
	Country    []string        `json:"country"`
	Secondary  *verisSecondary `json:"secondary,omitempty"`
}

type verisSecondary struct {
	Amount int      `json:"amount"`
	ID     []string `json:"victim_id"`
}

type verisAsset struct {
	Assets []thing  `json:"assets"`
	Cloud  []string `json:"cloud"`
}
