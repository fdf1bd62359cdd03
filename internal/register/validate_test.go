package register_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

func words(s string) register.Text { return register.Text{"fr": s} }

// validIncident has nothing that validation objects to.
func validIncident(tb testing.TB) *register.Incident {
	tb.Helper()
	return &register.Incident{
		Language: "fr", Slug: "cnss-2025", Title: words("Titre"), Summary: words("Résumé"),
		Kinds: []string{"information-content-security/data-leak"}, Standing: "confirmed",
		Affected: []register.AffectedInstitution{{
			Fact: register.Fact{Key: "fund", Sources: []string{"s"}}, Institution: "i", Roles: []register.Role{register.RoleTarget},
		}},
		Events: []register.Event{{
			Fact: register.Fact{Key: "attack", Sources: []string{"s"}, Dates: on(tb, "2025-04-08")},
			Kind: register.EventAttack, Attestation: register.Reported, Title: words("Attaque"),
		}},
		Exposures: []register.Exposure{{
			Fact: register.Fact{Key: "leak", Sources: []string{"s"}}, Title: words("Fuite"),
			Figures: []register.Figure{{
				Fact: register.Fact{Key: "figure", Sources: []string{"s"}}, Value: 1,
				Unit: register.UnitPeople, Claimant: register.ClaimantAttacker,
			}},
		}},
		Referrals: []register.Referral{{
			Fact: register.Fact{Key: "referral", Sources: []string{"s"}}, Kind: register.ReferralJudicial,
			ByName: words("Caisse"), ToName: words("Justice"),
			Steps: []register.Step{{
				Fact: register.Fact{Key: "announced", SaidIn: []register.ClaimRef{{Statement: "st"}}},
				Step: "announced", Level: register.AnnouncedByParty, Title: words("Annoncée"),
			}},
		}},
		Statements: []register.Ref{"st"},
	}
}

func TestIncidentValidate(t *testing.T) {
	if got := validIncident(t).Validate(); len(got) > 0 {
		t.Fatalf("the sample is not valid: %v", got)
	}
	two := func(t *testing.T, preferred ...bool) register.Dates {
		t.Helper()
		ds := append(on(t, "2025-04-08"), on(t, "2025-04-07")...)
		for i, p := range preferred {
			ds[i].Preferred = p
		}
		return ds
	}
	cases := []struct {
		name string
		harm func(*register.Incident)
		key  string
	}{
		{"no title in the language in which it was written", func(i *register.Incident) { i.Title = register.Text{"en": "Title"} }, "problem.language-missing"},
		{"a slug with capitals", func(i *register.Incident) { i.Slug = "CNSS" }, "problem.slug-malformed"},
		{"a title that turns its direction", func(i *register.Incident) { i.Title = words("abc\u202edef") }, "problem.bad-character"},
		{"a NUL deep in a list", func(i *register.Incident) { i.Referrals[0].Steps[0].Body = words("a\x00") }, "problem.bad-character"},
		{"an unknown standing", func(i *register.Incident) { i.Standing = "true" }, "problem.code-unknown"},
		{"no kind", func(i *register.Incident) { i.Kinds = nil }, "problem.missing"},
		{"an unknown kind", func(i *register.Incident) { i.Kinds = []string{"hacking"} }, "problem.code-unknown"},
		{"nobody affected", func(i *register.Incident) { i.Affected = nil }, "problem.missing"},
		{"a fact without a source", func(i *register.Incident) { i.Events[0].Sources = nil }, "problem.unsourced"},
		{"a figure without a source", func(i *register.Incident) { i.Exposures[0].Figures[0].Sources = nil }, "problem.unsourced"},
		{"two facts of one key", func(i *register.Incident) { i.Events[0].Key = "fund" }, "problem.duplicate-key"},
		{"the key of the record itself", func(i *register.Incident) { i.Events[0].Key = "record" }, "problem.duplicate-key"},
		{"a key that is no fragment", func(i *register.Incident) { i.Events[0].Key = "a b" }, "problem.bad-key"},
		{"disputed dates without a preferred one", func(i *register.Incident) { i.Events[0].Dates = two(t) }, "problem.date-not-preferred"},
		{"a preferred date without its reason", func(i *register.Incident) { i.Events[0].Dates = two(t, true) }, "problem.date-reason-missing"},
		{"two preferred dates", func(i *register.Incident) { i.Events[0].Dates = two(t, true, true) }, "problem.date-preferred-twice"},
		{"a date that says nothing", func(i *register.Incident) { i.Events[0].Dates = register.Dates{{Basis: "stated"}} }, "problem.date-empty"},
		{"a date without its basis", func(i *register.Incident) { i.Events[0].Dates[0].Basis = "" }, "problem.code-unknown"},
		{"acknowledged by nobody", func(i *register.Incident) { i.Events[0].Attestation = register.Acknowledged }, "problem.not-official"},
		{"context that nobody relates", func(i *register.Incident) { i.Events[0].Kind = register.EventContext }, "problem.missing"},
		{"figures of an exposure that is not there", func(i *register.Incident) { i.Events[0].Exposure = "other" }, "problem.key-unknown"},
		{"a figure of an unknown unit", func(i *register.Incident) { i.Exposures[0].Figures[0].Unit = "bytes" }, "problem.code-unknown"},
		{"a place that is an address", func(i *register.Incident) { i.Exposures[0].Place = "https://leak.example" }, "problem.code-unknown"},
		{"a referral without a step", func(i *register.Incident) { i.Referrals[0].Steps = nil }, "problem.missing"},
		{"a referral to nobody", func(i *register.Incident) { i.Referrals[0].ToName = nil }, "problem.missing"},
		{"a step that is not in the vocabulary", func(i *register.Incident) { i.Referrals[0].Steps[0].Step = "seized" }, "problem.code-unknown"},
		{"possibly the same as itself", func(i *register.Incident) { i.Referrals[0].PossiblySame = []string{"referral"} }, "problem.key-unknown"},
		{"resting on a statement that it does not show", func(i *register.Incident) { i.Statements = nil }, "problem.statement-not-shown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			i := validIncident(t)
			c.harm(i)
			wantProblem(t, i.Validate(), c.key)
		})
	}
}

