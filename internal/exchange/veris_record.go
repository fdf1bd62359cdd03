package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
)

// institution is the body that an incident touched. Two of one name in one
// country have one slug, and are one.
func (rules *verisRules) institution(v *verisIncident) register.Institution {
	sector := rules.sector(v.Victim.Industry)
	return register.Institution{
		Language: register.English, Slug: rules.institutionSlug("vcdb", v.Victim.Name, v.country()), Kind: sector.Kind, Sector: sector.Sector, Country: v.country(),
		Names: []register.InstitutionName{{
			Key: "name-en", Language: register.English, Kind: register.NameOfficial, Name: v.Victim.Name,
			Sources: []string{v.sourceKey()},
		}},
		Sources: []string{v.sourceKey()},
	}
}

// institutionSlug is the name without its legal form, and the country.
func (rules *verisRules) institutionSlug(prefix, name, country string) string {
	const longest = 60
	words := nameWords(name)
	for len(words) > 1 && slices.Contains(rules.LegalForms, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	slug := strings.Join(words, "-")
	if slug == "" { // a name in another script than Latin
		sum := sha256.Sum256([]byte(name))
		slug = prefix + "-" + hex.EncodeToString(sum[:4])
	}
	if len(slug) > longest {
		sum := sha256.Sum256([]byte(slug))
		slug = strings.TrimRight(slug[:longest], "-") + "-" + hex.EncodeToString(sum[:3])
	}
	if country != "" {
		slug += "-" + strings.ToLower(country)
	}
	return slug
}

// nameWords are the words of a name in lower-case Latin letters and digits,
// without accents.
func nameWords(name string) []string {
	name = strings.NewReplacer("'", "", "’", "", ".", "").Replace(strings.ToLower(name))
	folded := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		default:
			return ' '
		}
	}, norm.NFD.String(name))
	return strings.Fields(folded)
}

// incident is the incident as the register tells it, in its own words.
func (rules *verisRules) incident(v *verisIncident, with register.Arrival) register.Incident {
	key := []string{v.sourceKey()}
	sources := make([]string, len(with.Sources))
	for i, s := range with.Sources {
		sources[i] = s.Key
	}
	done := rules.done(v)
	out := register.Incident{
		Language: register.English, Slug: v.sourceKey(), Kinds: rules.kinds(v), Standing: rules.Standing(v.Security), Country: v.country(),
		Title: rules.title(v, done), Summary: rules.summary(v, done),
		Sources: sources,
	}
	var touched []register.Ref
	for _, i := range with.Institutions {
		touched = append(touched, register.Ref(i.Slug))
		out.Affected = []register.AffectedInstitution{{
			Fact:        register.Fact{Key: "target", Sources: key},
			Institution: register.Ref(i.Slug), Roles: []register.Role{register.RoleTarget},
		}}
	}
	fact := register.Fact{Key: "incident", Sources: key}
	if d := v.date(); !d.IsZero() {
		fact.Dates = register.Dates{{EDTF: d, Basis: register.BasisStated, Sources: key}}
	}
	out.Events = []register.Event{{
		Fact: fact, Kind: v.eventKind(), Attestation: register.Reported, Title: rules.Texts.Event.text(),
		Institutions: touched,
	}}
	if x, ok := rules.exposure(v, touched); ok {
		out.Exposures = []register.Exposure{x}
	}
	return out
}

// eventKind is an attack only where somebody meant it.
func (v *verisIncident) eventKind() register.EventKind {
	for _, done := range v.did() {
		switch {
		case slices.Contains([]string{"hacking", "malware", "social", "misuse", "physical"}, done[0]):
			return register.EventAttack
		case done[1] == "Publishing error":
			return register.EventDataPublication
		}
	}
	return register.EventDiscovery
}

