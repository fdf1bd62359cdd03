package testkit

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// Canary begins every word that a draft of Canaries holds. It can stand in a slug
// and a key, too, and in no text that is published.
const Canary = "zqxcanary"

// CanaryNumber is every number of such a draft, and CanaryDate its every date.
const (
	CanaryNumber = 918273645
	CanaryDate   = "1871-03-18"
)

// Canaries fills nouns of the register so that whatever of them is shown is
// noticed: every field is filled, and each text holds a word of its own.
type Canaries struct {
	// Refs are the identifiers of records to which the nouns point, by type.
	Refs map[register.RecordType]register.Ref
	// Claim is the key of a claim of the statement among them, and Source that of
	// a source.
	Claim, Source string

	// Contents are those that documents and captures name, by their SHA-256.
	Contents map[string]string

	tb    testing.TB
	count int
}

// NewCanaries returns what fills nouns.
func NewCanaries(tb testing.TB) *Canaries {
	tb.Helper()
	return &Canaries{tb: tb, Refs: map[register.RecordType]register.Ref{}, Contents: map[string]string{}}
}

// Word is a word that was not there before.
func (c *Canaries) Word() string {
	c.count++
	return fmt.Sprintf("%s%04d", Canary, c.count)
}

// Hash is the SHA-256 of a content that holds a word.
func (c *Canaries) Hash() string {
	content := c.Word() + " contenu"
	hash := register.HashOf([]byte(content))
	c.Contents[hash] = content
	return hash
}

// Fill fills every field of what noun points to. A field that is no text must have
// a line in one of the tables below, so that nobody forgets a new one.
func (c *Canaries) Fill(noun any) {
	c.tb.Helper()
	v := reflect.ValueOf(noun).Elem()
	c.fill(v, v.Type().Name(), "")
	switch n := noun.(type) {
	case *register.Statement:
		tieStatement(n)
	case *register.Institution: // with a name that is still in use
		name := n.Names[0]
		name.Key, name.Name, name.Until = c.Word(), c.Word()+" nom", edtf.Date{}
		n.Names = append(n.Names, name)
	case *register.Incident:
		n.Events[0].Exposure, n.Referrals[0].PossiblySame = n.Exposures[0].Key, nil
	}
}

// tieStatement lets the parts of a statement name each other by the keys that
// they have.
func tieStatement(s *register.Statement) {
	rendering, claim := s.Renderings[0].Key, s.Claims[0].Key
	s.Differences[0].Between, s.Differences[0].Claims = []string{rendering}, []string{claim}
	s.Differences[0].Readings[0].Rendering, s.Claims[0].Quotes[0].Rendering = rendering, rendering
	s.Renderings[0].Text = s.OriginalText
}

func (c *Canaries) fill(v reflect.Value, owner, name string) {
	c.tb.Helper()
	switch field := owner + "." + name; v.Interface().(type) {
	case register.Text:
		v.Set(reflect.ValueOf(register.Text{
			register.French: c.Word() + " mot", register.Arabic: c.Word() + " كلمة", register.English: c.Word() + " word",
		}))
		return
	case edtf.Date:
		date, err := edtf.Parse(CanaryDate)
		if err != nil {
			c.tb.Fatal(err)
		}
		v.Set(reflect.ValueOf(date))
		return
	case register.Ref:
		v.SetString(string(c.Refs[pointsTo(name)]))
		return
	case register.ClaimRef:
		v.Set(reflect.ValueOf(register.ClaimRef{Statement: c.Refs[register.TypeStatement], Claim: c.Claim}))
		return
	default:
		if code, ok := codes()[field]; ok && v.Kind() == reflect.String {
			v.SetString(code)
			return
		}
		if v.Kind() == reflect.String && v.Type() != reflect.TypeFor[string]() {
			code, ok := typedCodes()[v.Type()]
			if !ok {
				c.tb.Fatalf("testkit: %s is a %s: say in canary.go what stands in it", field, v.Type())
			}
			v.SetString(code)
			return
		}
	}
	c.fillKind(v, owner, name)
}

func (c *Canaries) fillKind(v reflect.Value, owner, name string) {
	c.tb.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			inner := v.Type().Name()
			if f.Anonymous {
				inner = "" // named by its own type
			}
			c.fill(v.Field(i), inner, f.Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		c.fill(v.Index(0), owner, name)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		c.fill(v.Elem(), owner, name)
	case reflect.String:
		v.SetString(c.word(owner, name))
	case reflect.Bool:
		v.SetBool(owner+"."+name != "Statement.OriginalNotSeen" && owner+"."+name != "Source.URLWithheld")
	case reflect.Int, reflect.Int64:
		v.SetInt(CanaryNumber)
	default:
		c.tb.Fatalf("testkit: %s.%s is a %s: say in canary.go how it is filled", owner, name, v.Type())
	}
}

