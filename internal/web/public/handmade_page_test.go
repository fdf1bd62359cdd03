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

// lifelike is a handmade record with what real ones have beside plain entries,
// at about the share of the founding record: several sources to an entry and
// more sources than entries, quotes by named outlets on each second statement,
// disputed dates, tables of figures, and the card of a referral to each twelve
// entries.
func lifelike(n int) *register.IncidentEdition {
	e := handmade(n)
	for i := 12; i < n+4; i++ {
		source := e.SourceList[i%12]
		source.Key = key("src", i)
		e.SourceList = append(e.SourceList, source)
	}
	enrich := func(f *register.Fact, i int) {
		for j := range 4 {
			f.Sources = append(f.Sources, key("src", (i+7*j+12)%n))
		}
		if i%6 == 0 {
			f.Dates[0].Preferred, f.Dates[0].Reason, f.Dates[0].Sources = true, three("La plus précise.", "الأدق.", "The more precise."), f.Sources[:2]
			f.Dates = append(f.Dates, register.DateAssertion{Wording: three("quelques jours avant", "قبل أيام", "some days before"), Basis: register.BasisStated, Sources: f.Sources[2:3]})
		}
	}
	for i := range e.Events {
		enrich(&e.Events[i].Fact, i)
		e.Events[i].Body = thrice(e.Events[i].Body)
		if i%12 == 0 {
			e.Events[i].Exposure = key("donnees", i)
			e.Exposures = append(e.Exposures, exposure(e.Events[i].Exposure, e.Events[i].Sources))
		}
	}
	for i := range e.Measures {
		enrich(&e.Measures[i].Fact, i)
	}
	for i := range e.Statements {
		quoteOutlets(e.Statements[i].Statement, i)
		e.Statements[i].Summary = thrice(e.Statements[i].Summary)
	}
	for i := range n / 12 {
		e.Referrals = append(e.Referrals, referral(i, e.Events[i].Fact))
	}
	return e
}

// thrice is a text of the length that those of real entries have.
func thrice(t register.Text) register.Text {
	out := register.Text{}
	for lang, s := range t {
		out[lang] = s + " " + s + " " + s
	}
	return out
}

func exposure(name string, sources []string) register.Exposure {
	x := register.Exposure{Fact: register.Fact{Key: name, Sources: sources}, Title: three("Données attribuées à la Caisse", "معطيات منسوبة إلى الصندوق", "Data attributed to the Fund")}
	for i, who := range []register.Claimant{register.ClaimantAttacker, register.ClaimantPressCount} {
		for j, unit := range []register.Unit{register.UnitPeople, register.UnitCompanies, register.UnitFiles} {
			x.Figures = append(x.Figures, register.Figure{
				Fact: register.Fact{Key: key("chiffre", 3*i+j), Sources: sources[:2]}, Value: 499881, Unit: unit, Claimant: who,
			})
		}
	}
	return x
}

func quoteOutlets(s *register.Statement, i int) {
	for j, lang := range []register.Lang{"fr", "ar"} {
		s.Renderings = append(s.Renderings, register.Rendering{
			Fact: register.Fact{Key: key("rendu", j), Sources: []string{key("src", (i+j)%12)}}, Language: lang,
			Kind: register.RenderingPress, Publisher: "Journal",
		})
		s.Claims[0].Quotes[j].Rendering = key("rendu", j)
		s.Claims[0].Quotes[j].Text = string([]rune(s.Summary[lang])[:40])
	}
	s.Claims[0].OnTimeline = i%2 == 0
}

func referral(i int, f register.Fact) register.Referral {
	title := three("La Caisse dit avoir saisi la justice", "الصندوق يقول إنه رفع الأمر إلى القضاء", "The Fund says that it referred the matter")
	f.Key = key("annonce", i)
	return register.Referral{
		Fact: register.Fact{Key: key("saisine", i), Sources: f.Sources}, Kind: register.ReferralJudicial, Title: title,
		By: []register.Ref{"IN-0001"}, ToName: three("Autorités judiciaires, non nommées", "السلطات القضائية، دون تسميتها", "Judicial authorities, not named"),
		Steps: []register.Step{{Fact: f, Step: "announced", Level: register.AnnouncedByParty, Title: title}},
	}
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
