package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
)

// cite adds the source that the row names, and returns its key; nothing where the row
// names none that can be kept.
func (r *csvRow) cite() []string {
	s := register.Source{
		Kind: register.SourcePressReport, Publisher: r.one("source.publisher"), Title: r.one("source.title"), URL: lookalike.ASCII(r.one("source.url")),
		Published: r.date("source.published"),
	}
	if !s.Published.IsZero() {
		s.PublishedBasis = register.BasisStated
	}
	switch {
	case s.URL != "":
		s.Key = webKey(s.URL)
		if u, err := url.Parse(s.URL); err == nil && s.Publisher == "" {
			s.Publisher = strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		}
	case s.Publisher != "":
		sum := sha256.Sum256([]byte(s.Publisher + "\n" + s.Title))
		s.Key = r.m.Prefix + "-" + hex.EncodeToString(sum[:8])
	}
	if s.Key == "" || len(s.Validate()) > 0 {
		return nil
	}
	r.out.Sources = append(r.out.Sources, s)
	return []string{s.Key}
}

// named adds an institution by the name in a field, and returns the slug under which
// it arrives. What is the name of a natural person, or none, makes no institution.
func (r *csvRow) named(field string, cited []string) register.Ref {
	name := tidy(r.one(field))
	switch {
	case r.rules.isUnnamed(name):
		return ""
	case r.rules.isPerson(name):
		r.out.Hold = register.HoldNaturalPerson
		return ""
	}
	country := r.country(field + ".country")
	i := register.Institution{
		Language: r.m.Language, Slug: r.rules.institutionSlug(r.m.Prefix, name, country), Country: country,
		Kind: register.InstitutionKind(r.code(field + ".kind")), Sector: r.code(field + ".sector"),
		Names:   []register.InstitutionName{{Key: "name-" + string(r.m.Language), Language: r.m.Language, Kind: register.NameOfficial, Name: name, Sources: cited}},
		Sources: cited,
	}
	if i.Kind == "" {
		i.Kind = register.InstitutionOther
	}
	r.out.Institutions = append(r.out.Institutions, i)
	return register.Ref(i.Slug)
}

// country is a field as a code of ISO 3166-1; "" where it is none.
func (r *csvRow) country(field string) string {
	if c := strings.ToUpper(r.one(field)); countryCode.MatchString(c) {
		return c
	}
	return ""
}

func (r *csvRow) dates(field string, cited []string) register.Dates {
	d := r.date(field)
	if d.IsZero() {
		return nil
	}
	return register.Dates{{EDTF: d, Basis: register.BasisStated, Sources: cited}}
}

func (r *csvRow) incident() {
	cited := r.cite()
	i := &register.Incident{
		Language: r.m.Language, Slug: r.slug, Title: r.text("title"), Summary: r.text("summary"),
		Standing: r.one("standing"), Country: r.country("country"), Sources: cited,
	}
	if i.Standing == "" {
		i.Standing = register.Standings()[0]
	}
	known := csvCodes(register.TypeIncident, "kinds")
	for _, kind := range r.all("kinds") {
		for _, k := range known {
			if k == kind {
				i.Kinds = append(i.Kinds, k)
			}
		}
	}
	institution := r.named("institution", cited)
	if institution != "" {
		i.Affected = []register.AffectedInstitution{{
			Fact: register.Fact{Key: "target", Sources: cited}, Institution: institution, Roles: []register.Role{register.RoleTarget},
		}}
	}
	if dates := r.dates("date", cited); dates != nil {
		i.Events = []register.Event{{
			Fact: register.Fact{Key: "incident", Sources: cited, Dates: dates}, Kind: register.EventAttack,
			Attestation: register.Reported, Title: i.Title,
		}}
	}
	if n, err := strconv.ParseInt(r.one("figure"), 10, 64); err == nil && n > 0 && n < 1<<53 {
		i.Exposures = []register.Exposure{r.exposure(n, i.Title, institution, cited)}
	}
	r.out.Incident = i
}

func (r *csvRow) exposure(n int64, title register.Text, institution register.Ref, cited []string) register.Exposure {
	f := register.Figure{
		Fact: register.Fact{Key: "figure", Sources: cited}, Value: n,
		Unit: register.Unit(r.code("figure.unit")), Claimant: register.Claimant(r.code("figure.claimant")),
	}
	if f.Unit == "" {
		f.Unit = register.UnitRecords
	}
	if f.Claimant == "" {
		f.Claimant = register.ClaimantPressCount
	}
	return register.Exposure{
		Fact: register.Fact{Key: "exposure", Sources: cited}, Title: title, Institution: institution, Figures: []register.Figure{f},
	}
}

func (r *csvRow) statement() {
	cited := r.cite()
	s := &register.Statement{
		Language: r.m.Language, Slug: r.slug, Title: r.text("title"), Summary: r.text("summary"),
		Kind: register.StatementKind(r.code("kind")), Official: r.one("official") == "true",
		Dates: r.dates("date", cited), OriginalText: r.one("text"), Sources: cited,
	}
	if s.Kind == "" {
		s.Kind = register.StatementThirdParty
	}
	if lang := strings.ToLower(r.one("language")); languageCode.MatchString(lang) {
		s.OriginalLanguage = register.Lang(lang)
	}
	s.Issuer = r.named("issuer", cited)
	s.OriginalNotSeen = s.OriginalText == ""
	r.out.Statement = s
}

func (r *csvRow) institution() {
	cited := r.cite()
	country := r.country("country")
	i := register.Institution{
		Language: r.m.Language, Country: country, Kind: register.InstitutionKind(r.code("kind")), Sector: r.code("sector"),
		Website: lookalike.ASCII(r.one("website")), Description: r.text("description"), Sources: cited,
	}
	for _, kind := range []struct {
		field string
		kind  register.NameKind
	}{{"name", register.NameOfficial}, {"short", register.NameShort}, {"acronym", register.NameAcronym}} {
		names := r.text(kind.field)
		for _, lang := range register.Langs() {
			if name := tidy(names[lang]); name != "" {
				i.Names = append(i.Names, register.InstitutionName{
					Key: kind.field + "-" + string(lang), Language: lang, Kind: kind.kind, Name: name, Sources: cited,
				})
			}
		}
	}
	if len(i.Names) == 0 || r.rules.isPerson(i.Names[0].Name) {
		r.out.Skip, r.out.Detail, r.out.Sources = register.SkipNoPlace, "name", nil
		return
	}
	if i.Kind == "" {
		i.Kind = register.InstitutionOther
	}
	called := i.Names[0].Name
	for _, n := range i.Names { // an address is of Latin letters
		if len(nameWords(called)) == 0 {
			called = n.Name
		}
	}
	i.Slug = r.rules.institutionSlug(r.m.Prefix, called, country)
	r.out.Institutions = []register.Institution{i}
}