// exposure is the data said to have got out, with the figure that VERIS gives.
func (rules *verisRules) exposure(v *verisIncident, touched []register.Ref) (register.Exposure, bool) {
	c := v.Attribute.Confidentiality
	if c.Disclosure != "Yes" && c.Disclosure != "Potentially" {
		return register.Exposure{}, false
	}
	key := []string{v.sourceKey()}
	out := register.Exposure{
		Fact: register.Fact{Key: "exposure", Sources: key}, Title: rules.Texts.Exposure.text(),
	}
	for _, institution := range touched {
		out.Institution = institution
	}
	for _, data := range c.Data {
		if class := rules.dataClass(data.Variety); !slices.Contains(out.DataClasses, class) {
			out.DataClasses = append(out.DataClasses, class)
		}
	}
	if n := c.Total.number(); n > 0 {
		out.Figures = []register.Figure{{
			Fact: register.Fact{Key: "exposure-total", Sources: key}, Value: n, Unit: register.UnitRecords,
			Claimant: register.ClaimantIndependent, What: rules.Texts.Figure.text(),
		}}
	}
	return out, true
}

func (v *verisIncident) sourceKey() string { return "vcdb-" + v.ID }

// verisRecords is where the database keeps its records, each under its identifier.
const verisRecords = "https://github.com/vz-risk/VCDB/blob/master/data/json/validated/"

// mostReferences bounds the addresses of one incident.
const mostReferences = 20

// sources are the database itself, and the pages that it names.
func (v *verisIncident) sources() []register.Source {
	out := []register.Source{{
		Key: v.sourceKey(), Kind: register.SourceAnalysis, Publisher: VERISAttribution, Title: "VCDB " + v.ID,
		URL: verisRecords + v.file + ".json", Language: register.English,
	}}
	for _, address := range addresses(v.Reference) {
		address = lookalike.ASCII(address)
		key := webKey(address)
		if len(out) > mostReferences || slices.ContainsFunc(out, func(s register.Source) bool { return s.Key == key }) {
			continue
		}
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		source := register.Source{
			Key: key, Kind: register.SourcePressReport, Publisher: strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), URL: address,
			URLWithheld: v.person || v.namesPerson(address),
		}
		if len(source.Validate()) == 0 {
			out = append(out, source)
		}
	}
	return out
}

// webKey is the key of the source at an address, whichever file names it.
func webKey(address string) string {
	sum := sha256.Sum256([]byte(address))
	return "web-" + hex.EncodeToString(sum[:8])
}

var webAddress = regexp.MustCompile(`(?i)https?://[^\s;,"<>|\\]+`)

// addresses are the addresses in a reference, which holds them between
// semicolons, commas, spaces or line breaks.
func addresses(reference string) []string {
	const longest = 1000
	var out []string
	for _, a := range webAddress.FindAllString(reference, 10*mostReferences) {
		if a = strings.TrimRight(a, ".)]}'"); len(a) <= longest {
			out = append(out, a)
		}
	}
	return out
}

var twoNames = regexp.MustCompile(`\p{Lu}[\p{Ll}'’]+ (?:\p{Lu}\. )?\p{Lu}[\p{Ll}'’]+`)

// namesPerson reports whether an address may name a natural person: two words
// that the summary writes like a name stand in it one after the other, and are
// not the name of the institution. It rather withholds one too many.
func (v *verisIncident) namesPerson(address string) bool {
	path := strings.Join(nameWords(address), " ") + " "
	name := strings.Join(nameWords(v.Victim.Name), " ") + " "
	for _, found := range twoNames.FindAllString(v.Summary, -1) {
		words := strings.Join(nameWords(found), " ") + " "
		if strings.Contains(path, " "+words) && !strings.Contains(" "+name, " "+words) {
			return true
		}
	}
	return false
}

// tidy is a name in one line, without what cannot be seen.
func tidy(name string) string {
	const longest = 200
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > longest {
		name = strings.TrimSpace(string(runes[:longest]))
	}
	return name
}

// year is the year of the incident as titles name it.
func (v *verisIncident) year() string {
	if day, ok := v.date().LastDay(); ok {
		return strconv.Itoa(day.Year)
	}
	return ""
}
