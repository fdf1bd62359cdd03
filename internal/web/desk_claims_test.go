package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

const (
	frenchText = "L’agence dit : « des documents sont faux ou tronqués », souvent.\n\nElle ajoute que les autorités judiciaires ont été saisies. Des documents, répète-t-elle, sont faux ou tronqués."
	arabicText = "أفادت الوكالة أن بعض الوثائق المتداولة غير صحيحة أو مبتورة.\n\nوأضافت أنه تم إشعار السلطات القضائية المختصة."
)

// matter is an incident with two statements: one of the day before, with a
// claim, and one in which claims are to be marked.
type matter struct {
	incident, earlier, statement editorial.Version
}

func (s *deskSite) matter(t *testing.T, lang register.Lang, text string) matter {
	t.Helper()
	save := func(d editorial.Draft) editorial.Version {
		v, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], d)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	on := func(day string) register.Dates {
		date, err := edtf.Parse(day)
		if err != nil {
			t.Fatal(err)
		}
		return register.Dates{{EDTF: date, Basis: register.BasisStated}}
	}
	statement := func(slug, day string) *register.Statement {
		return &register.Statement{
			Language: lang, Slug: slug, Title: register.Text{lang: "Communiqué " + slug}, Kind: register.StatementCommunique,
			Dates: on(day), OriginalLanguage: lang, OriginalText: text,
		}
	}
	first := statement("premier", "2025-04-09")
	first.Claims = []register.Claim{{
		Fact: register.Fact{Key: "documents-faux"}, Topic: register.TopicAuthenticity,
		Paraphrase: register.Text{"fr": "Des documents sont souvent faux ou tronqués.", "ar": "كثير من الوثائق غير صحيحة أو مبتورة."},
		Quantifier: register.QuantifierMost, Modality: register.ModalityAsserts,
	}}
	m := matter{earlier: save(editorial.Draft{Statement: first}), statement: save(editorial.Draft{Statement: statement("second", "2025-04-10")})}
	m.incident = save(editorial.Draft{Incident: &register.Incident{
		Language: lang, Slug: "incident", Title: register.Text{lang: "Attaque"}, Standing: "suspected",
		Statements: []register.Ref{m.earlier.ID, m.statement.ID},
	}})
	return m
}

func (s *deskSite) load(t *testing.T, v editorial.Version) editorial.Draft {
	t.Helper()
	draft, _, err := s.editorial.Load(t.Context(), s.staff[testkit.Editor], v.ID)
	if err != nil {
		t.Fatal(err)
	}
	return draft
}

func claimsPath(v editorial.Version) string { return "/fr/desk/statements/" + string(v.ID) + "/claims" }

// fields are the fields of the form of a page as a browser would send them.
func fields(a *testkit.Answer, form string, change map[string]string) url.Values {
	out := a.Fields(form)
	for name, value := range change {
		out.Set(name, value)
	}
	return out
}

func TestAClaimIsMarked(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	path := claimsPath(m.statement)
	page := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	if page.Status != http.StatusOK || page.Page().Find("[data-marker]").Text() != frenchText {
		t.Fatalf("status %d, text %q", page.Status, page.Page().Find("[data-marker]").Text())
	}

	// Without a topic nothing is saved, and everything typed is still there.
	typed := map[string]string{"passage": "les autorités judiciaires ont été saisies", "paraphrase.fr": "La justice est saisie.", "do": "save"}
	refused := testkit.Post(t, s, path, fields(page, "#claim", typed), testkit.As(testkit.Editor))
	if refused.Status != http.StatusUnprocessableEntity || refused.Text("#passage") != typed["passage"] || refused.Count(`.error-summary a[href="#topic"]`) != 1 {
		t.Fatalf("status %d: %s", refused.Status, refused.Text(".error-summary"))
	}
	restored := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	if restored.Text("#passage") != typed["passage"] || restored.Count(".notice--warn") != 1 {
		t.Error("what was refused is not offered again")
	}

	typed["topic"] = "referral"
	saved := testkit.Post(t, s, path, fields(refused, "#claim", typed), testkit.As(testkit.Editor))
	if saved.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", saved.Status, saved.Text(".error-summary"))
	}
	claim := s.load(t, m.statement).Statement.Claims[0]
	span, ok := register.ParseRange(claim.Quotes[0].Position)
	words, _ := span.In(frenchText)
	if !ok || words != typed["passage"] || claim.Quotes[0].Text != words || claim.Quotes[0].Language != "fr" {
		t.Errorf("the passage is %+v", claim.Quotes[0])
	}
	page = testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	if page.Text("mark") != words || page.Attr("[data-skip]", "href") != "#claim-"+claim.Key || page.Count("#claim-"+claim.Key) != 1 {
		t.Errorf("marked %q, to %q", page.Text("mark"), page.Attr("[data-skip]", "href"))
	}
}

