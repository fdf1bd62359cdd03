package synthetic

import (
	"fmt"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// began is when the first incident was published; one follows the other.
var began = time.Date(2019, 1, 1, 8, 0, 0, 0, time.UTC)

// Next makes up the next incident with what is its own; nil after the last.
func (g *Generator) Next() *Group {
	if g.made == g.incidents {
		return nil
	}
	n := g.made
	g.made++
	group := &Group{At: began.Add(time.Duration(n) * 3 * time.Minute)}
	g.translate()
	day := g.day()
	for i := range 1 + g.random.IntN(2) {
		group.Sources = append(group.Sources, g.source(n, i, day))
	}
	institution := int(g.famous.Uint64()) //nolint:gosec // below the number of institutions
	for i := range g.countStatements() {
		group.Statements = append(group.Statements, g.statement(n, i, institution, day, group.Sources[0].Key))
	}
	group.Incident = g.incident(n, institution, day, group)
	return group
}

// countStatements is how many statements the next incident has: three at the mean,
// none to nine, and as many as are left over for the last.
func (g *Generator) countStatements() int {
	due := g.made*StatementsPerIncident - g.said
	n := g.random.IntN(4) + g.random.IntN(4)
	if due > 6 {
		n = 6 + g.random.IntN(4)
	}
	if n > due+6 {
		n = 0
	}
	if g.made == g.incidents {
		n = due
	}
	n = max(0, n)
	g.said += n
	return n
}

func (g *Generator) source(n, i int, day edtf.Day) register.Source {
	v := g.languages[g.random.IntN(len(g.languages))]
	s := register.Source{
		Key: fmt.Sprintf("invented-%d-%d", n, i), Kind: register.SourcePressReport, Publisher: capital(v.phrase(2)),
		Title: capital(v.phrase(6 + g.random.IntN(5))), URL: fmt.Sprintf("https://press.example/%d/%d", n, i), Language: v.lang,
		Published: day.AddDays(g.random.IntN(5)).Date(), PublishedBasis: register.BasisStated,
	}
	if g.random.IntN(3) == 0 {
		s.Capture = &register.Capture{
			SHA256: register.HashOf([]byte(s.URL)), Size: int64(10_000 + g.random.IntN(90_000)), Type: "text/html",
			CapturedAt: s.Published, HTTPStatus: 200,
		}
	}
	return s
}

// weightedKinds are kinds of incidents as they are met, the likeliest first.
var weightedKinds = []string{
	"information-content-security/data-leak", "information-content-security/unauthorised-information-access",
	"malicious-code/infected-system", "availability/ddos", "intrusions/system-compromise", "fraud/phishing",
	"information-content-security/data-loss", "intrusions/privileged-account-compromise", "availability/outage", "other/undetermined",
}

func (g *Generator) incident(n, institution int, day edtf.Day, group *Group) *register.Incident {
	source := group.Sources[0].Key
	fact := func(key string, day edtf.Day) register.Fact {
		return register.Fact{Key: key, Dates: g.dates(day, source), Sources: []string{source}}
	}
	i := &register.Incident{
		Language: register.French, Slug: fmt.Sprintf("invented-incident-%d", n), Country: g.country(),
		Title: g.title(4, 8), Summary: g.text(9, 17), Kinds: []string{weightedKinds[g.skewed(len(weightedKinds))]},
		Standing: []string{"confirmed", "suspected", "disputed", "near-miss"}[g.skewed(4)],
		Affected: []register.AffectedInstitution{{
			Fact: register.Fact{Key: "target", Sources: []string{source}}, Institution: Institution(institution), Roles: []register.Role{register.RoleTarget},
		}},
		Events: []register.Event{{
			Fact: fact("attack", day), Kind: register.EventAttack, Attestation: register.Reported, Title: g.title(2, 5),
		}},
		Sources: []string{source},
	}
	for _, s := range group.Sources[1:] {
		i.Sources = append(i.Sources, s.Key)
	}
	if other := (institution + 1) % g.institutions; g.random.IntN(5) == 0 {
		i.Affected = append(i.Affected, register.AffectedInstitution{
			Fact: register.Fact{Key: "provider", Sources: []string{source}}, Institution: Institution(other),
			Roles: []register.Role{register.RoleServiceProvider},
		})
	}
	if g.random.IntN(2) == 0 {
		i.Exposures = append(i.Exposures, g.exposure(fact("exposure", day), institution))
		i.Events = append(i.Events, register.Event{
			Fact: fact("publication", day.AddDays(1)), Kind: register.EventDataPublication, Attestation: register.Reported,
			Title: g.title(2, 5), Exposure: "exposure",
		})
	}
	if g.random.IntN(4) == 0 {
		i.Referrals = append(i.Referrals, g.referral(institution, day, fact))
	}
	for s := range group.Statements {
		i.Statements = append(i.Statements, Statement(s))
	}
	return i
}

func (g *Generator) exposure(fact register.Fact, institution int) register.Exposure {
	classes := register.DataClasses()
	return register.Exposure{
		Fact: fact, Title: g.title(3, 6), Institution: Institution(institution), Place: "forum",
		DataClasses: []string{classes[g.random.IntN(len(classes))]},
		Figures: []register.Figure{{
			Fact: register.Fact{Key: "figure", Sources: fact.Sources}, Value: 1 + g.random.Int64N(5_000_000), Bound: "about",
			Unit: register.UnitPeople, Claimant: register.ClaimantAttacker,
		}},
	}
}

// referral is a chain of steps, one to four, each a month or more after the one
// before: most are announced, and nobody hears of them again.
func (g *Generator) referral(institution int, day edtf.Day, fact func(string, edtf.Day) register.Fact) register.Referral {
	r := register.Referral{
		Fact: fact("referral", day.AddDays(3)), Kind: register.ReferralJudicial, Title: g.title(3, 6),
		By: []register.Ref{Institution(institution)}, ToName: g.title(2, 4),
	}
	r.Dates = nil
	steps, levels := register.Steps(), register.Levels()
	for n := range 1 + g.skewed(4) {
		r.Steps = append(r.Steps, register.Step{
			Fact: fact(fmt.Sprintf("step-%d", n+1), day.AddDays(3+n*(30+g.random.IntN(60)))), Step: steps[n],
			Level: levels[g.random.IntN(len(levels))], Title: g.title(3, 6),
		})
	}
	return r
}

func (g *Generator) statement(n, i, institution int, day edtf.Day, source string) *register.Statement {
	kinds := register.StatementKinds()
	v := g.languages[g.random.IntN(len(g.languages))]
	s := &register.Statement{
		Language: register.French, Slug: fmt.Sprintf("invented-statement-%d-%d", n, i), Title: g.title(4, 7), Summary: g.text(5, 10),
		Kind: kinds[g.skewed(len(kinds))], Official: true, Issuer: Institution(institution),
		Dates: g.dates(day.AddDays(g.skewed(30)), source), OriginalLanguage: v.lang, OriginalText: g.paragraphs(v), Sources: []string{source},
	}
	topics := register.Topics()
	for c := range 1 + g.skewed(3) {
		s.Claims = append(s.Claims, register.Claim{
			Fact: register.Fact{Key: fmt.Sprintf("claim-%d", c+1), Sources: []string{source}}, Topic: topics[g.random.IntN(len(topics))],
			Paraphrase: g.text(4, 8), Quantifier: register.QuantifierUnstated, Modality: register.ModalityAsserts,
			Quotes: []register.Quote{{Language: v.lang, Text: v.sentence(6)}},
		})
	}
	return s
}

func (g *Generator) paragraphs(v *vocabulary) string {
	paragraphs := []string{v.sentence(10 + g.random.IntN(10))}
	for range g.skewed(3) {
		paragraphs = append(paragraphs, v.sentence(8+g.random.IntN(8)))
	}
	return strings.Join(paragraphs, "\n\n")
}