func wantProblem(t *testing.T, got register.Problems, key string) {
	t.Helper()
	if !slices.ContainsFunc(got, func(p register.Problem) bool { return p.Key == key }) {
		t.Errorf("got %v, want %s", got, key)
	}
	for _, p := range got {
		if !slices.Contains(register.ProblemKeys(), p.Key) {
			t.Errorf("%s is not listed", p.Key)
		}
	}
}

func TestStatementValidate(t *testing.T) {
	valid := func() *register.Statement {
		return &register.Statement{
			Language: "fr", Slug: "communique", Title: words("Titre"), Summary: words("Résumé"),
			Kind: register.StatementCommunique, Issuer: "i", Sources: []string{"s"},
			Renderings: []register.Rendering{{Fact: register.Fact{Key: "fr", Sources: []string{"s"}}, Kind: register.RenderingPress}},
			Claims: []register.Claim{{
				Fact: register.Fact{Key: "claim", Sources: []string{"s"}}, Topic: register.TopicNature,
				Paraphrase: words("Dit"), Quantifier: register.QuantifierUnstated, Modality: register.ModalityAsserts,
			}},
		}
	}
	if got := valid().Validate(); len(got) > 0 {
		t.Fatalf("the sample is not valid: %v", got)
	}
	cases := []struct {
		name string
		harm func(*register.Statement)
		key  string
	}{
		{"nobody speaks", func(s *register.Statement) { s.Issuer = "" }, "problem.missing"},
		{"no source", func(s *register.Statement) { s.Sources = nil }, "problem.unsourced"},
		{"an original that was not seen, yet is there", func(s *register.Statement) { s.OriginalNotSeen, s.OriginalText = true, "x" }, "problem.original-contradiction"},
		{"a quote from no rendering", func(s *register.Statement) { s.Claims[0].Quotes = []register.Quote{{Rendering: "ar"}} }, "problem.key-unknown"},
		{"a difference about no claim", func(s *register.Statement) {
			s.Differences = []register.Difference{{Fact: register.Fact{Key: "d", Sources: []string{"s"}}, Claims: []string{"x"}, Note: words("n")}}
		}, "problem.claim-unknown"},
		{"an unknown topic", func(s *register.Statement) { s.Claims[0].Topic = "weather" }, "problem.code-unknown"},
		{"a relation to no claim", func(s *register.Statement) {
			s.Claims[0].Relations = []register.ClaimRelation{{Kind: register.Repeats, To: register.ClaimRef{Statement: "x"}}}
		}, "problem.claim-unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := valid()
			c.harm(s)
			wantProblem(t, s.Validate(), c.key)
		})
	}
}

