package register_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

func allLangs(s string) register.Text {
	return register.Text{register.French: s, register.Arabic: s, register.English: s}
}

func wholeIncident(t *testing.T) *register.Incident {
	t.Helper()
	fact := func(key string) register.Fact {
		return register.Fact{Key: key, Dates: on(t, "2025-04-08"), Sources: []string{"press"}}
	}
	return &register.Incident{
		Language: register.French, Slug: "fuite-2025", Title: allLangs("Fuite"), Summary: allLangs("Une fuite"),
		Kinds: []string{"availability/ddos"}, Standing: "confirmed",
		Affected: []register.AffectedInstitution{
			{Fact: fact("fund"), Institution: "fund", Roles: []register.Role{register.RoleTarget}},
		},
		Events:    []register.Event{{Fact: fact("attack"), Kind: register.EventAttack, Title: allLangs("Attaque")}},
		Measures:  []register.Measure{{Fact: fact("closure"), Title: allLangs("Fermeture")}},
		Systems:   []register.TargetedSystem{{Fact: fact("site")}},
		Exposures: []register.Exposure{{Fact: fact("data"), Title: allLangs("Données")}},
		Referrals: []register.Referral{{
			Fact: register.Fact{Key: "complaint"}, ToName: allLangs("Justice"),
			Steps: []register.Step{{Fact: fact("announced"), Step: "announced", Level: register.AnnouncedByParty}},
		}},
		Statements: []register.Ref{"communique"},
		Sources:    []string{"press"},
	}
}

var gauge = register.Gauge{Today: edtf.Day{Year: 2025, Month: 4, Day: 20}, Patience: 30}

func TestCompletenessOfIncident(t *testing.T) {
	tests := []struct {
		name string
		take func(*register.Incident, *register.Gauge)
		want []string // paths, with the language of a text
	}{
		{"whole", func(*register.Incident, *register.Gauge) {}, nil},
		{"no Arabic title", func(i *register.Incident, _ *register.Gauge) { delete(i.Title, register.Arabic) }, []string{"title title ar"}},
		{"no title", func(i *register.Incident, _ *register.Gauge) { i.Title = nil }, []string{"title title fr", "title title ar", "title title en"}},
		{"no English summary", func(i *register.Incident, _ *register.Gauge) { delete(i.Summary, register.English) }, []string{"summary summary en"}},
		{"no kind", func(i *register.Incident, _ *register.Gauge) { i.Kinds = nil }, []string{"kind kinds "}},
		{"no standing", func(i *register.Incident, _ *register.Gauge) { i.Standing = "" }, []string{"standing standing "}},
		{"no institution", func(i *register.Incident, _ *register.Gauge) { i.Affected = nil }, []string{"institution affected "}},
		{"no role", func(i *register.Incident, _ *register.Gauge) { i.Affected[0].Roles = nil }, []string{"role affected[fund].roles "}},
		{"no statement", func(i *register.Incident, _ *register.Gauge) { i.Statements = nil }, []string{"statement statements "}},
		{"original not seen", func(_ *register.Incident, g *register.Gauge) { g.OriginalsNotSeen = []register.Ref{"communique"} }, []string{"original statements[communique] "}},
		{"event without source", func(i *register.Incident, _ *register.Gauge) { i.Events[0].Sources = nil }, []string{"unsourced events[attack].sources "}},
		{"event said in a statement", func(i *register.Incident, _ *register.Gauge) {
			i.Events[0].Sources, i.Events[0].SaidIn = nil, []register.ClaimRef{{Statement: "communique"}}
		}, nil},
		{"no date", func(i *register.Incident, _ *register.Gauge) { i.Events[0].Dates = nil }, []string{"date events ", "date events[attack].dates "}},
		{"only a date in words", func(i *register.Incident, _ *register.Gauge) {
			i.Events[0].Dates = register.Dates{{Wording: allLangs("quelques jours plus tôt"), Basis: register.BasisStated}}
		}, []string{"date events "}},
		{"no event", func(i *register.Incident, _ *register.Gauge) { i.Events = nil }, []string{"date events "}},
		{"untitled event", func(i *register.Incident, _ *register.Gauge) { delete(i.Events[0].Title, register.Arabic) }, []string{"heading events[attack].title ar"}},
		{"measure without source and date", func(i *register.Incident, _ *register.Gauge) {
			i.Measures[0].Fact = register.Fact{Key: "closure"}
		}, []string{"unsourced measures[closure].sources ", "date measures[closure].dates "}},
		{"system without source", func(i *register.Incident, _ *register.Gauge) { i.Systems[0].Sources = nil }, []string{"unsourced systems[site].sources "}},
		{"exposure without title", func(i *register.Incident, _ *register.Gauge) { delete(i.Exposures[0].Title, register.English) }, []string{"heading exposures[data].title en"}},
		{"referral to nobody", func(i *register.Incident, _ *register.Gauge) { i.Referrals[0].ToName = nil }, []string{"authority referrals[complaint].to "}},
		{"referral without steps", func(i *register.Incident, _ *register.Gauge) { i.Referrals[0].Steps = nil }, []string{"steps referrals[complaint].steps "}},
		{"step without date", func(i *register.Incident, _ *register.Gauge) { i.Referrals[0].Steps[0].Dates = nil }, []string{"date steps[announced].dates "}},
		{"referral still fresh", func(_ *register.Incident, g *register.Gauge) { g.Today.Month, g.Today.Day = 5, 7 }, nil},
		{"referral unconfirmed", func(_ *register.Incident, g *register.Gauge) { g.Today.Month, g.Today.Day = 5, 8 }, []string{"unconfirmed referrals[complaint].steps "}},
		{"referral unconfirmed, without patience", func(_ *register.Incident, g *register.Gauge) { g.Today.Year, g.Patience = 2030, 0 }, nil},
		{"referral confirmed", func(i *register.Incident, g *register.Gauge) {
			g.Today.Year = 2030
			i.Referrals[0].Steps[0].Level = register.ConfirmedByAuthority
		}, nil},
		{"referral closed", func(i *register.Incident, g *register.Gauge) {
			g.Today.Year = 2030
			i.Referrals[0].Steps[0].Step = "dropped"
		}, nil},
		{"no source at all", func(i *register.Incident, _ *register.Gauge) {
			register.EachFact(i, func(f *register.Fact) {
				f.Sources, f.SaidIn = nil, []register.ClaimRef{{Statement: "communique"}}
			})
			i.Sources = nil
		}, []string{"source sources "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, by := wholeIncident(t), gauge
			tt.take(i, &by)
			checkGaps(t, i.Completeness(by), tt.want)
		})
	}
}

