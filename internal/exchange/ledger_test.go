package exchange_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// twoStatements say something on one topic each; the second contradicts the
// first on its own topic, and its text was not read in full.
func twoStatements() *register.IncidentEdition {
	e := edition()
	value := int64(1200)
	first := &register.Statement{
		Slug: "premier", Issuer: "IN-0001",
		Claims: []register.Claim{{
			Fact: register.Fact{Key: "nombre"}, Topic: register.TopicScope, Paraphrase: register.Text{"fr": "=1200 dossiers", "ar": "1200 ملف"},
			Value: &value, Bound: "at-least", Unit: "files", Modality: register.ModalityAsserts, Quantifier: register.QuantifierSome,
			Quotes: []register.Quote{{Language: "fr", Text: "« plus de 1200 dossiers »"}},
		}},
	}
	second := &register.Statement{
		Slug: "second", IssuerName: register.Text{"fr": "Une association"}, OriginalNotSeen: true,
		Claims: []register.Claim{{
			Fact: register.Fact{Key: "faux"}, Topic: register.TopicAuthenticity, Paraphrase: register.Text{"fr": "Des faux, dit-elle"},
			Modality: register.ModalityDenies, Quantifier: register.QuantifierAll,
			Relations: []register.ClaimRelation{{Kind: register.Contradicts, To: register.ClaimRef{Statement: "ST-1", Claim: "nombre"}}},
		}},
	}
	e.Statements = []register.StatementEdition{{Reference: "ST-1", Edition: 2, Statement: first}, {Reference: "ST-2", Edition: 1, Statement: second}}
	return e
}

func TestLedgerJSON(t *testing.T) {
	body, err := exchange.LedgerJSON(twoStatements(), "https://s.example/fr/incidents/cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Incident, Page string
		Edition        int
		Statements     []struct {
			Reference string
			Issuer    map[string]string
			NotSeen   bool `json:"original_not_seen"`
		}
		Topics []struct {
			Topic string
			Cells []struct {
				Statement, Absent string
				Claims            []struct {
					Key, Mark string
					Value     *int64
					Relations []struct{ Kind, Statement, Claim string }
				}
			}
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Incident != "SJ-2025-0001" || got.Edition != 3 || len(got.Statements) != 2 || len(got.Topics) != 2 {
		t.Fatalf("%+v", got)
	}
	if got.Statements[0].Issuer["fr"] != "Caisse" || got.Statements[1].Issuer["fr"] != "Une association" || !got.Statements[1].NotSeen {
		t.Errorf("statements %+v", got.Statements)
	}
	scope, authenticity := got.Topics[0], got.Topics[1]
	if scope.Topic != "scope" || *scope.Cells[0].Claims[0].Value != 1200 || scope.Cells[1].Absent != "text-not-known" {
		t.Errorf("scope %+v", scope)
	}
	claim := authenticity.Cells[1].Claims[0]
	if claim.Mark != "contradicted" || len(claim.Relations) != 1 || claim.Relations[0].Claim != "nombre" {
		t.Errorf("authenticity %+v", authenticity)
	}
}

func TestLedgerCSV(t *testing.T) {
	body, err := exchange.LedgerCSV(twoStatements())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	if len(rows) != 1+2*2 { // every topic × every statement
		t.Fatalf("%d lines: %q", len(rows), rows)
	}
	for _, want := range []struct {
		line          int
		column, value string
	}{
		{1, "statement", "ST-1"},
		{1, "mark", "new"},
		{1, "paraphrase_fr", "'=1200 dossiers"}, // no formula
		{1, "paraphrase_ar", "1200 ملف"},
		{1, "value", "1200"},
		{2, "mark", "text-not-known"},
		{2, "statement", "ST-2"},
		{4, "mark", "contradicted"},
		{4, "relations", "contradicts ST-1#nombre"},
	} {
		if got := rows[want.line][column[want.column]]; got != want.value {
			t.Errorf("line %d, %s: %q, want %q", want.line, want.column, got, want.value)
		}
	}
}
