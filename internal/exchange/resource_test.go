package exchange_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

func day(t *testing.T, s string) edtf.Date {
	t.Helper()
	d, err := edtf.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// published is a statement with what is easily lost on the way out.
func published(t *testing.T) register.Published {
	t.Helper()
	at := time.Date(2025, 4, 10, 12, 0, 0, 0, time.FixedZone("", 3600))
	return register.Published{FirstPublishedAt: at, ChangedAt: at.Add(time.Hour), Edition: register.Edition{SHA256: "ab", Content: register.Content{
		Type: register.TypeStatement, Reference: "ST-2025-0001", Number: 2,
		Statement: &register.Statement{
			Language: register.Arabic, Slug: "communique", Title: register.Text{"ar": "بلاغ", "fr": "Communiqué"},
			Kind: register.StatementCommunique, Issuer: "IN-0001", OriginalLanguage: register.Arabic,
			Renderings: []register.Rendering{{Fact: register.Fact{Key: "map"}, Language: register.French, Kind: register.RenderingPress, Publisher: "MAP"}},
			Dates: register.Dates{
				{EDTF: day(t, "2025-04-09"), Basis: register.BasisStated, Sources: []string{"a"}},
				{EDTF: day(t, "2025-04"), Basis: register.BasisInferred, Sources: []string{"b"}},
			},
			Claims: []register.Claim{{
				Fact: register.Fact{Key: "scope"}, Topic: register.TopicScope, Paraphrase: register.Text{"fr": "Tout"},
				Quantifier: register.QuantifierAll, Modality: register.ModalityDenies,
				Quotes: []register.Quote{
					{Language: register.Arabic, Text: "كل", Position: "120-161"},
					{Language: register.French, Text: "tout", Rendering: "map", Position: "F3"},
					{Language: register.English, Text: "all", Rendering: "map", Translation: true},
				},
				Relations: []register.ClaimRelation{{Kind: register.Narrows, To: register.ClaimRef{Statement: "ST-2025-0002", Claim: "x"}}},
			}},
		},
		Sources: []register.Source{
			{Key: "a", Publisher: "P", Capture: &register.Capture{SHA256: "cd", WARC: "ef", Size: 3}, CaptureOpen: true},
			{Key: "b", Publisher: "P", URLWithheld: true, Capture: &register.Capture{SHA256: "cd", WARC: "ef"}, CaptureOpen: true},
		},
	}}}
}

// asJSON reads a resource as its reader does.
func asJSON(t *testing.T, resource any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(resource)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAResourceKeepsWhatTheSourcesSay(t *testing.T) {
	t.Parallel()
	r := &exchange.Resources{Base: "https://sijil.example", Names: map[register.Ref]register.Named{"IN-0001": {Name: register.Text{"fr": "CNSS"}}}}
	s := asJSON(t, r.Statement(published(t)))
	for name, want := range map[string]any{
		"id": "ST-2025-0001", "edition": 2.0, "published_at": "2025-04-10T11:00:00Z", "updated_at": "2025-04-10T12:00:00Z",
		"url": "https://sijil.example/api/v1/statements/ST-2025-0001", "content": "https://sijil.example/editions/st-2025-0001/2.json",
		"title":  map[string]any{"ar": map[string]any{"text": "بلاغ", "origin": "original"}, "fr": map[string]any{"text": "Communiqué", "origin": "editorial"}},
		"issuer": map[string]any{"id": "IN-0001", "name": map[string]any{"fr": "CNSS"}},
		"said": map[string]any{"disputed": true, "alternatives": []any{
			map[string]any{"edtf": "2025-04-09", "basis": "stated", "sources": []any{"a"}},
			map[string]any{"edtf": "2025-04", "basis": "inferred", "sources": []any{"b"}},
		}},
		"claims": []any{"ST-2025-0001.scope"}, "sources": []any{"a", "b"}, "incidents": []any{},
	} {
		if !reflect.DeepEqual(s[name], want) {
			t.Errorf("%s: %v, want %v", name, s[name], want)
		}
	}
	if _, stated := s["speaker"]; stated {
		t.Error("a speaker whom nobody named")
	}
	claim, ok := r.Claim(published(t), "scope")
	c := asJSON(t, claim)
	want := []any{
		map[string]any{"language": "ar", "text": "كل", "origin": "original", "position": "120-161", "start": 120.0, "end": 161.0, "indirect": false},
		map[string]any{"language": "fr", "text": "tout", "origin": "press", "rendering": "map", "position": "F3", "indirect": false},
		map[string]any{"language": "en", "text": "all", "origin": "editorial", "rendering": "map", "indirect": false},
	}
	if !ok || !reflect.DeepEqual(c["quotes"], want) || !reflect.DeepEqual(c["relations"], []any{map[string]any{"kind": "narrows", "to": "ST-2025-0002.x"}}) {
		t.Errorf("claim: %v", c)
	}
	if _, ok := r.Claim(published(t), "none"); ok {
		t.Error("a claim that is not there")
	}
}

func TestALanguageIsChosen(t *testing.T) {
	t.Parallel()
	for lang, want := range map[register.Lang]string{"fr": "fr", "ar": "ar", "en": "fr"} {
		title := (&exchange.Resources{Lang: lang}).Statement(published(t)).Title
		if _, ok := title[register.Lang(want)]; !ok || len(title) != 1 {
			t.Errorf("%s: %v", lang, title)
		}
	}
}

// TestACopyIsHandedOutWhereItMay: not where the address is withheld, which stands
// in the copy.
func TestACopyIsHandedOutWhereItMay(t *testing.T) {
	t.Parallel()
	r := &exchange.Resources{Base: "https://sijil.example"}
	open, _ := r.Source(published(t), "a")
	withheld, _ := r.Source(published(t), "b")
	if open.Capture.Copy != "https://sijil.example/captures/ef" || withheld.Capture.Copy != "" || !withheld.Withheld {
		t.Errorf("copies at %q and %q", open.Capture.Copy, withheld.Capture.Copy)
	}
}

// TestADepartureSaysWhatBecameOfIt tells the ways apart in which records go.
func TestADepartureSaysWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	var states []string
	for _, d := range (&exchange.Resources{}).Departures([]register.Departure{{}, {Removed: true}, {Into: "IN-0002", Removed: true}}) {
		states = append(states, d.State)
	}
	if got := strings.Join(states, " "); got != "withdrawn removed merged" {
		t.Errorf("states: %s", got)
	}
}