func TestAPassageThatStandsTwiceIsChosen(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	path := claimsPath(m.statement)
	page := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	form := fields(page, "#claim", map[string]string{"passage": "FAUX ou  tronqués", "topic": "authenticity", "paraphrase.fr": "Faux.", "do": "save"})
	asked := testkit.Post(t, s, path, form, testkit.As(testkit.Editor))
	if asked.Status != http.StatusUnprocessableEntity || asked.Count(`#place input[type=radio]`) != 2 {
		t.Fatalf("status %d, %d places", asked.Status, asked.Count(`#place input[type=radio]`))
	}
	second := register.FindPassage(frenchText, "faux ou tronqués")[1]
	form = fields(asked, "#claim", map[string]string{"do": "save", "place": second.String()})
	saved := testkit.Post(t, s, path, form, testkit.As(testkit.Editor))
	if saved.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", saved.Status, saved.Text(".error-summary"))
	}
	if q := s.load(t, m.statement).Statement.Claims[0].Quotes[0]; q.Position != second.String() || q.Text != "faux ou tronqués" {
		t.Errorf("marked %+v, want the second place %v", q, second)
	}
	form.Set("passage", "des documents volés")
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Editor)); a.Status != http.StatusUnprocessableEntity || a.Count(`#passage[aria-invalid]`) != 1 {
		t.Errorf("a passage that is not there: status %d", a.Status)
	}
}

func TestEarlierClaimsAreShownWithAProposal(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	path := claimsPath(m.statement)
	page := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	typed := map[string]string{
		"passage": "« des documents sont faux ou tronqués »", "topic": "authenticity", "quantifier": "some",
		"paraphrase.fr": "Certains documents sont faux ou tronqués.", "do": "compare",
	}
	compared := testkit.Post(t, s, path, fields(page, "#claim", typed), testkit.As(testkit.Editor))
	if compared.Status != http.StatusOK || compared.Attr(`select[name="relation.0"] option[selected]`, "value") != "narrows" {
		t.Fatalf("status %d, proposed %q", compared.Status, compared.Attr(`select[name="relation.0"] option[selected]`, "value"))
	}
	script := testkit.Post(t, s, path, fields(page, "#claim", typed), testkit.As(testkit.Editor), with("X-Requested-With", "sijil"))
	if script.Status != http.StatusOK || script.Count("main") != 0 || script.Count(`select[name="relation.0"]`) != 1 {
		t.Errorf("to the script: status %d: %.200s", script.Status, script.Body)
	}
	// What was decided stays, what was only proposed gives way.
	again := testkit.Post(t, s, path, fields(compared, "#claim", map[string]string{"do": "compare", "quantifier": "all"}), testkit.As(testkit.Editor))
	if got := again.Attr(`select[name="relation.0"] option[selected]`, "value"); got != "widens" {
		t.Errorf("with another quantifier %q is proposed", got)
	}
	again = testkit.Post(t, s, path, fields(again, "#claim", map[string]string{"do": "save", "relation.0": "rewords"}), testkit.As(testkit.Editor))
	if again.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", again.Status, again.Text(".error-summary"))
	}
	want := register.ClaimRelation{Kind: register.Rewords, To: register.ClaimRef{Statement: m.earlier.ID, Claim: "documents-faux"}}
	if got := s.load(t, m.statement).Statement.Claims[0].Relations; len(got) != 1 || got[0].Kind != want.Kind || got[0].To != want.To {
		t.Errorf("got %v, want %v", got, want)
	}
	// The earlier statement is not told of what came later.
	page = testkit.Ask(t, s, claimsPath(m.earlier)+"?claim=documents-faux", testkit.As(testkit.Editor))
	if page.Count(`select[name="relation.0"]`) != 0 {
		t.Error("a later claim is offered as an earlier one")
	}
}

