package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// VERISAttribution is to be shown wherever data of the VERIS Community Database
// is: its licence asks for it.
const VERISAttribution = "VERIS Community Database (VCDB), Verizon RISK Team and contributors, CC BY-SA 4.0"

// VERISRecord is one incident with the institution that it touched and the
// sources that it cites. It points to the institution by its slug.
type VERISRecord struct {
	Incident    register.Incident
	Institution register.Institution
	Sources     []register.Source
}

// VERISSkip is why a line does not become a record.
type VERISSkip string

// The reasons.
const (
	VERISUnreadable    VERISSkip = "unreadable"     // no JSON object, or one that is too long
	VERISWithoutID     VERISSkip = "no-identifier"  // it could not be recognised again
	VERISWithoutVictim VERISSkip = "no-victim"      // nobody says whom it touched
	VERISNaturalPerson VERISSkip = "natural-person" // the victim is one, or is named after one
	VERISInvalid       VERISSkip = "invalid"        // the register would refuse it
)

// VERISSkips lists all reasons.
func VERISSkips() []VERISSkip {
	return []VERISSkip{VERISUnreadable, VERISWithoutID, VERISWithoutVictim, VERISNaturalPerson, VERISInvalid}
}

// VERISSkipError says why a line was left out; the reader goes on behind it.
type VERISSkipError struct {
	Line   int
	Reason VERISSkip
}

