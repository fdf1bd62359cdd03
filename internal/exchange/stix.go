package exchange

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
)

//go:embed stix_extension.json
var stixExtensionSchema []byte

// STIXExtensionPath is where the schema of the register's extension stands.
const STIXExtensionPath = "/stix/extension-1.0.0.json"

// STIXExtensionSchema is the JSON Schema of the register's extension: its definition.
func STIXExtensionSchema() []byte { return stixExtensionSchema }

// STIXType is the media type of STIX 2.1.
const STIXType = "application/stix+json;version=2.1"

// STIX writes published records as objects of STIX 2.1 (OASIS standard, June 2021).
//
// Each object belongs to one record, is made of its current edition, and names
// those of other records by their identifiers alone: so each record can be written
// by itself, and each object stands once in a bundle. Identifiers are UUIDs of names
// in the namespace of the register's address: they are the same in every edition.
// An object was created with the first edition of its record, and modified with the
// current one. What the record knows and STIX has no place for stands in an
// extension: above all dates, which here may be a year, a window, or disputed, and
// which STIX wants to the millisecond. No time of an object says when something
// happened.
type STIX struct {
	resources Resources
	namespace uuidBytes
	creator   string // identifier of the register's identity
	core      bool
}

// NewSTIX returns an encoder for the register whose site has the origin base. core
// adds the Incident Core Extension to incidents.
func NewSTIX(base string, core bool) *STIX {
	x := &STIX{resources: Resources{Base: base}, namespace: urlNamespace().named(base), core: core}
	x.creator = x.id("identity", "register")
	return x
}

// STIXObject is an object in JSON with what is asked for by those who choose.
type STIXObject struct {
	Type, ID string
	// Version is when this version of it was made: its modified, or the created of
	// an object that has none.
	Version time.Time
	JSON    json.RawMessage
}

// stixObject has the properties of all types of objects that are written.
type stixObject struct {
	Type               string              `json:"type"`
	SpecVersion        string              `json:"spec_version"`
	ID                 string              `json:"id"`
	CreatedByRef       string              `json:"created_by_ref,omitempty"`
	Created            stixTime            `json:"created"`
	Modified           *stixTime           `json:"modified,omitempty"` // nil for a marking
	Revoked            bool                `json:"revoked,omitempty"`
	Lang               register.Lang       `json:"lang,omitempty"`
	Labels             []string            `json:"labels,omitempty"`
	Name               string              `json:"name,omitempty"`
	Abstract           string              `json:"abstract,omitempty"`
	Description        string              `json:"description,omitempty"`
	Content            string              `json:"content,omitempty"`
	IdentityClass      string              `json:"identity_class,omitempty"`
	Sectors            []string            `json:"sectors,omitempty"`
	Aliases            []string            `json:"aliases,omitempty"`
	Published          *stixTime           `json:"published,omitempty"`
	RelationshipType   string              `json:"relationship_type,omitempty"`
	SourceRef          string              `json:"source_ref,omitempty"`
	TargetRef          string              `json:"target_ref,omitempty"`
	ObjectRefs         []string            `json:"object_refs,omitempty"`
	ObjectRef          string              `json:"object_ref,omitempty"`
	ObjectModified     *stixTime           `json:"object_modified,omitempty"`
	Contents           map[string]stixSays `json:"contents,omitempty"`
	Schema             string              `json:"schema,omitempty"`
	Version            string              `json:"version,omitempty"`
	ExtensionTypes     []string            `json:"extension_types,omitempty"`
	ExternalReferences []stixReference     `json:"external_references,omitempty"`
	ObjectMarkingRefs  []string            `json:"object_marking_refs,omitempty"`
	Extensions         map[string]any      `json:"extensions,omitempty"`
}

// stixSays is what an object says in another language, by its properties.
type stixSays map[string]string