func TestTwoPeopleMarkClaimsOnOneStatement(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.Arabic, arabicText)
	path := claimsPath(m.statement)
	mark := func(email string, page *testkit.Answer, change map[string]string) *testkit.Answer {
		change["do"] = "save"
		return testkit.Post(t, s, path, fields(page, "#claim", change), testkit.As(email))
	}
	one := testkit.Ask(t, s, path, testkit.As(testkit.Analyst))
	two := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	a := mark(testkit.Analyst, one, map[string]string{"passage": "بعض الوثائق المتداولة", "topic": "authenticity", "paraphrase.ar": "بعض الوثائق"})
	b := mark(testkit.Editor, two, map[string]string{"passage": "إشعار السلطات القضائية", "topic": "referral", "paraphrase.ar": "إشعار القضاء"})
	if a.Status != http.StatusSeeOther || b.Status != http.StatusSeeOther {
		t.Fatalf("status %d and %d: %s", a.Status, b.Status, b.Text(".error-summary"))
	}
	claims := s.load(t, m.statement).Statement.Claims
	if len(claims) != 2 || claims[0].Topic == claims[1].Topic {
		t.Fatalf("of two claims there are %v", claims)
	}

	// The same claim: the second is told what the first wrote, and may insist.
	at := path + "?claim=" + claims[0].Key
	one = testkit.Ask(t, s, at, testkit.As(testkit.Analyst))
	two = testkit.Ask(t, s, at, testkit.As(testkit.Editor))
	if a = mark(testkit.Analyst, one, map[string]string{"paraphrase.ar": "وثائق غير صحيحة"}); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	b = mark(testkit.Editor, two, map[string]string{"paraphrase.ar": "وثائق مبتورة"})
	if text := b.Text(".conflict-choice"); b.Status != http.StatusConflict || !strings.Contains(text, "غير صحيحة") || !strings.Contains(text, "مبتورة") {
		t.Fatalf("status %d: %s", b.Status, b.Text("main"))
	}
	answer := filled(t, b)
	answer.Set(b.Attr(`input[name^="take."]`, "name"), "mine")
	if b = testkit.Post(t, s, path, answer, testkit.As(testkit.Editor)); b.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", b.Status, b.Text(".error-summary"))
	}
	if got := s.load(t, m.statement).Statement.Claim(claims[0].Key).Paraphrase["ar"]; got != "وثائق مبتورة" {
		t.Errorf("the claim says %q", got)
	}
}

// TestAClaimIsRemovedAndChangedAtOnce: one removes a claim that another has
// changed meanwhile, and the other way round. Both are asked, and nothing typed
// is lost.
func TestAClaimIsRemovedAndChangedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second, take, words string
	}{
		"removed what was changed, and insists":        {"save", "remove", "mine", ""},
		"removed what was changed, and gives way":      {"save", "remove", "theirs", "Changée par l’une."},
		"changed what was removed, and insists":        {"remove", "save", "mine", "Changée par l’autre."},
		"changed what was removed, and lets it be":     {"remove", "save", "theirs", ""},
		"changed the same sentence, and writes anew":   {"save", "save", "own", "Les deux."},
		"changed the same sentence, and takes theirs":  {"save", "save", "theirs", "Changée par l’une."},
		"changed the same sentence, and keeps his own": {"save", "save", "mine", "Changée par l’autre."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDeskSite(t, testkit.Database(t))
			m := s.matter(t, register.French, frenchText)
			path := claimsPath(m.earlier)
			at := path + "?claim=documents-faux"
			first := fields(testkit.Ask(t, s, at, testkit.As(testkit.Analyst)), "#claim", map[string]string{"do": c.first, "paraphrase.fr": "Changée par l’une."})
			second := fields(testkit.Ask(t, s, at, testkit.As(testkit.Editor)), "#claim", map[string]string{"do": c.second, "paraphrase.fr": "Changée par l’autre."})
			if a := testkit.Post(t, s, path, first, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
				t.Fatalf("status %d: %s", a.Status, a.Text("main"))
			}
			b := testkit.Post(t, s, path, second, testkit.As(testkit.Editor))
			choice := b.Attr(`input[name^="take."]`, "name")
			if b.Status != http.StatusConflict || choice == "" {
				t.Fatalf("status %d: %s", b.Status, b.Text("main"))
			}
			answer := filled(t, b)
			answer.Set(choice, c.take)
			if c.take == "own" {
				answer.Set(strings.Replace(choice, "take.", "own.", 1), c.words)
			}
			if b = testkit.Post(t, s, path, answer, testkit.As(testkit.Editor)); b.Status != http.StatusSeeOther {
				t.Fatalf("status %d: %s", b.Status, b.Text("main"))
			}
			claim := s.load(t, m.earlier).Statement.Claim("documents-faux")
			switch {
			case c.words == "" && claim != nil:
				t.Errorf("the claim is still there: %q", claim.Paraphrase)
			case c.words != "" && (claim == nil || claim.Paraphrase["fr"] != c.words):
				t.Errorf("the claim is %+v, want %q", claim, c.words)
			}
		})
	}
}

