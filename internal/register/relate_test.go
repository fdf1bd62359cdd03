package register_test

import (
	"testing"

	"github.com/sijil/sijil/internal/register"
)

func claim(change ...func(*register.Claim)) *register.Claim {
	c := &register.Claim{
		Topic: register.TopicAuthenticity, Modality: register.ModalityAsserts, Quantifier: register.QuantifierUnstated,
		Paraphrase: register.Text{"fr": "Des documents diffusés sont faux ou tronqués."},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

func quantified(q register.Quantifier) func(*register.Claim) {
	return func(c *register.Claim) { c.Quantifier = q }
}

func valued(v int64, bound string, unit register.Unit) func(*register.Claim) {
	return func(c *register.Claim) { c.Value, c.Bound, c.Unit = &v, bound, unit }
}

func said(m register.Modality) func(*register.Claim) {
	return func(c *register.Claim) { c.Modality = m }
}

func in(lang register.Lang, text string) func(*register.Claim) {
	return func(c *register.Claim) { c.Paraphrase = register.Text{lang: text} }
}

func secondHand(c *register.Claim) {
	c.ReportedFrom = &register.SecondHand{By: register.Text{"fr": "La CNSS"}}
}

func TestProposeRelation(t *testing.T) {
	t.Parallel()
	const fund, government = register.Ref("fund"), register.Ref("government")
	people := register.UnitPeople
	cases := []struct {
		name           string
		later, earlier *register.Claim
		by, before     register.Ref
		want           register.ClaimRelationKind
		why            register.ProposalReason
	}{
		{"the same words", claim(), claim(), government, fund, register.Repeats, register.WhySameWords},
		{"what was alleged", claim(), claim(said(register.ModalityAlleges)), fund, "", register.Confirms, register.WhyOwnClaim},
		{"what was second-hand", claim(), claim(secondHand), fund, government, register.Confirms, register.WhyOwnClaim},
		{"at second hand", claim(secondHand), claim(said(register.ModalityAlleges)), fund, government, register.Repeats, register.WhySameWords},
		{"often, then some", claim(quantified(register.QuantifierSome)), claim(quantified(register.QuantifierMost)), government, fund, register.Narrows, register.WhyQuantifier},
		{"some, then all", claim(quantified(register.QuantifierAll)), claim(quantified(register.QuantifierSome)), government, fund, register.Widens, register.WhyQuantifier},
		{"none, of another", claim(quantified(register.QuantifierNone)), claim(quantified(register.QuantifierSome)), government, fund, register.Contradicts, register.WhyNone},
		{"none, of one's own", claim(quantified(register.QuantifierNone)), claim(quantified(register.QuantifierSome)), fund, fund, register.Retracts, register.WhyNone},
		{"denied by another", claim(said(register.ModalityDenies)), claim(), government, fund, register.Contradicts, register.WhyModality},
		{"denied by oneself", claim(said(register.ModalityDenies)), claim(), fund, fund, register.Retracts, register.WhyModality},
		{"nobody known denies", claim(said(register.ModalityDenies)), claim(), "", "", register.Contradicts, register.WhyModality},
		{"denied twice", claim(said(register.ModalityDenies)), claim(said(register.ModalityDenies)), fund, fund, register.Repeats, register.WhySameWords},
		{"the same number", claim(valued(2_000_000, "", people)), claim(valued(2_000_000, "", people)), government, fund, register.Repeats, register.WhyValue},
		{"exact after about", claim(valued(1_996_026, "", people)), claim(valued(2_000_000, "about", people)), government, fund, register.Narrows, register.WhyValue},
		{"over after exact", claim(valued(500_000, "over", people)), claim(valued(500_001, "", people)), government, fund, register.Widens, register.WhyValue},
		{"fewer", claim(valued(500_000, "under", people)), claim(valued(2_000_000, "", people)), government, fund, register.Contradicts, register.WhyValue},
		{"ranges that cross", claim(valued(100, "over", people)), claim(valued(200, "under", people)), government, fund, register.Rewords, register.WhyValue},
		{"other units, like words", claim(valued(5, "", register.UnitFiles)), claim(valued(9, "", people)), government, fund, register.Repeats, register.WhySameWords},
		{"like words", claim(in("fr", "Certains documents sont erronés et tronqués")), claim(), government, fund, register.Rewords, register.WhyLikeWords},
		{"Arabic words with and without the article", claim(in("ar", "الوثائق غير صحيحة")), claim(in("ar", "وثائق غَيْر صحيحة")), government, fund, register.Repeats, register.WhySameWords},
		{"nothing in common", claim(in("fr", "Une enquête interne est ouverte")), claim(), government, fund, "", ""},
		{"denies something else", claim(in("fr", "Aucune intrusion récente"), said(register.ModalityDenies)), claim(), government, fund, "", ""},
		{"no common language", claim(in("ar", "وثائق غير صحيحة")), claim(), government, fund, "", ""},
		{"another topic", claim(func(c *register.Claim) { c.Topic = register.TopicScope }), claim(), government, fund, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, ok := register.ProposeRelation(register.Spoken{Claim: c.later, Issuer: c.by}, register.Spoken{Claim: c.earlier, Issuer: c.before})
			if ok != (c.want != "") || p.Kind != c.want || p.Why != c.why {
				t.Errorf("got %v %v, want %s because of %s", p, ok, c.want, c.why)
			}
		})
	}
}