func (e *VERISSkipError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// VERISReader reads incidents in VERIS, one JSON object a line, such as those of
// the VERIS Community Database. It keeps one line in memory, of bounded length.
type VERISReader struct {
	lines *bufio.Reader
	rules *verisRules
	line  int
}

// NewVERISReader returns a reader of lines.
func NewVERISReader(r io.Reader) (*VERISReader, error) {
	rules, err := readVERISRules()
	if err != nil {
		return nil, err
	}
	return &VERISReader{lines: bufio.NewReader(r), rules: rules}, nil
}

// longestVERIS is far longer than any record of the database.
const longestVERIS = 1 << 20

// Next returns the next incident; io.EOF behind the last, a *VERISSkipError for a
// line that does not become one.
func (r *VERISReader) Next() (VERISRecord, error) {
	for {
		line, tooLong, err := r.readLine()
		if err != nil {
			return VERISRecord{}, err
		}
		r.line++
		if tooLong {
			return VERISRecord{}, &VERISSkipError{r.line, VERISUnreadable}
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		record, skip := r.rules.record(line)
		if skip != "" {
			return VERISRecord{}, &VERISSkipError{r.line, skip}
		}
		return record, nil
	}
}

// readLine reads a line of bounded length; what is longer is passed over.
func (r *VERISReader) readLine() (line []byte, tooLong bool, err error) {
	for {
		part, err := r.lines.ReadSlice('\n')
		if len(line)+len(part) > longestVERIS {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(line) > 0 || tooLong):
			return line, tooLong, nil
		default:
			return line, tooLong, err
		}
	}
}

// verisIncident is what is read of a VERIS incident. Summaries, notes and
// analysts are not: they name natural persons.
type verisIncident struct {
	ID        string                         `json:"incident_id"`
	Security  string                         `json:"security_incident"`
	Reference string                         `json:"reference"`
	Action    map[string]map[string]anything `json:"action"`
	Attribute struct {
		Confidentiality struct {
			Disclosure string   `json:"data_disclosure"`
			Total      anything `json:"data_total"`
			Data       []struct {
				Variety string `json:"variety"`
			} `json:"data"`
		} `json:"confidentiality"`
		Integrity    map[string]anything `json:"integrity"`
		Availability map[string]anything `json:"availability"`
	} `json:"attribute"`
	Timeline struct {
		Incident struct {
			Year  int `json:"year"`
			Month int `json:"month"`
			Day   int `json:"day"`
		} `json:"incident"`
	} `json:"timeline"`
	Victim struct {
		Name     string   `json:"victim_id"`
		Industry string   `json:"industry"`
		Country  []string `json:"country"`
	} `json:"victim"`
	// Summary is only compared with addresses, so that one that names a person
	// is withheld.
	Summary string `json:"summary"`

	file string // the identifier as the database writes it
}

// anything is a value that is looked at only if it is of the kind expected.
type anything json.RawMessage

// UnmarshalJSON keeps the text.
func (a *anything) UnmarshalJSON(raw []byte) error {
	*a = append((*a)[:0], raw...)
	return nil
}

// texts are the members of a list of texts; none of anything else.
func (a anything) texts() []string {
	var out []string
	if json.Unmarshal(a, &out) != nil {
		return nil
	}
	return out
}

// number is a whole number above 0 that canonical JSON holds; 0 for all else.
func (a anything) number() int64 {
	const most = 1 << 53
	var n int64
	if json.Unmarshal(a, &n) != nil || n <= 0 || n >= most {
		return 0
	}
	return n
}

// did lists action and variety of everything that was done, in the order of the
// actions; an action without a variety has an empty one.
func (v *verisIncident) did() [][2]string {
	var out [][2]string
	for _, action := range []string{"malware", "hacking", "social", "misuse", "physical", "error", "environmental", "unknown"} {
		details, ok := v.Action[action]
		if !ok {
			continue
		}
		varieties := details["variety"].texts()
		if len(varieties) == 0 {
			varieties = []string{""}
		}
		for _, variety := range varieties {
			out = append(out, [2]string{action, variety})
		}
	}
	return out
}

// effects lists attribute and variety of what came of it.
func (v *verisIncident) effects() [][2]string {
	out := [][2]string{{"disclosure", v.Attribute.Confidentiality.Disclosure}}
	for _, variety := range v.Attribute.Integrity["variety"].texts() {
		out = append(out, [2]string{"integrity", variety})
	}
	for _, variety := range v.Attribute.Availability["variety"].texts() {
		out = append(out, [2]string{"availability", variety})
	}
	return out
}

// date is the date of the incident as precisely as it is stated: a month that is
// not stated is none, and so is what is no date.
func (v *verisIncident) date() edtf.Date {
	at := v.Timeline.Incident
	if at.Year < 1900 || at.Year > 9999 {
		return edtf.Date{}
	}
	forms := []string{fmt.Sprintf("%04d", at.Year)}
	if at.Month > 0 {
		forms = append(forms, fmt.Sprintf("%04d-%02d", at.Year, at.Month))
		if at.Day > 0 {
			forms = append(forms, fmt.Sprintf("%04d-%02d-%02d", at.Year, at.Month, at.Day))
		}
	}
	for _, form := range slices.Backward(forms) {
		if d, err := edtf.Parse(form); err == nil {
			return d
		}
	}
	return edtf.Date{}
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// country is the first country that is stated; "" for none.
func (v *verisIncident) country() string {
	for _, c := range v.Victim.Country {
		if countryCode.MatchString(c) {
			return c
		}
	}
	return ""
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// record makes a record of a line.
func (rules *verisRules) record(line []byte) (VERISRecord, VERISSkip) {
	var v verisIncident
	if err := json.Unmarshal(line, &v); err != nil {
		return VERISRecord{}, VERISUnreadable
	}
	v.file, v.ID = v.ID, strings.ToLower(v.ID)
	if !uuid.MatchString(v.ID) {
		return VERISRecord{}, VERISWithoutID
	}
	v.Victim.Name = tidy(v.Victim.Name)
	switch {
	case rules.isUnnamed(v.Victim.Name):
		return VERISRecord{}, VERISWithoutVictim
	case rules.isPerson(v.Victim.Name):
		return VERISRecord{}, VERISNaturalPerson
	}
	out := VERISRecord{Institution: rules.institution(&v), Sources: v.sources()}
	out.Incident = rules.incident(&v, out)
	if len(out.Incident.Validate())+len(out.Institution.Validate()) > 0 {
		return VERISRecord{}, VERISInvalid
	}
	for i := range out.Sources {
		if len(out.Sources[i].Validate()) > 0 {
			return VERISRecord{}, VERISInvalid
		}
	}
	return out, ""
}
