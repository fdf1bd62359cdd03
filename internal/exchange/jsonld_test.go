package exchange_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

func edition() *register.IncidentEdition {
	on := edtf.Day{Year: 2025, Month: time.April, Day: 8}.Date()
	return &register.IncidentEdition{
		Reference: "SJ-2025-0001", Edition: 3, PublishedAt: time.Date(2025, 4, 9, 23, 30, 0, 0, time.UTC),
		Incident: &register.Incident{
			Slug: "cnss-2025", Title: register.Text{"fr": "Titre"}, Summary: register.Text{"fr": "Résumé"}, Country: "MA",
			Affected: []register.AffectedInstitution{{Institution: "IN-0001"}, {Institution: "IN-unknown"}},
			Events: []register.Event{{
				Fact: register.Fact{Key: "attack", Dates: register.Dates{{EDTF: on}}}, Kind: register.EventAttack,
			}},
		},
		Institutions: []register.InstitutionEdition{{Reference: "IN-0001", Institution: &register.Institution{
			Slug: "cnss", Names: []register.InstitutionName{{Language: "fr", Kind: register.NameOfficial, Name: "Caisse"}},
			Officials: []register.Official{{Name: register.Text{"fr": "Une personne"}}},
		}}},
		Statements: []register.StatementEdition{{Reference: "ST-1", Statement: &register.Statement{Slug: "communique"}}},
		SourceList: []register.Source{
			{Key: "a", Kind: register.SourceCommuniqueRelay, URL: "https://a.example/1", Author: "Une plume"},
			{Key: "b", Kind: register.SourceOfficial, URL: "https://b.example/name-of-somebody", URLWithheld: true},
			{Key: "c", Kind: register.SourcePressReport, URL: "https://c.example/1"},
		},
	}
}

func TestIncidentJSONLD(t *testing.T) {
	raw, err := json.Marshal(exchange.IncidentJSONLD(edition(), register.Arabic, exchange.Addresses{
		Page: "https://s.example/ar/incidents/cnss-2025", Register: "https://s.example/",
		Content:     "https://s.example/editions/sj-2025-0001/3.json",
		Institution: func(slug string) string { return "https://s.example/ar/institutions/" + slug },
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Context   string           `json:"@context"`
		Type      string           `json:"@type"`
		Language  string           `json:"inLanguage"`
		Published string           `json:"datePublished"`
		About     []map[string]any `json:"about"`
		Encoding  struct {
			Content string `json:"contentUrl"`
		} `json:"encoding"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Context != "https://schema.org" || got.Type != "Report" || got.Language != "fr" {
		t.Errorf("%+v", got)
	}
	if got.Published != "2025-04-10" { // the day in Morocco
		t.Errorf("published %s", got.Published)
	}
	if len(got.About) != 2 || got.About[0]["startDate"] != "2025-04-08" || got.About[1]["name"] != "Caisse" {
		t.Errorf("about %v", got.About)
	}
	if got.Encoding.Content != "https://s.example/editions/sj-2025-0001/3.json" {
		t.Errorf("the content is said to be at %q", got.Encoding.Content)
	}
	for _, private := range []string{"Une personne", "Une plume", "name-of-somebody"} {
		if strings.Contains(string(raw), private) {
			t.Errorf("the description holds %q", private)
		}
	}
}

func TestDisputedDateIsLeftOut(t *testing.T) {
	e := edition()
	dates := &e.Events[0].Dates
	(*dates)[0].Preferred = true
	*dates = append(*dates, register.DateAssertion{Wording: register.Text{"fr": "quelques jours plus tôt"}})
	raw, err := json.Marshal(exchange.IncidentJSONLD(e, register.French, exchange.Addresses{
		Institution: func(string) string { return "" },
	}))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "startDate") {
		t.Error("a disputed date is given as a fact")
	}
}
