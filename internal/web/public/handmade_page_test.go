package public

import (
	"fmt"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

func three(fr, ar, en string) register.Text { return register.Text{"fr": fr, "ar": ar, "en": en} }

func day(n int) register.Dates {
	d := edtf.Day{Year: 2025, Month: time.April, Day: 1}.AddDays(n)
	return register.Dates{{EDTF: d.Date(), Basis: register.BasisStated}}
}

// handmade is an incident with n entries in the mix of real records: a quarter
// statements, half of them with a quote in two languages; measures, events; 12
// sources.
func handmade(n int) *register.IncidentEdition {
	inc := &register.Incident{
		Language: "fr", Slug: "essai", Standing: "confirmed", Country: "MA",
		Title:   three("Un incident composé pour l’essai", "حادث مركب للتجربة", "An incident composed for a test"),
		Summary: three("Ce qui en est dit tient en une phrase assez longue.", "ما قيل عنه يسعه سطر واحد طويل بعض الشيء.", "What is said of it fits one rather long sentence."),
		Kinds:   []string{"information-content-security/data-leak"},
	}
	e := &register.IncidentEdition{Reference: "SJ-2025-0009", Edition: 2, SHA256: fmt.Sprintf("%064d", 7), PublishedAt: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC), Incident: inc}
	for i := range 12 {
		e.SourceList = append(e.SourceList, register.Source{
			Key: key("src", i), Kind: register.SourcePressReport, Publisher: fmt.Sprintf("Journal %d", i+1), Language: "fr",
			URL: fmt.Sprintf("https://journal-%d.example/2025/04/09/un-titre-assez-long", i+1), Published: day(i)[0].EDTF,
			Gist: three("Rapporte l’attaque et cite le communiqué.", "يورد الهجوم ويستشهد بالبلاغ.", "Reports the attack and cites the communiqué."),
		})
	}
	e.Institutions = []register.InstitutionEdition{{Reference: "IN-0001", Institution: &register.Institution{
		Slug: "caisse", Kind: register.InstitutionSocialFund, Names: []register.InstitutionName{
			{Key: "fr", Language: "fr", Kind: register.NameOfficial, Name: "Caisse d’essai"},
			{Key: "ar", Language: "ar", Kind: register.NameOfficial, Name: "صندوق التجربة"},
		},
	}}}
	inc.Affected = []register.AffectedInstitution{{Fact: register.Fact{Key: "affected"}, Institution: "IN-0001", Roles: []register.Role{register.RoleTarget}}}
	for i := range n {
		addEntry(e, i)
	}
	return e
}

func key(stem string, i int) string { return fmt.Sprintf("%s-%d", stem, i+1) }

func addEntry(e *register.IncidentEdition, i int) {
	fact := register.Fact{Key: key("fait", i), Dates: day(i / 3), Sources: []string{key("src", i%12), key("src", (i+5)%12)}}
	title := three("Ce qui s’est passé ce jour-là, en un titre", "ما وقع في ذلك اليوم، في عنوان", "What happened on that day, in a title")
	body := three(
		"Une phrase qui dit ce que la source rapporte, et une autre qui dit ce qu’elle ne précise pas.",
		"جملة تقول ما يورده المصدر، وأخرى تقول ما لا يحدده.",
		"A sentence that says what the source reports, and another that says what it does not state.")
	switch i % 4 {
	case 0:
		e.Statements = append(e.Statements, register.StatementEdition{Reference: key("ST", i), Statement: &register.Statement{
			Slug: fact.Key, Title: title, Summary: body, Kind: register.StatementCommunique, Official: true, Issuer: "IN-0001",
			Dates: fact.Dates, Sources: fact.Sources, OriginalNotSeen: true,
			Claims: []register.Claim{{
				Fact: register.Fact{Key: "propos", Sources: fact.Sources}, Topic: register.TopicScope, OnTimeline: i%8 == 0,
				Paraphrase: title, Quantifier: register.QuantifierSome, Modality: register.ModalityAsserts,
				Quotes: []register.Quote{{Language: "fr", Text: "certaines données"}, {Language: "ar", Text: "بعض المعطيات"}},
			}},
		}})
	case 1:
		e.Measures = append(e.Measures, register.Measure{Fact: fact, Title: title, Body: body, ReportedBy: three("La Caisse", "الصندوق", "The Fund")})
	default:
		e.Events = append(e.Events, register.Event{Fact: fact, Kind: register.EventAttack, Attestation: register.Reported, Title: title, Body: body})
	}
}