func checkGaps(t *testing.T, c register.Completeness, want []string) {
	t.Helper()
	var got []string
	for _, g := range c.Gaps {
		got = append(got, string(g.Code)+" "+g.Path()+" "+string(g.Lang))
		if g.Weight < 1 || g.Weight > 10 || !slices.Contains(register.GapCodes(), g.Code) {
			t.Errorf("%+v has no weight or code", g)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("missing %q, want %q", got, want)
	}
	if full := len(want) == 0; full != (c.Share == 100) || c.Share < 0 || c.Share > 100 {
		t.Errorf("share %d with %d gaps", c.Share, len(want))
	}
	if !slices.IsSortedFunc(c.Gaps, func(a, b register.Gap) int { return b.Weight - a.Weight }) {
		t.Error("the heaviest gap is not the first")
	}
}

func TestCompletenessOfStatement(t *testing.T) {
	whole := func() *register.Statement {
		return &register.Statement{
			Language: register.Arabic, Title: allLangs("بلاغ"), Summary: allLangs("بلاغ"), Kind: register.StatementCommunique,
			Issuer: "fund", Dates: on(t, "2025-04-09"), Sources: []string{"press"}, OriginalText: "نص", OriginalLanguage: register.Arabic,
			Claims: []register.Claim{{
				Fact: register.Fact{Key: "c1", Sources: []string{"press"}}, Paraphrase: allLangs("قول"),
				Quotes: []register.Quote{{Language: register.Arabic, Text: "قول"}},
			}},
		}
	}
	tests := []struct {
		name string
		take func(*register.Statement)
		want []string
	}{
		{"whole", func(*register.Statement) {}, nil},
		{"no French summary", func(s *register.Statement) { delete(s.Summary, register.French) }, []string{"summary summary fr"}},
		{"no kind", func(s *register.Statement) { s.Kind = "" }, []string{"kind kind "}},
		{"no issuer", func(s *register.Statement) { s.Issuer = "" }, []string{"issuer issuer "}},
		{"issuer by name", func(s *register.Statement) { s.Issuer, s.IssuerName = "", allLangs("Jabaroot") }, nil},
		{"no date", func(s *register.Statement) { s.Dates = nil }, []string{"date dates "}},
		{"no source", func(s *register.Statement) { s.Sources = nil }, []string{"source sources "}},
		{"document instead of a source", func(s *register.Statement) {
			s.Sources, s.Documents = nil, []register.Document{{Fact: register.Fact{Key: "pdf"}}}
		}, nil},
		{"documents of which one is not kept", func(s *register.Statement) {
			s.Documents = []register.Document{{Fact: register.Fact{Key: "pdf"}, SHA256: "kept"}, {Fact: register.Fact{Key: "lost"}, SHA256: "not kept"}}
		}, []string{"file documents[lost].sha256 "}},
		{"original not seen", func(s *register.Statement) { s.OriginalNotSeen = true }, []string{"original original_not_seen ", "unread renderings "}},
		{"language not stated", func(s *register.Statement) { s.OriginalLanguage = "" }, []string{"original-unnamed original_language "}},
		{"no claims", func(s *register.Statement) { s.Claims = nil }, []string{"claims claims "}},
		{"claim without quote", func(s *register.Statement) { s.Claims[0].Quotes = nil }, []string{"quote claims[c1].quotes "}},
		{"claim without source", func(s *register.Statement) { s.Claims[0].Sources = nil }, []string{"unsourced claims[c1].sources "}},
		{"claim in two languages", func(s *register.Statement) { delete(s.Claims[0].Paraphrase, register.English) }, []string{"paraphrase claims[c1].paraphrase en"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := whole()
			tt.take(s)
			checkGaps(t, s.Completeness(register.Gauge{FilesNotHeld: []string{"not kept"}}), tt.want)
		})
	}
}

func TestCompletenessOfInstitution(t *testing.T) {
	whole := func() *register.Institution {
		names := []register.InstitutionName{}
		for _, lang := range register.Langs() {
			names = append(names, register.InstitutionName{Key: string(lang), Language: lang, Kind: register.NameOfficial, Name: "CNSS"})
		}
		return &register.Institution{
			Language: register.French, Names: names, Kind: register.InstitutionSocialFund,
			Sector: "social-protection", Sources: []string{"press"},
		}
	}
	tests := []struct {
		name string
		take func(*register.Institution)
		want []string
	}{
		{"whole", func(*register.Institution) {}, nil},
		{"no Arabic name", func(i *register.Institution) { i.Names[1].Kind = register.NameAlias }, []string{"name names ar"}},
		{"no kind", func(i *register.Institution) { i.Kind = "" }, []string{"kind kind "}},
		{"no sector", func(i *register.Institution) { i.Sector = "" }, []string{"sector sector "}},
		{"no source", func(i *register.Institution) { i.Sources = nil }, []string{"source sources "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := whole()
			tt.take(i)
			checkGaps(t, i.Completeness(), tt.want)
		})
	}
}

func TestAnEmptyDraftIsWorthNothing(t *testing.T) {
	if c := (&register.Incident{}).Completeness(gauge); c.Share != 0 {
		t.Errorf("an empty incident has %d %%", c.Share)
	}
	// The written language weighs more than the two others together.
	fr := register.Text{register.French: "x"}
	a := (&register.Incident{Language: register.French, Title: fr}).Completeness(gauge)
	b := (&register.Incident{Language: register.Arabic, Title: fr}).Completeness(gauge)
	if a.Share <= b.Share {
		t.Errorf("written in the language of the title: %d %%, in another: %d %%", a.Share, b.Share)
	}
}

func TestWaitingIsCountedFromTheLastDay(t *testing.T) {
	step := func(date string) register.Step {
		return register.Step{Fact: register.Fact{Dates: on(t, date)}, Step: "announced", Level: register.PressOnly}
	}
	r := register.Referral{Steps: []register.Step{step("2025-04-08"), step("2025-04")}}
	if got := r.Waiting(edtf.Day{Year: 2025, Month: 5, Day: 10}); got != 10 {
		t.Errorf("waited %d days since the end of April, want 10", got)
	}
	if got := (&register.Referral{}).Waiting(gauge.Today); got != 0 {
		t.Errorf("a referral without steps waited %d days", got)
	}
}