// TestWhoSavesIsToldWhatOthersChangedMeanwhile: changes of two people that do
// not collide are put together, and the second one reads what the first did.
func TestWhoSavesIsToldWhatOthersChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	path := claimsPath(m.earlier)
	at := path + "?claim=documents-faux"
	first := fields(testkit.Ask(t, s, at, testkit.As(testkit.Analyst)), "#claim", map[string]string{"do": "save", "paraphrase.en": "Documents are false."})
	second := fields(testkit.Ask(t, s, at, testkit.As(testkit.Editor)), "#claim", map[string]string{"do": "save", "quantifier": "all"})
	if a := testkit.Post(t, s, path, first, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther || strings.Contains(a.Header.Get("Location"), "meanwhile") {
		t.Fatalf("status %d to %s", a.Status, a.Header.Get("Location"))
	}
	a := testkit.Post(t, s, path, second, testkit.As(testkit.Editor))
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	if c := s.load(t, m.earlier).Statement.Claims[0]; c.Paraphrase["en"] != "Documents are false." || c.Quantifier != "all" {
		t.Errorf("both are not kept: %+v", c)
	}
	s.wantTold(t, a.Header.Get("Location"), testkit.Editor, "analyst", "anglais", "Documents are false.")
}

// wantTold follows a redirect, in each language, and the link from there to the
// differences.
func (s *deskSite) wantTold(t *testing.T, to, email, by, place, words string) {
	t.Helper()
	for _, lang := range register.Langs() {
		page := testkit.Ask(t, s, "/"+string(lang)+strings.TrimPrefix(to, "/fr"), testkit.As(email))
		told := page.Text(".notice--warn")
		if !strings.Contains(told, by) || lang == "fr" && !strings.Contains(told, place) {
			t.Errorf("%s: told %q, want %q and %q", lang, told, by, place)
		}
		href := page.Attr(`.notice--warn a[href*="/history?from="]`, "href")
		if href == "" {
			t.Fatalf("%s: nothing leads to the differences", lang)
		}
		href, _, _ = strings.Cut(href, "#")
		if got := testkit.Ask(t, s, href, testkit.As(email)).Text(`section[aria-labelledby="differences"]`); !strings.Contains(got, words) {
			t.Errorf("%s: the differences say %q", lang, got)
		}
	}
}