// word is what stands in a plain string.
func (c *Canaries) word(owner, name string) string {
	switch {
	case name == "Sources":
		return c.Source
	case name == "Slug" || name == "Key":
		return c.Word()
	case name == "URL" || name == "Website":
		return "https://" + c.Word() + ".example/" + c.Word()
	case name == "SHA256" || owner == "Capture" && (name == "WARC" || name == "Now"):
		return c.Hash()
	}
	return c.Word() + " mot"
}

// pointsTo is the type of the record that a field of type Ref names.
func pointsTo(name string) register.RecordType {
	switch {
	case strings.HasPrefix(name, "Statement"):
		return register.TypeStatement
	case strings.HasPrefix(name, "Incident"):
		return register.TypeIncident
	}
	return register.TypeInstitution
}

// codes are the strings in which only some words can stand.
func codes() map[string]string {
	return map[string]string{
		"Incident.Kinds": register.IncidentKinds()[0], "Incident.Standing": register.Standings()[0], "Incident.Country": "MA",
		"Institution.Sector": register.Sectors()[0], "Institution.Country": "MA", "InstitutionName.Script": "Latn",
		"Exposure.DataClasses": register.DataClasses()[0], "Exposure.Place": register.ExposurePlaces()[0],
		"Figure.Bound": "about", "Claim.Bound": "about", "Step.Step": register.Steps()[0],
		"IncidentRelation.Kind": register.IncidentRelationKinds()[0], "StatementRelation.Kind": register.StatementRelationKinds()[0],
		"Document.Type": register.TypePDF, "Capture.Type": register.TypeText, "Quote.Position": "0-5",
	}
}

// typedCodes are the types of which every value is one of a few words.
func typedCodes() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[register.Lang]():              "fr",
		reflect.TypeFor[register.Role]():              string(register.RoleTarget),
		reflect.TypeFor[register.SystemKind]():        string(register.SystemWebsite),
		reflect.TypeFor[register.Unit]():              string(register.UnitPeople),
		reflect.TypeFor[register.Claimant]():          string(register.ClaimantAttacker),
		reflect.TypeFor[register.Finding]():           string(register.FindingAuthentic),
		reflect.TypeFor[register.StatementKind]():     string(register.StatementCommunique),
		reflect.TypeFor[register.RenderingKind]():     string(register.RenderingOfficial),
		reflect.TypeFor[register.Topic]():             string(register.TopicNature),
		reflect.TypeFor[register.Quantifier]():        string(register.QuantifierAll),
		reflect.TypeFor[register.Modality]():          string(register.ModalityAsserts),
		reflect.TypeFor[register.ClaimRelationKind](): string(register.Repeats),
		reflect.TypeFor[register.ReferralKind]():      string(register.ReferralJudicial),
		reflect.TypeFor[register.Phase]():             string(register.PhaseAnnounced),
		reflect.TypeFor[register.Level]():             string(register.AnnouncedByParty),
		reflect.TypeFor[register.EventKind]():         string(register.EventAttack),
		reflect.TypeFor[register.Attestation]():       string(register.Reported),
		reflect.TypeFor[register.DateBasis]():         string(register.BasisStated),
		reflect.TypeFor[register.InstitutionKind]():   string(register.InstitutionOther),
		reflect.TypeFor[register.NameKind]():          string(register.NameOfficial),
		reflect.TypeFor[register.SourceKind]():        string(register.SourcePressReport),
		reflect.TypeFor[register.CaptureState]():      string(register.CaptureChanged),
	}
}

// Shows lists what of a draft of Canaries stands in what was answered: words,
// numbers however they are grouped, dates.
func (c *Canaries) Shows(text string) []string {
	var out []string
	text = strings.ToLower(text)
	for rest := text; ; {
		i := strings.Index(rest, Canary)
		if i < 0 {
			break
		}
		end := min(i+len(Canary)+4, len(rest))
		out, rest = append(out, rest[i:end]), rest[end:]
	}
	plain := strings.NewReplacer("\u00a0", "", "\u202f", "", ",", "", ".", "", "٬", "").Replace(text)
	for _, number := range []string{fmt.Sprint(CanaryNumber), CanaryDate, "18 mars 1871", "18 march 1871", "18 مارس 1871"} {
		if strings.Contains(plain, number) || strings.Contains(text, number) {
			out = append(out, number)
		}
	}
	return out
}