func TestSourceAndInstitutionValidate(t *testing.T) {
	source := register.Source{Key: "s", Kind: register.SourcePressReport, Publisher: "P", URL: "javascript:alert(1)"}
	wantProblem(t, source.Validate(), "problem.url-malformed")
	for deceiving, key := range map[string]string{
		"https://user:pw@example.org/": "problem.url-malformed", "https://user@é.example/": "problem.url-malformed", "https://é.example\u0000/": "problem.url-malformed",
		"http://\u202eexample.org/": "problem.url-host", "https://ех.example/": "problem.url-host", "https://مثال.المغرب/": "problem.url-host",
	} {
		source.URL = deceiving
		wantProblem(t, source.Validate(), key)
	}
	source = register.Source{Key: "s", Kind: register.SourcePressReport, URL: "https://example.org/"}
	wantProblem(t, source.Validate(), "problem.missing")
	institution := register.Institution{Language: "fr", Slug: "x", Kind: register.InstitutionAgency, Website: "example.org"}
	wantProblem(t, institution.Validate(), "problem.url-malformed")
	wantProblem(t, institution.Validate(), "problem.missing")
}

func TestFilterValidate(t *testing.T) {
	good := []register.IncidentFilter{
		{},
		{Query: "CNSS"},
		{Kind: "fraud"},
		{Kind: "fraud/phishing"},
		{Standing: "confirmed"},
		{Year: 2025},
		{Referral: "none"},
		{Referral: "announced"},
		{Sort: register.SortPublished},
		{Sector: "health"},
	}
	for _, f := range good {
		if err := f.Validate(); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	long := make([]byte, register.MaxQuery+1)
	bad := []register.IncidentFilter{
		{Query: string(long)}, {Kind: "hacking"}, {Standing: "x y"}, {Year: 25}, {Year: -1}, {Referral: "X"}, {Sort: "x"}, {Sector: "x"},
	}
	for _, f := range bad {
		if err := f.Validate(); err == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
	for _, f := range []register.IncidentFilter{{Standing: "unheard-of"}, {Referral: "unheard-of"}} {
		if err := f.ValidateIn(nil); err == nil {
			t.Errorf("%+v is accepted", f)
		}
		terms := register.NewTerms([]register.Term{
			{Vocabulary: register.VocabularyStanding, Code: "unheard-of", Retired: true},
			{Vocabulary: register.VocabularyStep, Code: "unheard-of"},
		})
		if err := f.ValidateIn(terms); err != nil {
			t.Errorf("%+v: %v, though there is such a term", f, err)
		}
	}
}

// TestUnkeepable finds words under what is no language, wherever they stand.
func TestUnkeepable(t *testing.T) {
	i := validIncident(t)
	if got := register.Unkeepable(i); got != nil {
		t.Errorf("a valid incident: %v", got)
	}
	i.Events[0].Title["français"] = "Attaque"
	i.Title[""] = "Fuite"
	i.Language = "fr' OR '1"
	got := register.Unkeepable(i)
	var values []string
	for _, p := range got {
		if p.Key != "problem.language-malformed" {
			t.Errorf("%v", p)
		}
		values = append(values, p.Value)
	}
	slices.Sort(values)
	if want := []string{`""`, `"fr' OR '1"`, `"fran\u00e7ais"`}; !slices.Equal(values, want) {
		t.Errorf("%v, want one for each of %v", got, want)
	}
	name := register.InstitutionName{Key: "a", Kind: register.NameOfficial, Language: "?", Name: "Fonds"}
	if got := register.Unkeepable(&register.Institution{Names: []register.InstitutionName{name}}); len(got) != 1 || got[0].Field != "language" {
		t.Errorf("a name in what is no language: %v", got)
	}
}