// TestAStepForAReferralThatWasRemovedMeanwhile asks, and the step is made when
// the person wants the referral back.
func TestAStepForAReferralThatWasRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	path := strings.Replace(claimsPath(m.earlier), "/claims", "/step", 1)
	ask := func() url.Values {
		return testkit.Ask(t, s, path+"?claim=documents-faux", testkit.As(testkit.Analyst)).Fields("main form.panel")
	}
	form := ask()
	if made := testkit.Post(t, s, path, form, testkit.As(testkit.Analyst)); made.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", made.Status, made.Text("main"))
	}
	draft := s.load(t, m.incident)
	form = ask()
	form.Set("where", string(m.incident.ID)+"#"+draft.Incident.Referrals[0].Key)
	form.Set("step", "filed")
	draft.Incident.Referrals = nil
	if _, err := s.editorial.Save(t.Context(), s.staff[testkit.Editor], draft); err != nil {
		t.Fatal(err)
	}
	a := testkit.Post(t, s, path, form, testkit.As(testkit.Analyst))
	choice := a.Attr(`input[name^="take."]`, "name")
	if a.Status != http.StatusConflict || choice == "" {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	answer := filled(t, a)
	answer.Set(choice, "mine")
	if a = testkit.Post(t, s, path, answer, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	if got := s.load(t, m.incident).Incident.Referrals; len(got) != 1 || len(got[0].Steps) != 2 {
		t.Errorf("the referrals are %+v", got)
	}
}

func TestAStepIsMadeOfAClaim(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	path := claimsPath(m.statement)
	page := testkit.Ask(t, s, path, testkit.As(testkit.Analyst))
	testkit.Post(t, s, path, fields(page, "#claim", map[string]string{
		"passage": "les autorités judiciaires ont été saisies", "topic": "referral", "paraphrase.fr": "La justice est saisie.", "do": "save",
	}), testkit.As(testkit.Analyst))
	page = testkit.Ask(t, s, path, testkit.As(testkit.Analyst))
	key := s.load(t, m.statement).Statement.Claims[0].Key

	// First click: the form is filled. Second click: it is sent as it is.
	step := testkit.Ask(t, s, page.Attr(`a[href*="/step?claim="]`, "href"), testkit.As(testkit.Analyst))
	made := testkit.Post(t, s, strings.Replace(path, "/claims", "/step", 1), step.Fields("main form.panel"), testkit.As(testkit.Analyst))
	if made.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", made.Status, made.Text(".error-summary"))
	}
	incident := s.load(t, m.incident).Incident
	referral := incident.Referrals[0]
	got := referral.Steps[0]
	if got.Step != "announced" || got.Level != register.AnnouncedByParty || got.Title["fr"] != "La justice est saisie." || got.Dates.Date().String() != "2025-04-10" ||
		len(got.SaidIn) != 1 || got.SaidIn[0] != (register.ClaimRef{Statement: m.statement.ID, Claim: key}) {
		t.Errorf("the step is %+v", got)
	}
	if referral.ToName["ar"] == "" || referral.Kind != register.ReferralJudicial {
		t.Errorf("the referral is %+v", referral)
	}
	// A second step goes to the referral that is there.
	step = testkit.Ask(t, s, strings.Replace(path, "/claims", "/step", 1)+"?claim="+key, testkit.As(testkit.Analyst))
	form := step.Fields("main form.panel")
	form.Set("where", string(m.incident.ID)+"#"+referral.Key)
	form.Set("step", "filed")
	if made = testkit.Post(t, s, strings.Replace(path, "/claims", "/step", 1), form, testkit.As(testkit.Analyst)); made.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", made.Status, made.Text(".error-summary"))
	}
	if incident = s.load(t, m.incident).Incident; len(incident.Referrals) != 1 || len(incident.Referrals[0].Steps) != 2 {
		t.Errorf("the referrals are %+v", incident.Referrals)
	}
	form.Set("where", "00000000-0000-0000-0000-000000000000#")
	if made = testkit.Post(t, s, strings.Replace(path, "/claims", "/step", 1), form, testkit.As(testkit.Analyst)); made.Status != http.StatusUnprocessableEntity {
		t.Errorf("to an incident that the statement does not concern: status %d", made.Status)
	}
}

func TestAClaimIsRemovedUnlessOthersPointToIt(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	m := s.matter(t, register.French, frenchText)
	relate := func(to string) {
		_, err := s.editorial.ChangeStatement(context.Background(), s.staff[testkit.Editor], editorial.Version{ID: m.statement.ID, Version: s.load(t, m.statement).Version}, nil,
			func(st *register.Statement) error {
				st.Claims = []register.Claim{{
					Fact: register.Fact{Key: "documents"}, Topic: register.TopicAuthenticity, Paraphrase: register.Text{"fr": "Faux."},
					Quantifier: "unstated", Modality: "asserts",
				}}
				if to != "" {
					st.Claims[0].Relations = []register.ClaimRelation{{Kind: register.Repeats, To: register.ClaimRef{Statement: m.earlier.ID, Claim: to}}}
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	relate("documents-faux")
	remove := url.Values{"do": {"remove"}, "claim": {"documents-faux"}, "version": {"1"}}
	a := testkit.Post(t, s, claimsPath(m.earlier), remove, testkit.As(testkit.Editor))
	if a.Status != http.StatusUnprocessableEntity || a.Text(".error-summary li") == "" {
		t.Errorf("a claim that another repeats: status %d", a.Status)
	}
	relate("")
	if a = testkit.Post(t, s, claimsPath(m.earlier), remove, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Errorf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	if n := len(s.load(t, m.earlier).Statement.Claims); n != 0 {
		t.Errorf("%d claims are left", n)
	}
}