// stixReference points out of STIX: to the register, and to a source.
type stixReference struct {
	SourceName  string `json:"source_name"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
}

// stixTime is a moment as STIX writes it, to the millisecond.
type stixTime time.Time

// MarshalText writes it.
func (t stixTime) MarshalText() ([]byte, error) { return []byte(FormatSTIXTime(time.Time(t))), nil }

// FormatSTIXTime writes a moment as STIX wants the times of objects.
func FormatSTIXTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// The objects that are not the register's own.
const (
	// stixClear is TLP:CLEAR of version 2.0 of the Traffic Light Protocol, under the
	// identifier that OASIS gave it.
	stixClear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	stixTLP   = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	// stixCore is the Incident Core Extension of OASIS's common objects, at the
	// version of stixCoreVersion.
	stixCore        = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
	stixCoreVersion = "3c865272778fb0885c9c41ad614fe3338961c828"
	// stixProgram names the program that defines the register's extension.
	stixProgram = "https://github.com/sijil/sijil"
)

// stixExtension is the identifier of the register's extension. It is the same in
// every register of this program, since it means the same.
func stixExtension() string {
	return "extension-definition--" + urlNamespace().named(stixProgram+"#stix-extension-1").String()
}

// STIXSince is when the register's extension was defined.
func STIXSince() time.Time { return time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC) }

// id is the identifier of the object of a type and a name.
func (x *STIX) id(kind string, name ...string) string {
	return kind + "--" + x.namespace.named(strings.Join(append([]string{kind}, name...), "/")).String()
}

// partID is the identifier of an object that is made of a part of a record. Its first
// four bytes are those of the record's own, so that an identifier leads to its record
// without a table that has them all.
func (x *STIX) partID(record, kind string, name ...string) string {
	id := x.id(kind, append([]string{record}, name...)...)
	at, own := len(kind)+len("--"), strings.Index(record, "--")+len("--")
	return id[:at] + record[own:own+leading] + id[at+leading:]
}

// leading is how many characters of an identifier are those of its record.
const leading = 8

// MayHold reports whether one of some objects can be one of a record. Of an object of
// another record it says so in one of four billion cases.
func (x *STIX) MayHold(t register.RecordType, reference string, ids []string) bool {
	_, own, _ := strings.Cut(x.recordID(t, reference), "--")
	return slices.ContainsFunc(ids, func(id string) bool {
		_, of, _ := strings.Cut(id, "--")
		return len(of) > leading && of[:leading] == own[:leading]
	})
}

// STIXTypes are the types of the objects of a type of record.
func STIXTypes(t register.RecordType) []string {
	switch t {
	case register.TypeIncident:
		return []string{"incident", "infrastructure", "note", "identity", "relationship", "language-content"}
	case register.TypeStatement:
		return []string{"report", "note", "identity", "relationship", "language-content"}
	case register.TypeInstitution:
	}
	return []string{"identity", "relationship", "language-content"}
}

// recordID is the identifier of the object that a record is itself.
func (x *STIX) recordID(t register.RecordType, reference string) string {
	switch t {
	case register.TypeIncident:
		return x.id("incident", reference)
	case register.TypeStatement:
		return x.id("report", reference)
	case register.TypeInstitution:
	}
	return x.id("identity", reference)
}

// claimID is the identifier of the note of a claim, or of the report of a statement.
func (x *STIX) claimID(ref register.ClaimRef) string {
	statement := x.recordID(register.TypeStatement, string(ref.Statement))
	if ref.Claim == "" {
		return statement
	}
	return x.partID(statement, "note", ref.Claim)
}

// Common returns the objects to which all others point: the marking TLP:CLEAR, the
// register, and the register's extension with who defined it.
func (x *STIX) Common() ([]STIXObject, error) {
	since := stixTime(STIXSince())
	clearSince := stixTime(time.Date(2022, time.October, 1, 0, 0, 0, 0, time.UTC))
	program := "identity--" + urlNamespace().named(stixProgram).String()
	organisation := func(id, name, address string) stixObject {
		return stixObject{
			Type: "identity", ID: id, CreatedByRef: id, Created: since, Modified: &since, Name: name, IdentityClass: "organization",
			ExternalReferences: []stixReference{{SourceName: "Sijil", URL: address}}, ObjectMarkingRefs: []string{stixClear},
		}
	}
	return encodeSTIX([]stixObject{
		{
			Type: "marking-definition", ID: stixClear, Created: clearSince, Name: "TLP:CLEAR",
			Extensions: map[string]any{stixTLP: thing{"extension_type": "property-extension", "tlp_2_0": "clear"}},
		},
		organisation(program, "Sijil, the program", stixProgram),
		organisation(x.creator, "Sijil", x.resources.Base+"/"),
		{
			Type: "extension-definition", ID: stixExtension(), CreatedByRef: program, Created: since, Modified: &since,
			Name:        "Sijil register",
			Description: "What a register of incidents knows of an object beyond STIX: the edition of the record that it is made of, dates in EDTF with their basis and alternatives, who said it where, and on which sources it rests.",
			Schema:      x.resources.Base + STIXExtensionPath, Version: "1.0.0", ExtensionTypes: []string{"property-extension"},
			ObjectMarkingRefs: []string{stixClear},
		},
	})
}

// Objects returns the objects of a published record; the first is the record itself.
func (x *STIX) Objects(p register.Published) ([]STIXObject, error) {
	r := &stixRecord{STIX: x, writer: x.resources.writer(p), self: x.recordID(p.Type, p.Reference)}
	switch p.Type {
	case register.TypeIncident:
		r.incident(p.Incident)
	case register.TypeStatement:
		r.statement(p.Statement)
	case register.TypeInstitution:
		r.institution(p.Institution)
	}
	return encodeSTIX(r.objects)
}

// Revoked returns the object of a record that is shown no more, revoked: who keeps a
// copy lets it go, with all that was made of the same record. It says nothing of the
// record but its reference and the public notice. An institution or incident that was
// merged says into which.
func (x *STIX) Revoked(gone register.Departure, first time.Time) (STIXObject, error) {
	at := stixTime(gone.At)
	o := stixObject{
		Type: strings.Split(x.recordID(gone.Type, gone.Reference), "--")[0], ID: x.recordID(gone.Type, gone.Reference), CreatedByRef: x.creator,
		Created: stixTime(first), Modified: &at, Revoked: true, Name: gone.Reference, ObjectMarkingRefs: []string{stixClear},
		ExternalReferences: []stixReference{{SourceName: "Sijil", ExternalID: gone.Reference}},
	}
	o.Description, o.Lang, _ = gone.Notice.In(register.English)
	extension := thing{"extension_type": "property-extension", "reference": gone.Reference}
	extension.set("merged_into", gone.Into)
	o.Extensions = map[string]any{stixExtension(): extension}
	if gone.Type == register.TypeStatement { // a report needs them
		o.Published, o.ObjectRefs = &o.Created, []string{x.creator}
	}
	out, err := encodeSTIX([]stixObject{o})
	if err != nil {
		return STIXObject{}, err
	}
	return out[0], nil
}

func encodeSTIX(objects []stixObject) ([]STIXObject, error) {
	out := make([]STIXObject, len(objects))
	for i := range objects {
		o := &objects[i]
		o.SpecVersion = "2.1"
		raw, err := json.Marshal(o)
		if err != nil {
			return nil, fmt.Errorf("STIX: %w", err)
		}
		version := o.Created
		if o.Modified != nil {
			version = *o.Modified
		}
		out[i] = STIXObject{Type: o.Type, ID: o.ID, Version: time.Time(version).Truncate(time.Millisecond).UTC(), JSON: raw}
	}
	return out, nil
}

// STIXBundle writes a bundle, record after record, in constant memory. Each record
// is to be added once.
type STIXBundle struct {
	stix  *STIX
	out   io.Writer
	comma bool
}

// NewBundle begins a bundle, whose name says what is in it: the same name has the
// same identifier.
func (x *STIX) NewBundle(out io.Writer, name string) (*STIXBundle, error) {
	b := &STIXBundle{stix: x, out: out}
	if _, err := fmt.Fprintf(out, `{"type":"bundle","id":"%s","objects":[`, x.id("bundle", name)); err != nil {
		return nil, fmt.Errorf("STIX: %w", err)
	}
	common, err := x.Common()
	if err != nil {
		return nil, err
	}
	return b, b.write(common)
}

// Add writes the objects of a record.
func (b *STIXBundle) Add(p register.Published) error {
	objects, err := b.stix.Objects(p)
	if err != nil {
		return err
	}
	return b.write(objects)
}

func (b *STIXBundle) write(objects []STIXObject) error {
	for _, o := range objects {
		line := append([]byte("\n"), o.JSON...)
		if b.comma {
			line = append([]byte(","), line...)
		}
		b.comma = true
		if _, err := b.out.Write(line); err != nil {
			return fmt.Errorf("STIX: %w", err)
		}
	}
	return nil
}

// Close ends the bundle.
func (b *STIXBundle) Close() error {
	if _, err := io.WriteString(b.out, "\n]}\n"); err != nil {
		return fmt.Errorf("STIX: %w", err)
	}
	return nil
}
